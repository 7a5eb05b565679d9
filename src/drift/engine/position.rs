//! Changes of a perpetual position, which are changes of its market's totals as well.

use crate::accounts::{Amm, PerpMarket, PerpPosition};
use crate::error::{ErrorCode, Result};
use crate::math::position_change::{Amounts, Basis, Change, Movement};
use crate::math::step;
use crate::num::{Checked, Narrow};

/// Adds `delta` to `position` and to the totals of `market`; answers the profit taken (1e6). The position's funding
/// must be settled (`InvalidPositionLastFundingRate`).
pub fn apply(position: &mut PerpPosition, market: &mut PerpMarket, delta: &Movement) -> Result<i64> {
    if delta.base == 0 && matches!(delta.remainder, None | Some(0)) {
        add_quote(position, market, delta.quote)?;
        return Ok(delta.quote);
    }
    let change = Change::of(position, delta)?;
    let after = Amounts::after(position, delta, market.amm.order_step_size)?;
    if delta.remainder.is_some() {
        // What liquidity providers settle is no longer theirs to settle.
        let amm = &mut market.amm;
        amm.base_asset_amount_with_unsettled_lp = amm
            .base_asset_amount_with_unsettled_lp
            .plus(after.settled.into())?;
        amm.quote_asset_amount_with_unsettled_lp =
            amm.quote_asset_amount_with_unsettled_lp.plus(delta.quote)?;
    }
    let basis = Basis::after(position, delta, change)?;
    count_users(market, position, change, &after)?;
    let amm = &mut market.amm;
    amm.quote_asset_amount = amm.quote_asset_amount.plus(delta.quote.into())?;
    move_sides(amm, position, delta, change, &after, &basis)?;

    must_have_settled_funding(position, amm)?;
    match change {
        Change::Close => position.last_cumulative_funding_rate = 0,
        Change::Reduce => {}
        Change::Open | Change::Increase | Change::Flip => {
            position.last_cumulative_funding_rate = if after.base.plus(after.remainder)? > 0 {
                amm.cumulative_funding_rate_long.to()?
            } else {
                amm.cumulative_funding_rate_short.to()?
            };
        }
    }
    if !step::is_whole(position.base_asset_amount.unsigned_abs(), amm.order_step_size)? {
        return Err(ErrorCode::InvalidPerpPositionDetected);
    }
    position.remainder_base_asset_amount = after.remainder.to()?;
    position.base_asset_amount = after.base;
    position.quote_asset_amount = after.quote;
    position.quote_entry_amount = basis.entry;
    position.quote_break_even_amount = basis.break_even;
    Ok(basis.pnl)
}

fn count_users(market: &mut PerpMarket, position: &PerpPosition, change: Change, after: &Amounts) -> Result {
    match change {
        Change::Open => {
            if position.quote_asset_amount == 0 && position.base_asset_amount == 0 {
                market.number_of_users = market.number_of_users.plus(1)?;
            }
            market.number_of_users_with_base = market.number_of_users_with_base.plus(1)?;
        }
        Change::Close => {
            if after.base == 0 && after.quote == 0 {
                market.number_of_users = market.number_of_users.minus(1)?;
            }
            market.number_of_users_with_base = market.number_of_users_with_base.minus(1)?;
        }
        _ => {}
    }
    Ok(())
}

/// Base (1e9) and quote (1e6) that one side of the market gains.
struct Gain {
    base: i128,
    entry: i128,
    break_even: i128,
}

impl Gain {
    fn add_to(self, amm: &mut Amm, long: bool) -> Result {
        if long {
            amm.base_asset_amount_long = amm.base_asset_amount_long.plus(self.base)?;
            amm.quote_entry_amount_long = amm.quote_entry_amount_long.plus(self.entry)?;
            amm.quote_break_even_amount_long = amm.quote_break_even_amount_long.plus(self.break_even)?;
        } else {
            amm.base_asset_amount_short = amm.base_asset_amount_short.plus(self.base)?;
            amm.quote_entry_amount_short = amm.quote_entry_amount_short.plus(self.entry)?;
            amm.quote_break_even_amount_short = amm.quote_break_even_amount_short.plus(self.break_even)?;
        }
        Ok(())
    }
}

