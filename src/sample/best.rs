//! The best so many of a stream.

/// Keeps the entries with the smallest keys; equal keys go by place. What is kept does not depend on the order in which
/// entries are offered.
#[derive(Clone, Debug, PartialEq)]
pub struct Best<T = ()> {
    limit: usize,
    entries: Vec<Entry<T>>,
}

/// A trial with what it is judged by.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<T = ()> {
    /// Smaller is better; never NaN.
    pub key: f64,
    /// The trial.
    pub place: u64,
    /// Whatever else is to be known of it.
    pub with: T,
}

impl<T> Best<T> {
    /// An empty list that keeps so many.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            entries: Vec::new(),
        }
    }

    /// Takes an entry in if it is good enough. NaN never is.
    pub fn offer(&mut self, key: f64, place: u64, with: impl FnOnce() -> T) {
        if key.is_nan() {
            return;
        }
        // Minus zero is zero, and ties go by place.
        let key = key + 0.0;
        let before = |entry: &Entry<T>| entry.key.total_cmp(&key).then(entry.place.cmp(&place)).is_lt();
        let full = self.entries.len() >= self.limit;
        if full && self.entries.last().is_none_or(before) {
            return;
        }
        let at = self.entries.partition_point(before);
        let with = with();
        self.entries.insert(at, Entry { key, place, with });
        self.entries.truncate(self.limit);
    }

    /// Takes in what another list has kept.
    pub fn merge(&mut self, other: Self) {
        for entry in other.entries {
            self.offer(entry.key, entry.place, || entry.with);
        }
    }

    /// What is kept, the best first.
    pub fn entries(&self) -> &[Entry<T>] {
        &self.entries
    }

    /// What is kept, the best first.
    pub fn into_entries(self) -> Vec<Entry<T>> {
        self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_smallest_are_kept_in_order(keys in prop::collection::vec(0u8..9, 0..40), limit in 0usize..6, cut in 0usize..40) {
            let mut all: Vec<(u8, u64)> = keys.iter().copied().zip(0..).collect();
            let (mut one, mut other) = (Best::new(limit), Best::new(limit));
            for (key, place) in all.iter().rev() {
                let half = if *place < cut as u64 { &mut one } else { &mut other };
                half.offer(f64::from(*key), *place, || ());
            }
            one.merge(other);
            all.sort();
            all.truncate(limit);
            let kept: Vec<(u8, u64)> = one.entries().iter().map(|entry| (entry.key as u8, entry.place)).collect();
            prop_assert_eq!(kept, all);
        }
    }

    #[test]
    fn nan_is_never_good() {
        let mut best = Best::new(2);
        best.offer(f64::NAN, 0, || ());
        assert!(best.entries().is_empty());
    }
}
