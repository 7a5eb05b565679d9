//! A built path: whole seconds and integer prices.

use super::error::PathError;
use super::range::{MAX_PRICE, MIN_PRICE, from_dollars};
use crate::recording::{MICROS, PriceSeries};
use std::sync::Arc;

/// Prices by second, at [`PRICE_SCALE`], each holding until the next. Starts at second 0; neighbours differ in time and in price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceTable {
    seconds: Vec<u32>,
    prices: Vec<u64>,
}

impl PriceTable {
    pub(super) fn with_capacity(points: usize) -> Self {
        Self {
            seconds: Vec::with_capacity(points),
            prices: Vec::with_capacity(points),
        }
    }

    /// From `second` on the price is `price`. A second price for the same second replaces the first. The caller starts with second 0 and
    /// never goes back.
    pub(super) fn push(&mut self, second: u32, price: u64) {
        if self.seconds.last() == Some(&second) {
            self.seconds.pop();
            self.prices.pop();
        }
        if self.prices.last() != Some(&price) {
            self.seconds.push(second);
            self.prices.push(price);
        }
    }

    /// The last second at which the price changes.
    pub(super) fn last_second(&self) -> u32 {
        self.seconds.last().copied().unwrap_or(0)
    }

    /// Recorded prices; second 0 is the first one's time, and a price within a second counts from its end on. The place of the first price
    /// that does not fit is answered otherwise, with whether it is too late (or too high).
    pub(super) fn of_series(series: &PriceSeries) -> Result<Self, (usize, bool)> {
        let mut table = Self::with_capacity(series.len());
        let first = series.times().first().copied().unwrap_or(0);
        for (place, (time, dollars)) in series.times().iter().zip(series.prices()).enumerate() {
            let passed = i128::from(*time) - i128::from(first);
            let micros = i128::from(MICROS);
            let second = u32::try_from((passed + micros - 1) / micros).map_err(|_| (place, true))?;
            table.push(second, from_dollars(*dollars).ok_or((place, false))?);
        }
        Ok(table)
    }

    /// How many entries are at or before `second`.
    fn count_until(&self, second: u32) -> usize {
        self.seconds.partition_point(|&at| at <= second)
    }
}

/// A price path of a trial: a window on a shared table, cheap to clone.
///
/// Times are seconds from the start of the path, prices are at [`PRICE_SCALE`]. Before second 0 the first price holds, after the last change
/// the last one.
#[derive(Debug, Clone)]
pub struct PricePath {
    table: Arc<PriceTable>,
    /// Second of the table that is second 0 of the path.
    offset: u32,
    /// Entry of the table in force at second 0.
    first: usize,
    /// Entry of the table after the last that the horizon reaches.
    end: usize,
}

impl PricePath {
    /// The path that is `price` for good.
    ///
    /// # Errors
    ///
    /// [`PathError::Point`] where `price` is below [`MIN_PRICE`] or above [`MAX_PRICE`].
    pub fn constant(price: u64) -> Result<Self, PathError> {
        Self::from_points([(0, price)])
    }

    /// The path of these seconds and prices.
    ///
    /// # Errors
    ///
    /// [`PathError::Point`] where there is no point, the first is not at second 0, a second does not rise, or a price is below [`MIN_PRICE`]
    /// or above [`MAX_PRICE`].
    pub fn from_points(points: impl IntoIterator<Item = (u32, u64)>) -> Result<Self, PathError> {
        let mut table = PriceTable::with_capacity(0);
        let mut latest = None;
        for (index, (second, price)) in points.into_iter().enumerate() {
            let problem = match latest {
                _ if !(MIN_PRICE..=MAX_PRICE).contains(&price) => "the price is out of range",
                None if second != 0 => "the first point must be at second 0",
                Some(before) if second <= before => "its second must be later than the one before",
                _ => {
                    table.push(second, price);
                    latest = Some(second);
                    continue;
                }
            };
            return Err(PathError::Point { index, problem });
        }
        let last = latest.ok_or(PathError::Point {
            index: 0,
            problem: "a path needs a price at second 0",
        })?;
        Ok(Self::whole(table, last))
    }

    /// All of a table up to the horizon. The table has a price at second 0.
    pub(super) fn whole(table: PriceTable, horizon_seconds: u32) -> Self {
        Self::window(Arc::new(table), 0, horizon_seconds)
    }

