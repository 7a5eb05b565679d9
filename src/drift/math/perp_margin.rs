//! What a perpetual position needs and brings as margin.

use super::funding::position_payment;
use super::perp_value::base_value;
use super::strict_price::StrictPrice;
use super::weight::MarginType;
use crate::accounts::{MarketStatus, PerpMarket, PerpPosition};
use crate::error::Result;
use crate::num::{Checked, Narrow};
use crate::units::{MARGIN, PRICE, QUOTE};

/// Most unrealised profit (1e6) of one position that counts toward initial margin: 100 dollars.
const MOST_INITIAL_PNL: i128 = 100 * QUOTE as i128;

/// A perpetual position in margin terms, in quote (1e6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerpMargin {
    /// Margin needed.
    pub requirement: u128,
    /// Unrealised profit or loss, weighted.
    pub pnl: i128,
    /// Value of the base if the worse side of the open orders filled.
    pub liability: u128,
    /// The part of the requirement that open orders cause; only on request.
    pub open_orders: u128,
}

impl PerpMarket {
    /// The price (1e6) that positions are valued at: the oracle's, or the expiry price once the market settles.
    pub fn price_or_expiry(&self, oracle: i64) -> i64 {
        if self.status == MarketStatus::Settlement {
            self.expiry_price
        } else {
            oracle
        }
    }

    /// Funding (1e6) that the position has not settled, positive when it receives.
    pub fn unsettled_funding(&self, position: &PerpPosition) -> Result<i64> {
        let rate = if position.base_asset_amount > 0 {
            self.amm.cumulative_funding_rate_long
        } else {
            self.amm.cumulative_funding_rate_short
        };
        position_payment(rate, position)
    }
}

/// The position with its liquidity settled, and its profit or loss (1e6) with funding, at `price` (1e6).
pub fn settled_with_pnl(
    position: &PerpPosition,
    market: &PerpMarket,
    price: i64,
) -> Result<(PerpPosition, i128)> {
    // Funding goes by the base before shares settle.
    let funding = market.unsettled_funding(position)?;
    let settled = position.with_lp_settled(market, price)?;
    let pnl = settled.unrealized_pnl(price)?.plus(funding.into())?;
    Ok((settled, pnl))
}

impl PerpMargin {
    /// Margin of `position` when the market's oracle shows `oracle` (1e6) and the quote asset's `quote`. `own_ratio`
    /// (1e4) is the user's own least margin ratio. `share_of_orders` asks for [`PerpMargin::open_orders`].
    pub fn of(
        position: &PerpPosition,
        market: &PerpMarket,
        oracle: i64,
        quote: &StrictPrice,
        margin: MarginType,
        own_ratio: u32,
        share_of_orders: bool,
    ) -> Result<Self> {
        let price = market.price_or_expiry(oracle);
        let (position, pnl) = settled_with_pnl(position, market, price)?;

        let worst = position.worst_case_base()?;
        let size = worst.unsigned_abs();
        let liability = at_quote_price(base_value(worst, price)?, quote)?;
        let ratio = own_ratio.max(market.margin_ratio(size, margin)?);
        let for_size = if market.status == MarketStatus::Settlement {
            0
        } else {
            liability.times(ratio.into())?.over(MARGIN.into())?
        };
        let requirement = for_size
            .plus(position.open_orders_margin())?
            .plus(position.lp_margin(market.amm.order_step_size, price)?)?;

        let pnl = weighted_pnl(pnl, market, quote, margin)?;
        let open_orders = if share_of_orders && size > 0 {
            let held = u128::from(position.base_asset_amount.unsigned_abs());
            size.minus(held)?.times(requirement)?.over(size)?
        } else {
            0
        };
        Ok(Self {
            requirement,
            pnl,
            liability,
            open_orders,
        })
    }
}

fn at_quote_price(value: u128, quote: &StrictPrice) -> Result<u128> {
    value.times(quote.high().to()?)?.over(PRICE.into())
}

