//! How much of a provider's liquidity to give up when its margin falls short.

use super::step;
use super::weight::MarginType;
use crate::accounts::{PerpMarket, PerpPosition};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow};
use crate::units::{BASE_TIMES_PRICE_PER_QUOTE, MARGIN, PRICE};

/// Shares to burn and base to close, both at 1e9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Relief {
    pub shares: u64,
    pub base: u64,
}

impl Relief {
    /// What covers a margin `shortage` (1e6) in `market` at the prices (1e6) of base and quote asset. `least_ratio`
    /// (1e4) is the user's own least margin ratio.
    ///
    /// The position goes first. If all of it is not enough, shares go in the proportion of what is still missing to
    /// the open orders that the shares stand for, in whole hundredths; otherwise a tenth of the shares goes.
    pub fn covering(
        shortage: u128,
        position: &PerpPosition,
        market: &PerpMarket,
        price: i64,
        quote_price: i64,
        least_ratio: u32,
    ) -> Result<Self> {
        let step = market.amm.order_step_size;
        let settled = position.with_lp_settled(market, price)?;
        let worst = settled.worst_case_base()?;
        let own_orders = if worst >= 0 {
            position.open_bids
        } else {
            position.open_asks
        };
        let own = settled.base_asset_amount.plus(own_orders)?;
        let by_shares = worst.minus(own.into())?.unsigned_abs();

        let ratio = market
            .margin_ratio(worst.unsigned_abs(), MarginType::Initial)?
            .max(least_ratio);
        let margin_a_unit = price
            .to::<u128>()?
            .times(quote_price.to()?)?
            .over(PRICE.into())?
            .times(ratio.into())?
            .over(MARGIN.into())?;
        let needed: u64 = shortage
            .times(BASE_TIMES_PRICE_PER_QUOTE.into())?
            .over(margin_a_unit)?
            .to()?;
        let held = settled.base_asset_amount.unsigned_abs();
        if needed < held {
            return Ok(Self {
                shares: step::round_down(settled.lp_shares / 10, step)?.max(step),
                base: step::round_up(needed, step)?.min(held),
            });
        }
        let hundredths = u128::from(needed - held).times(100)?.over_up(by_shares)?;
        let shares: u64 = u128::from(settled.lp_shares)
            .times(hundredths)?
            .over_up(100)?
            .to()?;
        let shares = step::round_up(shares, step)?;
        // Fewer shares than a step make the program abort.
        if settled.lp_shares < step {
            return Err(ErrorCode::ProgramFailedToComplete);
        }
        Ok(Self {
            shares: shares.clamp(step, settled.lp_shares),
            base: held,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Amm;

    const UNIT: u64 = 1_000_000_000;

    /// Ten dollars of margin a unit of base at a price of 100; a quarter of the AMM's 400 open bids for 100 shares.
    fn market() -> PerpMarket {
        PerpMarket {
            amm: Amm {
                order_step_size: UNIT / 10,
                sqrt_k: 400 * u128::from(UNIT),
                base_asset_reserve: 800 * u128::from(UNIT),
                min_base_asset_reserve: 400 * u128::from(UNIT),
                max_base_asset_reserve: 900 * u128::from(UNIT),
                ..Default::default()
            },
            margin_ratio_initial: 1_000,
            ..Default::default()
        }
    }

    fn relief(shortage: u128) -> Relief {
        let provider = PerpPosition {
            lp_shares: 100 * UNIT,
            base_asset_amount: 5 * UNIT as i64,
            ..Default::default()
        };
        Relief::covering(shortage, &provider, &market(), 100_000_000, 1_000_000, 0).unwrap()
    }

    #[test]
    fn a_small_shortage_closes_base_and_a_tenth_of_the_shares() {
        assert_eq!(
            relief(20_500_001),
            Relief {
                shares: 10 * UNIT,
                base: 21 * UNIT / 10
            }
        );
    }

    #[test]
    fn a_large_one_burns_what_the_position_does_not_cover() {
        // 65 dollars are 6.5 units: 1.5 beyond the position, of 100 units of bids, so two hundredths.
        assert_eq!(
            relief(65_000_000),
            Relief {
                shares: 2 * UNIT,
                base: 5 * UNIT
            }
        );
        assert_eq!(relief(65_000_000_000).shares, 100 * UNIT);
    }

    #[test]
    fn shares_below_a_step_abort() {
        let provider = PerpPosition {
            lp_shares: 1,
            open_bids: 1,
            ..Default::default()
        };
        let mut market = market();
        market.amm.sqrt_k = 1;
        let refused = Relief::covering(1, &provider, &market, 100_000_000, 1_000_000, 0);
        assert_eq!(refused, Err(ErrorCode::ProgramFailedToComplete));
    }
}
