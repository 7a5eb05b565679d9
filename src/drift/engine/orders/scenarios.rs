//! What becomes of orders, from placing to filling.

use super::world::*;
use crate::accounts::*;
use crate::engine::{Entry, Slot};
use crate::error::ErrorCode;
use crate::instruction::OrderParams;

fn buy(order_type: OrderType, size: u64) -> OrderParams {
    OrderParams {
        order_type,
        market_type: MarketType::Perp,
        base_asset_amount: size,
        ..OrderParams::default()
    }
}

fn sell(order_type: OrderType, size: u64) -> OrderParams {
    OrderParams {
        direction: PositionDirection::Short,
        ..buy(order_type, size)
    }
}

fn limit(dollars: u64, params: OrderParams) -> OrderParams {
    OrderParams {
        price: dollars * DOLLAR,
        ..params
    }
}

#[test]
fn a_market_order_trades_along_the_curve() {
    let mut world = World::new();
    world.order(buy(OrderType::Market, UNIT)).unwrap();
    // One of a thousand units: 100 dollars * 1000 / 999, rounded up; a fee of a thousandth, rounded up.
    let (paid, fee) = (100_100_101, 100_101);
    let position = world.position();
    assert_eq!({ position.base_asset_amount }, UNIT as i64);
    assert_eq!({ position.quote_entry_amount }, -paid);
    assert_eq!({ position.quote_asset_amount }, -paid - fee);
    assert_eq!({ position.quote_break_even_amount }, -paid - fee);
    assert_eq!((position.open_orders, { position.open_bids }), (0, 0));
    let user = world.user();
    assert_eq!(
        (user.orders[0], user.open_orders, { user.next_order_id }),
        (Order::blank(), 0, 2)
    );
    assert_eq!({ user.last_active_slot }, 1_000);
    assert_eq!({ world.stats().taker_volume_30d }, paid as u64);
    assert_eq!({ world.stats().fees.total_fee_paid }, fee as u64);
    let market = world.market();
    assert_eq!({ market.amm.total_exchange_fee }, fee as u128);
    assert_eq!({ market.amm.volume_24h }, paid as u64);
    assert_eq!({ market.next_fill_record_id }, 2);
    assert_eq!({ market.amm.base_asset_amount_long }, i128::from(UNIT));
    market.check().unwrap();
}

#[test]
fn a_limit_order_away_from_the_mark_rests() {
    let mut world = World::new();
    world.order(limit(90, buy(OrderType::Limit, 2 * UNIT))).unwrap();
    world.order(limit(110, sell(OrderType::Limit, 3 * UNIT))).unwrap();
    let position = world.position();
    assert_eq!(
        ({ position.open_bids }, { position.open_asks }),
        (2 * UNIT as i64, -3 * UNIT as i64)
    );
    assert_eq!((position.open_orders, { position.base_asset_amount }), (2, 0));
    let user = world.user();
    assert_eq!(({ user.orders[0].order_id }, { user.orders[1].order_id }), (1, 2));
    assert!(user.orders[0].is_open() && user.has_open_order.is_set() && user.open_orders == 2);
    assert_eq!({ world.market().next_fill_record_id }, 1);
}

#[test]
fn a_limit_order_takes_what_it_reaches_and_leaves_the_rest() {
    // The price is 101 where 1000 / sqrt(1.01) units are left, about 4.963 below a thousand.
    let crossing = limit(101, buy(OrderType::Limit, 8 * UNIT));
    let mut world = World::new();
    world.order(crossing).unwrap();
    let position = world.position();
    let filled = position.base_asset_amount;
    assert!((4_960_000_000..4_963_000_000).contains(&filled), "{filled}");
    assert_eq!({ position.open_bids }, 8 * UNIT as i64 - filled);
    assert_eq!({ world.user().orders[0].base_asset_amount_filled }, filled as u64);
    assert!(world.market().amm.reserve_price().unwrap() <= 101 * DOLLAR);

    let mut world = World::new();
    world
        .order(OrderParams {
            immediate_or_cancel: true,
            ..crossing
        })
        .unwrap();
    let position = world.position();
    assert_eq!({ position.base_asset_amount }, filled);
    assert_eq!((position.open_orders, { position.open_bids }), (0, 0));
    assert_eq!(
        (world.user().orders[0], world.user().open_orders),
        (Order::blank(), 0)
    );
}

