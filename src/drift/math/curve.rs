//! The constant-product curve: base reserve times quote reserve is sqrt_k squared, and the peg multiplier turns the
//! quote side into money. Reserves at 1e9, peg and prices at 1e6.

use super::proportion::proportion;
use crate::accounts::{Amm, PositionDirection};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow, mul_div};
use crate::units;

/// Both sides of a curve, at 1e9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserves {
    /// Base side.
    pub base: u128,
    /// Quote side, before the peg.
    pub quote: u128,
}

/// What a trade against the AMM comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurveTrade {
    /// The curve afterwards.
    pub reserves: Reserves,
    /// What the taker pays or gets, spread included, at 1e6.
    pub quote: u64,
    /// How much of it the spread earned, at 1e6.
    pub surplus: u64,
}

/// Price (1e6) at reserves: quote over base, times the peg. `BnConversionError` above 64 bits.
pub fn price(reserves: Reserves, peg: u128) -> Result<u64> {
    let price = reserves.quote.times(peg)?.over(reserves.base)?;
    u64::try_from(price).map_err(|_| ErrorCode::BnConversionError)
}

/// The peg at which reserves show `price` (1e6), toward zero and at least 1.
pub fn peg_for_price(reserves: Reserves, price: u64) -> Result<u128> {
    Ok(mul_div(price.into(), reserves.base, reserves.quote)?.max(1))
}

/// Reserves after a taker moves `amount` (1e9) of base in `direction` against a base side of `base`: a long takes it
/// out, a short puts it in. `TradeSizeTooLarge` for more than there is.
pub fn reserves_after(
    base: u128,
    amount: u128,
    direction: PositionDirection,
    sqrt_k: u128,
) -> Result<Reserves> {
    if sqrt_k >> 96 != 0 {
        return Err(ErrorCode::MathError);
    }
    let base = if direction == PositionDirection::Long {
        base.checked_sub(amount).ok_or(ErrorCode::TradeSizeTooLarge)?
    } else {
        base.plus(amount)?
    };
    Ok(Reserves {
        base,
        quote: mul_div(sqrt_k, sqrt_k, base)?,
    })
}

/// Money (1e6) for a difference between quote reserves (1e9), toward zero.
pub fn reserve_value(difference: u128, peg: u128) -> Result<u128> {
    difference
        .times(peg)?
        .over(units::RESERVE_TIMES_PEG_PER_QUOTE.into())
}

fn moved(before: u128, after: u128, direction: PositionDirection) -> Result<u128> {
    if direction == PositionDirection::Long {
        after.minus(before)
    } else {
        before.minus(after)
    }
}

/// What a taker pays (long) or gets (short), at 1e6, for moving the quote reserve from `before` to `after`. A long
/// pays one unit more in the reserve and one more in money, so that rounding never favours the taker.
pub fn taker_quote(before: u128, after: u128, direction: PositionDirection, peg: u128) -> Result<u128> {
    let moved = moved(before, after, direction)?;
    if direction == PositionDirection::Long {
        reserve_value(moved.plus(1)?, peg)?.plus(1)
    } else {
        reserve_value(moved, peg)
    }
}

/// The trade that closes a position of `base`; a flat one closes as a long does.
fn closing(base: i128) -> PositionDirection {
    if base >= 0 {
        PositionDirection::Short
    } else {
        PositionDirection::Long
    }
}

/// By how much the value of a net position of `base` (users' side) moved against the AMM, at 1e6: the cost of a
/// change of the curve that took the position's [`Amm::exit_value`] from `before` to `after`.
pub fn revaluation(base: i128, before: u128, after: u128) -> Result<i128> {
    let (before, after): (i128, i128) = (before.to()?, after.to()?);
    match base.signum() {
        0 => Ok(0),
        1 => after.minus(before),
        _ => before.minus(after),
    }
}

impl Amm {
    /// The reserves.
    pub fn reserves(&self) -> Reserves {
        Reserves {
            base: self.base_asset_reserve,
            quote: self.quote_asset_reserve,
        }
    }

    /// The reserves a taker in `direction` trades against, spread included.
    pub fn spread_reserves(&self, direction: PositionDirection) -> Reserves {
        if direction == PositionDirection::Long {
            Reserves {
                base: self.ask_base_asset_reserve,
                quote: self.ask_quote_asset_reserve,
            }
        } else {
            Reserves {
                base: self.bid_base_asset_reserve,
                quote: self.bid_quote_asset_reserve,
            }
        }
    }