fn weighted_pnl(pnl: i128, market: &PerpMarket, quote: &StrictPrice, margin: MarginType) -> Result<i128> {
    let weight = market.unrealized_weight(pnl, margin)?;
    let price = match pnl {
        0 => quote.current,
        1.. => quote.low(),
        _ => quote.high(),
    };
    let mut weighted = pnl;
    if weight != MARGIN {
        weighted = weighted.times(weight.into())?.over(MARGIN.into())?;
    }
    if price != PRICE as i64 {
        weighted = weighted.times(price.into())?.over(PRICE.into())?;
    }
    Ok(if margin == MarginType::Initial {
        weighted.min(MOST_INITIAL_PNL)
    } else {
        weighted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market() -> PerpMarket {
        let mut market = PerpMarket {
            status: MarketStatus::Active,
            margin_ratio_initial: 1_000,
            margin_ratio_maintenance: 500,
            unrealized_pnl_initial_asset_weight: 5_000,
            unrealized_pnl_maintenance_asset_weight: 10_000,
            ..PerpMarket::default()
        };
        market.amm.order_step_size = 1_000;
        market
    }

    fn of(
        position: &PerpPosition,
        market: &PerpMarket,
        quote: &StrictPrice,
        margin: MarginType,
    ) -> PerpMargin {
        PerpMargin::of(position, market, 20_000_000, quote, margin, 0, true).unwrap()
    }

    const DOLLAR: StrictPrice = StrictPrice {
        current: 1_000_000,
        average: None,
    };

    #[test]
    fn open_orders_count_as_if_filled() {
        let position = PerpPosition {
            base_asset_amount: 1_000_000_000,
            quote_asset_amount: -19_000_000,
            open_bids: 3_000_000_000,
            open_orders: 2,
            ..PerpPosition::default()
        };
        // Four units at 20 dollars: 80, of which a tenth, and two cents for the orders.
        let margin = of(&position, &market(), &DOLLAR, MarginType::Initial);
        let expected = PerpMargin {
            requirement: 8_020_000,
            pnl: 500_000,
            liability: 80_000_000,
            open_orders: 6_015_000,
        };
        assert_eq!(margin, expected);
        assert_eq!(
            of(&position, &market(), &DOLLAR, MarginType::Maintenance).pnl,
            1_000_000
        );
    }

    #[test]
    fn profit_counts_up_to_a_hundred_dollars_for_initial_margin_only() {
        let won = PerpPosition {
            quote_asset_amount: 900_000_000,
            ..PerpPosition::default()
        };
        assert_eq!(of(&won, &market(), &DOLLAR, MarginType::Initial).pnl, 100_000_000);
        assert_eq!(of(&won, &market(), &DOLLAR, MarginType::Fill).pnl, 450_000_000);
    }

    #[test]
    fn the_quote_assets_price_counts_against_the_holder() {
        let quote = StrictPrice::new(1_000_000, 980_000, true);
        let won = PerpPosition {
            quote_asset_amount: 10_000_000,
            ..PerpPosition::default()
        };
        let lost = PerpPosition {
            quote_asset_amount: -10_000_000,
            ..PerpPosition::default()
        };
        assert_eq!(
            of(&won, &market(), &quote, MarginType::Maintenance).pnl,
            9_800_000
        );
        assert_eq!(
            of(&lost, &market(), &quote, MarginType::Maintenance).pnl,
            -10_000_000
        );
    }

    #[test]
    fn a_settling_market_asks_nothing_for_size() {
        let market = PerpMarket {
            status: MarketStatus::Settlement,
            expiry_price: 30_000_000,
            ..market()
        };
        let position = PerpPosition {
            base_asset_amount: -1_000_000_000,
            ..PerpPosition::default()
        };
        let margin = of(&position, &market, &DOLLAR, MarginType::Maintenance);
        assert_eq!(
            (margin.requirement, margin.liability, margin.pnl),
            (0, 30_000_000, -30_000_000)
        );
    }
}