#[test]
fn reduce_only_ends_at_flat() {
    let reduce = OrderParams {
        reduce_only: true,
        ..sell(OrderType::Market, 5 * UNIT)
    };
    let mut world = World::new();
    world.order(reduce).unwrap();
    assert_eq!(
        (world.user().orders[0], world.user().open_orders),
        (Order::blank(), 0)
    );
    assert_eq!({ world.position().open_asks }, 0);

    world.order(buy(OrderType::Market, 2 * UNIT)).unwrap();
    world.order(reduce).unwrap();
    let position = world.position();
    assert_eq!(
        (
            { position.base_asset_amount },
            { position.open_asks },
            position.open_orders
        ),
        (0, 0, 0)
    );
    assert!({ position.quote_asset_amount } < 0, "two fees at least are lost");
    assert_eq!(world.user().orders[0], Order::blank());
}

#[test]
fn the_largest_order_uses_all_margin() {
    let everything = limit(50, buy(OrderType::Limit, u64::MAX));
    let mut world = World::new();
    world.order(everything).unwrap();
    // A cent is kept for the order; 999.99 dollars at ten percent buy 99.999 units.
    assert_eq!({ world.position().open_bids }, 99_999_000_000);
    assert_eq!(
        World::new().order(limit(50, buy(OrderType::Limit, 100 * UNIT))),
        Err(ErrorCode::InsufficientCollateral)
    );
    // Nothing is left, and there is no position to reduce.
    let other_side = limit(150, sell(OrderType::Limit, u64::MAX));
    assert_eq!(world.order(other_side), Err(ErrorCode::InvalidOrderSizeTooSmall));
    // Beside fifty bid for, fifty asked cost nothing; 499.98 dollars are left for 49.998 more.
    let mut world = World::new();
    world.order(limit(50, buy(OrderType::Limit, 50 * UNIT))).unwrap();
    world.order(other_side).unwrap();
    assert_eq!({ world.position().open_asks }, -99_998_000_000);
}

#[test]
fn orders_expire_when_the_next_is_placed() {
    let mut world = World::new();
    let short_lived = OrderParams {
        max_ts: Some(NOW + 10),
        ..limit(90, buy(OrderType::Limit, UNIT))
    };
    world.order(short_lived).unwrap();
    world.clock.unix_timestamp = NOW + 11;
    world.order(limit(80, buy(OrderType::Limit, 2 * UNIT))).unwrap();
    let position = world.position();
    assert_eq!(
        (position.open_orders, { position.open_bids }),
        (1, 2 * UNIT as i64)
    );
    assert_eq!({ world.user().orders[0].order_id }, 2);
    // One whose time is over already is not placed, and then there is nothing new to fill.
    let mut world = World::new();
    let stillborn = OrderParams {
        max_ts: Some(NOW - 1),
        ..short_lived
    };
    assert_eq!(world.order(stillborn), Err(ErrorCode::OrderDoesNotExist));
}

