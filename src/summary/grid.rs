//! Texts in aligned columns, and numbers short enough to read.

use std::fmt;

/// A table of texts, aligned to the right.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    lines: Vec<Vec<String>>,
}

impl Grid {
    /// Adds a line. Lines may differ in length.
    pub fn line(&mut self, cells: Vec<String>) {
        self.lines.push(cells);
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let cells = self.lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let columns = self.lines.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for line in &self.lines {
            for (cell, width) in line.iter().zip(&widths) {
                write!(f, "  {cell:>width$}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// How the numbers of a table are written: all alike, so that they can be compared at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digits {
    /// With so many decimals.
    Decimals(usize),
    /// With a power of ten.
    Powers,
}

impl Digits {
    /// Five digits for the largest of the magnitudes, and two for the smallest of the uncertainties; nine at most
    /// altogether. Zeros do not count.
    pub fn for_numbers(
        magnitudes: impl IntoIterator<Item = f64>,
        uncertainties: impl IntoIterator<Item = f64>,
    ) -> Self {
        let nonzero = |value: &f64| value.is_finite() && *value != 0.0;
        let order = |value: f64| value.abs().log10().floor() as i64;
        let Some(largest) = magnitudes.into_iter().filter(nonzero).map(order).max() else {
            return Self::Decimals(0);
        };
        let finest = uncertainties
            .into_iter()
            .filter(nonzero)
            .map(order)
            .min()
            .unwrap_or(largest);
        let decimals = (4 - largest).max(1 - finest).min(8 - largest).max(0);
        if largest > 14 || decimals > 12 {
            return Self::Powers;
        }
        // Between 0 and 12.
        Self::Decimals(decimals as usize)
    }

    /// A number so written.
    pub fn write(self, number: f64) -> String {
        let text = match self {
            Self::Decimals(decimals) => format!("{number:.decimals$}"),
            Self::Powers => format!("{number:.4e}"),
        };
        // What rounds to zero has no sign.
        match text.strip_prefix('-') {
            Some(zero) if zero.chars().all(|c| "0.".contains(c)) => zero.to_owned(),
            _ => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_aligned() {
        let mut grid = Grid::default();
        for line in [["a", "größe", "c"], ["10", "1", "-2.5"]] {
            grid.line(line.map(str::to_owned).to_vec());
        }
        assert_eq!(grid.to_string(), "   a  größe     c\n  10      1  -2.5\n");
    }

    #[test]
    fn numbers_have_the_digits_they_need() {
        for (magnitudes, uncertainties, expected) in [
            (vec![12_345.6, 0.1], vec![100.0], Digits::Decimals(0)),
            (vec![-1.5], vec![0.3], Digits::Decimals(4)),
            (vec![0.012], vec![0.004], Digits::Decimals(6)),
            // 1 000.00 ± 0.25 needs two decimals.
            (vec![1_000.0], vec![0.25], Digits::Decimals(2)),
            // Nine digits at most.
            (vec![1_000.0], vec![1e-9], Digits::Decimals(5)),
            (vec![0.0], vec![], Digits::Decimals(0)),
            (vec![1e20], vec![], Digits::Powers),
            (vec![1e-12], vec![], Digits::Powers),
            (vec![f64::INFINITY, 2.0], vec![], Digits::Decimals(4)),
        ] {
            assert_eq!(
                Digits::for_numbers(magnitudes.clone(), uncertainties),
                expected,
                "{magnitudes:?}"
            );
        }
    }

    #[test]
    fn zero_has_no_sign() {
        assert_eq!(Digits::Decimals(2).write(-0.001), "0.00");
        assert_eq!(Digits::Decimals(2).write(-0.01), "-0.01");
        assert_eq!(Digits::Powers.write(-1.5e20), "-1.5000e20");
    }
}
