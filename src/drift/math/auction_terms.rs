//! The auction an order is given: what its owner asked for, held to what the market's recent prices suggest.

use super::auction;
use super::tick::signed_on_tick;
use crate::accounts::{ContractTier, MarketType, OracleSource, OrderType, PerpMarket, PositionDirection};
use crate::error::{ErrorCode, Result};
use crate::instruction::OrderParams;
use crate::num::{Checked, Narrow};
use crate::units::{ONE_MINUTE, PERCENTAGE};

/// Slots an auction derived here lasts at least and at most.
const DURATIONS: (u64, u64) = (10, 180);
/// Share of the oracle's price (1e6) by which an auction derived whole starts earlier.
const HEAD_START: i64 = 2_500;
/// Slots that the auction of a closing order lasts.
const CLOSING_SLOTS: u8 = 80;
/// Spreads are at 1e6; a tenth of one counts.
const TENTH_OF_SPREAD: i64 = 10_000_000;

/// An auction as an order stores it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Price (1e6), or offset from the oracle's for oracle orders, at the start.
    pub start: i64,
    /// The same at the end.
    pub end: i64,
    /// Slots between the two.
    pub duration: u8,
}

/// Fills in and tightens the auction that `params` ask for in `market`, whose oracle shows `oracle` (1e6).
pub fn guide(params: &mut OrderParams, market: &PerpMarket, oracle: i64) -> Result {
    let guide = Guide {
        market,
        oracle,
        long: params.direction == PositionDirection::Long,
    };
    match params.order_type {
        OrderType::Limit => guide.limit_order(params),
        OrderType::Market | OrderType::Oracle => guide.market_order(params),
        _ => Ok(()),
    }
}

/// The auction that goes into an order with these `params`, on ticks and at least `shortest` slots long. Around
/// `oracle` (1e6) when a market order names no prices; `InvalidOrderAuction` when an oracle order does not.
pub fn settle(params: &OrderParams, oracle: i64, tick: u64, shortest: u8) -> Result<Terms> {
    let prices = params.auction_start_price.zip(params.auction_end_price);
    let (prices, duration) = match params.order_type {
        OrderType::Limit => match prices.zip(params.auction_duration) {
            // A limit order may do without an auction, but not with a shorter one.
            Some((prices, 0)) => (prices, 0),
            Some((prices, duration)) => (prices, duration.max(shortest)),
            None => return Ok(Terms::default()),
        },
        OrderType::Market | OrderType::Oracle => {
            let prices = match prices {
                Some(prices) => prices,
                None if params.order_type == OrderType::Oracle => return Err(ErrorCode::InvalidOrderAuction),
                None => auction::default_prices(oracle, params.direction, params.price)?,
            };
            (prices, params.auction_duration.unwrap_or(0).max(shortest))
        }
        _ => return Ok(Terms::default()),
    };
    let tick: i64 = tick.to()?;
    Ok(Terms {
        start: signed_on_tick(prices.0, tick, params.direction)?,
        end: signed_on_tick(prices.1, tick, params.direction)?,
        duration,
    })
}

/// A reduce-only oracle order for `base` (1e9) in `direction`, with the auction that the market's averages suggest.
pub fn closing_order(market: &PerpMarket, direction: PositionDirection, base: u64) -> Result<OrderParams> {
    let long = direction == PositionDirection::Long;
    let (start, end) = Guide {
        market,
        oracle: 0,
        long,
    }
    .offsets(1)?;
    Ok(OrderParams {
        order_type: OrderType::Oracle,
        market_type: MarketType::Perp,
        direction,
        base_asset_amount: base,
        market_index: market.market_index,
        reduce_only: true,
        oracle_price_offset: Some(end.to()?),
        auction_duration: Some(CLOSING_SLOTS),
        auction_start_price: Some(start),
        auction_end_price: Some(end),
        ..OrderParams::default()
    })
}

