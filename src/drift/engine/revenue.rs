//! Revenue of a spot market on its way to the insurance fund, and gifts to pools.

use super::frame::Frame;
use super::insurance::insurance_vault;
use super::{guard, spot, token};
use crate::accounts::{ExchangeOperation, PerpMarket, Pubkey, SpotBalanceType, SpotMarket, TokenAccount};
use crate::error::{ErrorCode, Result, require};
use crate::instruction::{
    DepositIntoPerpMarketFeePool, DepositIntoPerpMarketFeePoolAccounts, DepositIntoSpotMarketRevenuePool,
    DepositIntoSpotMarketRevenuePoolAccounts, SettleRevenueToInsuranceFund,
    SettleRevenueToInsuranceFundAccounts,
};
use crate::key::{TOKEN_PROGRAM, pda};
use crate::math::{funding, withdraw};
use crate::num::{Checked, Narrow};
use crate::units::QUOTE_SPOT_MARKET;

/// Settles the revenue of `market` where its time has come: from the vault at the first of `places` to the insurance
/// vault at the second.
pub(super) fn settle_if_due(
    frame: &mut Frame,
    market: &mut SpotMarket,
    vault: &TokenAccount,
    insured: &TokenAccount,
    places: [usize; 2],
    signer: Pubkey,
) -> Result {
    let now = frame.clock.unix_timestamp;
    let fund = market.insurance_fund;
    let period = fund.revenue_settle_period;
    if period <= 0 || funding::wait(now, fund.last_revenue_settle_ts, period)? > 0 {
        return Ok(());
    }
    let tokens = market.settle_revenue(vault.amount, insured.amount, now, false)?;
    if tokens > 0 {
        let [from, to] = places;
        token::transfer(frame, from, to, signer, tokens)?;
    }
    market.insurance_fund.last_revenue_settle_ts = now;
    Ok(())
}

/// Anyone may have revenue settled when its time has come.
pub(super) fn settle_revenue_to_insurance_fund(
    frame: &mut Frame,
    arguments: &SettleRevenueToInsuranceFund,
) -> Result {
    let at = SettleRevenueToInsuranceFundAccounts::positions();
    let index = arguments.spot_market_index;
    let state = guard::state(frame, at.state)?;
    let mut market = frame.take::<SpotMarket>(at.spot_market)?;
    let vault = token::read(frame, at.spot_market_vault)?;
    let signer = frame.key(at.drift_signer)?;
    let insured = token::read(frame, at.insurance_fund_vault)?;
    guard::program(frame, at.token_program, TOKEN_PROGRAM)?;
    guard::seeds(market.key(), pda::spot_market(index))?;
    frame.must_be_writable(at.spot_market)?;
    guard::spot_vault(frame.key(at.spot_market_vault)?, index)?;
    frame.must_be_writable(at.spot_market_vault)?;
    require(state.signer == signer, ErrorCode::ConstraintRaw)?;
    insurance_vault(frame, at.insurance_fund_vault, index)?;
    guard::not_paused(&state, ExchangeOperation::Withdraw)?;

    require(market.market_index == index, ErrorCode::InvalidSpotMarketAccount)?;
    let now = frame.clock.unix_timestamp;
    let fund = market.insurance_fund;
    let period = fund.revenue_settle_period;
    require(period > 0, ErrorCode::RevenueSettingsCannotSettleToIF)?;
    let wait = funding::wait(now, fund.last_revenue_settle_ts, period)?;
    require(wait == 0, ErrorCode::RevenueSettingsCannotSettleToIF)?;
    let tokens = market.settle_revenue(vault.amount, insured.amount, now, true)?;
    market.insurance_fund.last_revenue_settle_ts = now;
    token::transfer(
        frame,
        at.spot_market_vault,
        at.insurance_fund_vault,
        signer,
        tokens,
    )?;
    withdraw::check_vault(&market, token::read(frame, at.spot_market_vault)?.amount)?;
    frame.put(state);
    frame.put(market);
    Ok(())
}

