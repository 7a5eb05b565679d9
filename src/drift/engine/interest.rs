//! `update_spot_market_cumulative_interest`: interest up to now, for whoever asks.

use super::frame::Frame;
use super::oracles::Oracles;
use super::{guard, token};
use crate::accounts::{ExchangeOperation, SpotMarket};
use crate::error::{ErrorCode, Result};
use crate::instruction::{UpdateSpotMarketCumulativeInterest, UpdateSpotMarketCumulativeInterestAccounts};
use crate::math::{interest, withdraw};

pub(super) fn update_spot_market_cumulative_interest(
    frame: &mut Frame,
    _: &UpdateSpotMarketCumulativeInterest,
) -> Result {
    let at = UpdateSpotMarketCumulativeInterestAccounts::positions();
    let state = guard::state(frame, at.state)?;
    let mut market = frame.take::<SpotMarket>(at.spot_market)?;
    let oracle = frame.key(at.oracle)?;
    let vault = token::read(frame, at.spot_market_vault)?;
    frame.must_be_writable(at.spot_market)?;
    guard::spot_vault(frame.key(at.spot_market_vault)?, market.market_index)?;
    guard::spot_listed(&market)?;
    guard::exchange_not_paused(&state)?;
    guard::spot_oracle(&market, oracle)?;

    let oracles = Oracles::load(frame, &mut at.oracle.clone(), Some(state.oracle_guard_rails))?;
    if !oracles.contains(&oracle) {
        return Err(ErrorCode::InvalidOracle);
    }
    let price = oracles.price(&oracle)?;
    let now = frame.clock.unix_timestamp;
    if state.is_paused(ExchangeOperation::Funding)? {
        interest::update_averages(&mut market, Some(&price), now)?;
    } else {
        interest::accrue(&mut market, Some(&price), now)?;
    }
    withdraw::check_vault(&market, vault.amount)?;

    frame.put(state);
    frame.put(market);
    Ok(())
}
