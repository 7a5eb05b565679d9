//! Debts of users who have nothing left: the insurance fund pays first, then the market's fees, and what remains is
//! spread over everybody else in the market.

use super::frame::{Frame, Held};
use super::insurance::insurance_vault;
use super::liquidation::{Named, Sides};
use super::margin::{Margin, Terms};
use super::markets::{Markets, MustWrite};
use super::{guard, position, revenue, spot, token};
use crate::accounts::{
    ExchangeOperation, PerpMarket, PerpOperation, Pubkey, SpotBalanceType, SpotMarket, SpotOperation, State,
    User,
};
use crate::error::{ErrorCode, Result, require};
use crate::instruction::{ResolvePerpBankruptcy, ResolvePerpBankruptcyAccounts, ResolveSpotBankruptcy};
use crate::key::TOKEN_PROGRAM;
use crate::math::spot_balance::token_value;
use crate::math::weight::MarginType;
use crate::math::{interest, withdraw};
use crate::num::{Checked, Narrow};
use crate::units::{BASE, FUNDING_RATE, QUOTE, QUOTE_SPOT_MARKET};

/// Who is bankrupt and who asks, with the vaults of a spot market.
struct Case {
    state: Held<State>,
    user: Held<User>,
    liquidator: Held<User>,
    markets: Markets,
    signer: Pubkey,
    /// Tokens in the insurance vault.
    insured: u64,
}

impl Case {
    /// Both instructions name the same accounts. `asset` is the spot market whose vaults they are.
    fn open(frame: &mut Frame, asset: u16, must_write: MustWrite) -> Result<Self> {
        let at = ResolvePerpBankruptcyAccounts::positions();
        let named = Named::load(frame)?;
        let vault = token::read(frame, at.spot_market_vault)?;
        let insured = token::read(frame, at.insurance_fund_vault)?;
        let signer = frame.key(at.drift_signer)?;
        guard::program(frame, at.token_program, TOKEN_PROGRAM)?;
        named.check(frame)?;
        guard::spot_vault(frame.key(at.spot_market_vault)?, asset)?;
        frame.must_be_writable(at.spot_market_vault)?;
        insurance_vault(frame, at.insurance_fund_vault, asset)?;
        require(named.state.signer == signer, ErrorCode::ConstraintRaw)?;
        guard::not_paused(&named.state, ExchangeOperation::Withdraw)?;
        let Sides {
            state,
            user,
            liquidator,
        } = named.part(frame)?;
        // A perpetual market settles in quote.
        let of_perp = !must_write.perps.is_empty();
        require(
            !of_perp || asset == QUOTE_SPOT_MARKET,
            ErrorCode::InvalidSpotMarketAccount,
        )?;

        let mut next = at.token_program + 1;
        let mut markets = Markets::load(frame, &mut next, must_write, Some(state.oracle_guard_rails))?;
        let market = markets.spots.get_mut(asset)?;
        let places = [at.spot_market_vault, at.insurance_fund_vault];
        revenue::settle_if_due(frame, market, &vault, &insured, places, signer)?;
        withdraw::check_vault(market, token::read(frame, at.spot_market_vault)?.amount)?;
        let insured = token::read(frame, at.insurance_fund_vault)?.amount;
        Ok(Self {
            state,
            user,
            liquidator,
            markets,
            signer,
            insured,
        })
    }

    /// Refuses a user who can still pay, and a liquidator who cannot.
    fn admit(&mut self) -> Result {
        if !self.user.is_bankrupt() && self.user.is_insolvent() {
            self.user.declare_bankrupt();
        }
        require(self.user.is_bankrupt(), ErrorCode::UserNotBankrupt)?;
        // Which whoever is bankrupt counts as, too.
        require(
            !self.liquidator.in_liquidation(),
            ErrorCode::UserIsBeingLiquidated,
        )
    }

    /// The program reckons margin for its log, and whatever that refuses is refused.
    fn reckon(&mut self) -> Result {
        Margin::of(&self.user, &mut self.markets, Terms::new(MarginType::Maintenance))?;
        Ok(())
    }