#[test]
fn refusals_leave_everything_as_it_was() {
    let named = OrderParams {
        user_order_id: 9,
        ..limit(90, buy(OrderType::Limit, UNIT))
    };
    let trigger = OrderParams {
        trigger_price: Some(90 * DOLLAR),
        ..sell(OrderType::TriggerMarket, UNIT)
    };
    let post_only = PostOnlyParam::TryPostOnly;
    for (params, refusal) in [
        (
            buy(OrderType::Market, UNIT / 1_000 - 1),
            ErrorCode::OrderAmountTooSmall,
        ),
        (
            OrderParams { post_only, ..named },
            ErrorCode::InvalidOrderPostOnly,
        ),
        (
            OrderParams {
                market_index: 1,
                ..named
            },
            ErrorCode::PerpMarketNotFound,
        ),
        (
            OrderParams {
                market_type: MarketType::Spot,
                user_order_id: 0,
                ..named
            },
            ErrorCode::InvalidOrderMarketType,
        ),
        (
            OrderParams {
                immediate_or_cancel: true,
                ..buy(OrderType::Market, UNIT)
            },
            ErrorCode::InvalidOrderIOC,
        ),
        (buy(OrderType::Oracle, UNIT), ErrorCode::InvalidOrderAuction),
        (named, ErrorCode::UserOrderIdAlreadyInUse),
        (trigger, ErrorCode::OrderMustBeTriggeredFirst),
        (
            buy(OrderType::Market, 99 * UNIT),
            ErrorCode::InsufficientCollateral,
        ),
    ] {
        let mut world = World::new();
        world.order(named).unwrap();
        let before = world.cast.entries.clone();
        assert_eq!(world.order(params), Err(refusal), "{params:?}");
        for (slot, before) in world.cast.entries.iter().zip(&before) {
            assert_eq!(slot.account, before.account);
        }
    }
}

#[test]
fn a_market_may_limit_its_open_interest() {
    let mut world = World::new();
    world.market().amm.max_open_interest = u128::from(2 * UNIT);
    assert_eq!(
        world.order(buy(OrderType::Market, 2 * UNIT + UNIT / 1_000)),
        Err(ErrorCode::MaxOpenInterest)
    );
    // An order up to the limit may be placed, but a trade must stay below.
    assert_eq!(
        world.order(buy(OrderType::Market, 2 * UNIT)),
        Err(ErrorCode::MaxOpenInterest)
    );
    assert_eq!(world.order(buy(OrderType::Market, UNIT)), Ok(()));
}

#[test]
fn while_the_amm_waits_market_orders_stay_and_limit_orders_are_refused() {
    let mut world = World::new();
    world.state().min_perp_auction_duration = 10;
    assert_eq!(
        world.order(limit(101, buy(OrderType::Limit, UNIT))),
        Err(ErrorCode::ImpossibleFill)
    );
    world.order(buy(OrderType::Market, UNIT)).unwrap();
    let user = world.user();
    let order = user.orders[0];
    assert!(order.is_open() && user.has_open_auction.is_set());
    // From the oracle's price to half a percent beyond, and thirty seconds to live.
    assert_eq!(
        ({ order.auction_start_price }, { order.auction_end_price }),
        (100_000_000, 100_500_000)
    );
    assert_eq!((order.auction_duration, { order.max_ts }), (10, NOW + 30));
    assert_eq!({ world.position().open_bids }, UNIT as i64);
}

#[test]
fn the_referred_get_a_discount_and_the_referrer_a_reward() {
    let mut world = World::new();
    world.stats().referrer = REFERRER;
    assert_eq!(
        world.order(buy(OrderType::Market, UNIT)),
        Err(ErrorCode::ReferrerStatsNotFound)
    );
    world.add(
        20,
        Account::User(Box::new(User {
            authority: REFERRER,
            ..User::default()
        })),
    );
    world.add(21, Account::UserStats(Box::new(stats(REFERRER))));
    world.order(buy(OrderType::Market, UNIT)).unwrap();
    // Of a fee of 100,101, a twentieth off and three twentieths to the referrer.
    let fees = world.stats().fees;
    assert_eq!(
        ({ fees.total_fee_paid }, { fees.total_referee_discount }),
        (95_096, 5_005)
    );
    let [
        ..,
        Entry {
            account: Account::User(user),
            ..
        },
        Entry {
            account: Account::UserStats(stats),
            ..
        },
    ] = &world.cast.entries[..]
    else {
        panic!("the referrer is gone")
    };
    assert_eq!({ user.perp_positions[0].quote_asset_amount }, 15_015);
    assert_eq!({ stats.fees.current_epoch_referrer_reward }, 15_015);
    assert_eq!({ world.market().amm.total_fee }, 95_096 - 15_015);
    assert_eq!({ world.market().number_of_users }, 2);
}

