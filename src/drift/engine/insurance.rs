//! Stakes in the insurance fund of a spot market.

use super::frame::{Frame, Held};
use super::initialize::create;
use super::revenue;
use super::{guard, token};
use crate::accounts::{
    ExchangeOperation, InsuranceFundStake, InsuranceOperation, MarketStatus, Pubkey, SpotMarket, UserStats,
};
use crate::error::{ErrorCode, Result, require};
use crate::instruction::{
    AddInsuranceFundStake, AddInsuranceFundStakeAccounts, CancelRequestRemoveInsuranceFundStake,
    InitializeInsuranceFundStake, InitializeInsuranceFundStakeAccounts, RemoveInsuranceFundStake,
    RemoveInsuranceFundStakeAccounts, RequestRemoveInsuranceFundStake,
    RequestRemoveInsuranceFundStakeAccounts,
};
use crate::key::{SYSTEM_PROGRAM, TOKEN_PROGRAM, pda};
use crate::math::insurance::{shares_for, tokens_for};
use crate::math::withdraw;
use crate::num::{Checked, Narrow};
use crate::units::QUOTE_SPOT_MARKET;

/// Opens an authority's stake in the fund of a market.
pub(super) fn initialize_insurance_fund_stake(
    frame: &mut Frame,
    arguments: &InitializeInsuranceFundStake,
) -> Result {
    let at = InitializeInsuranceFundStakeAccounts::<usize>::positions();
    let index = arguments.market_index;
    let market = frame.take::<SpotMarket>(at.spot_market)?;
    let stats = frame.take::<UserStats>(at.user_stats)?;
    let state = guard::state(frame, at.state)?;
    let authority = frame.signer(at.authority)?;
    frame.signer(at.payer)?;
    guard::rent(frame, at.rent)?;
    guard::program(frame, at.system_program, SYSTEM_PROGRAM)?;
    let address = pda::insurance_stake(&authority, index);
    let mut stake = create::<InsuranceFundStake>(frame, at.insurance_fund_stake, address)?;
    guard::seeds(market.key(), pda::spot_market(index))?;
    frame.must_be_writable(at.user_stats)?;
    require(stats.authority == authority, ErrorCode::ConstraintHasOne)?;
    frame.must_be_writable(at.payer)?;

    stake.authority = authority;
    stake.market_index = index;
    stake.last_valid_ts = frame.clock.unix_timestamp;
    not_paused(&market, InsuranceOperation::Init)?;
    frame.put(market);
    frame.put(stats);
    frame.put(state);
    frame.put(stake);
    Ok(())
}

fn not_paused(market: &SpotMarket, operation: InsuranceOperation) -> Result {
    let open = !market.is_insurance_paused(operation);
    require(open, ErrorCode::InsuranceFundOperationPaused)
}

/// A stake with whom and what it belongs to.
struct Staker {
    market: Held<SpotMarket>,
    stake: Held<InsuranceFundStake>,
    stats: Held<UserStats>,
    authority: Pubkey,
}

/// Where the accounts of a [`Staker`] stand.
#[derive(Clone, Copy)]
struct Places {
    market: usize,
    stake: usize,
    stats: usize,
    authority: usize,
}

impl Staker {
    fn take(frame: &mut Frame, at: Places) -> Result<Self> {
        Ok(Self {
            market: frame.take(at.market)?,
            stake: frame.take(at.stake)?,
            stats: frame.take(at.stats)?,
            authority: frame.signer(at.authority)?,
        })
    }

    /// The constraints on them, for market `index`.
    fn check(&self, frame: &Frame, at: Places, index: u16) -> Result {
        guard::seeds(self.market.key(), pda::spot_market(index))?;
        frame.must_be_writable(at.stake)?;
        require(
            self.stake.authority == self.authority,
            ErrorCode::ConstraintHasOne,
        )?;
        frame.must_be_writable(at.stats)?;
        require(
            self.stats.authority == self.authority,
            ErrorCode::ConstraintHasOne,
        )
    }

    /// The market, which no constraint asks to be writable, must be so all the same.
    fn may_change(&self) -> Result {
        require(self.market.is_writable(), ErrorCode::UnableToLoadAccountLoader)
    }