    /// The price at the reserves, without spread, at 1e6.
    pub fn reserve_price(&self) -> Result<u64> {
        price(self.reserves(), self.peg_multiplier)
    }

    /// The AMM's bid (1e6) around `reserve_price` (1e6).
    pub fn bid_price(&self, reserve_price: u64) -> Result<u64> {
        scaled(reserve_price, units::PERCENTAGE.minus(self.short_spread.into())?)
    }

    /// The AMM's ask (1e6) around `reserve_price` (1e6).
    pub fn ask_price(&self, reserve_price: u64) -> Result<u64> {
        scaled(reserve_price, units::PERCENTAGE + u64::from(self.long_spread))
    }

    /// Bid and ask (1e6) around `reserve_price` (1e6).
    pub fn bid_ask_price(&self, reserve_price: u64) -> Result<(u64, u64)> {
        Ok((self.bid_price(reserve_price)?, self.ask_price(reserve_price)?))
    }

    /// By how much the ask stands above the last oracle price, at 1e6.
    pub fn ask_premium(&self) -> Result<i64> {
        let ask = self.ask_price(self.reserve_price()?)?;
        ask.to::<i64>()?
            .minus(self.historical_oracle_data.last_oracle_price)
    }

    /// By how much the bid stands below the last oracle price, at 1e6.
    pub fn bid_discount(&self) -> Result<i64> {
        let bid = self.bid_price(self.reserve_price()?)?;
        let oracle = self.historical_oracle_data.last_oracle_price;
        oracle.minus(bid.to()?)
    }

    /// What a taker of `base` (1e9) in `direction` pays or gets, and where the curve stands afterwards. The price
    /// comes from the reserves with spread; the curve itself moves without it, and the difference is the surplus.
    pub fn preview_trade(&self, base: u64, direction: PositionDirection) -> Result<CurveTrade> {
        let peg = self.peg_multiplier;
        let shown = self.spread_reserves(direction);
        let shown_after = reserves_after(shown.base, base.into(), direction, self.sqrt_k)?;
        let quote = taker_quote(shown.quote, shown_after.quote, direction, peg)?;
        let reserves = reserves_after(self.base_asset_reserve, base.into(), direction, self.sqrt_k)?;
        let bare = reserve_value(moved(self.quote_asset_reserve, reserves.quote, direction)?, peg)?;
        // A long was charged one unit beyond the reserve's value.
        let bare = bare.plus((direction == PositionDirection::Long).into())?;
        Ok(CurveTrade {
            reserves,
            quote: quote.to()?,
            surplus: bare.abs_diff(quote).to()?,
        })
    }

    /// Trades `base` (1e9) against the curve: what the taker pays or gets and what of it the spread earned, at 1e6.
    pub fn trade(&mut self, base: u64, direction: PositionDirection) -> Result<(u64, i64)> {
        let trade = self.preview_trade(base, direction)?;
        self.base_asset_reserve = trade.reserves.base;
        self.quote_asset_reserve = trade.reserves.quote;
        Ok((trade.quote, trade.surplus.to()?))
    }

    /// What closing a position of `base` (1e9) is worth on the part of the curve that the AMM itself owns, at 1e6.
    pub fn exit_value(&self, base: i128) -> Result<u128> {
        if base == 0 {
            return Ok(0);
        }
        let own = self.sqrt_k.minus(self.user_lp_shares)?;
        let own_base = proportion(self.base_asset_reserve, own, self.sqrt_k)?;
        let own_quote = proportion(self.quote_asset_reserve, own, self.sqrt_k)?;
        let direction = closing(base);
        let after = reserves_after(own_base, base.unsigned_abs(), direction, own)?;
        taker_quote(own_quote, after.quote, direction, self.peg_multiplier)
    }

    /// The reserves once the AMM's whole net position were closed.
    pub fn terminal_reserves(&self) -> Result<Reserves> {
        let net = self.base_asset_amount_with_amm;
        let direction = if net > 0 {
            PositionDirection::Short
        } else {
            PositionDirection::Long
        };
        reserves_after(
            self.base_asset_reserve,
            net.unsigned_abs(),
            direction,
            self.sqrt_k,
        )
    }

    /// The price at the terminal reserves (1e6).
    pub fn terminal_price(&self) -> Result<u64> {
        price(self.terminal_reserves()?, self.peg_multiplier)
    }
}

