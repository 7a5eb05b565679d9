//! The accounts that an instruction names, by what they are.

use drift::accounts::{Account, PerpMarket, SpotMarket, Stored, User};
use drift::engine::{Quote, Quotes, read_price};
use drift::error::{ErrorCode, Result};
use drift::instruction::{Address, Call};
use drift::ledger::Ledger;
use drift::units::{PRICE, QUOTE_SPOT_MARKET};

/// The accounts of `call` as they stand.
pub(super) struct Named<'a, L> {
    pub ledger: &'a L,
    pub call: &'a Call,
}

impl<'a, L: Ledger> Named<'a, L> {
    fn at(&self, place: usize) -> Option<&'a Account> {
        let meta = self.call.accounts.get(place)?;
        self.ledger.at(&Address {
            key: meta.key,
            number: meta.number,
        })
    }

    fn accounts(&self) -> impl Iterator<Item = &'a Account> + '_ {
        (0..self.call.accounts.len()).filter_map(|place| self.at(place))
    }

    /// The user account at `place`.
    pub fn user(&self, place: usize) -> Result<&'a User> {
        self.at(place).and_then(User::peek).ok_or(ErrorCode::UserNotFound)
    }

    /// The tokens in the token account at `place`.
    pub fn tokens(&self, place: usize) -> Option<u64> {
        match self.at(place)? {
            Account::Token(vault) => Some(vault.amount),
            _ => None,
        }
    }

    /// Spot market `index`, if it is named.
    pub fn spot_market(&self, index: u16) -> Option<&'a SpotMarket> {
        self.accounts()
            .filter_map(SpotMarket::peek)
            .find(|market| market.market_index == index)
    }

    fn price(&self, market: &SpotMarket) -> Result<Quote> {
        if market.market_index == QUOTE_SPOT_MARKET {
            return Ok(served(PRICE as i64));
        }
        let feed = self
            .ledger
            .account(&{ market.oracle })
            .ok_or(ErrorCode::OracleNotFound)?;
        let slot = self.ledger.clock().slot;
        Ok(served(read_price(market.oracle_source, feed, slot)?.price))
    }
}

fn served(price: i64) -> Quote {
    Quote { price, serves: true }
}

impl<L: Ledger> Quotes for Named<'_, L> {
    fn spot(&mut self, index: u16) -> Result<(&SpotMarket, Quote)> {
        let market = self.spot_market(index).ok_or(ErrorCode::SpotMarketNotFound)?;
        Ok((market, self.price(market)?))
    }

    fn perp(&mut self, index: u16) -> Result<(&PerpMarket, Quote, &SpotMarket, Quote)> {
        let mut markets = self.accounts().filter_map(PerpMarket::peek);
        let market = markets
            .find(|market| market.market_index == index)
            .ok_or(ErrorCode::PerpMarketNotFound)?;
        let feed = self
            .ledger
            .account(&{ market.amm.oracle })
            .ok_or(ErrorCode::OracleNotFound)?;
        let slot = self.ledger.clock().slot;
        let price = read_price(market.amm.oracle_source, feed, slot)?.price;
        let asset = self.spot_market(market.quote_spot_market_index);
        let asset = asset.ok_or(ErrorCode::SpotMarketNotFound)?;
        Ok((market, served(price), asset, self.price(asset)?))
    }
}
