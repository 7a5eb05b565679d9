//! The end of a market.

use super::settle::perp_and_quote;
use super::{LowerError, Step};
use crate::event::{self, MarketKind};
use crate::world::World;
use drift::instruction::{
    SettleExpiredMarket, SettleExpiredMarketAccounts, SettleExpiredMarketPoolsToRevenuePool,
    SettleExpiredMarketPoolsToRevenuePoolAccounts, UpdatePerpMarketExpiry, UpdatePerpMarketExpiryAccounts,
    UpdateSpotMarketExpiry, UpdateSpotMarketExpiryAccounts,
};
use drift::ledger::Ledger;
use drift::units::QUOTE_SPOT_MARKET;

impl World {
    pub(super) fn expire_market<L: Ledger>(
        &self,
        ledger: &L,
        event: &event::ExpireMarket,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (admin, state) = (self.fixed.admin, self.fixed.state);
        let expiry_ts = ledger.clock().unix_timestamp.saturating_add(event.seconds);
        let call = match event.market_type {
            MarketKind::Perp => {
                let perp_market = self.known(event.market_index)?.market;
                UpdatePerpMarketExpiry { expiry_ts }.call(
                    UpdatePerpMarketExpiryAccounts {
                        admin,
                        state,
                        perp_market,
                    },
                    [],
                )
            }
            MarketKind::Spot => {
                let spot_market = self.known_spot(event.market_index)?.market;
                UpdateSpotMarketExpiry { expiry_ts }.call(
                    UpdateSpotMarketExpiryAccounts {
                        admin,
                        state,
                        spot_market,
                    },
                    [],
                )
            }
        };
        steps.push(Step::Execute(call));
        Ok(())
    }

    pub(super) fn settle_expired_market(
        &self,
        event: &event::SettleExpiredMarket,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let market_index = event.market_index;
        self.known(market_index)?;
        let accounts = SettleExpiredMarketAccounts {
            state: self.fixed.state,
            authority: self.fixed.admin,
        };
        let call = SettleExpiredMarket { market_index }.call(accounts, []);
        steps.push(Step::Execute(self.naming_markets(
            call,
            None,
            perp_and_quote(market_index),
        )));
        Ok(())
    }

    pub(super) fn close_expired_market(
        &self,
        event: &event::CloseExpiredMarket,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let accounts = SettleExpiredMarketPoolsToRevenuePoolAccounts {
            state: self.fixed.state,
            admin: self.fixed.admin,
            spot_market: self.known_spot(QUOTE_SPOT_MARKET)?.market,
            perp_market: self.known(event.market_index)?.market,
        };
        steps.push(Step::Execute(
            SettleExpiredMarketPoolsToRevenuePool {}.call(accounts, []),
        ));
        Ok(())
    }
}
