//! The end of a perpetual market: at its expiry a price is fixed at which all positions close, and when everybody is out
//! its pools go to the revenue pool.

use super::frame::Frame;
use super::guard;
use super::markets::{Markets, MustWrite};
use super::{curve, spot};
use crate::accounts::{ExchangeOperation, MarketStatus, PerpMarket, SpotBalanceType, SpotMarket};
use crate::error::{ErrorCode, Result, require};
use crate::instruction::{
    SettleExpiredMarket, SettleExpiredMarketAccounts, SettleExpiredMarketPoolsToRevenuePool,
    SettleExpiredMarketPoolsToRevenuePoolAccounts,
};
use crate::key::pda;
use crate::math::k::{MAX_SQRT_K, WHOLE, resized};
use crate::math::{interest, withdraw};
use crate::num::{Checked, Narrow, mul_div, power_of_ten};
use crate::units::{BASE_TIMES_PRICE_PER_QUOTE, ONE_DAY, QUOTE, QUOTE_SPOT_MARKET};

/// How many times k may grow at most when what is left of the fees goes into it.
const MOST_GROWTH: i128 = 100 * WHOLE;

/// Fixes the expiry price of a market whose time has come. Anyone may ask for it.
pub(super) fn settle_expired_market(frame: &mut Frame, arguments: &SettleExpiredMarket) -> Result {
    let at = SettleExpiredMarketAccounts::positions();
    let index = arguments.market_index;
    let state = guard::state(frame, at.state)?;
    frame.signer(at.authority)?;
    guard::not_paused(&state, ExchangeOperation::SettlePnl)?;
    let mut next = at.authority + 1;
    let must_write = MustWrite {
        perps: &[index],
        spots: &[QUOTE_SPOT_MARKET],
    };
    let mut markets = Markets::load(frame, &mut next, must_write, Some(state.oracle_guard_rails))?;
    curve::refresh(frame.clock, &state, &mut markets, index)?;

    let Markets { perps, spots, .. } = &mut markets;
    let market = perps.get_mut(index)?;
    require(
        market.expiry_ts != 0,
        ErrorCode::MarketSettlementAttemptOnActiveMarket,
    )?;
    require(
        market.expiry_ts <= frame.clock.unix_timestamp,
        ErrorCode::MarketSettlementAttemptTooEarly,
    )?;
    let liquidity = ({ market.amm.base_asset_amount_with_unsettled_lp }, {
        market.amm.user_lp_shares
    });
    require(liquidity == (0, 0), ErrorCode::MarketSettlementRequiresSettledLP)?;
    expire(market, spots.get_mut(QUOTE_SPOT_MARKET)?)?;
    markets.restore(frame);
    frame.put(state);
    Ok(())
}

fn expire(market: &mut PerpMarket, quote: &mut SpotMarket) -> Result {
    let spendable = fees_to_profits(market, quote)?;
    if spendable > 0 {
        grow(market, spendable)?;
    }
    fix_price(market, quote)
}

/// What the market may spend of its fees goes to its pool of profits, as far as the fee pool has it; answers how much that is (1e6).
fn fees_to_profits(market: &mut PerpMarket, quote: &mut SpotMarket) -> Result<i128> {
    let kept: i128 = market.reserved_fees()?.to()?;
    let spendable = { market.amm.total_fee_minus_distributions }.minus(kept)?.max(0);
    let (mut fees, mut profits) = (market.amm.fee_pool, market.pnl_pool);
    let there: i128 = quote
        .tokens(fees.scaled_balance, SpotBalanceType::Deposit)?
        .to()?;
    let tokens = there.minus(kept)?.clamp(0, spendable).unsigned_abs();
    spot::move_tokens(tokens, SpotBalanceType::Borrow, quote, &mut fees, false)?;
    spot::move_tokens(tokens, SpotBalanceType::Deposit, quote, &mut profits, false)?;
    (market.amm.fee_pool, market.pnl_pool) = (fees, profits);
    Ok(spendable)
}

/// A last growth of the curve, which costs at most `spendable` (1e6).
fn grow(market: &mut PerpMarket, spendable: i128) -> Result {
    let factor = market.amm.affordable_k_factor(spendable, MOST_GROWTH, WHOLE)?;
    let sqrt_k = mul_div(market.amm.sqrt_k, factor, WHOLE.unsigned_abs())?.min(MAX_SQRT_K);
    let grown = resized(market, sqrt_k)?;
    let cost = market.amm.size_cost(grown)?;
    require(market.book_curve_cost(cost, true)?, ErrorCode::InvalidUpdateK)?;
    market.amm.set_size(grown)
}

