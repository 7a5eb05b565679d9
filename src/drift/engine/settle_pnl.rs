//! Settling profit or loss: a position's quote becomes a deposit or a borrow, against the market's pnl pool.

use super::frame::{Frame, Switches};
use super::markets::{Markets, MustWrite};
use super::{curve, derisk, guard, lp, margin_check, pools, position, settle_expired, spot};
use crate::accounts::{
    ExchangeOperation, MarketStatus, PerpMarket, PerpOperation, Pubkey, SpotBalanceType, SpotMarket, State,
    TokenAccount, User, UserStatus,
};
use crate::clock::Clock;
use crate::error::{ErrorCode, Result};
use crate::instruction::{SettlePnl, SettlePnlAccounts};
use crate::math::oracle::{OracleValidity, Purpose};
use crate::math::{divergence, interest, withdraw};
use crate::num::{Checked, Narrow};
use crate::units::QUOTE_SPOT_MARKET;

/// The accounts' contents while profit or loss is settled.
pub(super) struct Settling<'a> {
    pub state: &'a State,
    pub user: &'a mut User,
    pub markets: &'a mut Markets,
    pub clock: Clock,
    pub switches: Switches,
    /// The perpetual market.
    pub index: u16,
}

/// Settles a user's profit or loss in one market. Anyone may ask for it, but a profit that the pool does not hold in
/// excess is for the user alone to take.
pub(super) fn settle_pnl(frame: &mut Frame, arguments: &SettlePnl) -> Result {
    let at = SettlePnlAccounts::positions();
    let state = guard::state(frame, at.state)?;
    let mut user = frame.take::<User>(at.user)?;
    let signer = frame.signer(at.authority)?;
    let vault = frame.take::<TokenAccount>(at.spot_market_vault)?;
    frame.must_be_writable(at.user)?;
    guard::spot_vault(vault.key(), QUOTE_SPOT_MARKET)?;
    guard::not_paused(&state, ExchangeOperation::SettlePnl)?;
    frame.lock(&user);

    let index = arguments.market_index;
    let mut next = at.spot_market_vault + 1;
    let must_write = MustWrite {
        perps: &[index],
        spots: &[QUOTE_SPOT_MARKET],
    };
    let mut markets = Markets::load(frame, &mut next, must_write, Some(state.oracle_guard_rails))?;

    let expired = markets.perps.get(index)?.status == MarketStatus::Settlement;
    if expired {
        guard::not_paused(&state, ExchangeOperation::Amm)?;
    } else {
        curve::refresh(frame.clock, &state, &mut markets, index)?;
    }
    let mut settling = Settling {
        state: &state,
        user: &mut user,
        markets: &mut markets,
        clock: frame.clock,
        switches: frame.switches,
        index,
    };
    if expired {
        settle_expired::settle(&mut settling)?;
    } else {
        settling.run(signer)?;
    }
    user.touch(frame.clock.slot);
    withdraw::check_vault(markets.spots.get(QUOTE_SPOT_MARKET)?, vault.amount)?;

    markets.restore(frame);
    frame.put(vault);
    frame.put(user);
    frame.put(state);
    Ok(())
}

