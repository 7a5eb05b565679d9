//! What makes an order acceptable.

use super::take;
use crate::accounts::{Amm, Order, OrderTriggerCondition, OrderType, PositionDirection};
use crate::error::{ErrorCode, Result, require};
use crate::math::step;
use crate::num::Narrow;

/// Refuses an order that its type or its market does not allow, while the oracle shows `price` (1e6) at `slot`.
pub(super) fn order(order: &Order, amm: &Amm, price: i64, slot: u64) -> Result {
    size(order, amm)?;
    match order.order_type {
        OrderType::Market => market(order),
        OrderType::Limit => limit(order, amm, price, slot),
        OrderType::TriggerMarket => trigger(order, order.price == 0),
        OrderType::TriggerLimit => trigger(order, order.price != 0),
        _ => oracle(order),
    }
}

fn size(order: &Order, amm: &Amm) -> Result {
    let size = order.base_asset_amount;
    require(size != 0, ErrorCode::InvalidOrderSizeTooSmall)?;
    require(
        step::is_whole(size, amm.order_step_size)?,
        ErrorCode::InvalidOrderNotStepSizeMultiple,
    )?;
    require(
        order.reduce_only.is_set() || size >= amm.min_order_size,
        ErrorCode::InvalidOrderMinOrderSize,
    )
}

fn market(order: &Order) -> Result {
    let priced = order.auction_start_price > 0 && order.auction_end_price > 0;
    require(priced, ErrorCode::InvalidOrderAuction)?;
    auction(order)?;
    require(order.trigger_price == 0, ErrorCode::InvalidOrderTrigger)?;
    require(!order.post_only.is_set(), ErrorCode::InvalidOrderPostOnly)?;
    require(!order.floats(), ErrorCode::InvalidOrderOracleOffset)?;
    require(!order.immediate_or_cancel.is_set(), ErrorCode::InvalidOrderIOC)
}

fn limit(order: &Order, amm: &Amm, oracle: i64, slot: u64) -> Result {
    // Exactly one of the two names the price.
    require(
        (order.price == 0) == order.floats(),
        ErrorCode::InvalidOrderLimitPrice,
    )?;
    require(order.trigger_price == 0, ErrorCode::InvalidOrderTrigger)?;
    if order.post_only.is_set() {
        require(!order.has_auction(), ErrorCode::InvalidOrder)?;
        rests(order, amm, oracle, slot)?;
    }
    if order.has_auction() {
        require(!order.floats(), ErrorCode::InvalidOrder)?;
        auction(order)
    } else {
        let unpriced = order.auction_start_price == 0 && order.auction_end_price == 0;
        require(unpriced, ErrorCode::InvalidOrder)
    }
}

/// Refuses with `PlacePostOnlyLimitFailure` an order that the AMM could fill at once, unless the oracle's price is beyond
/// the order's by then. One that only makes for an order placed just now may meet the AMM.
fn rests(order: &Order, amm: &Amm, oracle: i64, slot: u64) -> Result {
    if order.immediate_or_cancel.is_set() {
        return Ok(());
    }
    let limit = order.limit_price(Some(oracle), slot, amm.order_tick_size)?;
    let limit = limit.ok_or(ErrorCode::UnableToGetLimitPrice)?;
    if take::reachable(order, amm, Some(limit), order.unfilled()?)? == 0 {
        return Ok(());
    }
    let limit: i64 = limit.to()?;
    let passed = if order.direction == PositionDirection::Long {
        oracle > limit
    } else {
        oracle < limit
    };
    require(passed, ErrorCode::PlacePostOnlyLimitFailure)
}

fn trigger(order: &Order, well_priced: bool) -> Result {
    let condition = order.trigger_condition;
    require(
        condition == OrderTriggerCondition::Above || condition == OrderTriggerCondition::Below,
        ErrorCode::InvalidTriggerOrderCondition,
    )?;
    require(well_priced, ErrorCode::InvalidOrderLimitPrice)?;
    require(order.trigger_price != 0, ErrorCode::InvalidOrderTrigger)?;
    require(!order.post_only.is_set(), ErrorCode::InvalidOrderPostOnly)?;
    require(!order.floats(), ErrorCode::InvalidOrderOracleOffset)
}