fn move_sides(
    amm: &mut Amm,
    position: &PerpPosition,
    delta: &Movement,
    change: Change,
    after: &Amounts,
    basis: &Basis,
) -> Result {
    let old_entry = i128::from(position.quote_entry_amount);
    let old_break_even = i128::from(position.quote_break_even_amount);
    let (entry, break_even) = (i128::from(basis.entry), i128::from(basis.break_even));
    match change {
        Change::Open | Change::Increase => Gain {
            base: after.settled.into(),
            entry: delta.quote.into(),
            break_even: delta.quote.into(),
        }
        .add_to(amm, after.base > 0),
        Change::Reduce | Change::Close => Gain {
            base: after.settled.into(),
            entry: entry - old_entry,
            break_even: break_even - old_break_even,
        }
        .add_to(amm, position.base_asset_amount > 0),
        Change::Flip => {
            let becomes_long = after.base > 0;
            Gain {
                base: -i128::from(position.base_asset_amount),
                entry: -old_entry,
                break_even: -old_break_even,
            }
            .add_to(amm, !becomes_long)?;
            Gain {
                base: after.base.into(),
                entry,
                break_even,
            }
            .add_to(amm, becomes_long)
        }
    }
}

/// The cumulative funding rate of the side a position is on; none for one without base.
pub fn funding_rate_of_side(position: &PerpPosition, amm: &Amm) -> Option<i128> {
    match position.base_asset_amount.signum() {
        0 => None,
        1 => Some(amm.cumulative_funding_rate_long),
        _ => Some(amm.cumulative_funding_rate_short),
    }
}

/// Refuses a position whose funding is behind its side's with `InvalidPositionLastFundingRate`.
fn must_have_settled_funding(position: &PerpPosition, amm: &Amm) -> Result {
    let Some(current) = funding_rate_of_side(position, amm) else {
        return Ok(());
    };
    if position.base_asset_amount < 0 {
        current.to::<i64>()?;
    }
    if current == i128::from(position.last_cumulative_funding_rate) {
        Ok(())
    } else {
        Err(ErrorCode::InvalidPositionLastFundingRate)
    }
}

/// Refuses with `InvalidPerpPositionDetected` a position that cannot be one of `market`'s: another index, liquidity
/// counted in another unit, or base off the order step.
pub fn check(position: &PerpPosition, market: &PerpMarket) -> Result {
    let unit_differs = position.is_lp() && position.per_lp_base != market.amm.per_lp_base;
    if unit_differs
        || position.market_index != market.market_index
        || !step::is_whole(
            position.base_asset_amount.unsigned_abs(),
            market.amm.order_step_size,
        )?
    {
        return Err(ErrorCode::InvalidPerpPositionDetected);
    }
    Ok(())
}

/// Adds `quote` (1e6) to a position and its market.
pub fn add_quote(position: &mut PerpPosition, market: &mut PerpMarket, quote: i64) -> Result {
    if quote == 0 {
        return Ok(());
    }
    if position.is_flat() {
        market.number_of_users = market.number_of_users.plus(1)?;
    }
    position.quote_asset_amount = position.quote_asset_amount.plus(quote)?;
    market.amm.quote_asset_amount = market.amm.quote_asset_amount.plus(quote.into())?;
    if position.is_flat() {
        market.number_of_users = market.number_of_users.saturating_sub(1);
    }
    Ok(())
}

/// Adds `quote` (1e6) to what an open position needs to break even.
pub fn add_break_even(position: &mut PerpPosition, market: &mut PerpMarket, quote: i64) -> Result {
    if quote == 0 || position.base_asset_amount == 0 {
        return Ok(());
    }
    position.quote_break_even_amount = position.quote_break_even_amount.plus(quote)?;
    Gain {
        base: 0,
        entry: 0,
        break_even: quote.into(),
    }
    .add_to(&mut market.amm, position.base_asset_amount > 0)
}

