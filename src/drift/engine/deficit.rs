//! The insurance fund's help for a perpetual market whose users have won more than its pools can pay.

use super::frame::Frame;
use super::insurance::insurance_vault;
use super::markets::{Markets, MustWrite};
use super::settle_pnl::must_be_in_band;
use super::{curve, guard, revenue, spot, token};
use crate::accounts::{ExchangeOperation, PerpMarket, SpotBalanceType, SpotMarket};
use crate::error::{ErrorCode, Result, require};
use crate::instruction::{ResolvePerpPnlDeficit, ResolvePerpPnlDeficitAccounts};
use crate::key::TOKEN_PROGRAM;
use crate::math::{interest, withdraw};
use crate::num::{Checked, Narrow};
use crate::units::QUOTE_SPOT_MARKET;

/// Pays a market's deficit out of the insurance fund, within the market's claim on it. Anyone may ask for it.
pub(super) fn resolve_perp_pnl_deficit(frame: &mut Frame, arguments: &ResolvePerpPnlDeficit) -> Result {
    let at = ResolvePerpPnlDeficitAccounts::positions();
    let (quote, index) = (arguments.spot_market_index, arguments.perp_market_index);
    let state = guard::state(frame, at.state)?;
    frame.signer(at.authority)?;
    let vault = token::read(frame, at.spot_market_vault)?;
    let insured = token::read(frame, at.insurance_fund_vault)?;
    let signer = frame.key(at.drift_signer)?;
    guard::program(frame, at.token_program, TOKEN_PROGRAM)?;
    guard::spot_vault(frame.key(at.spot_market_vault)?, quote)?;
    frame.must_be_writable(at.spot_market_vault)?;
    insurance_vault(frame, at.insurance_fund_vault, quote)?;
    require(state.signer == signer, ErrorCode::ConstraintRaw)?;
    guard::not_paused(&state, ExchangeOperation::Withdraw)?;
    require(quote == QUOTE_SPOT_MARKET, ErrorCode::InvalidSpotMarketAccount)?;

    let mut next = at.token_program + 1;
    let must_write = MustWrite {
        perps: &[index],
        spots: &[quote],
    };
    let mut markets = Markets::load(frame, &mut next, must_write, Some(state.oracle_guard_rails))?;
    curve::refresh(frame.clock, &state, &mut markets, index)?;
    let places = [at.spot_market_vault, at.insurance_fund_vault];
    let asset = markets.spots.get_mut(quote)?;
    revenue::settle_if_due(frame, asset, &vault, &insured, places, signer)?;
    withdraw::check_vault(asset, token::read(frame, at.spot_market_vault)?.amount)?;
    let insured = token::read(frame, at.insurance_fund_vault)?.amount;

    let market = markets.perps.get_mut(index)?;
    if market.amm.curve_update_intensity > 0 {
        require(market.amm.last_oracle_valid.is_set(), ErrorCode::InvalidOracle)?;
        require(
            market.amm.last_update_slot == frame.clock.slot,
            ErrorCode::AMMNotUpdatedInSameSlot,
        )?;
    }
    let now = frame.clock.unix_timestamp;
    require(!market.is_over_at(now), ErrorCode::MarketActionPaused)?;
    let price = markets.oracles.price(&{ market.amm.oracle })?.price;
    must_be_in_band(market, &state, price)?;
    let paid = claim(market, asset, insured, now)?;
    if paid > 0 {
        require(paid < insured, ErrorCode::InsufficientCollateral)?;
        token::transfer(frame, at.insurance_fund_vault, at.spot_market_vault, signer, paid)?;
    }
    markets.restore(frame);
    frame.put(state);
    Ok(())
}

/// Books what the market gets of the `insured` tokens, and answers how many that are.
fn claim(market: &mut PerpMarket, quote: &mut SpotMarket, insured: u64, now: i64) -> Result<u64> {
    require(
        { market.amm.total_fee_minus_distributions } < 0,
        ErrorCode::NoAmmPerpPnlDeficit,
    )?;
    let pool = quote.tokens({ market.pnl_pool }.scaled_balance, SpotBalanceType::Deposit)?;
    require(pool == 0, ErrorCode::SufficientPerpPnlPool)?;
    interest::accrue(quote, None, now)?;

    let excess = match market.unrealized_pnl_max_imbalance {
        0 => 0,
        most => {
            let price = market.amm.historical_oracle_data.last_oracle_price;
            market.amm.users_profit(price)?.minus(most.into())?
        }
    };
    require(excess > 0, ErrorCode::PerpPnlDeficitBelowThreshold)?;
    let claim = market.insurance_claim;
    let in_period = i128::from(claim.max_revenue_withdraw_per_period)
        .minus(claim.revenue_withdraw_since_last_settle.into())?;
    require(in_period > 0, ErrorCode::MaxRevenueWithdrawPerPeriodReached)?;
    let in_all = i128::from(claim.quote_max_insurance.minus(claim.quote_settled_insurance)?);
    require(in_all > 0, ErrorCode::MaxIFWithdrawReached)?;
    let paid = excess
        .min(in_period)
        .min(in_all)
        .min(insured.saturating_sub(1).into());
    require(paid > 0, ErrorCode::NoIFWithdrawAvailable)?;

    let amm = &mut market.amm;
    amm.total_fee_minus_distributions = amm.total_fee_minus_distributions.plus(paid)?;
    let claim = &mut market.insurance_claim;
    claim.revenue_withdraw_since_last_settle =
        { claim.revenue_withdraw_since_last_settle }.plus(paid.to()?)?;
    claim.quote_settled_insurance = { claim.quote_settled_insurance }.plus(paid.to()?)?;
    claim.last_revenue_withdraw_ts = now;
    let mut pool = market.pnl_pool;
    spot::move_tokens(paid.to()?, SpotBalanceType::Deposit, quote, &mut pool, false)?;
    market.pnl_pool = pool;
    paid.to()
}
