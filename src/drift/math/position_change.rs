//! What becomes of a perpetual position when base and quote are added to it.

use super::step;
use crate::accounts::{PerpPosition, PositionDirection};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow};

/// Base (1e9) and quote (1e6) that a position gains; quote is negative where base was bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Movement {
    /// Base in whole steps.
    pub base: i64,
    /// Quote.
    pub quote: i64,
    /// Base below a step, given where the gain comes from settling liquidity.
    pub remainder: Option<i64>,
}

impl Movement {
    /// What a taker gains from a fill in `direction`.
    pub fn of_fill(base: u64, quote: u64, direction: PositionDirection) -> Result<Self> {
        let (base, quote): (i64, i64) = (base.to()?, quote.to()?);
        let sign = if direction == PositionDirection::Long {
            1
        } else {
            -1
        };
        Ok(Self {
            base: sign * base,
            quote: -sign * quote,
            remainder: None,
        })
    }

    /// Base and remainder.
    pub fn whole_base(&self) -> Result<i64> {
        self.base.plus(self.remainder.unwrap_or(0))
    }
}

/// What a delta does to a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Change {
    Open,
    Increase,
    Reduce,
    Close,
    Flip,
}

impl Change {
    /// The change that `delta` is to `position`, remainders counted on both sides.
    pub fn of(position: &PerpPosition, delta: &Movement) -> Result<Self> {
        if position.base_asset_amount == 0 && position.remainder_base_asset_amount == 0 {
            return Ok(Self::Open);
        }
        let held: i64 = position
            .base_asset_amount
            .plus(position.remainder_base_asset_amount.into())?;
        let gained = delta.whole_base()?;
        if held.signum() == gained.signum() {
            return Ok(Self::Increase);
        }
        Ok(match held.unsigned_abs().cmp(&gained.unsigned_abs()) {
            std::cmp::Ordering::Greater => Self::Reduce,
            std::cmp::Ordering::Equal => Self::Close,
            std::cmp::Ordering::Less => Self::Flip,
        })
    }
}

/// A position's base and quote after a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amounts {
    /// Base in whole steps (1e9).
    pub base: i64,
    /// How much of the delta, and of a remainder that grew to a step, went into `base`.
    pub settled: i64,
    /// Base below a step.
    pub remainder: i64,
    /// Quote (1e6).
    pub quote: i64,
}

impl Amounts {
    /// `position` with `delta` added, in steps of `step`. `InvalidPositionDelta` when the remainder outgrows its field.
    pub fn after(position: &PerpPosition, delta: &Movement, step: u64) -> Result<Self> {
        let mut after = Self {
            quote: position.quote_asset_amount.plus(delta.quote)?,
            base: position.base_asset_amount.plus(delta.base)?,
            settled: delta.base,
            remainder: i64::from(position.remainder_base_asset_amount).plus(delta.remainder.unwrap_or(0))?,
        };
        if delta.remainder.is_some() {
            if after.remainder.unsigned_abs() >= step {
                let (whole, rest) = step::split(after.remainder.into(), step)?;
                let whole: i64 = whole.to()?;
                after.base = after.base.plus(whole)?;
                after.settled = after.settled.plus(whole)?;
                after.remainder = rest.to()?;
            }
            if after.remainder.unsigned_abs() > i32::MAX as u64 {
                return Err(ErrorCode::InvalidPositionDelta);
            }
        }
        Ok(after)
    }
}

/// Quote that a position was entered with, quote at which it would break even, and the profit taken (all 1e6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Basis {
    pub entry: i64,
    pub break_even: i64,
    pub pnl: i64,
}

impl Basis {
    /// The basis of `position` once `delta`, which is a `change`, is added. A part that is closed takes its share of
    /// both amounts with it, rounded toward zero.
    pub fn after(position: &PerpPosition, delta: &Movement, change: Change) -> Result<Self> {
        let (entry, break_even) = (position.quote_entry_amount, position.quote_break_even_amount);
        if matches!(change, Change::Open | Change::Increase) {
            return Ok(Self {
                entry: entry.plus(delta.quote)?,
                break_even: break_even.plus(delta.quote)?,
                pnl: 0,
            });
        }
        let held = position.whole_base().abs();
        let gained = i128::from(delta.whole_base()?).abs();
        let share = |amount: i64, part: i128, whole: i128| -> Result<i64> {
            i128::from(amount).times(part)?.over(whole)?.to()
        };
        if change == Change::Flip {
            let closing = share(delta.quote, held, gained)?;
            let opening = delta.quote.minus(closing)?;
            return Ok(Self {
                entry: opening,
                break_even: opening,
                pnl: entry.plus(closing)?,
            });
        }
        let entry_taken = share(entry, gained, held)?;
        Ok(Self {
            entry: entry.minus(entry_taken)?,
            break_even: break_even.minus(share(break_even, gained, held)?)?,
            pnl: entry_taken.plus(delta.quote)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(base: i64, remainder: i32, entry: i64) -> PerpPosition {
        PerpPosition {
            base_asset_amount: base,
            remainder_base_asset_amount: remainder,
            quote_entry_amount: entry,
            quote_break_even_amount: entry - 10,
            ..Default::default()
        }
    }

    fn trade(base: i64, quote: i64) -> Movement {
        Movement {
            base,
            quote,
            remainder: None,
        }
    }

    #[test]
    fn a_change_counts_remainders() {
        let long = holding(10, 0, -50);
        for (base, change) in [
            (1, Change::Increase),
            (-9, Change::Reduce),
            (-10, Change::Close),
            (-11, Change::Flip),
        ] {
            assert_eq!(Change::of(&long, &trade(base, 0)), Ok(change));
        }
        assert_eq!(Change::of(&holding(0, 0, 0), &trade(-1, 0)), Ok(Change::Open));
        assert_eq!(Change::of(&holding(0, 3, 0), &trade(-1, 0)), Ok(Change::Reduce));
        assert_eq!(Change::of(&holding(10, 1, 0), &trade(-10, 0)), Ok(Change::Reduce));
    }

    #[test]
    fn closing_a_third_takes_a_third_of_the_basis() {
        let basis = Basis::after(&holding(9, 0, -100), &trade(-3, 40), Change::Reduce).unwrap();
        // A third of -100 is -33, of -110 is -36, both toward zero.
        assert_eq!((basis.entry, basis.break_even, basis.pnl), (-67, -74, 7));
    }

    #[test]
    fn a_flip_splits_its_quote_between_the_old_and_the_new_side() {
        let basis = Basis::after(&holding(4, 0, -100), &trade(-10, 300), Change::Flip).unwrap();
        assert_eq!((basis.entry, basis.break_even, basis.pnl), (180, 180, 20));
    }

    #[test]
    fn a_remainder_that_reaches_a_step_becomes_base() {
        let settled = Movement {
            base: 20,
            quote: -7,
            remainder: Some(8),
        };
        let after = Amounts::after(&holding(10, 5, 0), &settled, 10).unwrap();
        assert_eq!(
            (after.base, after.settled, after.remainder, after.quote),
            (40, 30, 3, -7)
        );
        let huge = Movement {
            remainder: Some(i64::from(i32::MAX)),
            ..settled
        };
        assert_eq!(
            Amounts::after(&holding(0, 1, 0), &huge, 1 << 40),
            Err(ErrorCode::InvalidPositionDelta)
        );
    }
}