/// Adds a cost or gain (1e6), such as a fee or a funding payment, to a position's quote and its break-even.
pub fn add_quote_and_break_even(position: &mut PerpPosition, market: &mut PerpMarket, quote: i64) -> Result {
    add_quote(position, market, quote)?;
    add_break_even(position, market, quote)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STEP: i64 = 10;

    fn market() -> PerpMarket {
        let mut market = PerpMarket::default();
        market.amm.order_step_size = STEP as u64;
        market
    }

    fn trade(base: i64, quote: i64) -> Movement {
        Movement {
            base,
            quote,
            remainder: None,
        }
    }

    /// Totals that follow from `positions`.
    fn totals(positions: &[PerpPosition]) -> PerpMarket {
        let mut sum = market();
        for position in positions {
            Gain {
                base: position.base_asset_amount.into(),
                entry: position.quote_entry_amount.into(),
                break_even: position.quote_break_even_amount.into(),
            }
            .add_to(&mut sum.amm, position.base_asset_amount > 0)
            .unwrap();
            sum.amm.quote_asset_amount += i128::from(position.quote_asset_amount);
            sum.number_of_users_with_base += u32::from(position.is_open());
            sum.number_of_users += u32::from(position.is_open() || position.has_unsettled_pnl());
        }
        sum
    }

    proptest! {
        #[test]
        fn totals_are_the_sum_of_positions(
            trades in prop::collection::vec((0usize..3, -6i64..=6, -900i64..900, -9i64..9), 1..40),
        ) {
            let (mut market, mut positions) = (market(), [PerpPosition::default(); 3]);
            for (who, steps, quote, fee) in trades {
                let position = &mut positions[who];
                apply(position, &mut market, &trade(steps * STEP, quote)).unwrap();
                add_quote_and_break_even(position, &mut market, fee).unwrap();
                prop_assert_eq!(market, totals(&positions));
            }
        }

        #[test]
        fn profit_is_what_entry_and_quote_part_by(first in -9i64..9, quote in -900i64..900, second in -9i64..9, back in -900i64..900) {
            let (mut market, mut position) = (market(), PerpPosition::default());
            let mut pnl = 0;
            for (steps, quote) in [(first, quote), (second, back)] {
                pnl += apply(&mut position, &mut market, &trade(steps * STEP, quote)).unwrap();
            }
            prop_assert_eq!({ position.quote_asset_amount } - position.quote_entry_amount, pnl);
        }
    }

    #[test]
    fn a_position_behind_in_funding_may_not_change() {
        let (mut market, mut position) = (market(), PerpPosition::default());
        market.amm.cumulative_funding_rate_short = 5;
        apply(&mut position, &mut market, &trade(-STEP, 7)).unwrap();
        assert_eq!({ position.last_cumulative_funding_rate }, 5);
        market.amm.cumulative_funding_rate_short = 6;
        let refused = apply(&mut position, &mut market, &trade(STEP, -7));
        assert_eq!(refused, Err(ErrorCode::InvalidPositionLastFundingRate));
    }

    #[test]
    fn settled_liquidity_leaves_the_unsettled() {
        let (mut market, mut position) = (market(), PerpPosition::default());
        market.amm.base_asset_amount_with_unsettled_lp = 50;
        let settled = Movement {
            base: -20,
            quote: 9,
            remainder: Some(-13),
        };
        apply(&mut position, &mut market, &settled).unwrap();
        assert_eq!(
            ({ position.base_asset_amount }, {
                position.remainder_base_asset_amount
            }),
            (-30, -3)
        );
        assert_eq!({ market.amm.base_asset_amount_with_unsettled_lp }, 20);
        assert_eq!({ market.amm.quote_asset_amount_with_unsettled_lp }, 9);
        assert_eq!({ market.amm.base_asset_amount_short }, -30);
    }

    #[test]
    fn a_position_belongs_to_its_market() {
        let mut position = PerpPosition {
            base_asset_amount: STEP,
            per_lp_base: 1,
            ..Default::default()
        };
        assert_eq!(check(&position, &market()), Ok(()));
        position.lp_shares = 1;
        assert!(check(&position, &market()).is_err());
        position.per_lp_base = 0;
        position.base_asset_amount += 1;
        assert!(check(&position, &market()).is_err());
        position.base_asset_amount = 0;
        position.market_index = 1;
        assert!(check(&position, &market()).is_err());
    }
}