/// What a market suggests to an order of one direction.
struct Guide<'a> {
    market: &'a PerpMarket,
    oracle: i64,
    long: bool,
}

impl Guide<'_> {
    /// Whichever of two prices is better for the order's owner.
    fn milder(&self, a: i64, b: i64) -> i64 {
        if self.long { a.min(b) } else { a.max(b) }
    }

    /// Whichever of two prices is worse for the order's owner.
    fn harsher(&self, a: i64, b: i64) -> i64 {
        if self.long { a.max(b) } else { a.min(b) }
    }

    /// Distance from the oracle's price at which an auction should start.
    fn start_offset(&self) -> Result<i64> {
        let amm = &self.market.amm;
        let oracle = amm.historical_oracle_data;
        let slow = if self.long {
            amm.last_bid_price_twap
        } else {
            amm.last_ask_price_twap
        };
        let apart = oracle
            .last_oracle_price_twap_ts
            .minus(amm.last_mark_price_twap_ts)?;
        if apart.abs() >= ONE_MINUTE {
            // Averages of different times do not compare: a fixed part of the price instead.
            let divisor = if self.market.contract_tier <= ContractTier::B {
                500
            } else {
                100
            };
            let part = slow.to::<i64>()? / divisor;
            return Ok(if self.long { part } else { -part });
        }
        let slow: i64 = slow.to()?;
        let slow_offset = slow.minus(oracle.last_oracle_price_twap)?;
        let fast_offset = amm
            .last_mark_price_twap_5min
            .to::<i64>()?
            .minus(oracle.last_oracle_price_twap_5min)?;
        let part = |spread: u32| i64::from(spread).times(slow)?.over(TENTH_OF_SPREAD);
        let (long_part, short_part) = (part(amm.long_spread)?, part(amm.short_spread)?);
        let (slow_offset, fast_offset) = if self.long {
            (slow_offset.plus(long_part)?, fast_offset.minus(short_part)?)
        } else {
            (slow_offset.minus(short_part)?, fast_offset.plus(long_part)?)
        };
        Ok(self.milder(slow_offset, fast_offset))
    }

    /// Distances from the oracle's price at which an auction should start and end; the end keeps `buffers` times the
    /// market's usual deviation beyond the average on the other side of the book.
    fn offsets(&self, buffers: u64) -> Result<(i64, i64)> {
        let amm = &self.market.amm;
        let average = amm.historical_oracle_data.last_oracle_price_twap;
        let start = self.start_offset()?;
        let size = average.unsigned_abs();
        let spread = if self.long {
            amm.long_spread
        } else {
            amm.short_spread
        };
        let (least, most) = buffer_divisors(self.market.contract_tier);
        let buffer = u64::from(spread)
            .times(size)?
            .over(PERCENTAGE)?
            .max(amm.mark_std)
            .max(amm.oracle_std)
            .times(buffers)?
            .clamp(size / least, size / most);
        let far = if self.long {
            amm.last_ask_price_twap.plus(buffer)?
        } else {
            amm.last_bid_price_twap.minus(buffer)?
        };
        let end = far.to::<i64>()?.minus(average)?;
        Ok((start, self.harsher(end, start)))
    }

    /// Slots for the way from `start` to `end`: one a basis point in the safest tiers, six in ten of one in others.
    fn duration(&self, start: i64, end: i64) -> Result<u8> {
        let way = end.minus(start)?.unsigned_abs().times(PERCENTAGE)?;
        // The program divides unchecked here, and aborts.
        let share = way
            .checked_div(self.oracle.unsigned_abs())
            .ok_or(ErrorCode::ProgramFailedToComplete)?;
        let slots_a_percent = if self.market.contract_tier <= ContractTier::B {
            100
        } else {
            60
        };
        let slots = share.times(slots_a_percent)?.over_up(PERCENTAGE / 100)?;
        slots.clamp(DURATIONS.0, DURATIONS.1).to()
    }

    /// A limit order that reaches past the AMM's own price gets an auction, so that others may better that price.
    fn limit_order(&self, params: &mut OrderParams) -> Result {
        if params.oracle_price_offset.unwrap_or(0) != 0 || params.price == 0 {
            return Ok(());
        }
        let suggested = self.oracle.plus(self.start_offset()?)?;
        // The program reinterprets the bits of a price that does not fit.
        let limit = params.price as i64;
        let (start, end) = if params.auction_duration.unwrap_or(0) > 0 {
            let start = params
                .auction_start_price
                .map_or(suggested, |start| self.milder(start, suggested));
            (start, params.auction_end_price.unwrap_or(limit))
        } else {
            let facing = self.amm_price_here()?;
            let rests = if self.long {
                params.price <= facing
            } else {
                params.price >= facing
            };
            if rests {
                return Ok(());
            }
            (self.milder(suggested, facing as i64), limit)
        };
        self.write(params, start, end)
    }

    /// What the AMM's ask, for a buyer, or bid, for a seller, is when it keeps its distance to the oracle.
    fn amm_price_here(&self) -> Result<u64> {
        let amm = &self.market.amm;
        let reserve = amm.reserve_price()?;
        let then = amm.historical_oracle_data.last_oracle_price;
        if self.long {
            let premium = amm.ask_price(reserve)?.to::<i64>()?.minus(then)?;
            self.oracle.plus(premium)?.to()
        } else {
            let discount = then.minus(amm.bid_price(reserve)?.to()?)?;
            self.oracle.minus(discount)?.to()
        }
    }

    /// A market or oracle order with an auction of its own has it tightened, one without is given one.
    fn market_order(&self, params: &mut OrderParams) -> Result {
        let given = params.auction_start_price.zip(params.auction_end_price);
        let (Some((start, end)), Some(_)) = (given, params.auction_duration) else {
            let (start, end) = if params.order_type == OrderType::Market {
                self.derive_prices(params.price)?
            } else {
                self.derive_offsets(params.oracle_price_offset)?
            };
            // Whatever duration came without both prices is not kept.
            params.auction_duration = None;
            return self.write(params, start, end);
        };
        if self.market.amm.oracle_source == OracleSource::Prelaunch {
            return self.write(params, start, end);
        }
        let (start_offset, end_offset) = self.offsets(2)?;
        let origin = if params.order_type == OrderType::Market {
            self.oracle
        } else {
            0
        };
        let tighten = |asked: i64, offset: i64| {
            let kept = asked.minus(origin)?;
            if self.milder(kept, offset) == kept {
                Ok(asked)
            } else {
                offset.plus(origin)
            }
        };
        self.write(params, tighten(start, start_offset)?, tighten(end, end_offset)?)
    }

    /// Prices of an auction for a market order that goes no further than `limit`, if that is not zero.
    fn derive_prices(&self, limit: u64) -> Result<(i64, i64)> {
        let (start, end) = self.offsets(if limit == 0 { 1 } else { 2 })?;
        let (mut start, mut end) = (self.oracle.plus(start)?, self.oracle.plus(end)?);
        if limit != 0 {
            start = self.milder(start, limit as i64);
            end = self.milder(end, limit as i64);
        }
        Ok((self.with_head_start(start)?, end))
    }

    /// Offsets of an auction for an oracle order that goes no further than `limit`, if it has one.
    fn derive_offsets(&self, limit: Option<i32>) -> Result<(i64, i64)> {
        let (start, end) = match limit.map(i64::from) {
            Some(limit) => (self.milder(self.start_offset()?, limit), limit),
            None => self.offsets(1)?,
        };
        Ok((self.with_head_start(start)?, end))
    }

    fn with_head_start(&self, start: i64) -> Result<i64> {
        let lead = self.oracle.times(HEAD_START)?.over(PERCENTAGE.to()?)?;
        if self.long {
            start.minus(lead)
        } else {
            start.plus(lead)
        }
    }

    /// Sets the auction's prices, and its duration to what they need or more.
    fn write(&self, params: &mut OrderParams, start: i64, end: i64) -> Result {
        let needed = self.duration(start, end)?;
        params.auction_start_price = Some(start);
        params.auction_end_price = Some(end);
        params.auction_duration = Some(params.auction_duration.unwrap_or(0).max(needed));
        Ok(())
    }
}