    /// The table from second `offset` on, for `horizon_seconds`. The table has a price at second 0.
    pub(super) fn window(table: Arc<PriceTable>, offset: u32, horizon_seconds: u32) -> Self {
        debug_assert_eq!(table.seconds.first(), Some(&0));
        let first = table.count_until(offset).saturating_sub(1);
        let end = table.count_until(offset.saturating_add(horizon_seconds));
        Self {
            table,
            offset,
            first,
            end,
        }
    }

    /// The price at second `second`, at [`PRICE_SCALE`].
    pub fn price_at(&self, second: i64) -> u64 {
        self.table.prices[self.entry_at(second)]
    }

    /// The first second after `second` at which the price is another, if any.
    pub fn next_change_after(&self, second: i64) -> Option<i64> {
        self.change_after_entry(self.entry_at(second))
    }

    /// The price at second 0, at [`PRICE_SCALE`].
    pub fn start_price(&self) -> u64 {
        self.table.prices[self.first]
    }

    /// How many prices the path has: the first and one for each change.
    pub fn len(&self) -> usize {
        self.end - self.first
    }

    /// False: a path has at least its first price.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Seconds and prices, the first at second 0, then each change.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (i64, u64)> + '_ {
        let entries = self.first..self.end;
        entries.map(|entry| {
            let second = self.table.seconds[entry].saturating_sub(self.offset);
            (i64::from(second), self.table.prices[entry])
        })
    }

    /// A reader that remembers where it is.
    pub fn cursor(&self) -> PriceCursor {
        PriceCursor {
            entry: self.first,
            path: self.clone(),
        }
    }

    /// The place, counted from 0, of the entry in force at `second`.
    pub(super) fn place_at(&self, second: i64) -> usize {
        self.entry_at(second) - self.first
    }

    fn entry_at(&self, second: i64) -> usize {
        let second = self.table_second(second);
        let seconds = &self.table.seconds[self.first..self.end];
        // Most paths have a price every so many seconds, so it is looked for where it would then be.
        let last = seconds.len() - 1;
        let reach = u64::from(seconds[last].saturating_sub(self.offset)).max(1);
        let passed = u64::from(second - self.offset);
        let guess = ((passed * last as u64 / reach) as usize).min(last);
        if seconds[guess] <= second && (guess == last || second < seconds[guess + 1]) {
            return self.first + guess;
        }
        self.first + seconds.partition_point(|&at| at <= second).max(1) - 1
    }

    fn change_after_entry(&self, entry: usize) -> Option<i64> {
        let next = entry + 1;
        (next < self.end).then(|| i64::from(self.table.seconds[next]) - i64::from(self.offset))
    }

    fn table_second(&self, second: i64) -> u32 {
        let second = second.max(0).saturating_add(i64::from(self.offset));
        u32::try_from(second).unwrap_or(u32::MAX)
    }
}

/// Reads a path forward. Asking for seconds in rising order costs, over a whole path, time in proportion to its length at most, and a long
/// leap costs the logarithm of the entries leapt over. Going back is allowed and costs a search.
#[derive(Debug, Clone)]
pub struct PriceCursor {
    path: PricePath,
    entry: usize,
}

impl PriceCursor {
    /// The price at second `second`, at [`PRICE_SCALE`].
    pub fn price_at(&mut self, second: i64) -> u64 {
        self.seek(second);
        self.path.table.prices[self.entry]
    }

    /// The first second after `second` at which the price is another, if any.
    pub fn next_change_after(&mut self, second: i64) -> Option<i64> {
        self.seek(second);
        self.path.change_after_entry(self.entry)
    }

    /// The path being read.
    pub fn path(&self) -> &PricePath {
        &self.path
    }