/// The administrator pays into a perpetual market's fee pool.
pub(super) fn deposit_into_perp_market_fee_pool(
    frame: &mut Frame,
    arguments: &DepositIntoPerpMarketFeePool,
) -> Result {
    let at = DepositIntoPerpMarketFeePoolAccounts::positions();
    let amount = arguments.amount;
    let state = guard::state(frame, at.state)?;
    let mut market = frame.take::<PerpMarket>(at.perp_market)?;
    let admin = frame.signer(at.admin)?;
    let source = token::read(frame, at.source_vault)?;
    let signer = frame.key(at.drift_signer)?;
    let mut quote = frame.take::<SpotMarket>(at.quote_spot_market)?;
    token::read(frame, at.spot_market_vault)?;
    guard::program(frame, at.token_program, TOKEN_PROGRAM)?;
    frame.must_be_writable(at.state)?;
    guard::admin(&state, admin)?;
    frame.must_be_writable(at.perp_market)?;
    frame.must_be_writable(at.source_vault)?;
    require(source.owner == admin, ErrorCode::ConstraintTokenOwner)?;
    require(state.signer == signer, ErrorCode::ConstraintRaw)?;
    guard::seeds(quote.key(), pda::spot_market(QUOTE_SPOT_MARKET))?;
    frame.must_be_writable(at.quote_spot_market)?;
    guard::spot_vault(frame.key(at.spot_market_vault)?, QUOTE_SPOT_MARKET)?;
    frame.must_be_writable(at.spot_market_vault)?;
    guard::perp_listed(&market)?;

    let amm = &mut market.amm;
    amm.total_fee_minus_distributions = amm.total_fee_minus_distributions.plus(amount.into())?;
    let mut pool = amm.fee_pool;
    spot::move_tokens(
        amount.into(),
        SpotBalanceType::Deposit,
        &mut quote,
        &mut pool,
        false,
    )?;
    amm.fee_pool = pool;
    token::transfer(frame, at.source_vault, at.spot_market_vault, admin, amount)?;
    frame.put(state);
    frame.put(market);
    frame.put(quote);
    Ok(())
}

/// Anyone may pay into a spot market's revenue pool.
pub(super) fn deposit_into_spot_market_revenue_pool(
    frame: &mut Frame,
    arguments: &DepositIntoSpotMarketRevenuePool,
) -> Result {
    let at = DepositIntoSpotMarketRevenuePoolAccounts::positions();
    let amount = arguments.amount;
    let state = guard::state(frame, at.state)?;
    let mut market = frame.take::<SpotMarket>(at.spot_market)?;
    let authority = frame.signer(at.authority)?;
    let vault = token::read(frame, at.spot_market_vault)?;
    let source = token::read(frame, at.user_token_account)?;
    guard::program(frame, at.token_program, TOKEN_PROGRAM)?;
    frame.must_be_writable(at.spot_market)?;
    frame.must_be_writable(at.authority)?;
    guard::spot_vault(frame.key(at.spot_market_vault)?, market.market_index)?;
    frame.must_be_writable(at.spot_market_vault)?;
    frame.must_be_writable(at.user_token_account)?;
    require(vault.mint == source.mint, ErrorCode::ConstraintRaw)?;
    require(source.owner == authority, ErrorCode::ConstraintTokenOwner)?;
    guard::not_paused(&state, ExchangeOperation::Deposit)?;

    require(amount > 0, ErrorCode::InsufficientDeposit)?;
    let ended = market.is_over_at(frame.clock.unix_timestamp);
    require(!ended, ErrorCode::DefaultError)?;
    spot::move_revenue(amount.to()?, SpotBalanceType::Deposit, &mut market)?;
    token::transfer(
        frame,
        at.user_token_account,
        at.spot_market_vault,
        authority,
        amount,
    )?;
    market.check_caps()?;
    withdraw::check_vault(&market, token::read(frame, at.spot_market_vault)?.amount)?;
    frame.put(state);
    frame.put(market);
    Ok(())
}
