//! What must hold of a perpetual market after anything has changed it.

use crate::accounts::{Amm, MarketStatus, PerpMarket, PositionDirection};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow, mul_div};
use crate::units;

/// Above this net base amount (1e9), and above these amounts per LP share, a curve is deemed broken.
const MOST_BASE_WITH_AMM: i128 = 100_000_000 * units::BASE as i128;
/// How far the quote reserve may stray from `k / base reserve` by rounding.
const MOST_ROUNDING: u128 = 15;
/// Margin ratios count 1e4, spreads 1e6.
pub(crate) const SPREAD_PER_MARGIN: u32 = units::PERCENTAGE as u32 / units::MARGIN;

fn sound(holds: bool) -> Result {
    if holds {
        Ok(())
    } else {
        Err(ErrorCode::InvalidAmmDetected)
    }
}

impl PerpMarket {
    /// Checks every invariant of market and curve, in the program's order: `InvalidPositionDelta` for open interest
    /// off the step size, `InvalidAmmDetected` for all else.
    pub fn check(&self) -> Result {
        let amm = &self.amm;
        check_open_interest(amm)?;
        let net = amm.base_asset_amount_with_amm;
        sound(net <= MOST_BASE_WITH_AMM)?;
        sound(amm.peg_multiplier > 0)?;
        // A market that only winds down may owe more than its curve could.
        sound(self.status == MarketStatus::ReduceOnly || amm.sqrt_k > net.unsigned_abs())?;
        check_reserves(amm)?;
        check_spreads(amm)?;
        check_terminal_reserve(amm)?;
        if amm.base_spread > 0 {
            let widest = self.margin_ratio_initial.times(SPREAD_PER_MARGIN)?;
            sound(amm.max_spread > amm.base_spread && amm.max_spread < widest)?;
        }
        let claim = self.insurance_claim;
        sound(
            claim.revenue_withdraw_since_last_settle.unsigned_abs() <= claim.max_revenue_withdraw_per_period,
        )?;
        sound(amm.base_asset_amount_per_lp < MOST_BASE_WITH_AMM)?;
        sound(amm.quote_asset_amount_per_lp < MOST_BASE_WITH_AMM)
    }
}

fn check_open_interest(amm: &Amm) -> Result {
    let step = u128::from(amm.order_step_size);
    let (long, short) = (amm.base_asset_amount_long, amm.base_asset_amount_short);
    if long.unsigned_abs().modulo(step)? != 0 || short.unsigned_abs().modulo(step)? != 0 {
        return Err(ErrorCode::InvalidPositionDelta);
    }
    let counterparty = amm
        .base_asset_amount_with_amm
        .plus(amm.base_asset_amount_with_unsettled_lp)?;
    sound(long.plus(short)? == counterparty)
}

fn check_reserves(amm: &Amm) -> Result {
    let (base, quote, root) = (amm.base_asset_reserve, amm.quote_asset_reserve, amm.sqrt_k);
    sound(root >= base || root >= quote)?;
    sound(root >= amm.user_lp_shares)?;
    let exact: i128 = mul_div(root, root, base)?.to()?;
    sound(exact.minus(quote.to()?)?.unsigned_abs() <= MOST_ROUNDING)?;
    if amm.base_spread > 0 {
        // A bid is worth less than the curve's own price, an ask more.
        sound(amm.bid_base_asset_reserve >= base && amm.bid_quote_asset_reserve <= quote)?;
        sound(amm.ask_base_asset_reserve <= base && amm.ask_quote_asset_reserve >= quote)?;
    }
    Ok(())
}

fn check_spreads(amm: &Amm) -> Result {
    let both = amm.long_spread.plus(amm.short_spread)?;
    sound(both >= amm.base_spread && u64::from(both) <= units::PERCENTAGE)
}

/// Closing the net position must move the quote reserve the right way.
fn check_terminal_reserve(amm: &Amm) -> Result {
    let (terminal, quote) = (amm.terminal_quote_asset_reserve, amm.quote_asset_reserve);
    sound(match amm.base_asset_amount_with_amm.signum() {
        0 => terminal == quote,
        1 => terminal <= quote,
        _ => terminal >= quote,
    })
}