/// From now on everybody settles at one price.
fn fix_price(market: &mut PerpMarket, quote: &SpotMarket) -> Result {
    let pool = quote.tokens({ market.pnl_pool }.scaled_balance, SpotBalanceType::Deposit)?;
    require(
        power_of_ten(quote.decimals)? == u128::from(QUOTE),
        ErrorCode::UnsupportedSpotMarket,
    )?;
    let target = market.amm.historical_oracle_data.last_oracle_price_twap;
    require(target > 0, ErrorCode::MarketSettlementTargetPriceInvalid)?;
    market.expiry_price = expiry_price(market, target, pool)?;
    market.status = MarketStatus::Settlement;
    Ok(())
}

/// The price (1e6) nearest to `target` at which the users' net position can be paid out of a `pool` (1e6) of profits.
fn expiry_price(market: &PerpMarket, target: i64, pool: u128) -> Result<i64> {
    let base = market.amm.base_asset_amount_with_amm;
    if base == 0 {
        return Ok(target);
    }
    let payable = { market.amm.quote_asset_amount }
        .minus(pool.to()?)?
        .times(BASE_TIMES_PRICE_PER_QUOTE.into())?
        .over(base)?;
    let payable: i64 = 0i128.minus(payable)?.to()?;
    if base > 0 {
        payable.min(target).minus(1)
    } else {
        payable.max(target).plus(1)
    }
}

/// The administrator closes a settled market for good, a while after its expiry.
pub(super) fn settle_expired_market_pools_to_revenue_pool(
    frame: &mut Frame,
    _: &SettleExpiredMarketPoolsToRevenuePool,
) -> Result {
    let at = SettleExpiredMarketPoolsToRevenuePoolAccounts::positions();
    let state = guard::state(frame, at.state)?;
    let admin = frame.signer(at.admin)?;
    let mut quote = frame.take::<SpotMarket>(at.spot_market)?;
    let mut market = frame.take::<PerpMarket>(at.perp_market)?;
    guard::admin(&state, admin)?;
    guard::seeds(quote.key(), pda::spot_market(QUOTE_SPOT_MARKET))?;
    frame.must_be_writable(at.spot_market)?;
    frame.must_be_writable(at.perp_market)?;
    guard::perp_listed(&market)?;

    let now = frame.clock.unix_timestamp;
    interest::accrue(&mut quote, None, now)?;
    let refuse = |holds| require(holds, ErrorCode::DefaultError);
    refuse(quote.market_index == QUOTE_SPOT_MARKET)?;
    refuse(market.status == MarketStatus::Settlement)?;
    let sides = (
        { market.amm.base_asset_amount_long },
        { market.amm.base_asset_amount_short },
        market.number_of_users_with_base,
    );
    refuse(sides == (0, 0, 0))?;
    refuse(market.amm.net_user_quote()? == 0)?;
    let duration = i64::from(state.settlement_duration);
    refuse(duration != 0)?;
    // One second means one second; anything longer adds a day, less that second.
    let wait = match duration {
        1 => 1,
        longer => ONE_DAY.plus(longer)?.minus(1)?,
    };
    refuse(now > market.expiry_ts.plus(wait)?)?;

    let (mut fees, mut pnl) = (market.amm.fee_pool, market.pnl_pool);
    let [from_fees, from_pnl] =
        [fees, pnl].map(|pool| quote.tokens(pool.scaled_balance, SpotBalanceType::Deposit));
    let (from_fees, from_pnl) = (from_fees?, from_pnl?);
    spot::move_tokens(from_fees, SpotBalanceType::Borrow, &mut quote, &mut fees, false)?;
    spot::move_tokens(from_pnl, SpotBalanceType::Borrow, &mut quote, &mut pnl, false)?;
    (market.amm.fee_pool, market.pnl_pool) = (fees, pnl);
    spot::move_revenue(from_pnl.plus(from_fees)?, SpotBalanceType::Deposit, &mut quote)?;
    withdraw::lenders_claim(&quote)?;
    market.status = MarketStatus::Delisted;
    frame.put(state);
    frame.put(quote);
    frame.put(market);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_price_is_what_the_pool_can_pay() {
        let market = |base: i128, quote: i128| {
            let mut market = PerpMarket::default();
            (
                market.amm.base_asset_amount_with_amm,
                market.amm.quote_asset_amount,
            ) = (base, quote);
            market
        };
        // Ten units bought for 100 dollars, and 50 dollars to pay profits with: 15 dollars a unit at most.
        let longs = market(10_000_000_000, -100_000_000);
        assert_eq!(expiry_price(&longs, 20_000_000, 50_000_000), Ok(14_999_999));
        assert_eq!(expiry_price(&longs, 12_000_000, 50_000_000), Ok(11_999_999));
        // Ten units sold for 100 dollars: the price falls to 5 at most.
        let shorts = market(-10_000_000_000, 100_000_000);
        assert_eq!(expiry_price(&shorts, 1_000_000, 50_000_000), Ok(5_000_001));
        assert_eq!(expiry_price(&market(0, 5), 7, 0), Ok(7));
    }
}
