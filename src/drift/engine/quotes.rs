//! Markets with their oracles' prices, as a margin's reckoning asks for them, wherever they are.

use super::markets::Markets;
use super::oracles::Oracles;
use crate::accounts::{PerpMarket, SpotMarket};
use crate::error::Result;
use crate::math::oracle::Purpose;

/// What an oracle says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Price at 1e6.
    pub price: i64,
    /// Whether it is good enough for margin.
    pub serves: bool,
}

/// Markets and what their oracles say.
pub trait Quotes {
    /// Spot market `index` and its asset's quote.
    fn spot(&mut self, index: u16) -> Result<(&SpotMarket, Quote)>;

    /// Perpetual market `index` and its quote, and the spot market of the asset that it settles in with that one's.
    fn perp(&mut self, index: u16) -> Result<(&PerpMarket, Quote, &SpotMarket, Quote)>;
}

fn asset_quote(oracles: &mut Oracles, market: &SpotMarket) -> Result<Quote> {
    let (oracle, validity) = oracles.price_and_validity(
        &{ market.oracle },
        market.historical_oracle_data.last_oracle_price_twap,
        market.confidence_multiple(),
    )?;
    Ok(Quote {
        price: oracle.price,
        serves: validity.serves(Purpose::Margin),
    })
}

impl Quotes for Markets {
    fn spot(&mut self, index: u16) -> Result<(&SpotMarket, Quote)> {
        let market = self.spots.get(index)?;
        let quote = asset_quote(&mut self.oracles, market)?;
        Ok((market, quote))
    }

    fn perp(&mut self, index: u16) -> Result<(&PerpMarket, Quote, &SpotMarket, Quote)> {
        let market = self.perps.get(index)?;
        let asset = self.spots.get(market.quote_spot_market_index)?;
        // An oracle that serves several is judged by the first that asks.
        let asset_quote = asset_quote(&mut self.oracles, asset)?;
        let (oracle, validity) = self.oracles.price_and_validity(
            &{ market.amm.oracle },
            market.amm.historical_oracle_data.last_oracle_price_twap,
            market.confidence_multiple(),
        )?;
        let quote = Quote {
            price: oracle.price,
            serves: validity.serves(Purpose::Margin),
        };
        Ok((market, quote, asset, asset_quote))
    }
}