fn oracle(order: &Order) -> Result {
    let (start, end) = (order.auction_start_price, order.auction_end_price);
    require(gives_way(order, start, end), ErrorCode::InvalidOrderAuction)?;
    let stays_inside = !order.floats() || gives_way(order, end, order.oracle_price_offset.into());
    require(stays_inside, ErrorCode::InvalidOrderAuction)?;
    require(order.trigger_price == 0, ErrorCode::InvalidOrderTrigger)?;
    require(!order.post_only.is_set(), ErrorCode::InvalidOrderPostOnly)?;
    require(order.price == 0, ErrorCode::InvalidOrderLimitPrice)?;
    require(!order.immediate_or_cancel.is_set(), ErrorCode::InvalidOrderIOC)
}

/// An auction between fixed prices moves toward the order's limit and no further.
fn auction(order: &Order) -> Result {
    let (start, end) = (order.auction_start_price, order.auction_end_price);
    require(start != 0 && end != 0, ErrorCode::InvalidOrderAuction)?;
    require(gives_way(order, start, end), ErrorCode::InvalidOrderAuction)?;
    if order.price == 0 {
        return Ok(());
    }
    let end: u64 = end.to()?;
    let inside = match order.direction {
        PositionDirection::Long => order.price >= end,
        _ => order.price <= end,
    };
    require(inside, ErrorCode::InvalidOrderAuction)
}

/// Whether `to` is no better for the order's owner than `from`.
fn gives_way(order: &Order, from: i64, to: i64) -> bool {
    if order.direction == PositionDirection::Long {
        from <= to
    } else {
        from >= to
    }
}