impl Amm {
    /// Whether the curve's base reserve stands on the right side of its bound after a taker's fill in `direction`,
    /// or `InvalidAmmForFillDetected`.
    pub fn check_fill(&self, direction: PositionDirection) -> Result {
        let within = if direction == PositionDirection::Long {
            self.base_asset_reserve >= self.min_base_asset_reserve
        } else {
            self.base_asset_reserve <= self.max_base_asset_reserve
        };
        if within {
            Ok(())
        } else {
            Err(ErrorCode::InvalidAmmForFillDetected)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balanced() -> PerpMarket {
        let reserve = 1_000 * u128::from(units::BASE);
        let mut market = PerpMarket {
            status: MarketStatus::Active,
            margin_ratio_initial: 1_000,
            ..PerpMarket::default()
        };
        market.amm = Amm {
            base_asset_reserve: reserve,
            quote_asset_reserve: reserve,
            terminal_quote_asset_reserve: reserve,
            sqrt_k: reserve,
            peg_multiplier: 20_000_000,
            order_step_size: 10,
            ..Amm::default()
        };
        market
    }

    fn verdict(change: impl FnOnce(&mut PerpMarket)) -> Result {
        let mut market = balanced();
        change(&mut market);
        market.check()
    }

    #[test]
    fn each_invariant_is_looked_at() {
        let broken = Err(ErrorCode::InvalidAmmDetected);
        assert_eq!(verdict(|_| ()), Ok(()));
        assert_eq!(
            verdict(|m| m.amm.base_asset_amount_long = 5),
            Err(ErrorCode::InvalidPositionDelta)
        );
        assert_eq!(verdict(|m| m.amm.order_step_size = 0), Err(ErrorCode::MathError));
        assert_eq!(
            verdict(|m| m.amm.base_asset_amount_long = 10),
            broken,
            "nobody is on the other side"
        );
        assert_eq!(verdict(|m| m.amm.peg_multiplier = 0), broken);
        assert_eq!(
            verdict(|m| m.amm.quote_asset_reserve += 15),
            broken,
            "the terminal reserve is another"
        );
        assert_eq!(
            verdict(|m| m.amm.user_lp_shares = 1_000 * u128::from(units::BASE) + 1),
            broken
        );
        assert_eq!(verdict(|m| m.amm.terminal_quote_asset_reserve -= 1), broken);
        assert_eq!(
            verdict(|m| m.amm.base_spread = 100),
            broken,
            "no spread is quoted"
        );
        assert_eq!(
            verdict(|m| m.insurance_claim.revenue_withdraw_since_last_settle = -1),
            broken
        );
        assert_eq!(
            verdict(|m| m.amm.quote_asset_amount_per_lp = MOST_BASE_WITH_AMM),
            broken
        );
        assert_eq!(
            verdict(|m| m.amm.quote_asset_amount_per_lp = -MOST_BASE_WITH_AMM),
            Ok(())
        );
    }

    #[test]
    fn rounding_is_tolerated_up_to_fifteen() {
        let moved = |by: u128| {
            verdict(|m| {
                m.amm.quote_asset_reserve += by;
                m.amm.terminal_quote_asset_reserve += by;
            })
        };
        assert_eq!(moved(15), Ok(()));
        assert_eq!(moved(16), Err(ErrorCode::InvalidAmmDetected));
    }

    #[test]
    fn only_a_closing_market_may_owe_more_than_its_curve() {
        let owing = |status| {
            verdict(|m| {
                let net = 2_000 * i128::from(units::BASE);
                (m.amm.base_asset_amount_long, m.amm.base_asset_amount_with_amm) = (net, net);
                m.status = status;
            })
        };
        assert_eq!(owing(MarketStatus::Active), Err(ErrorCode::InvalidAmmDetected));
        assert_eq!(owing(MarketStatus::ReduceOnly), Ok(()));
    }
}