impl Settling<'_> {
    fn run(&mut self, signer: Pubkey) -> Result {
        if self.user.is_bankrupt() {
            return Err(ErrorCode::UserBankrupt);
        }
        let now = self.clock.unix_timestamp;
        interest::accrue(self.markets.spots.get_mut(QUOTE_SPOT_MARKET)?, None, now)?;
        let market = self.markets.perps.get_mut(self.index)?;
        let price = self.markets.oracles.price(&{ market.amm.oracle })?.price;
        must_be_in_band(market, self.state, price)?;
        lp::settle_funding_then_lp(self.user, market, now)?;
        let place = self.user.perp_place(self.index)?;
        if !self.margin_allows(place, price)? {
            return Ok(());
        }
        self.oracle_must_serve(price)?;
        must_be_allowed(
            self.markets.perps.get(self.index)?,
            self.user.perp_positions[place].is_open(),
        )?;
        self.settle(place, price, signer)
    }

    /// Whether to go on. A loss needs strict maintenance margin (`InsufficientCollateralForSettlingPNL`). A provider
    /// without initial margin loses shares first, and if a loss still lacks its margin then, nothing more is done.
    fn margin_allows(&mut self, place: usize, price: i64) -> Result<bool> {
        let position = &self.user.perp_positions[place];
        let loses = position.unrealized_pnl(price)? < 0;
        if position.is_lp() && !self.user.is(UserStatus::AdvancedLp) {
            let burned = derisk::burn_if_short(self)?;
            return Ok(!burned || !loses || margin_check::has_strict_maintenance(self.user, self.markets)?);
        }
        if loses && !margin_check::has_strict_maintenance(self.user, self.markets)? {
            return Err(ErrorCode::InsufficientCollateralForSettlingPNL);
        }
        Ok(true)
    }

    /// In a market that moves its curve, the oracle must have been good when the curve was last updated, in this slot,
    /// or be good enough and calm now.
    fn oracle_must_serve(&mut self, price: i64) -> Result {
        let Markets { oracles, perps, .. } = &mut *self.markets;
        let market = perps.get(self.index)?;
        let amm = &market.amm;
        if amm.curve_update_intensity == 0 || amm.is_current(oracles.slot) {
            return Ok(());
        }
        let (_, validity) = oracles.price_and_validity(
            &{ amm.oracle },
            amm.historical_oracle_data.last_oracle_price_twap,
            market.confidence_multiple(),
        )?;
        if validity.serves(Purpose::SettlePnl) && market.is_calm_at(price)? {
            return Ok(());
        }
        if !amm.last_oracle_valid.is_set() {
            return Err(fault(validity));
        }
        if oracles.slot != amm.last_update_slot {
            return Err(ErrorCode::AMMNotUpdatedInSameSlot);
        }
        Ok(())
    }

    fn settle(&mut self, place: usize, price: i64, signer: Pubkey) -> Result {
        let market = self.markets.perps.get_mut(self.index)?;
        let quote = self.markets.spots.get_mut(QUOTE_SPOT_MARKET)?;
        let excess = pool_excess(market, quote, price)?;
        let position = &self.user.perp_positions[place];
        let is_open = position.is_open();
        let claim = position.claimable_pnl(price, excess)?;
        let now = self.clock.unix_timestamp;
        let pnl = pools::rebalance(market, quote, self.user.quote()?, claim, now)?;
        if claim == 0 {
            return Err(ErrorCode::NoUnsettledPnl);
        }
        if pnl == 0 {
            return Err(ErrorCode::PnlPoolCantSettleUser);
        }
        let being_closed = pnl > 0 && !is_open && self.user.in_liquidation();
        let by_owner = self.user.authority == signer || self.user.delegate == signer;
        if pnl >= 0 && excess <= 0 && !being_closed && !by_owner {
            return Err(ErrorCode::UserMustSettleTheirOwnPositiveUnsettledPNL);
        }
        let direction = if pnl > 0 {
            SpotBalanceType::Deposit
        } else {
            SpotBalanceType::Borrow
        };
        spot::move_tokens(
            pnl.unsigned_abs(),
            direction,
            quote,
            self.user.quote_mut()?,
            false,
        )?;
        let pnl: i64 = pnl.to()?;
        position::add_quote(&mut self.user.perp_positions[place], market, -pnl)?;
        self.user.book_settled_pnl(place, pnl)?;
        market.check()?;
        position::check(&self.user.perp_positions[place], market)
    }
}

/// What the pnl pool and a fifth of the fee pool hold (1e6) above all that users together are owed at `price` (1e6).
fn pool_excess(market: &PerpMarket, quote: &SpotMarket, price: i64) -> Result<i128> {
    let pnl_pool = quote.tokens(market.pnl_pool.scaled_balance, SpotBalanceType::Deposit)?;
    let fee_pool = quote.tokens(market.amm.fee_pool.scaled_balance, SpotBalanceType::Deposit)?;
    let available: i128 = pnl_pool.plus(fee_pool / 5)?.to()?;
    let owed = market.amm.users_profit(price)?;
    if owed < available {
        available.minus(owed.max(0))
    } else {
        Ok(0)
    }
}

/// Refuses with `InvalidMarketStatusToSettlePnl` where the market does not settle, or not with a position open.
fn must_be_allowed(market: &PerpMarket, is_open: bool) -> Result {
    let paused = market.is_paused(PerpOperation::SettlePnl)
        || (is_open && market.is_paused(PerpOperation::SettlePnlWithPosition));
    let status = market.status;
    let in_service = status == MarketStatus::Active || (!is_open && status == MarketStatus::ReduceOnly);
    if paused || !in_service {
        return Err(ErrorCode::InvalidMarketStatusToSettlePnl);
    }
    Ok(())
}

/// Refuses with `PriceBandsBreached` a market whose mark or oracle (1e6), whichever is further off, has left the
/// oracle's five-minute average by more than the exchange's limit.
pub(super) fn must_be_in_band(market: &PerpMarket, state: &State, oracle: i64) -> Result {
    let amm = &market.amm;
    let mark_gap = amm.gap_to_oracle_5min(amm.reserve_price()?)?;
    let oracle_gap = amm.gap_to_oracle_5min(oracle.unsigned_abs())?;
    let gap = if mark_gap.unsigned_abs() > oracle_gap.unsigned_abs() {
        mark_gap
    } else {
        oracle_gap
    };
    if divergence::is_too_far(gap, state.oracle_guard_rails.price_divergence) {
        return Err(ErrorCode::PriceBandsBreached);
    }
    Ok(())
}

/// The refusal of a price that is not good enough.
fn fault(validity: OracleValidity) -> ErrorCode {
    use OracleValidity as Is;
    match validity {
        // The program has no error for this and aborts.
        Is::Valid => ErrorCode::ProgramFailedToComplete,
        Is::StaleForAmm => ErrorCode::OracleStaleForAMM,
        Is::TooFewPublishers => ErrorCode::OracleInsufficientDataPoints,
        Is::StaleForMargin => ErrorCode::OracleStaleForMargin,
        Is::TooUncertain => ErrorCode::OracleTooUncertain,
        Is::TooVolatile => ErrorCode::OracleTooVolatile,
        Is::NonPositive => ErrorCode::OracleNonPositive,
    }
}