#[test]
fn a_trade_outside_the_bands_is_refused() {
    // A tenth above the oracle is too far: about 47 of a thousand units move the price that much, and half of it on
    // average, so ninety do.
    let mut world = World::new();
    world.user().spot_positions[0].scaled_balance = 1_000_000 * UNIT;
    assert_eq!(world.order(buy(OrderType::Market, 80 * UNIT)), Ok(()));
    let mut world = World::new();
    world.user().spot_positions[0].scaled_balance = 1_000_000 * UNIT;
    assert_eq!(
        world.order(buy(OrderType::Market, 100 * UNIT)),
        Err(ErrorCode::PriceBandsBreached)
    );
}

#[test]
fn nothing_trades_while_the_oracle_strays() {
    let mut world = World::new();
    world.cast.entries[4].account = feed(160);
    world.order(limit(170, buy(OrderType::Limit, UNIT))).unwrap();
    assert_eq!(
        (
            { world.position().base_asset_amount },
            world.position().open_orders
        ),
        (0, 1)
    );
}

/// A user who offers three units at `dollars`, and once offered two, expired since.
fn maker(dollars: u64) -> User {
    let offer = Order {
        status: OrderStatus::Open,
        slot: 900,
        direction: PositionDirection::Short,
        price: dollars * DOLLAR,
        base_asset_amount: 3 * UNIT,
        ..Order::blank()
    };
    let expired = Order {
        base_asset_amount: 2 * UNIT,
        max_ts: NOW - 1,
        ..offer
    };
    let mut user = User {
        open_orders: 2,
        ..User::default()
    };
    (user.orders[0], user.orders[1]) = (offer, expired);
    user.perp_positions[0] = PerpPosition {
        open_orders: 2,
        open_asks: -5 * UNIT as i64,
        ..PerpPosition::default()
    };
    user
}

#[test]
fn a_makers_orders_are_tidied_but_not_matched() {
    let met = |dollars, params| {
        let mut world = World::new();
        world.add(20, Account::User(Box::new(maker(dollars))));
        world.add(21, Account::UserStats(Box::new(stats(REFERRER))));
        world
            .order(params)
            .map(|()| match &world.cast.entries[7].account {
                Account::User(user) => **user,
                other => panic!("{}", other.type_name()),
            })
    };
    let after = met(102, limit(101, buy(OrderType::Limit, UNIT))).unwrap();
    assert_eq!(({ after.last_active_slot }, after.open_orders), (1_000, 1));
    assert_eq!({ after.perp_positions[0].open_asks }, -3 * UNIT as i64);
    assert!(after.orders[0].is_open() && !after.orders[1].is_open());

    let refused = Err(ErrorCode::NotModelled);
    assert_eq!(met(101, limit(101, buy(OrderType::Limit, UNIT))), refused);
    assert_eq!(met(102, buy(OrderType::Market, UNIT)), refused);
    // Nor does it matter to an order on the same side.
    let untouched = met(101, sell(OrderType::Market, UNIT)).unwrap();
    assert_eq!(untouched, maker(101));
}

#[test]
fn who_is_named_as_his_own_maker_does_not_get_to_the_amm() {
    let named = |dollars, params| {
        let mut world = World::new();
        world.add(20, Account::User(Box::new(maker(dollars))));
        world.add(21, Account::UserStats(Box::new(stats(REFERRER))));
        for entry in [1, 2] {
            world.cast.slots.push(Slot {
                entry,
                signer: false,
                writable: true,
            });
        }
        world.order(params)
    };
    // The AMM asks a hundred, less than the maker, and would come first.
    let refused = Err(ErrorCode::UnableToLoadUserAccount);
    assert_eq!(named(101, buy(OrderType::Market, UNIT)), refused);
    assert_eq!(named(102, limit(101, buy(OrderType::Limit, UNIT))), refused);
    assert_eq!(
        named(99, buy(OrderType::Market, UNIT)),
        Err(ErrorCode::NotModelled)
    );
    assert_eq!(named(101, limit(95, buy(OrderType::Limit, UNIT))), Ok(()));
}
