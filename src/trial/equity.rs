//! What a user owns, at oracle prices.

use drift::accounts::User;
use drift::engine::Quotes;
use drift::error::Result;
use drift::math::perp_margin::settled_with_pnl;
use drift::math::spot_balance::token_value;
use drift::num::Checked;

/// Balances and positions of `user` in quote (1e6): LP shares as if settled, funding as if paid, the base as if closed
/// at the oracle's price, or at the expiry price of a market that settles.
pub(crate) fn equity(user: &User, markets: &mut impl Quotes) -> Result<i128> {
    let mut total = 0i128;
    for held in user.spot_positions.iter().filter(|held| !held.is_available()) {
        let (market, quote) = markets.spot(held.market_index)?;
        let value = token_value(held.signed_tokens(market)?, market.decimals, quote.price)?;
        total = total.plus(value)?;
    }
    for held in user.perp_positions.iter().filter(|held| !held.is_available()) {
        let (market, quote, ..) = markets.perp(held.market_index)?;
        let (_, pnl) = settled_with_pnl(held, market, market.price_or_expiry(quote.price))?;
        total = total.plus(pnl)?;
    }
    Ok(total)
}
