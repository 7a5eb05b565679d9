//! Orders: mostly at market, of a size that their owner may just afford, or that closes what is held.

use super::dice::Dice;
use super::focus::{Focus, user};
use drift::accounts::{
    MarketType, OrderTriggerCondition, OrderType, PerpMarket, PositionDirection, PostOnlyParam, Stored,
};
use drift::instruction::OrderParams;
use drift::key::pda;
use drift::ledger::Ledger;

/// An order of the user in the market that `focus` names.
pub(super) fn order(dice: &mut Dice, ledger: &dyn Ledger, focus: &Focus) -> OrderParams {
    let market = ledger
        .account(&pda::perp_market(focus.perp))
        .and_then(PerpMarket::peek);
    let price = market.map_or(1, |market| {
        market.amm.historical_oracle_data.last_oracle_price.max(1)
    });
    let step = market.map_or(1, |market| market.amm.order_step_size.max(1));
    let user = user(ledger, focus.user);
    let held = user.and_then(|user| user.perp(focus.perp).ok());
    let held = held.map_or(0, |held| held.base_asset_amount);
    let closes = held != 0 && dice.happens(35);
    let buys = if closes { held < 0 } else { dice.happens(50) };
    let direction = if buys {
        PositionDirection::Long
    } else {
        PositionDirection::Short
    };
    let size = match closes {
        true => dice.part_of(held.unsigned_abs().into()),
        false => affordable(
            dice,
            user.map_or(0, |user| user.spot_positions[0].scaled_balance),
            price,
        ),
    };
    let whole = u64::try_from(size).unwrap_or(u64::MAX);
    let base_asset_amount = match dice.happens(95) && whole != u64::MAX {
        true => whole - whole % step,
        false => whole,
    };
    let near = |dice: &mut Dice, thousandths: i128| {
        i128::from(price) * (1_000 + dice.between(-thousandths, thousandths)) / 1_000
    };
    let order_type = match dice.below(20) {
        0..15 => OrderType::Market,
        15..17 => OrderType::Limit,
        17 => OrderType::Oracle,
        18 => OrderType::TriggerMarket,
        _ => OrderType::TriggerLimit,
    };
    let priced = order_type != OrderType::Market || dice.happens(20);
    let now = ledger.clock().unix_timestamp;
    OrderParams {
        order_type,
        market_type: if dice.happens(98) {
            MarketType::Perp
        } else {
            MarketType::Spot
        },
        direction,
        user_order_id: dice.below(3) as u8,
        base_asset_amount,
        price: if priced { near(dice, 150) as u64 } else { 0 },
        market_index: focus.perp,
        reduce_only: closes && dice.happens(60) || dice.happens(5),
        post_only: match dice.happens(97) {
            true => PostOnlyParam::None,
            false => dice.pick(&[
                PostOnlyParam::MustPostOnly,
                PostOnlyParam::TryPostOnly,
                PostOnlyParam::Slide,
            ]),
        },
        immediate_or_cancel: dice.happens(15),
        max_ts: dice.happens(5).then(|| now + dice.pick(&[-1, 10, 1_000])),
        trigger_price: dice.happens(10).then(|| near(dice, 100) as u64),
        trigger_condition: match dice.happens(50) {
            true => OrderTriggerCondition::Above,
            false => OrderTriggerCondition::Below,
        },
        oracle_price_offset: dice
            .happens(5)
            .then(|| dice.between(-1_000_000, 1_000_000) as i32),
        auction_duration: dice.happens(15).then(|| dice.below(30) as u8),
        auction_start_price: dice.happens(10).then(|| near(dice, 50) as i64),
        auction_end_price: dice.happens(10).then(|| near(dice, 50) as i64),
    }
}

/// Base (1e9) that a deposit (1e9 a token) might just carry at `price` (1e6), with up to thirty times leverage.
fn affordable(dice: &mut Dice, deposit: u64, price: i64) -> i128 {
    let tenths = dice.pick(&[5, 20, 30, 50, 90, 150, 300]);
    let size = i128::from(deposit) * 1_000_000 / i128::from(price) * tenths / 10;
    match dice.below(50) {
        // As much as margin allows.
        0 => -1,
        1 => dice.between(0, 1_000),
        _ => size,
    }
}
