//! The markets of a world at prices of one's choice.

use super::World;
use drift::accounts::{PerpMarket, SpotMarket};
use drift::engine::{Quote, Quotes};
use drift::error::{ErrorCode, Result};
use drift::ledger::Ledger;
use drift::num::Narrow;
use drift::units::{PRICE, QUOTE_SPOT_MARKET};

/// Prices (1e6) that positions are valued at, by market index.
#[derive(Clone, Copy, Debug)]
pub struct Prices<'a> {
    /// Of perpetual markets.
    pub perps: &'a [u64],
    /// From spot market 1 on: the quote market's asset is worth a dollar.
    pub spots: &'a [u64],
}

/// Markets as they stand, with `prices` for what their oracles show. Every price serves.
pub struct AtPrices<'a, L> {
    /// Where the markets are.
    pub world: &'a World,
    /// The accounts.
    pub ledger: &'a L,
    /// What the oracles show.
    pub prices: Prices<'a>,
}

fn quote(price: u64) -> Result<Quote> {
    Ok(Quote {
        price: price.to()?,
        serves: true,
    })
}

impl<'a, L: Ledger> AtPrices<'a, L> {
    fn asset(&self, index: u16) -> Result<(&'a SpotMarket, Quote)> {
        let missing = ErrorCode::SpotMarketNotFound;
        let market = self.world.spot(self.ledger, index).ok_or(missing)?;
        let price = match index {
            QUOTE_SPOT_MARKET => PRICE,
            _ => *self.prices.spots.get(usize::from(index) - 1).ok_or(missing)?,
        };
        Ok((market, quote(price)?))
    }
}

impl<L: Ledger> Quotes for AtPrices<'_, L> {
    fn spot(&mut self, index: u16) -> Result<(&SpotMarket, Quote)> {
        self.asset(index)
    }

    fn perp(&mut self, index: u16) -> Result<(&PerpMarket, Quote, &SpotMarket, Quote)> {
        let missing = ErrorCode::PerpMarketNotFound;
        let market = self.world.perp(self.ledger, index).ok_or(missing)?;
        let price = self.prices.perps.get(usize::from(index)).ok_or(missing)?;
        let (asset, asset_quote) = self.asset(market.quote_spot_market_index)?;
        Ok((market, quote(*price)?, asset, asset_quote))
    }
}
