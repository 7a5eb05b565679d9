//! Exact order statistics of columns that do not fit into memory.
//!
//! Numbers are mapped to integers of the same order, and the integer wanted is found from its highest digit down: a pass
//! over the trials counts how many values have each digit, which says which digit the wanted one has. As soon as the
//! values that share its digits so far are few enough they are collected instead. A search holds at most half a
//! megabyte on each thread, and all searches share the passes.

use super::error::SampleError;
use super::table::Table;

/// Bits found in a pass.
const DIGIT: u32 = 12;

/// Values that are few enough to be collected.
const FEW: u64 = 1 << 16;

/// A value wanted: the column's finite value with so many before it.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The column, among the names given.
    pub column: usize,
    /// From 0, less than the number of finite values.
    pub rank: u64,
    /// How many finite values the column has.
    pub count: u64,
}

/// Finds values by their rank. `of` is applied to every value first.
///
/// # Errors
/// Files that cannot be read.
pub fn order_statistics(
    table: &Table,
    names: &[String],
    of: impl Fn(usize, f64) -> f64 + Sync,
    wanted: &[Wanted],
) -> Result<Vec<f64>, SampleError> {
    let mut searches: Vec<Search> = wanted.iter().map(|wanted| Search::new(*wanted)).collect();
    let columns: Vec<&str> = names.iter().map(String::as_str).collect();
    while searches.iter().any(|search| search.found.is_none()) {
        let counts = table.fold(
            &columns,
            || searches.iter().map(Search::counts).collect::<Vec<_>>(),
            |counts, batch| {
                let numbers = batch.all_numbers(names)?;
                for (search, counts) in searches.iter().zip(counts) {
                    let values = numbers[search.wanted.column].iter();
                    let values = values.map(|value| of(search.wanted.column, *value));
                    for value in values.filter(|value| value.is_finite()) {
                        search.add(counts, key(value));
                    }
                }
                Ok(())
            },
            |whole, part| {
                whole
                    .iter_mut()
                    .zip(part)
                    .for_each(|(whole, part)| whole.merge(part))
            },
        )?;
        for (search, counts) in searches.iter_mut().zip(counts) {
            search.narrow(counts);
        }
    }
    let found = searches.iter().filter_map(|search| search.found);
    Ok(found.map(number).collect())
}

/// How far a search has come.
struct Search {
    wanted: Wanted,
    /// The highest bits of the key wanted.
    known: u64,
    /// How many bits that are.
    bits: u32,
    found: Option<u64>,
}

enum DigitCounts {
    Done,
    Digits(Vec<u64>),
    Keys(Vec<u64>),
}

impl Search {
    fn new(wanted: Wanted) -> Self {
        let (known, bits) = (0, 0);
        // With nothing to search there is nothing to find; the caller leaves such columns out.
        let found = (wanted.rank >= wanted.count).then_some(key(f64::NAN));
        Self {
            wanted,
            known,
            bits,
            found,
        }
    }

    fn counts(&self) -> DigitCounts {
        match self.found {
            Some(_) => DigitCounts::Done,
            None if self.wanted.count <= FEW => DigitCounts::Keys(Vec::new()),
            None => DigitCounts::Digits(vec![0; 1 << DIGIT]),
        }
    }

    /// Bits of the next digit.
    fn width(&self) -> u32 {
        DIGIT.min(u64::BITS - self.bits)
    }

    fn add(&self, counts: &mut DigitCounts, key: u64) {
        if self.bits > 0 && key >> (u64::BITS - self.bits) != self.known {
            return;
        }
        match counts {
            DigitCounts::Done => (),
            DigitCounts::Keys(keys) => keys.push(key),
            DigitCounts::Digits(digits) => {
                let digit = key << self.bits >> (u64::BITS - self.width());
                digits[digit as usize] += 1;
            }
        }
    }

    fn narrow(&mut self, counts: DigitCounts) {
        match counts {
            DigitCounts::Done => (),
            DigitCounts::Keys(mut keys) => {
                let (_, key, _) = keys.select_nth_unstable(self.wanted.rank as usize);
                self.found = Some(*key);
            }
            DigitCounts::Digits(digits) => {
                let mut digit = 0;
                while self.wanted.rank >= digits[digit] {
                    self.wanted.rank -= digits[digit];
                    digit += 1;
                }
                self.known = self.known << self.width() | digit as u64;
                self.bits += self.width();
                self.wanted.count = digits[digit];
                if self.bits == u64::BITS {
                    self.found = Some(self.known);
                }
            }
        }
    }
}

impl DigitCounts {
    fn merge(&mut self, other: Self) {
        match (self, other) {
            (Self::Keys(keys), Self::Keys(more)) => keys.extend(more),
            (Self::Digits(digits), Self::Digits(more)) => {
                digits
                    .iter_mut()
                    .zip(more)
                    .for_each(|(digit, more)| *digit += more);
            }
            _ => (),
        }
    }
}

const SIGN: u64 = 1 << 63;

/// An integer for a number, of the same order.
fn key(number: f64) -> u64 {
    // Adding zero turns minus zero into zero.
    let bits = (number + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn number(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The search as `order_statistics` makes it, over values in memory and with another idea of few.
    fn search(values: &[f64], rank: u64) -> f64 {
        let mut search = Search::new(Wanted {
            column: 0,
            rank,
            count: values.len() as u64,
        });
        while search.found.is_none() {
            let mut counts = DigitCounts::Digits(vec![0; 1 << DIGIT]);
            values
                .iter()
                .for_each(|value| search.add(&mut counts, key(*value)));
            search.narrow(counts);
        }
        number(search.found.unwrap())
    }

    proptest! {
        #[test]
        fn digits_find_what_sorting_finds(
            mut values in prop::collection::vec(prop_oneof![-1e300..1e300f64, -2.0..2.0f64, Just(0.0), Just(-0.0)], 1..50),
            place: prop::sample::Index,
        ) {
            let rank = place.index(values.len());
            let found = search(&values, rank as u64);
            values.sort_by(|a, b| a.partial_cmp(b).unwrap());
            prop_assert_eq!(found, values[rank]);
        }

        #[test]
        fn keys_are_in_the_order_of_numbers(a: f64, b: f64) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            prop_assert_eq!(a.partial_cmp(&b), Some(key(a).cmp(&key(b))));
            prop_assert_eq!(number(key(a)), a);
        }
    }
}