    fn is_for(&self, index: u16) -> Result {
        require(
            self.stake.market_index == index,
            ErrorCode::IncorrectSpotMarketAccountPassed,
        )
    }

    /// Brings fund and stake to the base that `vault` tokens ask for; answers the stake's shares.
    fn rebase(&mut self, vault: u64) -> Result<u128> {
        self.market.rebase_insurance(vault)?;
        self.stake.rebase(&self.market)?;
        self.stake.shares(&self.market)
    }

    /// Counts on the statistics what a stake in the quote market's fund, of then `vault` tokens, is worth.
    fn count(&mut self, vault: u64) -> Result {
        if self.market.market_index == QUOTE_SPOT_MARKET {
            let total = { self.market.insurance_fund }.total_shares;
            self.stats.if_staked_quote_asset_amount =
                tokens_for(self.stake.shares(&self.market)?, total, vault)?;
        }
        Ok(())
    }

    /// Takes `shares` from stake and fund.
    fn give_up(&mut self, shares: u128) -> Result {
        self.stake.if_shares = { self.stake.if_shares }.minus(shares)?;
        let fund = &mut self.market.insurance_fund;
        fund.total_shares = fund.total_shares.minus(shares)?;
        fund.user_shares = fund.user_shares.minus(shares)?;
        Ok(())
    }

    /// Ends a request to withdraw.
    fn end_request(&mut self, now: i64) {
        self.stake.last_withdraw_request_shares = 0;
        self.stake.last_withdraw_request_value = 0;
        self.stake.last_withdraw_request_ts = now;
    }

    fn put(self, frame: &mut Frame) {
        frame.put(self.market);
        frame.put(self.stake);
        frame.put(self.stats);
    }
}

/// `given` is the insurance vault of market `index`, or `ConstraintSeeds`; and it may be changed.
pub(super) fn insurance_vault(frame: &Frame, position: usize, index: u16) -> Result {
    guard::seeds(frame.key(position)?, pda::insurance_vault(index))?;
    frame.must_be_writable(position)
}

/// Stakes tokens, after revenue that is due has come in.
pub(super) fn add_insurance_fund_stake(frame: &mut Frame, arguments: &AddInsuranceFundStake) -> Result {
    let at = AddInsuranceFundStakeAccounts::positions();
    let (index, amount) = (arguments.market_index, arguments.amount);
    let places = Places {
        market: at.spot_market,
        stake: at.insurance_fund_stake,
        stats: at.user_stats,
        authority: at.authority,
    };
    let state = guard::state(frame, at.state)?;
    let mut staker = Staker::take(frame, places)?;
    let authority = staker.authority;
    let vault = token::read(frame, at.spot_market_vault)?;
    let insured = token::read(frame, at.insurance_fund_vault)?;
    let signer = frame.key(at.drift_signer)?;
    let source = token::read(frame, at.user_token_account)?;
    guard::program(frame, at.token_program, TOKEN_PROGRAM)?;
    staker.check(frame, places, index)?;
    guard::spot_vault(frame.key(at.spot_market_vault)?, index)?;
    frame.must_be_writable(at.spot_market_vault)?;
    insurance_vault(frame, at.insurance_fund_vault, index)?;
    require(state.signer == signer, ErrorCode::ConstraintRaw)?;
    frame.must_be_writable(at.user_token_account)?;
    require(source.owner == authority, ErrorCode::ConstraintTokenOwner)?;
    require(source.mint == insured.mint, ErrorCode::ConstraintTokenMint)?;

    require(amount > 0, ErrorCode::InsufficientDeposit)?;
    staker.may_change()?;
    not_paused(&staker.market, InsuranceOperation::Add)?;
    staker.is_for(index)?;
    require(
        staker.market.status != MarketStatus::Initialized,
        ErrorCode::InvalidSpotMarketState,
    )?;
    let requested = (
        { staker.stake.last_withdraw_request_shares },
        staker.stake.last_withdraw_request_value,
    );
    require(requested == (0, 0), ErrorCode::IFWithdrawRequestInProgress)?;

    revenue::settle_if_due(
        frame,
        &mut staker.market,
        &vault,
        &insured,
        [at.spot_market_vault, at.insurance_fund_vault],
        signer,
    )?;
    let left = token::read(frame, at.spot_market_vault)?.amount;
    let insured = token::read(frame, at.insurance_fund_vault)?.amount;
    withdraw::check_vault(&staker.market, left)?;

    let total = { staker.market.insurance_fund }.total_shares;
    require(insured != 0 || total == 0, ErrorCode::InvalidIFForNewStakes)?;
    let before = staker.rebase(insured)?;
    let shares = shares_for(amount, { staker.market.insurance_fund }.total_shares, insured)?;
    let basis: i64 = amount.to()?;
    staker.stake.cost_basis = match before {
        0 => basis,
        _ => { staker.stake.cost_basis }.plus(basis)?,
    };
    staker.stake.if_shares = { staker.stake.if_shares }.plus(shares)?;
    let fund = &mut staker.market.insurance_fund;
    fund.total_shares = fund.total_shares.plus(shares)?;
    fund.user_shares = fund.user_shares.plus(shares)?;
    if staker.market.market_index == QUOTE_SPOT_MARKET {
        staker.count(insured.plus(amount)?)?;
    }

    token::transfer(
        frame,
        at.user_token_account,
        at.insurance_fund_vault,
        authority,
        amount,
    )?;
    frame.put(state);
    staker.put(frame);
    Ok(())
}

