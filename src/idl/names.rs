//! Names as the interface spells them and as this crate does.

/// `lastMarkPriceTwap5min` as `last_mark_price_twap_5min`: a word begins at a capital, and at a number that follows a
/// letter.
pub fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    let mut before = '_';
    for letter in name.chars() {
        let number = letter.is_ascii_digit() && before.is_ascii_alphabetic();
        if (letter.is_ascii_uppercase() || number) && before != '_' {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
        before = letter;
    }
    out
}

/// An instruction's name as Anchor hashes it: only capitals begin words.
pub(super) fn anchor_snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_begin_at_capitals_and_numbers() {
        for (camel, expected) in [
            ("lastMarkPriceTwap5min", "last_mark_price_twap_5min"),
            ("last24hAvgFundingRate", "last_24h_avg_funding_rate"),
            ("takerVolume30d", "taker_volume_30d"),
            ("padding1", "padding_1"),
            ("sqrtK", "sqrt_k"),
            ("amm", "amm"),
            ("perLpBase", "per_lp_base"),
        ] {
            assert_eq!(snake(camel), expected);
        }
        assert_eq!(anchor_snake("updateK"), "update_k");
        assert_eq!(anchor_snake("initializePythV2"), "initialize_pyth_v2");
    }
}
