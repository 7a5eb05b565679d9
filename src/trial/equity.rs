//! What a user owns, at oracle prices.

use crate::world::World;
use drift::accounts::User;
use drift::error::{ErrorCode, Result};
use drift::ledger::Ledger;
use drift::math::perp_margin::settled_with_pnl;
use drift::num::{Checked, Narrow};
use drift::units::{PRICE, QUOTE_SPOT_MARKET};

/// Prices (1e6) that positions are valued at, by market index.
pub(crate) struct Prices<'a> {
    pub perps: &'a [u64],
    /// From spot market 1 on.
    pub spots: &'a [u64],
}

/// Balances and positions of `user` in quote (1e6): LP shares as if settled, funding as if paid, the base as if closed
/// at the oracle's price.
pub(crate) fn equity<L: Ledger>(user: &User, world: &World, ledger: &L, prices: &Prices) -> Result<i128> {
    let mut total = 0i128;
    for held in user.spot_positions.iter().filter(|held| !held.is_available()) {
        let market = world
            .spot(ledger, held.market_index)
            .ok_or(ErrorCode::SpotMarketNotFound)?;
        let tokens = held.signed_tokens(market)?;
        let value = match held.market_index {
            QUOTE_SPOT_MARKET => tokens,
            index => {
                let price = prices
                    .spots
                    .get(usize::from(index) - 1)
                    .ok_or(ErrorCode::SpotMarketNotFound)?;
                tokens.times(i128::from(*price))?.over_down(i128::from(PRICE))?
            }
        };
        total = total.plus(value)?;
    }
    for held in user.perp_positions.iter().filter(|held| !held.is_available()) {
        let market = world
            .perp(ledger, held.market_index)
            .ok_or(ErrorCode::PerpMarketNotFound)?;
        let price = prices
            .perps
            .get(usize::from(held.market_index))
            .ok_or(ErrorCode::PerpMarketNotFound)?;
        let (_, pnl) = settled_with_pnl(held, market, (*price).to()?)?;
        total = total.plus(pnl)?;
    }
    Ok(total)
}
