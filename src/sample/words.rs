//! Numbers in words.

/// A number with up to six digits that count, without needless zeros.
pub fn shown(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{}", value + 0.0);
    }
    let magnitude = value.abs().log10().floor() as i32;
    if !(-6..15).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let decimals = (5 - magnitude).max(0) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A count of things.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A count of trials.
pub fn trials(count: u64) -> String {
    format!("{count} trial{}", if count == 1 { "" } else { "s" })
}

/// How far a value is from the median, in robust deviations.
pub fn deviations(far: f64) -> String {
    let side = if far < 0.0 { "below" } else { "above" };
    format!("{} deviations {side} the median", shown_short(far.abs()))
}

/// A number with up to three digits that count.
pub fn shown_short(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (12.0, "12"),
            (1234.5678, "1234.57"),
            (-0.000123456789, "-0.000123457"),
            (123456789.4, "123456789"),
            (1e20, "1.000e20"),
            (2.5, "2.5"),
        ] {
            assert_eq!(shown(value), text);
        }
        assert_eq!(deviations(-12.34), "12.3 deviations below the median");
    }
}