    /// Has the insurance fund pay `paid` tokens, and puts everything back.
    fn close(mut self, frame: &mut Frame, asset: u16, paid: u64) -> Result {
        let at = ResolvePerpBankruptcyAccounts::positions();
        if !self.user.is_insolvent() {
            self.user.leave_liquidation();
        }
        // The program names the liquidation that this ends, which must have had a number.
        self.user.next_liquidation_id.minus(1)?;
        if paid > 0 {
            token::transfer(
                frame,
                at.insurance_fund_vault,
                at.spot_market_vault,
                self.signer,
                paid,
            )?;
        }
        let left = token::read(frame, at.spot_market_vault)?.amount;
        withdraw::check_vault(self.markets.spots.get(asset)?, left)?;
        self.markets.restore(frame);
        frame.put(self.user);
        frame.put(self.liquidator);
        frame.put(self.state);
        Ok(())
    }
}

/// Pays a bankrupt user's loss in a perpetual market. What insurance and fees do not cover, all positions pay as funding.
pub(super) fn resolve_perp_bankruptcy(frame: &mut Frame, arguments: &ResolvePerpBankruptcy) -> Result {
    let (asset, index) = (arguments.quote_spot_market_index, arguments.market_index);
    let must_write = MustWrite {
        perps: &[index],
        spots: &[asset],
    };
    let mut case = Case::open(frame, asset, must_write)?;
    case.admit()?;
    let market = case.markets.perps.get(index)?;
    require(
        !market.is_paused(PerpOperation::Liquidation),
        ErrorCode::InvalidLiquidation,
    )?;
    let place = case.user.perp_place(index)?;
    let loss = i128::from(case.user.perp_positions[place].quote_asset_amount);
    require(loss < 0, ErrorCode::InvalidPerpPositionToLiquidate)?;
    case.reckon()?;

    let Markets {
        perps,
        spots,
        oracles,
        ..
    } = &mut case.markets;
    let market = perps.get_mut(index)?;
    let quote = spots.get_mut(QUOTE_SPOT_MARKET)?;
    let price = oracles.price(&{ quote.oracle })?;
    let insured = insure(market, loss.unsigned_abs(), case.insured)?;
    interest::accrue(quote, Some(&price), frame.clock.unix_timestamp)?;
    let mut pool = market.pnl_pool;
    spot::move_tokens(insured, SpotBalanceType::Deposit, quote, &mut pool, false)?;
    market.pnl_pool = pool;
    let left = loss.plus(insured.to()?)?;
    let fees = pay_from_fees(market, quote, left)?;
    socialize(market, left.plus(fees)?)?;

    let held = &mut case.user.perp_positions[place];
    let owed = held.quote_asset_amount;
    position::add_quote(held, market, 0i64.minus(owed)?)?;
    case.user.total_social_loss = case.user.total_social_loss.saturating_add(owed.unsigned_abs());
    let paid: u64 = insured.to()?;
    require(
        paid == 0 || paid < case.insured,
        ErrorCode::InsufficientCollateral,
    )?;
    case.close(frame, asset, paid)
}

/// What a fund of `insured` tokens pays of a `loss`, within the market's claim: a token stays in the fund.
fn insure(market: &mut PerpMarket, loss: u128, insured: u64) -> Result<u128> {
    let claim = &mut market.insurance_claim;
    let most = claim.quote_max_insurance.minus(claim.quote_settled_insurance)?;
    let paid = loss.min(insured.saturating_sub(1).into()).min(most.into());
    claim.quote_settled_insurance = { claim.quote_settled_insurance }.plus(paid.to()?)?;
    Ok(paid)
}

/// What the market's fees pay of a loss (`left`, not positive).
fn pay_from_fees(market: &mut PerpMarket, quote: &mut SpotMarket, left: i128) -> Result<i128> {
    if left == 0 {
        return Ok(0);
    }
    let mut pool = market.amm.fee_pool;
    let held = quote.tokens(pool.scaled_balance, SpotBalanceType::Deposit)?;
    let paid = left.abs().min(held.to()?);
    if paid > 0 {
        let tokens = paid.unsigned_abs();
        spot::move_tokens(tokens, SpotBalanceType::Borrow, quote, &mut pool, false)?;
        market.amm.fee_pool = pool;
    }
    Ok(paid)
}