/// Asks for tokens back: their value now is the most that can be had once the unstaking period is over.
pub(super) fn request_remove_insurance_fund_stake(
    frame: &mut Frame,
    arguments: &RequestRemoveInsuranceFundStake,
) -> Result {
    let index = arguments.market_index;
    let (mut staker, vault) = requester(frame, index)?;
    not_paused(&staker.market, InsuranceOperation::RequestRemove)?;
    staker.is_for(index)?;
    require(
        { staker.stake.last_withdraw_request_shares } == 0,
        ErrorCode::IFWithdrawRequestInProgress,
    )?;
    let shares = shares_for(
        arguments.amount,
        { staker.market.insurance_fund }.total_shares,
        vault,
    )?;
    require(shares > 0, ErrorCode::IFWithdrawRequestTooSmall)?;
    require(
        staker.stake.shares(&staker.market)? >= shares,
        ErrorCode::InsufficientIFShares,
    )?;

    staker.stake.last_withdraw_request_shares = shares;
    let held = staker.rebase(vault)?;
    let shares = { staker.stake.last_withdraw_request_shares };
    require(shares <= held, ErrorCode::InvalidInsuranceUnstakeSize)?;
    // A token stays, so that the fund is never empty.
    let value = tokens_for(shares, { staker.market.insurance_fund }.total_shares, vault)?
        .min(vault.saturating_sub(1));
    staker.stake.last_withdraw_request_value = value;
    require(value == 0 || value < vault, ErrorCode::InvalidIFUnstakeSize)?;
    staker.count(vault)?;
    staker.stake.last_withdraw_request_ts = frame.clock.unix_timestamp;
    staker.put(frame);
    Ok(())
}

/// Gives a request up, and with it what the shares have gained meanwhile.
pub(super) fn cancel_request_remove_insurance_fund_stake(
    frame: &mut Frame,
    arguments: &CancelRequestRemoveInsuranceFundStake,
) -> Result {
    let index = arguments.market_index;
    let (mut staker, vault) = requester(frame, index)?;
    staker.is_for(index)?;
    require(
        { staker.stake.last_withdraw_request_shares } != 0,
        ErrorCode::NoIFWithdrawRequestInProgress,
    )?;
    staker.rebase(vault)?;
    require(
        { staker.stake.last_withdraw_request_shares } != 0,
        ErrorCode::InvalidIFUnstakeCancel,
    )?;
    let forfeited = staker.stake.forfeited(&staker.market, vault)?;
    staker.give_up(forfeited)?;
    staker.count(vault)?;
    staker.end_request(frame.clock.unix_timestamp);
    staker.put(frame);
    Ok(())
}