    fn seek(&mut self, second: i64) {
        let wanted = self.path.table_second(second);
        let seconds = &self.path.table.seconds[..self.path.end];
        if seconds[self.entry] > wanted {
            self.entry = self.path.entry_at(second);
            return;
        }
        // Leaps of 1, 2, 4, ... entries while they stay at or before the wanted second, then a search within the last leap.
        let mut leap = 1;
        while let Some(&at) = seconds.get(self.entry + leap) {
            if at > wanted {
                break;
            }
            self.entry += leap;
            leap *= 2;
        }
        let last = seconds.len().min(self.entry + leap);
        let rest = &seconds[self.entry + 1..last];
        self.entry += rest.partition_point(|&at| at <= wanted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(points: &[(u32, u64)]) -> PricePath {
        PricePath::from_points(points.iter().copied()).unwrap()
    }

    #[test]
    fn a_price_holds_until_the_next() {
        let path = path(&[(0, 10), (5, 20), (9, 15)]);
        let prices: Vec<_> = [-1, 0, 4, 5, 8, 9, 10, i64::MAX]
            .map(|second| path.price_at(second))
            .into();
        assert_eq!(prices, [10, 10, 10, 20, 20, 15, 15, 15]);
        let changes: Vec<_> = [-7, 0, 4, 5, 8, 9, i64::MAX]
            .map(|second| path.next_change_after(second))
            .into();
        assert_eq!(changes, [Some(5), Some(5), Some(5), Some(9), Some(9), None, None]);
        assert_eq!((path.len(), path.start_price()), (3, 10));
    }

    #[test]
    fn a_price_that_repeats_is_no_change() {
        let path = path(&[(0, 10), (5, 10), (9, 15), (12, 15)]);
        assert_eq!(path.iter().collect::<Vec<_>>(), [(0, 10), (9, 15)]);
    }

    #[test]
    fn a_second_price_in_the_same_second_replaces_the_first() {
        let mut table = PriceTable::with_capacity(4);
        for (second, price) in [(0, 9), (0, 10), (3, 10), (3, 11), (5, 12), (5, 11)] {
            table.push(second, price);
        }
        let path = PricePath::whole(table, 100);
        assert_eq!(path.iter().collect::<Vec<_>>(), [(0, 10), (3, 11)]);
    }

    #[test]
    fn points_that_make_no_path_are_refused() {
        for (points, said) in [
            (vec![], "price point 0: a path needs a price at second 0"),
            (vec![(1, 5)], "price point 0: the first point must be at second 0"),
            (
                vec![(0, 5), (0, 6)],
                "price point 1: its second must be later than the one before",
            ),
            (vec![(0, 5), (3, 0)], "price point 1: the price is out of range"),
            (
                vec![(0, MAX_PRICE + 1)],
                "price point 0: the price is out of range",
            ),
        ] {
            let refused = PricePath::from_points(points).unwrap_err();
            assert_eq!(refused.to_string(), said);
        }
    }

    #[test]
    fn a_window_starts_in_the_middle_of_a_price_and_ends_at_its_horizon() {
        let table = path(&[(0, 10), (5, 20), (9, 15), (20, 30)]).table;
        let window = PricePath::window(table.clone(), 7, 4);
        assert_eq!(window.iter().collect::<Vec<_>>(), [(0, 20), (2, 15)]);
        assert_eq!(window.price_at(1), 20);
        assert_eq!(window.price_at(2), 15);
        assert_eq!(window.price_at(13), 15, "the horizon cuts the last change off");
        assert_eq!(window.next_change_after(2), None);
        let reaching = PricePath::window(table, 7, 13);
        assert_eq!(reaching.next_change_after(2), Some(13));
    }

    proptest! {
        #[test]
        fn a_cursor_reads_what_the_path_says(
            gaps in prop::collection::vec((1u32..50, 1u64..1000), 0..300),
            offset in 0u32..500,
            horizon in 0u32..5000,
            asked in prop::collection::vec(-5i64..8000, 1..100),
            rising: bool,
        ) {
            let mut second = 0;
            let points = gaps.iter().map(|&(gap, price)| { second += gap; (second, price) });
            let table = PricePath::from_points([(0, 7)].into_iter().chain(points)).unwrap().table;
            let path = PricePath::window(table.clone(), offset, horizon);
            let mut asked = asked;
            if rising {
                asked.sort_unstable();
            }
            let mut cursor = path.cursor();
            for second in asked {
                // What the words say, read off the table entry by entry.
                let at = second.clamp(0, i64::from(horizon)) + i64::from(offset);
                let entries = || table.seconds.iter().map(|&s| i64::from(s)).zip(&table.prices);
                let price = entries().take_while(|(s, _)| *s <= at).last().map(|(_, p)| *p).unwrap();
                let asked_at = second.max(0) + i64::from(offset);
                let change = entries()
                    .map(|(s, _)| s)
                    .find(|&s| s > asked_at && s <= i64::from(offset) + i64::from(horizon))
                    .map(|s| s - i64::from(offset));
                prop_assert_eq!(path.price_at(second), price);
                prop_assert_eq!(cursor.price_at(second), price);
                prop_assert_eq!(path.next_change_after(second), change);
                prop_assert_eq!(cursor.next_change_after(second), change);
            }
        }
    }
}
