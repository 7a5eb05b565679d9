//! Decimals as text, exactly, and the calendar's times.

/// The integer that `text` is at `places` decimal places, such as 1500000 for `1.5` at 6 and 10 for `1e-05` at 6. What lies beyond the last
/// place is rounded to it, half away from zero: the recording's decoder went through floating point. `None` for what is no number, or too large.
pub(super) fn scaled(text: &str, places: u32) -> Option<i128> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.len() > 60 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let shift = i64::from(exponent) + i64::from(places) - fraction.len() as i64;
    let significant = digits.trim_start_matches('0');
    let magnitude: i128 = if shift >= 0 {
        let shift = u32::try_from(shift).ok()?;
        match significant {
            "" => 0,
            _ => significant
                .parse::<i128>()
                .ok()?
                .checked_mul(10_i128.checked_pow(shift)?)?,
        }
    } else {
        let dropped = usize::try_from(-shift).ok()?;
        if dropped > digits.len() {
            0
        } else {
            let (kept, rest) = digits.split_at(digits.len() - dropped);
            let kept = kept.trim_start_matches('0');
            let kept: i128 = if kept.is_empty() { 0 } else { kept.parse().ok()? };
            kept + i128::from(rest.as_bytes()[0] >= b'5')
        }
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// Seconds since 1970 of `2022-11-07 06:59:31`, or of a number that is such seconds already. The proleptic Gregorian calendar's days are counted
/// by the 400-year cycle of 146,097 days.
pub(super) fn seconds(text: &str) -> Option<i64> {
    if !text.get(1..)?.contains('-') {
        return scaled(text, 0)?.try_into().ok();
    }
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "0:0:0"));
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time
        .trim_end_matches('Z')
        .splitn(3, ':')
        .map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let within = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..61).contains(&second)
        && (0..10_000).contains(&year);
    within.then(|| days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Days from 1970-01-01 to a date. Years are counted from March, so that a leap day is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

/// `2022-11-07 12:01:22` of seconds since 1970, in UTC.
pub fn calendar(seconds: i64) -> String {
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // The year is at least this one; some steps find the rest.
    let mut year = 1970 + day.div_euclid(366);
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let month = (1..=12)
        .rev()
        .find(|month| days(year, *month, 1) <= day)
        .unwrap_or(1);
    let of_month = day - days(year, month, 1) + 1;
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    format!(
        "{year:04}-{month:02}-{of_month:02} {hour:02}:{minute:02}:{:02}",
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_the_programs_integers() {
        for (text, places, integer) in [
            ("1.5", 6, Some(1_500_000)),
            ("-8.1", 9, Some(-8_100_000_000)),
            ("1e-05", 6, Some(10)),
            ("1.25e2", 1, Some(1_250)),
            ("0.0", 6, Some(0)),
            ("00012", 0, Some(12)),
            ("1102406.871525094", 9, Some(1_102_406_871_525_094)),
            ("-3.1e-07", 9, Some(-310)),
            // Beyond the last place.
            ("0.0000014999", 6, Some(1)),
            ("-0.0000015", 6, Some(-2)),
            ("1e-30", 6, Some(0)),
            ("", 6, None),
            ("-", 6, None),
            ("1.2.3", 6, None),
            ("nan", 6, None),
            ("1e", 6, None),
            ("1e99", 6, None),
        ] {
            assert_eq!(scaled(text, places), integer, "{text}");
        }
    }

    #[test]
    fn times_are_read_and_written() {
        // date -u -d '2022-11-07 12:01:22' +%s, and so on.
        for (text, time) in [
            ("2022-11-07 12:01:22", 1_667_822_482),
            ("2023-02-28 23:59:59", 1_677_628_799),
            ("2024-02-29 00:00:00", 1_709_164_800),
            ("2000-03-01 00:00:00", 951_868_800),
            ("1970-01-01 00:00:00", 0),
        ] {
            assert_eq!(seconds(text), Some(time), "{text}");
            assert_eq!(calendar(time), text);
        }
        assert_eq!(seconds("1667816782"), Some(1_667_816_782));
        for wrong in [
            "2022-13-01 00:00:00",
            "2022-11-07 25:00:00",
            "soon",
            "",
            "2022-11-07 1:2",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