/// Spreads a loss (`left`, not positive, 1e6) over the base of all positions, long and short, as a funding rate that all
/// pay. `CantResolvePerpBankruptcy` where there is no base.
fn socialize(market: &mut PerpMarket, left: i128) -> Result {
    let amm = &mut market.amm;
    let base = { amm.base_asset_amount_long }
        .abs()
        .plus({ amm.base_asset_amount_short }.abs())?;
    require(base != 0, ErrorCode::CantResolvePerpBankruptcy)?;
    let rate = left
        .abs()
        .times(BASE.into())?
        .over_up(base)?
        .times((FUNDING_RATE / QUOTE).into())?;
    if left < 0 {
        amm.total_social_loss = amm.total_social_loss.plus(left.unsigned_abs())?;
        amm.cumulative_funding_rate_long = amm.cumulative_funding_rate_long.plus(rate)?;
        amm.cumulative_funding_rate_short = amm.cumulative_funding_rate_short.minus(rate)?;
    }
    Ok(())
}

/// Pays a bankrupt user's debt in a spot market. What insurance does not cover, all lenders lose of their interest.
pub(super) fn resolve_spot_bankruptcy(frame: &mut Frame, arguments: &ResolveSpotBankruptcy) -> Result {
    let index = arguments.market_index;
    let must_write = MustWrite {
        perps: &[],
        spots: &[index],
    };
    let mut case = Case::open(frame, index, must_write)?;
    case.admit()?;
    let market = case.markets.spots.get(index)?;
    require(
        !market.is_paused(SpotOperation::Liquidation),
        ErrorCode::InvalidLiquidation,
    )?;
    let place = case
        .user
        .spot_place(index)
        .map_err(|_| ErrorCode::CouldNotFindSpotPosition)?;
    case.reckon()?;
    let debt = case.user.spot_positions[place];
    let owes = debt.balance_type == SpotBalanceType::Borrow && debt.scaled_balance > 0;
    require(owes, ErrorCode::UserHasInvalidBorrow)?;

    let Markets { spots, oracles, .. } = &mut case.markets;
    let market = spots.get_mut(index)?;
    let owed = debt.tokens(market)?;
    let paid = owed.min(case.insured.saturating_sub(1).into());
    let lost = interest_lost(market, owed.minus(paid)?)?;
    let price = oracles.price(&{ market.oracle })?.price;
    let value = token_value(0i128.minus(owed.to()?)?, market.decimals, price)?.unsigned_abs();
    case.user.total_social_loss = case.user.total_social_loss.saturating_add(value.to()?);
    let position = &mut case.user.spot_positions[place];
    spot::move_and_count(owed, owed, SpotBalanceType::Deposit, market, position, false)?;
    market.cumulative_deposit_interest = { market.cumulative_deposit_interest }.minus(lost)?;
    market.total_social_loss = { market.total_social_loss }.plus(owed)?;
    market.total_quote_social_loss = { market.total_quote_social_loss }.plus(value)?;
    case.close(frame, index, paid.to()?)
}

/// How much cumulative interest (1e10) all deposits lose for `tokens`; none where there are no deposits.
fn interest_lost(market: &SpotMarket, tokens: u128) -> Result<u128> {
    let deposits = market.deposits()?;
    let product = { market.cumulative_deposit_interest }.times(tokens)?;
    Ok(product.over_up(deposits).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_spread_over_all_base_and_rounded_up() {
        let mut market = PerpMarket::default();
        assert_eq!(
            socialize(&mut market, -1),
            Err(ErrorCode::CantResolvePerpBankruptcy)
        );
        market.amm.base_asset_amount_long = 20_000_000_000;
        market.amm.base_asset_amount_short = -10_000_000_000;
        // 100 dollars over 30 units: 3.333334 dollars a unit.
        socialize(&mut market, -100_000_000).unwrap();
        let amm = market.amm;
        assert_eq!(
            (
                amm.cumulative_funding_rate_long,
                amm.cumulative_funding_rate_short,
                amm.total_social_loss
            ),
            (3_333_334_000, -3_333_334_000, 100_000_000)
        );
    }

    #[test]
    fn lenders_lose_interest_in_proportion() {
        let market = SpotMarket {
            decimals: 6,
            cumulative_deposit_interest: 10_000_000_000,
            deposit_balance: 1_000_000_000_000,
            ..SpotMarket::default()
        };
        // 3 of a thousand tokens, and a little more.
        assert_eq!(interest_lost(&market, 3_000_000), Ok(30_000_000));
        assert_eq!(interest_lost(&market, 3_000_001), Ok(30_000_010));
        let empty = SpotMarket {
            deposit_balance: 0,
            ..market
        };
        assert_eq!(interest_lost(&empty, 1), Ok(0));
    }
}
