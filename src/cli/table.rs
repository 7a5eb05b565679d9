//! Tables for people: columns as wide as they need to be.

/// Prints rows under a header, the second column to the right.
pub(super) fn print(header: [&str; 3], rows: impl Iterator<Item = [String; 3]>) {
    let rows: Vec<_> = std::iter::once(header.map(str::to_owned)).chain(rows).collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let (first, second) = (width(0), width(1));
    for [name, value, unit] in rows {
        say!(
            "{}",
            format!("{name:first$}  {value:>second$}  {unit}").trim_end()
        );
    }
}

/// Prints rows under a header; `left` says which columns stand to the left.
#[cfg(feature = "tables")]
pub(super) fn print_wide<const N: usize>(
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
