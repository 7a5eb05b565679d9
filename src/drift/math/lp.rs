//! Liquidity provision: what a provider's shares have earned of the AMM's position, and how they would settle.

use super::perp_value::base_value;
use super::proportion::signed_proportion;
use super::step;
use crate::accounts::{Amm, PerpMarket, PerpPosition};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow, power_of_ten};
use crate::units::BASE;

impl Amm {
    /// How many shares (1e9) the amounts per share count for: one share, times 10^`per_lp_base`.
    pub fn lp_unit(&self) -> Result<i128> {
        let one = i128::from(BASE);
        if self.per_lp_base == 0 {
            return Ok(one);
        }
        let scale = power_of_ten(self.per_lp_base.unsigned_abs().into())?;
        let scale = i128::try_from(scale).map_err(|_| ErrorCode::ProgramFailedToComplete)?;
        if self.per_lp_base > 0 {
            one.times(scale)
        } else {
            one.over(scale)
        }
    }
}

/// What settling a position's shares would add to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earned {
    /// Base in whole steps (1e9).
    pub base: i128,
    /// Base below a step.
    pub remainder: i128,
    /// Quote (1e6).
    pub quote: i128,
}

impl Earned {
    /// What the shares of `position` have earned since they last settled. The position must count in the market's
    /// unit (`InvalidPerpPositionDetected`).
    pub fn by(position: &PerpPosition, amm: &Amm) -> Result<Self> {
        let unit = amm.lp_unit()?;
        if position.per_lp_base != amm.per_lp_base {
            return Err(ErrorCode::InvalidPerpPositionDetected);
        }
        let shares = i128::from(position.lp_shares);
        let since = |now: i128, then: i64| now.minus(then.into())?.times(shares)?.over(unit);
        let base = since(
            amm.base_asset_amount_per_lp,
            position.last_base_asset_amount_per_lp,
        )?;
        let quote = since(
            amm.quote_asset_amount_per_lp,
            position.last_quote_asset_amount_per_lp,
        )?;
        let (base, remainder) = step::split(base, amm.order_step_size)?;
        Ok(Self {
            base,
            remainder,
            quote,
        })
    }
}

impl PerpPosition {
    /// Takes over the unit in which the market counts amounts per share.
    pub fn rebase_lp(&mut self, amm: &Amm) -> Result {
        let shift: i8 = amm.per_lp_base.minus(self.per_lp_base)?;
        if shift == 0 {
            return Ok(());
        }
        let factor = 10i64
            .checked_pow(shift.unsigned_abs().into())
            .ok_or(ErrorCode::ProgramFailedToComplete)?;
        let moved = |amount: i64| {
            if shift > 0 {
                amount.times(factor)
            } else {
                amount.over(factor)
            }
        };
        self.last_base_asset_amount_per_lp = moved(self.last_base_asset_amount_per_lp)?;
        self.last_quote_asset_amount_per_lp = moved(self.last_quote_asset_amount_per_lp)?;
        self.per_lp_base = amm.per_lp_base;
        Ok(())
    }

    /// Counts the market's amounts per share as settled.
    pub fn mark_lp_settled(&mut self, amm: &Amm) -> Result {
        self.last_base_asset_amount_per_lp = amm.base_asset_amount_per_lp.to()?;
        self.last_quote_asset_amount_per_lp = amm.quote_asset_amount_per_lp.to()?;
        Ok(())
    }

    /// The position as margin sees it: shares settled, a remainder below a step paid for at `price` (1e6), and the
    /// shares' part of the AMM's open liquidity counted as open orders. A remainder that reaches a step is not added
    /// to the base.
    pub fn with_lp_settled(&self, market: &PerpMarket, price: i64) -> Result<Self> {
        let mut settled = *self;
        if !self.is_lp() {
            return Ok(settled);
        }
        let amm = &market.amm;
        settled.rebase_lp(amm)?;
        let earned = Earned::by(&settled, amm)?;
        settled.base_asset_amount = self.base_asset_amount.plus(earned.base.to()?)?;
        settled.quote_asset_amount = self.quote_asset_amount.plus(earned.quote.to()?)?;
        let remainder = i64::from(self.remainder_base_asset_amount).plus(earned.remainder.to()?)?;
        let (_, dust) = step::split(remainder.into(), amm.order_step_size)?;
        if dust != 0 {
            let cost = base_value(dust, price)?.plus(1)?;
            settled.quote_asset_amount = settled.quote_asset_amount.minus(cost.to()?)?;
        }
        let (bids, asks) = settled.lp_open_orders(amm)?;
        settled.open_bids = self.open_bids.plus(bids)?;
        settled.open_asks = self.open_asks.plus(asks)?;
        Ok(settled)
    }

