//! Taking liquidity from a provider that lacks initial margin.

use super::lp;
use super::margin::{Margin, Terms};
use super::orders::{self, Venue};
use super::settle_pnl::Settling;
use crate::accounts::OrderStatus;
use crate::error::Result;
use crate::math::auction_terms::closing_order;
use crate::math::lp_burn::Relief;
use crate::math::weight::MarginType;
use crate::num::{Checked, Narrow};

/// Whether the user lacks initial margin. If so, and the cooldown since liquidity last changed is over, burns some of
/// its shares in the market and places an order that closes some of its position.
pub(super) fn burn_if_short(settling: &mut Settling) -> Result<bool> {
    let terms = Terms::new(MarginType::Initial).buffered(settling.state.liquidation_margin_buffer_ratio);
    let margin = Margin::of(settling.user, settling.markets, terms)?;
    if margin.is_met() {
        return Ok(false);
    }
    let now = settling.clock.unix_timestamp;
    let since = now.minus(settling.user.last_add_perp_lp_shares_ts)?;
    if since >= settling.state.lp_cooldown_time.to()? {
        burn(settling, &margin)?;
        settling.user.last_add_perp_lp_shares_ts = now;
    }
    Ok(true)
}

fn burn(settling: &mut Settling, margin: &Margin) -> Result {
    let Settling {
        state,
        user,
        markets,
        clock,
        switches,
        index,
    } = settling;
    let place = user.perp_place(*index)?;
    let position = &mut user.perp_positions[place];
    let market = markets.perps.get_mut(*index)?;
    let asset = markets.spots.get(market.quote_spot_market_index)?;
    let asset_price = markets.oracles.price(&{ asset.oracle })?.price;
    let shown = markets.oracles.price(&{ market.amm.oracle })?.price;
    let price = market.price_or_expiry(shown);
    let relief = Relief::covering(
        margin.shortage()?,
        position,
        market,
        price,
        asset_price,
        user.max_margin_ratio,
    )?;
    lp::burn(position, market, relief.shares, price)?;
    let close = closing_order(market, position.closing_direction(), relief.base)?;
    if user.orders.iter().all(|order| order.status != OrderStatus::Init) {
        return Ok(());
    }
    let mut venue = Venue {
        state,
        markets,
        clock: *clock,
        switches: *switches,
    };
    orders::place(&mut venue, user, close)
}