/// What the oracle's average is divided by for the least and the most an auction's end may lie beyond the market.
fn buffer_divisors(tier: ContractTier) -> (u64, u64) {
    match tier {
        ContractTier::A => (1_000, 50),
        ContractTier::B => (1_000, 20),
        ContractTier::C => (500, 20),
        ContractTier::Speculative => (100, 10),
        _ => (50, 5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{Amm, HistoricalOracleData};

    const ORACLE: i64 = 100_000_000;

    /// Averages around a hundred dollars, spreads of two and four tenths of a percent, in the safest tier.
    fn market() -> PerpMarket {
        PerpMarket {
            amm: Amm {
                base_asset_reserve: 1_000_000_000_000,
                quote_asset_reserve: 1_000_000_000_000,
                ask_base_asset_reserve: 999_000_000_000,
                ask_quote_asset_reserve: 1_001_001_001_001,
                bid_base_asset_reserve: 1_001_001_001_001,
                bid_quote_asset_reserve: 999_000_000_000,
                sqrt_k: 1_000_000_000_000,
                peg_multiplier: 100_000_000,
                last_bid_price_twap: 99_000_000,
                last_ask_price_twap: 101_000_000,
                last_mark_price_twap: 100_000_000,
                last_mark_price_twap_5min: 100_500_000,
                base_spread: 6_000,
                long_spread: 2_000,
                short_spread: 4_000,
                historical_oracle_data: HistoricalOracleData {
                    last_oracle_price: ORACLE,
                    last_oracle_price_twap: ORACLE,
                    last_oracle_price_twap_5min: ORACLE,
                    ..HistoricalOracleData::default()
                },
                ..Amm::default()
            },
            ..PerpMarket::default()
        }
    }

    fn asked(order_type: OrderType, direction: PositionDirection) -> OrderParams {
        OrderParams {
            order_type,
            direction,
            ..OrderParams::default()
        }
    }

    fn guided(mut params: OrderParams, market: &PerpMarket) -> (i64, i64, u8) {
        guide(&mut params, market, ORACLE).unwrap();
        let prices = params.auction_start_price.zip(params.auction_end_price).unwrap();
        (prices.0, prices.1, params.auction_duration.unwrap())
    }

    #[test]
    fn a_market_order_gets_an_auction_from_the_averages() {
        // A buyer starts at the bid's average, -1 dollar, and a tenth of the long spread of it, 0.0198; the short
        // average, +0.5 less 0.0396, is higher. A quarter of a percent earlier. The end is the ask's average and the
        // long spread, 0.2. From 98.7698 to 101.2 are 2.4302 percent: 244 slots, of which 180 are allowed.
        let buy = guided(asked(OrderType::Market, PositionDirection::Long), &market());
        assert_eq!(buy, (98_769_800, 101_200_000, 180));
        // A seller: +1 dollar less 0.0404 against 0.5 and 0.0202; the end is the bid's average less 0.4.
        let sell = guided(asked(OrderType::Market, PositionDirection::Short), &market());
        assert_eq!(sell, (101_209_600, 98_600_000, 180));
    }

    #[test]
    fn averages_of_different_times_do_not_compare() {
        let mut market = market();
        market.amm.last_mark_price_twap_ts = 60;
        let buy = guided(asked(OrderType::Oracle, PositionDirection::Long), &market);
        // A five hundredth of the bid's average, less a quarter of a percent of the oracle's price; end as before.
        assert_eq!(buy, (198_000 - 250_000, 1_200_000, 126));
        market.contract_tier = ContractTier::C;
        let sell = guided(asked(OrderType::Oracle, PositionDirection::Short), &market);
        // A hundredth of the ask's average. The way is 0.64 percent, at six tenths of a slot a basis point.
        assert_eq!(sell, (-1_010_000 + 250_000, -1_400_000, 39));
    }

    #[test]
    fn a_limit_holds_back_a_market_order() {
        let limited = OrderParams {
            price: 98_500_000,
            ..asked(OrderType::Market, PositionDirection::Long)
        };
        // Both prices are capped before the start moves a quarter of a percent down.
        assert_eq!(guided(limited, &market()), (98_250_000, 98_500_000, 25));
    }

    #[test]
    fn an_auction_of_ones_own_is_only_tightened() {
        let own = |start, end| OrderParams {
            auction_start_price: Some(start),
            auction_end_price: Some(end),
            auction_duration: Some(5),
            ..asked(OrderType::Market, PositionDirection::Long)
        };
        // The market suggests 99.0198 to 101.4 (two long spreads beyond the ask's average).
        assert_eq!(
            guided(own(100_000_000, 110_000_000), &market()),
            (99_019_800, 101_400_000, 180)
        );
        assert_eq!(
            guided(own(99_000_000, 99_050_000), &market()),
            (99_000_000, 99_050_000, 10)
        );
    }

    #[test]
    fn a_limit_order_that_rests_needs_no_auction() {
        // At the AMM's own ask it rests, a unit beyond it crosses.
        let ask = { market().amm }
            .ask_price({ market().amm }.reserve_price().unwrap())
            .unwrap();
        let mut resting = OrderParams {
            price: ask,
            ..asked(OrderType::Limit, PositionDirection::Long)
        };
        guide(&mut resting, &market(), ORACLE).unwrap();
        assert_eq!(resting.auction_duration, None);
        let crossing = OrderParams {
            price: ask + 1,
            ..resting
        };
        let (start, end, _) = guided(crossing, &market());
        assert_eq!((start, end), (99_019_800, i64::try_from(ask).unwrap() + 1));
    }

    #[test]
    fn a_closing_order_goes_as_far_as_the_averages_do() {
        let order = closing_order(&market(), PositionDirection::Long, 7).unwrap();
        // The same start as above, without its head start, and the same end.
        assert_eq!(order.auction_start_price, Some(-980_200));
        assert_eq!(
            (order.auction_end_price, order.oracle_price_offset),
            (Some(1_200_000), Some(1_200_000))
        );
        assert!(order.reduce_only && order.order_type == OrderType::Oracle && order.base_asset_amount == 7);
    }

    #[test]
    fn orders_store_their_auction_on_ticks() {
        let params = OrderParams {
            auction_start_price: Some(1_004),
            auction_end_price: Some(1_017),
            auction_duration: Some(3),
            ..asked(OrderType::Market, PositionDirection::Long)
        };
        assert_eq!(
            settle(&params, 0, 10, 7),
            Ok(Terms {
                start: 1_000,
                end: 1_010,
                duration: 7
            })
        );
        let limit = OrderParams {
            order_type: OrderType::Limit,
            auction_duration: Some(0),
            ..params
        };
        assert_eq!(settle(&limit, 0, 10, 7).map(|terms| terms.duration), Ok(0));
        let none = OrderParams {
            auction_end_price: None,
            ..limit
        };
        assert_eq!(settle(&none, 0, 10, 7), Ok(Terms::default()));
        let oracle = OrderParams {
            order_type: OrderType::Oracle,
            ..none
        };
        assert_eq!(settle(&oracle, 0, 10, 7), Err(ErrorCode::InvalidOrderAuction));
        let market = OrderParams {
            order_type: OrderType::Market,
            ..none
        };
        assert_eq!(
            settle(&market, 20_000, 10, 7),
            Ok(Terms {
                start: 20_000,
                end: 20_100,
                duration: 7
            })
        );
    }
}
