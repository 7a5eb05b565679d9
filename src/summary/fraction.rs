//! Shares of one, as confidence levels, quantiles and tails are.

use std::fmt;
use std::str::FromStr;

/// A number from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Fraction(f64);

/// A text or number that is no [`Fraction`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number {0}, such as 0.95")]
pub struct NotAFraction(&'static str);

impl Fraction {
    /// A number from 0 to 1, both included.
    ///
    /// # Errors
    /// Any other number.
    pub fn new(value: f64) -> Result<Self, NotAFraction> {
        // Written so that NaN, which is in no range, is refused; `abs` turns -0 into 0.
        (0.0..=1.0)
            .contains(&value)
            .then_some(Self(value.abs()))
            .ok_or(NotAFraction("from 0 to 1"))
    }

    /// Reads a number strictly between 0 and 1.
    ///
    /// # Errors
    /// Any other text.
    pub fn inner(text: &str) -> Result<Self, NotAFraction> {
        text.parse::<Self>()
            .ok()
            .filter(|fraction| 0.0 < fraction.0 && fraction.0 < 1.0)
            .ok_or(NotAFraction("between 0 and 1"))
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }

    /// As a percentage, without the noise of binary fractions: 0.07 is `7%`.
    pub fn percent(self) -> String {
        let rounded = format!("{:.6}", self.0 * 100.0);
        format!("{}%", rounded.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl FromStr for Fraction {
    type Err = NotAFraction;

    fn from_str(text: &str) -> Result<Self, NotAFraction> {
        Self::new(text.trim().parse().map_err(|_| NotAFraction("from 0 to 1"))?)
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_shares_of_one_are_taken() {
        for text in ["-0.1", "1.5", "nan", "inf", "", "5%", "0,5"] {
            assert!(text.parse::<Fraction>().is_err(), "{text}");
        }
        for text in ["0", "1", "0.5"] {
            assert!(text.parse::<Fraction>().is_ok(), "{text}");
        }
        for text in ["0", "1", "x"] {
            assert!(Fraction::inner(text).is_err(), "{text}");
        }
        assert_eq!(Fraction::inner("0.95").map(Fraction::get), Ok(0.95));
    }

    #[test]
    fn percentages_are_short() {
        for (text, percent) in [
            ("0.07", "7%"),
            ("0.5", "50%"),
            ("0.001", "0.1%"),
            ("0", "0%"),
            ("1", "100%"),
        ] {
            assert_eq!(text.parse::<Fraction>().unwrap().percent(), percent);
        }
    }
}