/// In a market that only winds down, an order must be able to reduce its owner's `position`
/// (`InvalidOrderNotRiskReducing`).
pub(super) fn winds_down(order: &Order, position: i64) -> Result {
    let against = if order.direction == PositionDirection::Long {
        position < 0
    } else {
        position > 0
    };
    require(
        order.reduce_only.is_set() && against,
        ErrorCode::InvalidOrderNotRiskReducing,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amm() -> Amm {
        Amm {
            order_step_size: 10,
            min_order_size: 30,
            ..Amm::default()
        }
    }

    fn buy(order_type: OrderType) -> Order {
        Order {
            order_type,
            base_asset_amount: 100,
            ..Order::blank()
        }
    }

    fn auctioned(order_type: OrderType, start: i64, end: i64) -> Order {
        Order {
            auction_start_price: start,
            auction_end_price: end,
            auction_duration: 10,
            ..buy(order_type)
        }
    }

    fn verdict(order: Order) -> Result {
        super::order(&order, &amm(), 7, 0)
    }

    #[test]
    fn sizes_are_whole_steps_and_not_too_small() {
        let sized = |size| Order {
            base_asset_amount: size,
            price: 7,
            ..buy(OrderType::Limit)
        };
        assert_eq!(verdict(sized(30)), Ok(()));
        assert_eq!(verdict(sized(0)), Err(ErrorCode::InvalidOrderSizeTooSmall));
        assert_eq!(
            verdict(sized(35)),
            Err(ErrorCode::InvalidOrderNotStepSizeMultiple)
        );
        assert_eq!(verdict(sized(20)), Err(ErrorCode::InvalidOrderMinOrderSize));
        assert_eq!(
            verdict(Order {
                reduce_only: true.into(),
                ..sized(20)
            }),
            Ok(())
        );
    }

    #[test]
    fn a_market_order_needs_an_auction_and_nothing_else() {
        let sound = auctioned(OrderType::Market, 90, 100);
        assert_eq!(verdict(sound), Ok(()));
        for (order, refusal) in [
            (
                auctioned(OrderType::Market, -1, 100),
                ErrorCode::InvalidOrderAuction,
            ),
            (
                auctioned(OrderType::Market, 101, 100),
                ErrorCode::InvalidOrderAuction,
            ),
            (Order { price: 99, ..sound }, ErrorCode::InvalidOrderAuction),
            (
                Order {
                    trigger_price: 1,
                    ..sound
                },
                ErrorCode::InvalidOrderTrigger,
            ),
            (
                Order {
                    oracle_price_offset: 1,
                    ..sound
                },
                ErrorCode::InvalidOrderOracleOffset,
            ),
            (
                Order {
                    immediate_or_cancel: true.into(),
                    ..sound
                },
                ErrorCode::InvalidOrderIOC,
            ),
        ] {
            assert_eq!(verdict(order), Err(refusal), "{order:?}");
        }
        let sell = Order {
            direction: PositionDirection::Short,
            ..sound
        };
        assert_eq!(verdict(sell), Err(ErrorCode::InvalidOrderAuction));
    }

    #[test]
    fn a_limit_order_names_one_price() {
        let sound = Order {
            price: 100,
            ..buy(OrderType::Limit)
        };
        let floating = Order {
            oracle_price_offset: -3,
            ..buy(OrderType::Limit)
        };
        assert_eq!((verdict(sound), verdict(floating)), (Ok(()), Ok(())));
        for (order, refusal) in [
            (buy(OrderType::Limit), ErrorCode::InvalidOrderLimitPrice),
            (
                Order {
                    price: 100,
                    ..floating
                },
                ErrorCode::InvalidOrderLimitPrice,
            ),
            (
                Order {
                    trigger_price: 1,
                    ..sound
                },
                ErrorCode::InvalidOrderTrigger,
            ),
            (
                Order {
                    auction_end_price: 1,
                    ..sound
                },
                ErrorCode::InvalidOrder,
            ),
            (
                Order {
                    auction_duration: 1,
                    ..floating
                },
                ErrorCode::InvalidOrder,
            ),
            (
                Order {
                    auction_duration: 1,
                    ..sound
                },
                ErrorCode::InvalidOrderAuction,
            ),
        ] {
            assert_eq!(verdict(order), Err(refusal), "{order:?}");
        }
    }

    #[test]
    fn orders_with_a_trigger_say_on_which_side() {
        let market = Order {
            trigger_price: 5,
            ..buy(OrderType::TriggerMarket)
        };
        let limit = Order {
            trigger_price: 5,
            price: 100,
            ..buy(OrderType::TriggerLimit)
        };
        assert_eq!((verdict(market), verdict(limit)), (Ok(()), Ok(())));
        let condition = OrderTriggerCondition::TriggeredBelow;
        for (order, refusal) in [
            (
                Order {
                    trigger_condition: condition,
                    ..market
                },
                ErrorCode::InvalidTriggerOrderCondition,
            ),
            (Order { price: 1, ..market }, ErrorCode::InvalidOrderLimitPrice),
            (Order { price: 0, ..limit }, ErrorCode::InvalidOrderLimitPrice),
            (
                Order {
                    trigger_price: 0,
                    ..limit
                },
                ErrorCode::InvalidOrderTrigger,
            ),
            (
                Order {
                    oracle_price_offset: 1,
                    ..limit
                },
                ErrorCode::InvalidOrderOracleOffset,
            ),
        ] {
            assert_eq!(verdict(order), Err(refusal), "{order:?}");
        }
    }

    #[test]
    fn an_oracle_order_moves_toward_its_offset() {
        let sound = auctioned(OrderType::Oracle, -20, -10);
        assert_eq!(verdict(sound), Ok(()));
        assert_eq!(
            verdict(Order {
                oracle_price_offset: -10,
                ..sound
            }),
            Ok(())
        );
        for (order, refusal) in [
            (
                auctioned(OrderType::Oracle, -9, -10),
                ErrorCode::InvalidOrderAuction,
            ),
            (
                Order {
                    oracle_price_offset: -11,
                    ..sound
                },
                ErrorCode::InvalidOrderAuction,
            ),
            (Order { price: 1, ..sound }, ErrorCode::InvalidOrderLimitPrice),
            (
                Order {
                    immediate_or_cancel: true.into(),
                    ..sound
                },
                ErrorCode::InvalidOrderIOC,
            ),
        ] {
            assert_eq!(verdict(order), Err(refusal), "{order:?}");
        }
    }

    #[test]
    fn winding_down_takes_an_order_against_the_position() {
        let sell = Order {
            direction: PositionDirection::Short,
            reduce_only: true.into(),
            ..buy(OrderType::Limit)
        };
        assert_eq!(winds_down(&sell, 1), Ok(()));
        for position in [0, -1] {
            assert_eq!(
                winds_down(&sell, position),
                Err(ErrorCode::InvalidOrderNotRiskReducing)
            );
        }
    }
}
