//! What a spot position would count for in margin if its open orders filled.

use super::spot_balance::token_value;
use super::strict_price::StrictPrice;
use super::weight::MarginType;
use crate::accounts::{SpotMarket, SpotPosition};
use crate::error::Result;
use crate::num::Checked;
use crate::units::MARGIN;

/// A spot position after all its bids or all its asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Signed tokens, in the mint's decimals.
    pub tokens: i128,
    /// Quote (1e6) that the fills bring in, negative for bids.
    pub orders_value: i128,
    /// Value (1e6) of the tokens.
    pub value: i128,
    /// The same with the market's weight.
    pub weighted: i128,
    /// What it all adds to free collateral (1e6).
    pub contribution: i128,
}

fn weigh(value: i128, weight: u32) -> Result<i128> {
    value.times(weight.into())?.over(MARGIN.into())
}

impl Filled {
    /// Weighs the tokens at least as strictly as the user's own margin `ratio` (1e4) says; 0 for none.
    pub fn with_own_ratio(mut self, market: &SpotMarket, price: i64, ratio: u32) -> Result<Self> {
        if ratio == 0 {
            return Ok(self);
        }
        let size = self.tokens.unsigned_abs();
        if self.weighted < 0 {
            let weight = market
                .liability_weight(size, MarginType::Initial)?
                .max(ratio.plus(MARGIN)?);
            self.weighted = weigh(self.value, weight)?;
        } else if self.weighted > 0 {
            let most = MARGIN.saturating_sub(ratio);
            let weight = market.asset_weight(size, price, MarginType::Initial)?.min(most);
            self.weighted = weigh(self.value, weight)?;
        }
        self.contribution = self.weighted.plus(self.orders_value)?;
        Ok(self)
    }
}

impl SpotPosition {
    /// The position of signed `tokens` after whichever side of its open orders leaves less collateral; the asks when
    /// both leave as much.
    pub fn worst_fill(
        &self,
        market: &SpotMarket,
        price: &StrictPrice,
        tokens: i128,
        margin: MarginType,
    ) -> Result<Filled> {
        let [bids, asks] = self.fills(market, price, tokens, margin)?;
        Ok(if asks.contribution <= bids.contribution {
            asks
        } else {
            bids
        })
    }

    /// The position of signed `tokens` after its bids, and after its asks.
    pub fn fills(
        &self,
        market: &SpotMarket,
        price: &StrictPrice,
        tokens: i128,
        margin: MarginType,
    ) -> Result<[Filled; 2]> {
        let value_now = price.value(tokens, market.decimals)?;
        let weighted = |tokens: i128, value: i128| {
            let size = tokens.unsigned_abs();
            match value {
                0 => Ok(0),
                1.. => weigh(value, market.asset_weight(size, price.current, margin)?),
                _ => weigh(value, market.liability_weight(size, margin)?),
            }
        };
        if (self.open_bids, self.open_asks) == (0, 0) {
            let weighted = weighted(tokens, value_now)?;
            let kept = Filled {
                tokens,
                orders_value: 0,
                value: value_now,
                weighted,
                contribution: weighted,
            };
            return Ok([kept, kept]);
        }
        let after = |open: i64| -> Result<Filled> {
            let orders_value = token_value(-i128::from(open), market.decimals, price.high())?;
            let tokens = tokens.plus(open.into())?;
            let value = value_now.minus(orders_value)?;
            let weighted = weighted(tokens, value)?;
            Ok(Filled {
                tokens,
                orders_value,
                value,
                weighted,
                contribution: weighted.plus(orders_value)?,
            })
        };
        Ok([after(self.open_bids)?, after(self.open_asks)?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market() -> SpotMarket {
        SpotMarket {
            decimals: 9,
            initial_asset_weight: 8_000,
            maintenance_asset_weight: 9_000,
            initial_liability_weight: 12_000,
            maintenance_liability_weight: 11_000,
            ..SpotMarket::default()
        }
    }

    const TOKEN: i128 = 1_000_000_000;

    fn price() -> StrictPrice {
        StrictPrice::new(100_000_000, 110_000_000, true)
    }

    #[test]
    fn without_orders_it_is_the_weighted_value() {
        let held = SpotPosition::default();
        let lent = held
            .worst_fill(&market(), &price(), TOKEN, MarginType::Initial)
            .unwrap();
        assert_eq!(
            (lent.value, lent.weighted, lent.orders_value),
            (100_000_000, 80_000_000, 0)
        );
        let owed = held
            .worst_fill(&market(), &price(), -TOKEN, MarginType::Maintenance)
            .unwrap();
        assert_eq!((owed.value, owed.weighted), (-110_000_000, -121_000_000));
    }

    #[test]
    fn the_worse_side_counts() {
        // Bids for one token cost 110 dollars and bring 80 % of 210 of value; asks of two sell into debt.
        let open = SpotPosition {
            open_bids: 1_000_000_000,
            open_asks: -2_000_000_000,
            ..Default::default()
        };
        let [bids, asks] = open
            .fills(&market(), &price(), TOKEN, MarginType::Initial)
            .unwrap();
        assert_eq!(
            (bids.tokens, bids.orders_value, bids.contribution),
            (2 * TOKEN, -110_000_000, 58_000_000)
        );
        // 100 - 220 = -120 of value, at 1.2: -144, and 220 of quote.
        assert_eq!(
            (asks.tokens, asks.weighted, asks.contribution),
            (-TOKEN, -144_000_000, 76_000_000)
        );
        let worst = open
            .worst_fill(&market(), &price(), TOKEN, MarginType::Initial)
            .unwrap();
        assert_eq!(worst, bids);
    }

    #[test]
    fn a_users_own_ratio_only_tightens() {
        let held = SpotPosition::default();
        let lent = held
            .worst_fill(&market(), &price(), TOKEN, MarginType::Initial)
            .unwrap();
        let own = |ratio| {
            lent.with_own_ratio(&market(), 100_000_000, ratio)
                .unwrap()
                .weighted
        };
        assert_eq!(
            [own(0), own(1_000), own(3_000), own(20_000)],
            [80_000_000, 80_000_000, 70_000_000, 0]
        );
        let owed = held
            .worst_fill(&market(), &price(), -TOKEN, MarginType::Initial)
            .unwrap();
        let own = |ratio| {
            owed.with_own_ratio(&market(), 100_000_000, ratio)
                .unwrap()
                .weighted
        };
        assert_eq!(
            [own(0), own(1_000), own(5_000)],
            [-132_000_000, -132_000_000, -165_000_000]
        );
    }
}
