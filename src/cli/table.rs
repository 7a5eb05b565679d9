//! Tables for people: columns as wide as they need to be.

/// Prints rows under a header, the second column to the right.
pub(super) fn print(header: [&str; 3], rows: impl Iterator<Item = [String; 3]>) {
    print_aligned(header, [true, false, true], rows);
}

/// Prints rows under a header; `left` says which columns stand to the left, the others to the right.
pub(super) fn print_aligned<const N: usize>(
    header: [&str; N],
    left: [bool; N],
    rows: impl Iterator<Item = [String; N]>,
) {
    let rows: Vec<_> = std::iter::once(header.map(str::to_owned)).chain(rows).collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    });
    for row in rows {
        let cells = row.iter().zip(widths).zip(left).map(|((cell, width), left)| {
            if left {
                format!("{cell:width$}")
            } else {
                format!("{cell:>width$}")
            }
        });
        say!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}