/// `price` times `share` (1e6).
fn scaled(price: u64, share: u64) -> Result<u64> {
    (u128::from(price) * u128::from(share))
        .over(units::PERCENTAGE.into())?
        .to()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LONG: PositionDirection = PositionDirection::Long;
    const SHORT: PositionDirection = PositionDirection::Short;

    fn amm() -> Amm {
        let side = 1_000 * u128::from(units::BASE);
        Amm {
            base_asset_reserve: side,
            quote_asset_reserve: side,
            ask_base_asset_reserve: side,
            ask_quote_asset_reserve: side,
            bid_base_asset_reserve: side,
            bid_quote_asset_reserve: side,
            sqrt_k: side,
            peg_multiplier: 2_000_000,
            ..Amm::default()
        }
    }

    #[test]
    fn prices_follow_peg_and_spread() {
        let mut amm = amm();
        amm.long_spread = 2_500;
        amm.short_spread = 5_000;
        let price = amm.reserve_price().unwrap();
        assert_eq!(price, 2_000_000);
        assert_eq!(amm.bid_ask_price(price), Ok((1_990_000, 2_005_000)));
        assert_eq!(peg_for_price(amm.reserves(), 3_123_456), Ok(3_123_456));
        assert_eq!(peg_for_price(amm.reserves(), 0), Ok(1));
        amm.short_spread = 1_000_001;
        assert_eq!(amm.bid_price(price), Err(ErrorCode::MathError));
    }

    #[test]
    fn a_long_pays_two_units_of_rounding() {
        // 500 of 1,000 base out: quote goes from 1,000 to 2,000, at a peg of 2.
        let long = amm().preview_trade(500 * units::BASE, LONG).unwrap();
        assert_eq!((long.quote, long.surplus), (2_000_000_001, 0));
        // 1,000 base in: quote goes from 1,000 to 500.
        let short = amm().preview_trade(1_000 * units::BASE, SHORT).unwrap();
        assert_eq!((short.quote, short.surplus), (1_000_000_000, 0));
    }

    #[test]
    fn more_than_the_reserve_is_too_large() {
        let trade = amm().preview_trade(1_001 * units::BASE, LONG);
        assert_eq!(trade, Err(ErrorCode::TradeSizeTooLarge));
        assert_eq!(
            amm().preview_trade(1_000 * units::BASE, LONG),
            Err(ErrorCode::MathError)
        );
        assert_eq!(reserves_after(1, 2, LONG, 1 << 96), Err(ErrorCode::MathError));
    }

    #[test]
    fn only_the_own_share_of_the_curve_is_valued() {
        let mut amm = amm();
        amm.user_lp_shares = amm.sqrt_k / 2;
        // 500 base into an own curve of 500 by 500: quote falls to 250.
        assert_eq!(amm.exit_value(500 * i128::from(units::BASE)), Ok(500_000_000));
        assert_eq!(amm.exit_value(0), Ok(0));
        assert_eq!(revaluation(5, 10, 13), Ok(3));
        assert_eq!(revaluation(-5, 10, 13), Ok(-3));
    }

    proptest! {
        #[test]
        fn a_round_trip_never_pays_the_taker(base in 1u64..900 * units::BASE, long in any::<bool>()) {
            let (there, back) = if long { (LONG, SHORT) } else { (SHORT, LONG) };
            let mut amm = amm();
            let first = amm.trade(base, there).unwrap().0;
            for reserves in ["ask", "bid"] {
                let now = amm.reserves();
                match reserves {
                    "ask" => (amm.ask_base_asset_reserve, amm.ask_quote_asset_reserve) = (now.base, now.quote),
                    _ => (amm.bid_base_asset_reserve, amm.bid_quote_asset_reserve) = (now.base, now.quote),
                }
            }
            let second = amm.trade(base, back).unwrap().0;
            let (paid, got) = if long { (first, second) } else { (second, first) };
            prop_assert!(paid >= got, "{paid} < {got}");
            prop_assert_eq!(amm.base_asset_reserve, super::tests::amm().base_asset_reserve);
        }

        #[test]
        fn a_trade_keeps_the_product_to_a_unit_of_quote(base in 1u64..900 * units::BASE, long in any::<bool>()) {
            let mut amm = amm();
            amm.trade(base, if long { LONG } else { SHORT }).unwrap();
            let product = amm.base_asset_reserve * amm.quote_asset_reserve;
            let full = amm.sqrt_k * amm.sqrt_k;
            prop_assert!(product <= full && full - product < amm.base_asset_reserve);
        }
    }
}
