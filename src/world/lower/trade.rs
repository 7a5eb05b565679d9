//! Trades with the AMM, and orders that rest.

use super::{LowerError, Step, perp};
use crate::event::{CancelOrders, ClosePosition, Direction, OpenPosition};
use crate::world::World;
use crate::world::remaining::Touched;
use drift::accounts::{Amm, MarketType, OrderType, PositionDirection};
use drift::error::ErrorCode;
use drift::instruction::{
    Call, CancelOrdersAccounts, OrderParams, PlaceAndTakePerpOrder, PlaceAndTakePerpOrderAccounts,
};
use drift::ledger::Ledger;
use drift::num::{Checked, mul_div};
use drift::units;

/// The base amount (1e9) that `quote` (1e6) buys at the mark price: rounded down to the step size, at most half the
/// base reserve, at least one step. The mark price is the ratio that the reserves stand in, not rounded to a price.
fn base_for_quote(amm: &Amm, quote: u64) -> Result<u64, ErrorCode> {
    let unrounded = mul_div(
        u128::from(quote) * u128::from(units::BASE),
        amm.base_asset_reserve,
        { amm.quote_asset_reserve }.times(amm.peg_multiplier)?.max(1),
    );
    // More than any integer is more than half the reserve.
    let base = unrounded.unwrap_or(u128::MAX).min(amm.base_asset_reserve / 2);
    let base = u64::try_from(base).unwrap_or(u64::MAX);
    let step = amm.order_step_size.max(1);
    Ok((base - base % step).max(step))
}

impl World {
    pub(super) fn open_position<L: Ledger>(
        &self,
        ledger: &L,
        event: &OpenPosition,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let index = event.market_index;
        self.known(index)?;
        let market = self.perp(ledger, index).ok_or(LowerError::perp(index))?;
        let quote = match self.exchange.drift_sim_compat.init_leverage {
            None => event.quote_amount,
            Some(leverage) => {
                let (_, user) = self.actor(ledger, event.user_index)?;
                let free = self
                    .free_collateral(ledger, user)
                    .map_err(|code| LowerError::NoCollateral {
                        user: event.user_index,
                        code,
                    })?;
                leverage.of(free)
            }
        };
        if quote == 0 {
            return Ok(());
        }
        let base =
            base_for_quote(&market.amm, quote).map_err(|code| LowerError::NoMark { market: index, code })?;
        let direction = match event.direction {
            Direction::Long => PositionDirection::Long,
            Direction::Short => PositionDirection::Short,
        };
        self.trade(ledger, event.user_index, index, direction, base, false)
            .map(|call| steps.push(Step::Execute(call)))
    }

    pub(super) fn close_position<L: Ledger>(
        &self,
        ledger: &L,
        event: &ClosePosition,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let index = event.market_index;
        self.known(index)?;
        self.actor(ledger, event.user_index)?;
        let base = self
            .position(ledger, event.user_index, index)
            .map_or(0, |held| held.base_asset_amount);
        if base == 0 {
            return Ok(());
        }
        let direction = if base > 0 {
            PositionDirection::Short
        } else {
            PositionDirection::Long
        };
        let call = self.trade(
            ledger,
            event.user_index,
            index,
            direction,
            base.unsigned_abs(),
            true,
        )?;
        steps.push(Step::Execute(call));
        Ok(())
    }

    fn trade<L: Ledger>(
        &self,
        ledger: &L,
        number: u32,
        market_index: u16,
        direction: PositionDirection,
        base_asset_amount: u64,
        reduce_only: bool,
    ) -> Result<Call, LowerError> {
        let (keys, user) = self.actor(ledger, number)?;
        let accounts = PlaceAndTakePerpOrderAccounts {
            state: self.fixed.state,
            user: keys.user,
            user_stats: keys.stats,
            authority: keys.authority,
        };
        let params = OrderParams {
            order_type: OrderType::Market,
            market_type: MarketType::Perp,
            direction,
            base_asset_amount,
            market_index,
            reduce_only,
            ..OrderParams::default()
        };
        let order = PlaceAndTakePerpOrder {
            params,
            maker_order_id: None,
        };
        Ok(self.naming_markets(order.call(accounts, []), [user], perp(market_index)))
    }

    pub(super) fn cancel_orders<L: Ledger>(
        &self,
        ledger: &L,
        event: &CancelOrders,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (keys, user) = self.actor(ledger, event.user_index)?;
        let accounts = CancelOrdersAccounts {
            state: self.fixed.state,
            user: keys.user,
            authority: keys.authority,
        };
        let cancel = drift::instruction::CancelOrders {
            market_type: None,
            market_index: None,
            direction: None,
        };
        let call = self.naming_markets(cancel.call(accounts, []), [user], Touched::default());
        steps.push(Step::Execute(call));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reserves of 1,000 units at a price of 10, and a step of 0.0001.
    fn amm() -> Amm {
        Amm {
            base_asset_reserve: 1_000_000_000_000,
            quote_asset_reserve: 1_000_000_000_000,
            peg_multiplier: 10_000_000,
            order_step_size: 100_000,
            ..Amm::default()
        }
    }

    #[test]
    fn a_quote_amount_buys_base_at_the_mark_price() {
        // 25 dollars at 10.
        assert_eq!(base_for_quote(&amm(), 25_000_000), Ok(2_500_000_000));
        // 1 dollar at 9.999999 and a half: 0.10000001, a step less than 0.1001.
        let below = Amm {
            quote_asset_reserve: 999_999_950_000,
            ..amm()
        };
        assert_eq!(base_for_quote(&below, 1_000_000), Ok(100_000_000));
        // A million dollars at a price of 10 x 999,999.95 / 1,000,000 = 9.9999995 are 100,000.005 units, capped at 500.
        assert_eq!(base_for_quote(&below, 1_000_000_000_000), Ok(500_000_000_000));
        // The least there is.
        assert_eq!(base_for_quote(&amm(), 1), Ok(100_000));
        assert_eq!(base_for_quote(&amm(), u64::MAX), Ok(500_000_000_000));
    }

    #[test]
    fn the_mark_price_is_not_rounded() {
        // A price of 0.0000019 by the reserves: a dollar buys 526,315.789473684 units, where a price rounded down to
        // 0.000001 would say a million.
        let cheap = Amm {
            base_asset_reserve: 10_000_000_000_000_000,
            quote_asset_reserve: 19_000_000_000_000_000,
            peg_multiplier: 1,
            order_step_size: 1,
            ..Amm::default()
        };
        assert_eq!(base_for_quote(&cheap, 1_000_000), Ok(526_315_789_473_684));
    }
}
