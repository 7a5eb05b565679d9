//! How much of the curve may be traded: bounds around the terminal reserves, what is left on each side, and how small
//! k may become. Reserves and base amounts at 1e9.

use super::curve::Reserves;
use super::proportion::proportion;
use super::step;
use crate::accounts::{Amm, PositionDirection};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow};
use crate::units;

/// The largest concentration coefficient (1e6): bounds at the square root of two.
pub const MAX_CONCENTRATION: u128 = 1_414_200;

/// Lowest and highest base reserve at which the AMM trades, around a balanced base reserve of `balanced`.
/// `InvalidConcentrationCoef` unless the coefficient (1e6) is above one.
pub fn bounds(concentration: u128, balanced: u128) -> Result<(u128, u128)> {
    let one = u128::from(units::PERCENTAGE);
    if concentration <= one {
        return Err(ErrorCode::InvalidConcentrationCoef);
    }
    let highest = proportion(balanced, concentration, one)?;
    let lowest = proportion(balanced, one, concentration)?;
    Ok((lowest, highest))
}

/// What the AMM can still buy from takers (negative) and sell to them (positive): bids of all takers, then asks.
pub(super) fn open_between(reserve: u128, lowest: u128, highest: u128) -> Result<(i128, i128)> {
    let asks: i128 = highest.saturating_sub(reserve).to()?;
    let bids: i128 = reserve.saturating_sub(lowest).to()?;
    Ok((bids, -asks))
}

impl Amm {
    /// The largest net bid (positive) and ask (negative) that takers can have filled within the bounds.
    pub fn open_bids_asks(&self) -> Result<(i128, i128)> {
        open_between(
            self.base_asset_reserve,
            self.min_base_asset_reserve,
            self.max_base_asset_reserve,
        )
    }

    /// The most a single fill of a taker in `direction` may take, in whole order steps: a market's share of the
    /// reserve, and half of what the bounds leave on that side.
    pub fn available_liquidity(&self, direction: PositionDirection) -> Result<u64> {
        let fraction = u128::from(self.max_fill_reserve_fraction);
        let reserve = self.base_asset_reserve;
        // On chain this division panics.
        let a_fill = reserve
            .checked_div(fraction)
            .ok_or(ErrorCode::ProgramFailedToComplete)?
            .min(u64::MAX.into());
        let side = if direction == PositionDirection::Long {
            reserve.saturating_sub(self.min_base_asset_reserve)
        } else {
            self.max_base_asset_reserve.saturating_sub(reserve)
        };
        let half: u64 = (side / 2).to()?;
        step::round_down(half.min(a_fill.to()?), self.order_step_size)
    }

    /// Whether a smaller k would still let the AMM's net position be closed.
    pub fn bears_smaller_k(&self) -> Result<bool> {
        let (bids, asks) = self.open_bids_asks()?;
        let net = self.base_asset_amount_with_amm.unsigned_abs();
        let enough_open = net < bids.unsigned_abs().min(asks.unsigned_abs());
        Ok(enough_open && net < self.sqrt_k.minus(self.user_lp_shares)?)
    }

    /// The smallest sqrt_k that keeps a thousandth above the liquidity providers' shares, a minimal order and the net
    /// position; never above the present one.
    pub fn lowest_sqrt_k(&self) -> Result<u128> {
        let shares = self.user_lp_shares;
        let floor = shares
            .plus(shares / 1_000)?
            .max(self.min_order_size.into())
            .max(self.base_asset_amount_with_amm.unsigned_abs());
        Ok(floor.min(self.sqrt_k))
    }

    /// Net base of the position whose counterparty is the AMM or liquidity not yet settled.
    pub fn protocol_position(&self) -> Result<i64> {
        self.base_asset_amount_with_amm
            .plus(self.base_asset_amount_with_unsettled_lp)?
            .to()
    }

    /// Derives the terminal quote reserve and the bounds from reserves, sqrt_k and net position.
    pub fn refresh_bounds(&mut self) -> Result<Reserves> {
        let terminal = self.terminal_reserves()?;
        self.terminal_quote_asset_reserve = terminal.quote;
        let (lowest, highest) = bounds(self.concentration_coef, terminal.base)?;
        self.min_base_asset_reserve = lowest;
        self.max_base_asset_reserve = highest;
        Ok(terminal)
    }

    /// Whether the AMM was brought up to date in this `slot`, with an oracle good enough to trade on.
    pub fn is_current(&self, slot: u64) -> bool {
        self.last_oracle_valid.is_set() && self.last_update_slot == slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amm() -> Amm {
        Amm {
            base_asset_reserve: 1_000,
            quote_asset_reserve: 1_000,
            sqrt_k: 1_000,
            concentration_coef: MAX_CONCENTRATION,
            max_fill_reserve_fraction: 1,
            order_step_size: 10,
            ..Amm::default()
        }
    }

    #[test]
    fn bounds_lie_a_root_of_two_around_the_balance() {
        assert_eq!(bounds(MAX_CONCENTRATION, 1_000_000), Ok((707_113, 1_414_200)));
        assert_eq!(bounds(1_000_000, 1), Err(ErrorCode::InvalidConcentrationCoef));
        let mut amm = amm();
        amm.base_asset_amount_with_amm = 100;
        let terminal = amm.refresh_bounds().unwrap();
        // 1,000 and a net long of 100 balance at 1,100 base, 1,000,000 / 1,100 quote.
        assert_eq!((terminal.base, terminal.quote), (1_100, 909));
        let left = (amm.min_base_asset_reserve, amm.max_base_asset_reserve);
        assert_eq!(left, (777, 1_555));
        assert_eq!(amm.open_bids_asks(), Ok((223, -555)));
    }

    #[test]
    fn a_fill_takes_half_a_side_in_whole_steps() {
        let mut amm = amm();
        amm.refresh_bounds().unwrap();
        // Bounds 707 and 1,414: halves of 293 and 414.
        assert_eq!(amm.available_liquidity(PositionDirection::Long), Ok(140));
        assert_eq!(amm.available_liquidity(PositionDirection::Short), Ok(200));
        amm.max_fill_reserve_fraction = 20;
        assert_eq!(amm.available_liquidity(PositionDirection::Long), Ok(50));
        amm.max_fill_reserve_fraction = 0;
        let refused = amm.available_liquidity(PositionDirection::Long);
        assert_eq!(refused, Err(ErrorCode::ProgramFailedToComplete));
    }

    #[test]
    fn k_may_fall_only_while_the_position_can_close() {
        let mut amm = amm();
        amm.refresh_bounds().unwrap();
        assert_eq!(amm.bears_smaller_k(), Ok(true));
        amm.user_lp_shares = 900;
        amm.base_asset_amount_with_amm = -100;
        assert_eq!(amm.bears_smaller_k(), Ok(false));
        assert_eq!(amm.lowest_sqrt_k(), Ok(900));
        amm.user_lp_shares = 2_000;
        assert_eq!(amm.lowest_sqrt_k(), Ok(1_000));
    }
}