    /// The shares' part of the AMM's open bids and asks (1e9, asks negative).
    pub fn lp_open_orders(&self, amm: &Amm) -> Result<(i64, i64)> {
        let (bids, asks) = amm.open_bids_asks()?;
        let part = |open: i128| signed_proportion(open, self.lp_shares.into(), amm.sqrt_k);
        let (asks, bids) = (part(asks)?, part(bids)?);
        Ok((bids.to()?, asks.to()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An AMM that has sold one unit of base for 100 dollars for each share.
    fn amm() -> Amm {
        Amm {
            base_asset_amount_per_lp: -1_000_000_000,
            quote_asset_amount_per_lp: 100_000_000,
            order_step_size: 1_000,
            base_asset_reserve: 1_000,
            min_base_asset_reserve: 400,
            max_base_asset_reserve: 2_100,
            sqrt_k: 4_000_000_000,
            ..Default::default()
        }
    }

    fn provider() -> PerpPosition {
        PerpPosition {
            lp_shares: 2_000_000_000,
            ..Default::default()
        }
    }

    #[test]
    fn the_unit_moves_by_powers_of_ten() {
        let unit = |per_lp_base| {
            Amm {
                per_lp_base,
                ..Default::default()
            }
            .lp_unit()
        };
        assert_eq!(unit(0), Ok(1_000_000_000));
        assert_eq!(unit(2), Ok(100_000_000_000));
        assert_eq!(unit(-9), Ok(1));
        assert_eq!(unit(-10), Ok(0));
        assert_eq!(unit(30), Err(ErrorCode::MathError));
        assert_eq!(unit(i8::MIN), Err(ErrorCode::ProgramFailedToComplete));
    }

    #[test]
    fn shares_earn_their_multiple() {
        let earned = Earned::by(&provider(), &amm()).unwrap();
        assert_eq!(
            earned,
            Earned {
                base: -2_000_000_000,
                remainder: 0,
                quote: 200_000_000
            }
        );
        let odd = PerpPosition {
            lp_shares: 1_000_001_700,
            ..provider()
        };
        let earned = Earned::by(&odd, &amm()).unwrap();
        assert_eq!((earned.base, earned.remainder), (-1_000_001_000, -700));
        let elsewhere = PerpPosition {
            per_lp_base: 1,
            ..provider()
        };
        assert_eq!(
            Earned::by(&elsewhere, &amm()),
            Err(ErrorCode::InvalidPerpPositionDetected)
        );
    }

    #[test]
    fn rebasing_there_and_back_loses_only_the_last_digits() {
        let mut position = PerpPosition {
            last_base_asset_amount_per_lp: 1_239,
            last_quote_asset_amount_per_lp: -1_239,
            ..provider()
        };
        let mut target = amm();
        target.per_lp_base = -1;
        position.rebase_lp(&target).unwrap();
        assert_eq!(
            (
                { position.last_base_asset_amount_per_lp },
                { position.last_quote_asset_amount_per_lp },
                position.per_lp_base
            ),
            (123, -123, -1)
        );
        target.per_lp_base = 1;
        position.rebase_lp(&target).unwrap();
        assert_eq!({ position.last_base_asset_amount_per_lp }, 12_300);
    }

    #[test]
    fn margin_sees_settled_shares_and_their_open_orders() {
        let market = PerpMarket {
            amm: amm(),
            ..Default::default()
        };
        let position = PerpPosition {
            lp_shares: 1_000_001_700,
            open_bids: 7,
            ..Default::default()
        };
        let settled = position.with_lp_settled(&market, 2_000_000_000_000).unwrap();
        // A remainder of 700 at 2,000,000 dollars a unit is worth 1.4 dollars, plus one unit of quote.
        let quote = 100_000_170 - 1_400_000 - 1;
        // A quarter of 600 bids and of 1,100 asks, toward zero.
        assert_eq!(
            (
                { settled.base_asset_amount },
                { settled.quote_asset_amount },
                { settled.open_bids },
                { settled.open_asks }
            ),
            (-1_000_001_000, quote, 157, -275)
        );
        let trader = PerpPosition {
            base_asset_amount: 3,
            per_lp_base: 5,
            ..Default::default()
        };
        assert_eq!(trader.with_lp_settled(&market, 1), Ok(trader));
    }
}