/// The staker of a request, and the tokens in the insurance vault. Making a request and giving it up name the same
/// accounts.
fn requester(frame: &mut Frame, index: u16) -> Result<(Staker, u64)> {
    let at = RequestRemoveInsuranceFundStakeAccounts::positions();
    let places = Places {
        market: at.spot_market,
        stake: at.insurance_fund_stake,
        stats: at.user_stats,
        authority: at.authority,
    };
    let staker = Staker::take(frame, places)?;
    let insured = token::read(frame, at.insurance_fund_vault)?.amount;
    staker.check(frame, places, index)?;
    insurance_vault(frame, at.insurance_fund_vault, index)?;
    staker.may_change()?;
    Ok((staker, insured))
}

/// Pays out what was asked for, once the unstaking period is over: no more than the shares are worth by now.
pub(super) fn remove_insurance_fund_stake(frame: &mut Frame, arguments: &RemoveInsuranceFundStake) -> Result {
    let at = RemoveInsuranceFundStakeAccounts::positions();
    let index = arguments.market_index;
    let places = Places {
        market: at.spot_market,
        stake: at.insurance_fund_stake,
        stats: at.user_stats,
        authority: at.authority,
    };
    let state = guard::state(frame, at.state)?;
    let mut staker = Staker::take(frame, places)?;
    let insured = token::read(frame, at.insurance_fund_vault)?;
    let signer = frame.key(at.drift_signer)?;
    let target = token::read(frame, at.user_token_account)?;
    guard::program(frame, at.token_program, TOKEN_PROGRAM)?;
    staker.check(frame, places, index)?;
    insurance_vault(frame, at.insurance_fund_vault, index)?;
    require(state.signer == signer, ErrorCode::ConstraintRaw)?;
    frame.must_be_writable(at.user_token_account)?;
    require(target.owner == staker.authority, ErrorCode::ConstraintTokenOwner)?;
    require(target.mint == insured.mint, ErrorCode::ConstraintTokenMint)?;
    guard::not_paused(&state, ExchangeOperation::Withdraw)?;

    staker.may_change()?;
    not_paused(&staker.market, InsuranceOperation::Remove)?;
    staker.is_for(index)?;
    require(
        staker.market.has_healthy_utilization()?,
        ErrorCode::SpotMarketInsufficientDeposits,
    )?;
    let now = frame.clock.unix_timestamp;
    let amount = redeem(&mut staker, insured.amount, now)?;

    token::transfer(
        frame,
        at.insurance_fund_vault,
        at.user_token_account,
        signer,
        amount,
    )?;
    let left = token::read(frame, at.insurance_fund_vault)?.amount;
    require(left > 0, ErrorCode::InvalidIFDetected)?;
    withdraw::lenders_claim(&staker.market)?;
    frame.put(state);
    staker.put(frame);
    Ok(())
}

/// Books the withdrawal out of `vault` tokens, and answers how many of them go.
fn redeem(staker: &mut Staker, vault: u64, now: i64) -> Result<u64> {
    let waited = now.minus(staker.stake.last_withdraw_request_ts)?;
    require(
        waited >= { staker.market.insurance_fund }.unstaking_period,
        ErrorCode::TryingToRemoveLiquidityTooFast,
    )?;
    let held = staker.rebase(vault)?;
    let shares = { staker.stake.last_withdraw_request_shares };
    require(shares > 0, ErrorCode::InvalidIFUnstake)?;
    require(held >= shares, ErrorCode::InsufficientIFShares)?;
    let worth = tokens_for(shares, { staker.market.insurance_fund }.total_shares, vault)?;
    // The program reckons it for its log, and whatever that refuses is refused.
    staker.stake.forfeited(&staker.market, vault)?;
    let paid = worth.min(staker.stake.last_withdraw_request_value);
    staker.stake.cost_basis = { staker.stake.cost_basis }.minus(paid.to()?)?;
    staker.give_up(shares)?;
    staker.end_request(now);
    if staker.market.market_index == QUOTE_SPOT_MARKET {
        staker.count(vault.minus(worth)?)?;
    }
    Ok(paid)
}
