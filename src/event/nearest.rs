//! The likeliest meaning of a name that is not known.

/// The candidate nearest to `name`, where one is near enough to be a slip: a third of its letters, and at least one, may differ.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(edits, candidate)| *edits <= (candidate.len() / 3).max(1))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_a_stranger_none() {
        let names = ["open_position", "close_position", "settle_lp"];
        assert_eq!(nearest("opne_position", names), Some("open_position"));
        assert_eq!(nearest("settle_lps", names), Some("settle_lp"));
        assert_eq!(nearest("liquidate_spot", names), None);
    }
}
