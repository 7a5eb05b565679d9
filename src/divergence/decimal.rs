//! Numbers as documents hold them.

/// Decimals of the powers of ten that a float holds exactly: within them, a reader of JSON makes no error.
const EXACT: i32 = 22;

/// `value` to twelve significant digits, and to 22 decimals: more than a reader or a picture wants, and few enough that
/// JSON gives back the same number (below 1e22), which makes a report that is read and written again the same report.
pub(crate) fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let before_point = value.abs().log10().floor() as i32;
    let digits = (EXACT + before_point).clamp(0, 11);
    let text = match before_point < -EXACT {
        true => "0".to_owned(),
        false => format!("{value:.*e}", digits as usize),
    };
    text.parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_gives_back_what_was_rounded() {
        let mut value = 1.0_f64 / 3.0;
        for step in 0..20_000 {
            // Over thirty orders of magnitude, in digits that look like chance.
            value = (value * 1_737.373_737).fract() + 1e-3;
            let number = rounded(value * 10f64.powi(step % 40 - 25));
            let text = serde_json::to_string(&number).unwrap();
            assert_eq!(serde_json::from_str::<f64>(&text).unwrap(), number, "{text}");
        }
        assert_eq!(rounded(1.0 / 3.0), 0.333_333_333_333);
        assert_eq!(rounded(-2e-30), 0.0);
        assert!(rounded(f64::NAN).is_nan());
    }
}
