//! Events into instructions: what somebody wants, given the accounts as they stand, in the program's words.
//!
//! | event | instructions |
//! |---|---|
//! | `deposit_collateral` | the user's accounts at the first one, then `deposit` if the amount is above 0 |
//! | `_mid_sim_deposit_collateral` | `deposit`; of the whole debt where the user owes in that market |
//! | `withdraw_collateral` | `withdraw` |
//! | `perp_oracle_price`, `spot_oracle_price` | none: the oracle's account is written |
//! | `add_liquidity` | `add_perp_lp_shares` |
//! | `remove_liquidity` | `remove_perp_lp_shares` of what is asked for, at most of what is there |
//! | `expel_liquidity` | `remove_perp_lp_shares_in_expiring_market` of all there is |
//! | `open_position` | `place_and_take_perp_order`, at market, for the quote amount at the mark price, or for a multiple of free collateral ([`DriftSimCompat`](super::DriftSimCompat)) |
//! | `close_position` | the same for the whole position, reduce-only |
//! | `settle_pnl`, `settle_lp`, `settle_funding_payment`, `resolve_perp_pnl_deficit`, `cancel_orders` | the instruction of that name |
//! | `update_funding_rate`, `update_k`, `repeg`, `settle_expired_market` | the instruction of that name |
//! | `liquidate` | one instruction after another, each from the accounts as they stand then |
//! | `init_if_stake`, `add_if_stake` | `initialize_insurance_fund_stake`, `add_insurance_fund_stake` |
//! | `remove_if_stake` | `request_remove_insurance_fund_stake` unless one stands, and `remove_insurance_fund_stake` |
//! | `settle_revenue` | `settle_revenue_to_insurance_fund` |
//! | `fund_fee_pool`, `fund_revenue_pool` | tokens for the treasury, and `deposit_into_perp_market_fee_pool`, `deposit_into_spot_market_revenue_pool` |
//! | `update_perp_market`, `update_spot_market`, `update_exchange`, `update_guard_rails` | the `update_*` that set what is given |
//! | `expire_market` | `update_perp_market_expiry`, `update_spot_market_expiry` |
//! | `close_expired_market` | `settle_expired_market_pools_to_revenue_pool` |
//! | `null` | none |

mod admin;
mod collateral;
mod expiry;
mod insurance;
mod liquidate;
mod liquidity;
mod settle;
mod trade;

use super::World;
use super::places::{PerpPlace, SpotPlace, UserPlace};
use super::remaining::Touched;
use crate::event::Kind;
use drift::accounts::{Account, Pubkey};
use drift::error::ErrorCode;
use drift::instruction::{Address, Call};
use drift::ledger::Ledger;
pub use liquidate::Course;
use std::borrow::Cow;

/// What an event does to a ledger.
#[derive(Clone, Debug)]
// A few live at a time, and most are calls.
#[allow(clippy::large_enum_variant)]
pub enum Step {
    /// Writes an account from outside, as a faucet does.
    Set(Address, Account),
    /// Opens the wallet of somebody who signs.
    Open(Pubkey),
    /// Sends an instruction.
    Execute(Call),
}

/// Why an event cannot be turned into instructions.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum LowerError {
    /// A market that the world does not have.
    #[error("there is no {kind} market {index}")]
    NoMarket {
        /// `perp` or `spot`.
        kind: &'static str,
        /// Its number.
        index: u16,
    },
    /// A user who has no account.
    #[error("user {0} never deposited: a `deposit_collateral` must come first")]
    NoUser(u32),
    /// The quote asset is worth one dollar by definition.
    #[error("the quote market, spot market 0, has no oracle")]
    QuoteOracle,
    /// An account of the exchange that is not there.
    #[error("the exchange has no {0}")]
    NoAccount(&'static str),
    /// A user whose free collateral cannot be computed.
    #[error("the free collateral of user {user} cannot be computed: {code}")]
    NoCollateral {
        /// Which.
        user: u32,
        /// Why.
        code: ErrorCode,
    },
    /// A market whose price cannot be computed.
    #[error("the mark price of perp market {market} cannot be computed: {code}")]
    NoMark {
        /// Which.
        market: u16,
        /// Why.
        code: ErrorCode,
    },
}

