//! The largest order that a user's margin allows.

use super::Venue;
use crate::accounts::{PositionDirection, User};
use crate::engine::margin::{Margin, Terms};
use crate::error::Result;
use crate::math::spot_position::OPEN_ORDER_MARGIN;
use crate::math::step;
use crate::math::weight::MarginType;
use crate::num::{Checked, Narrow};
use crate::units::{BASE, MARGIN, PRICE, QUOTE};

/// Rounds in which size and margin ratio are brought into line; the ratio grows with the size.
const ROUNDS: usize = 6;

/// Base (1e9, whole steps) of the largest order in `direction` for the position in slot `held`, by strict initial
/// margin. Without free collateral, what turns the position around but adds no risk.
pub(super) fn order(
    venue: &mut Venue,
    user: &User,
    held: usize,
    direction: PositionDirection,
) -> Result<u64> {
    let margin = Margin::of(user, venue.markets, Terms::new(MarginType::Initial).strict())?;
    let free = margin.collateral.minus(margin.requirement.to()?)?;

    let position = &user.perp_positions[held];
    let markets = &mut *venue.markets;
    let market = markets.perps.get(position.market_index)?;
    let price = markets.oracles.price(&{ market.amm.oracle })?.price;
    let asset = markets.spots.get(market.quote_spot_market_index)?;
    let average = asset.historical_oracle_data.last_oracle_price_twap_5min;
    let quote_price = markets.oracles.price(&{ asset.oracle })?.price.max(average);

    let worst = position.worst_case_base()?;
    let ratio_at = |size: u128| {
        Ok(market
            .margin_ratio(size, MarginType::Initial)?
            .max(user.max_margin_ratio))
    };
    let first_ratio = ratio_at(worst.unsigned_abs())?;
    // Up to here, an order in the other direction only mirrors the worst case.
    let open = match direction {
        PositionDirection::Long if worst < 0 => Some(position.open_bids),
        PositionDirection::Short if worst > 0 => Some(position.open_asks),
        _ => None,
    };
    let mirrored = match open {
        Some(open) => {
            let target: i64 = 0i128.minus(worst)?.to()?;
            target
                .minus(position.base_asset_amount.plus(open)?)?
                .unsigned_abs()
        }
        None => 0,
    };
    let step = market.amm.order_step_size;
    if free <= 0 {
        let reducing = position
            .base_asset_amount
            .times(2)?
            .unsigned_abs()
            .saturating_sub(1);
        return step::round_down(mirrored.min(reducing), step);
    }

    let size_at = |ratio: u32| -> Result<u64> {
        free.minus(OPEN_ORDER_MARGIN.to()?)?
            .times((BASE / QUOTE).into())?
            .times(MARGIN.into())?
            .over(ratio.into())?
            .times(PRICE.into())?
            .over(price.into())?
            .times(PRICE.into())?
            .over(quote_price.into())?
            .to()
    };
    let (mut size, mut ratio) = (0, first_ratio);
    for _ in 0..ROUNDS {
        size = size_at(ratio)?;
        ratio = ratio_at(worst.unsigned_abs().plus(size.into())?)?;
        if ratio == first_ratio {
            break;
        }
    }
    step::round_down(size.plus(mirrored)?, step)
}
