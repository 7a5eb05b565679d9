//! Numbers as a reader takes them in.

/// How the ticks of an axis or the cells of a picture are written: all in one magnitude, with just the decimals that tell
/// them apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Format {
    scale: f64,
    suffix: &'static str,
    decimals: usize,
    powers: bool,
}

impl Format {
    /// For numbers up to `largest` in magnitude that are to be told apart down to `step`.
    pub fn new(largest: f64, step: f64) -> Self {
        let (largest, step) = (largest.abs(), step.abs());
        let (scale, suffix) = match largest {
            large if large >= 1e13 => (1.0, ""),
            large if large >= 1e10 => (1e9, "G"),
            large if large >= 1e7 => (1e6, "M"),
            large if large >= 1e4 => (1e3, "k"),
            _ => (1.0, ""),
        };
        let decimals = decimals(step / scale);
        Self {
            scale,
            suffix,
            decimals: decimals.min(6),
            powers: largest >= 1e13 || decimals > 6,
        }
    }

    /// For a few numbers of which each is to have about three digits.
    pub fn for_values(values: impl IntoIterator<Item = f64>) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite());
        let largest = finite.map(f64::abs).fold(0.0, f64::max);
        match largest {
            0.0 => Self::new(0.0, 1.0),
            _ => Self::new(largest, 10f64.powf(largest.log10().floor() - 2.0)),
        }
    }

    /// A number so written; with a true minus sign.
    pub fn write(self, value: f64) -> String {
        if !value.is_finite() {
            return "–".to_owned();
        }
        if self.powers {
            return format!("{value:.2e}").replace('-', "−");
        }
        let text = format!("{:.*}", self.decimals, value.abs() / self.scale);
        let zero = text.chars().all(|digit| "0.".contains(digit));
        let sign = if value < 0.0 && !zero { "−" } else { "" };
        let suffix = if zero { "" } else { self.suffix };
        match zero {
            true => "0".to_owned(),
            false => format!("{sign}{text}{suffix}"),
        }
    }
}

/// One number, with about four digits.
pub fn short(value: f64) -> String {
    let magnitude = value.abs();
    match magnitude {
        whole if whole == whole.trunc() && whole < 1e4 => Format::new(whole, 1.0).write(value),
        _ if !value.is_finite() || value == 0.0 => Format::new(0.0, 1.0).write(value),
        _ => Format::new(magnitude, 10f64.powf(magnitude.log10().floor() - 3.0)).write(value),
    }
}

/// An integer in groups of three digits, with thin spaces that do not break.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 trial`, `2 trials`.
pub fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// The decimals of a step: 1 for 0.2, 2 for 0.25. Of a step that is not round, those of its first digit.
fn decimals(step: f64) -> usize {
    if !(step > 0.0 && step.is_finite()) {
        return 0;
    }
    // The tiny addend keeps 0.1, whose logarithm may come out as -1.0000000001, at one decimal.
    let least = (-(step.log10() + 1e-9).floor()).clamp(0.0, 99.0) as usize;
    let round = |decimals: &usize| {
        let scaled = step * 10f64.powi(*decimals as i32);
        (scaled - scaled.round()).abs() < 1e-6
    };
    (least..least + 3).find(round).unwrap_or(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_share_one_magnitude() {
        for (largest, step, value, text) in [
            (1.0, 0.2, 0.6, "0.6"),
            (1.0, 0.25, 0.25, "0.25"),
            (12.0, 2.5, 7.5, "7.5"),
            (1.0, 1.0 / 3.0, 1.0 / 3.0, "0.3"),
            (100.0, 20.0, -40.0, "−40"),
            (9_000.0, 1_000.0, 3_000.0, "3000"),
            (20_000.0, 5_000.0, 5_000.0, "5k"),
            (12_000.0, 500.0, 11_500.0, "11.5k"),
            (3e7, 1e7, -1e7, "−10M"),
            (5e10, 1e10, 2e10, "20G"),
            (30.02, 0.01, 30.01, "30.01"),
            (1e-9, 1e-10, 5e-10, "5.00e−10"),
            (1e15, 1e14, 1e14, "1.00e14"),
            (20_000.0, 5_000.0, -0.0, "0"),
        ] {
            assert_eq!(Format::new(largest, step).write(value), text, "{largest} {step}");
        }
        assert_eq!(Format::new(1.0, 1.0).write(f64::NAN), "–");
    }

    #[test]
    fn one_number_has_the_digits_it_needs() {
        for (value, text) in [
            (0.0, "0"),
            (12.0, "12"),
            (-2.345_67, "−2.346"),
            (0.012_346, "0.01235"),
            (1_234_567.0, "1235k"),
            (98_765.4, "98.77k"),
        ] {
            assert_eq!(short(value), text);
        }
        assert_eq!(Format::for_values([0.5, -0.123]).write(-0.123), "−0.123");
        assert_eq!(Format::for_values([]).write(0.0), "0");
    }

    #[test]
    fn counts_read_well() {
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!((grouped(0), grouped(999)), ("0".into(), "999".into()));
        assert_eq!(
            (counted(1, "trial"), counted(2, "trial")),
            ("1 trial".into(), "2 trials".into())
        );
    }
}