impl LowerError {
    pub(super) fn perp(index: u16) -> Self {
        Self::NoMarket { kind: "perp", index }
    }

    pub(super) fn spot(index: u16) -> Self {
        Self::NoMarket { kind: "spot", index }
    }
}

impl World {
    /// Adds to `steps` those that carry `kind` out, from the accounts as they stand in `ledger`. Where they are not all, `course`
    /// goes on: the event is lowered again when these have been executed.
    pub fn lower<L: Ledger>(
        &self,
        ledger: &L,
        kind: &Kind,
        course: &mut Course,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        match kind {
            Kind::Null(_) | Kind::PerpOraclePrice(_) | Kind::SpotOraclePrice(_) => Ok(()),
            Kind::DepositCollateral(event) => self.deposit_collateral(ledger, event, steps),
            Kind::MidSimDeposit(event) => self.mid_sim_deposit(ledger, event, steps),
            Kind::WithdrawCollateral(event) => self.withdraw(ledger, event, steps),
            Kind::AddLiquidity(event) => self.add_liquidity(ledger, event, steps),
            Kind::RemoveLiquidity(event) => self.remove_liquidity(ledger, event, steps),
            Kind::ExpelLiquidity(event) => self.expel_liquidity(ledger, event, steps),
            Kind::OpenPosition(event) => self.open_position(ledger, event, steps),
            Kind::ClosePosition(event) => self.close_position(ledger, event, steps),
            Kind::CancelOrders(event) => self.cancel_orders(ledger, event, steps),
            Kind::SettlePnl(event) => self.settle_pnl(ledger, event.user_index, event.market_index, steps),
            Kind::SettleLp(event) => self.settle_lp(ledger, event, steps),
            Kind::SettleFundingPayment(event) => self.settle_funding_payment(ledger, event, steps),
            Kind::Liquidate(event) => self.liquidate(ledger, event, course, steps),
            Kind::InitIfStake(event) => self.init_if_stake(ledger, event, steps),
            Kind::AddIfStake(event) => self.add_if_stake(ledger, event, steps),
            Kind::RemoveIfStake(event) => self.remove_if_stake(ledger, event, steps),
            Kind::SettleRevenue(event) => self.settle_revenue(event, steps),
            Kind::ResolvePerpPnlDeficit(event) => self.resolve_perp_pnl_deficit(event, steps),
            Kind::FundFeePool(event) => self.fund_fee_pool(ledger, event, steps),
            Kind::FundRevenuePool(event) => self.fund_revenue_pool(ledger, event, steps),
            Kind::UpdateFundingRate(event) => self.update_funding_rate(event, steps),
            Kind::UpdateK(event) => self.update_k(event, steps),
            Kind::Repeg(event) => self.repeg(event, steps),
            Kind::UpdatePerpMarket(event) => self.update_perp_market(ledger, event, steps),
            Kind::UpdateSpotMarket(event) => self.update_spot_market(ledger, event, steps),
            Kind::UpdateGuardRails(event) => self.update_guard_rails(ledger, event, steps),
            Kind::UpdateExchange(event) => self.update_exchange(ledger, event, steps),
            Kind::ExpireMarket(event) => self.expire_market(ledger, event, steps),
            Kind::SettleExpiredMarket(event) => self.settle_expired_market(event, steps),
            Kind::CloseExpiredMarket(event) => self.close_expired_market(event, steps),
        }
    }

    fn known(&self, market: u16) -> Result<&PerpPlace, LowerError> {
        self.perps
            .get(usize::from(market))
            .ok_or(LowerError::perp(market))
    }

    fn known_spot(&self, market: u16) -> Result<&SpotPlace, LowerError> {
        self.spots
            .get(usize::from(market))
            .ok_or(LowerError::spot(market))
    }

    fn actor<'a, L: Ledger>(
        &self,
        ledger: &'a L,
        number: u32,
    ) -> Result<(Cow<'_, UserPlace>, &'a drift::accounts::User), LowerError> {
        let user = self.user(ledger, number).ok_or(LowerError::NoUser(number))?;
        Ok((self.user_place(number), user))
    }
}

fn perp(market: u16) -> Touched {
    Touched {
        perp: Some(market),
        ..Touched::default()
    }
}

fn spot(market: u16) -> Touched {
    Touched {
        spot: Some(market),
        ..Touched::default()
    }
}
