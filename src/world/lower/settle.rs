//! What positions owe and are owed, paid.

use super::{LowerError, Step, perp};
use crate::event;
use crate::world::World;
use crate::world::remaining::Touched;
use drift::instruction::{
    ResolvePerpPnlDeficit, ResolvePerpPnlDeficitAccounts, SettleFundingPayment, SettleFundingPaymentAccounts,
    SettleLp, SettleLpAccounts, SettlePnl, SettlePnlAccounts, UpdateFundingRate, UpdateFundingRateAccounts,
};
use drift::ledger::Ledger;
use drift::units::QUOTE_SPOT_MARKET;

/// A perpetual market and the quote market, whose pools pay each other.
pub(super) fn perp_and_quote(market: u16) -> Touched {
    Touched {
        perp: Some(market),
        spot: Some(QUOTE_SPOT_MARKET),
        ..Touched::default()
    }
}

impl World {
    pub(super) fn settle_pnl<L: Ledger>(
        &self,
        ledger: &L,
        user: u32,
        market_index: u16,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (keys, user) = self.actor(ledger, user)?;
        self.known(market_index)?;
        let accounts = SettlePnlAccounts {
            state: self.fixed.state,
            user: keys.user,
            authority: keys.authority,
            spot_market_vault: self.known_spot(QUOTE_SPOT_MARKET)?.vault,
        };
        let settle = SettlePnl { market_index };
        let call = self.naming_markets(settle.call(accounts, []), [user], perp_and_quote(market_index));
        steps.push(Step::Execute(call));
        Ok(())
    }

    pub(super) fn settle_lp<L: Ledger>(
        &self,
        ledger: &L,
        event: &event::SettleLp,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (keys, user) = self.actor(ledger, event.user_index)?;
        self.known(event.market_index)?;
        let accounts = SettleLpAccounts {
            state: self.fixed.state,
            user: keys.user,
        };
        let settle = SettleLp {
            market_index: event.market_index,
        };
        let call = self.naming_markets(settle.call(accounts, []), [user], perp(event.market_index));
        steps.push(Step::Execute(call));
        Ok(())
    }

    pub(super) fn settle_funding_payment<L: Ledger>(
        &self,
        ledger: &L,
        event: &event::SettleFundingPayment,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (keys, user) = self.actor(ledger, event.user_index)?;
        let accounts = SettleFundingPaymentAccounts {
            state: self.fixed.state,
            user: keys.user,
        };
        let touched = Touched {
            every_perp: true,
            ..Touched::default()
        };
        let call = self.naming_markets(SettleFundingPayment {}.call(accounts, []), [user], touched);
        steps.push(Step::Execute(call));
        Ok(())
    }

    pub(super) fn update_funding_rate(
        &self,
        event: &event::UpdateFundingRate,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let place = self.known(event.market_index)?;
        let accounts = UpdateFundingRateAccounts {
            state: self.fixed.state,
            perp_market: place.market,
            oracle: place.feed.address,
        };
        let update = UpdateFundingRate {
            market_index: event.market_index,
        };
        steps.push(Step::Execute(update.call(accounts, [])));
        Ok(())
    }

    pub(super) fn resolve_perp_pnl_deficit(
        &self,
        event: &event::ResolvePerpPnlDeficit,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        self.known(event.market_index)?;
        let quote = self.known_spot(QUOTE_SPOT_MARKET)?;
        let accounts = ResolvePerpPnlDeficitAccounts {
            state: self.fixed.state,
            authority: self.fixed.admin,
            spot_market_vault: quote.vault,
            insurance_fund_vault: quote.insurance_vault,
            drift_signer: self.fixed.signer,
            token_program: self.fixed.token_program,
        };
        let resolve = ResolvePerpPnlDeficit {
            spot_market_index: QUOTE_SPOT_MARKET,
            perp_market_index: event.market_index,
        };
        let touched = perp_and_quote(event.market_index);
        steps.push(Step::Execute(self.naming_markets(
            resolve.call(accounts, []),
            None,
            touched,
        )));
        Ok(())
    }
}
