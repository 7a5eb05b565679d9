//! Orders in a small world: a market of a thousand units of depth at a hundred dollars, and a trader with a thousand
//! dollars. No spread, ten percent of initial margin, a tenth of a percent of fees.

use super::place_and_take_perp_order;
use crate::drift::accounts::*;
use crate::drift::clock::Clock;
use crate::drift::engine::{Frame, Slot, Switches};
use crate::drift::error::{ErrorCode, Result};
use crate::drift::instruction::{OrderParams, PlaceAndTakePerpOrder};

const UNIT: u64 = 1_000_000_000;
const DOLLAR: u64 = 1_000_000;
const NOW: i64 = 1_700_000_000;
const ORACLE: Pubkey = Pubkey([7; 32]);
const TRADER: Pubkey = Pubkey([3; 32]);
const REFERRER: Pubkey = Pubkey([8; 32]);

struct World {
    clock: Clock,
    slots: Vec<Slot>,
}

macro_rules! reach {
    ($name:ident: $kind:ident at $place:literal) => {
        fn $name(&mut self) -> &mut $kind {
            match &mut self.slots[$place].account {
                Account::$kind(value) => value,
                other => panic!("{} in slot {}", other.type_name(), $place),
            }
        }
    };
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            clock: Clock {
                slot: 1_000,
                unix_timestamp: NOW,
            },
            slots: Vec::new(),
        };
        world.add(1, Account::State(Box::new(state())));
        world.add(2, Account::User(Box::new(trader())));
        world.add(4, Account::UserStats(Box::new(stats(TRADER))));
        world.add(3, Account::Opaque);
        world.add(7, feed(100));
        world.add(5, Account::SpotMarket(Box::new(quote_market())));
        world.add(6, Account::PerpMarket(Box::new(market())));
        world
    }

    fn add(&mut self, address: u8, account: Account) {
        let key = Pubkey([address; 32]);
        self.slots.push(Slot {
            key,
            signer: key == TRADER,
            writable: true,
            account,
        });
    }

    reach!(state: State at 0);
    reach!(user: User at 1);
    reach!(stats: UserStats at 2);
    reach!(market: PerpMarket at 6);

    fn position(&mut self) -> PerpPosition {
        self.user().perp_positions[0]
    }

    /// Executes an order, undone when it is refused.
    fn order(&mut self, params: OrderParams) -> Result {
        let before = self.slots.clone();
        let places: Vec<_> = (0..self.slots.len()).collect();
        let mut frame = Frame::new(self.clock, Switches::default(), &mut self.slots, &places);
        let arguments = PlaceAndTakePerpOrder {
            params,
            maker_order_id: None,
        };
        let outcome = place_and_take_perp_order(&mut frame, &arguments);
        if outcome.is_err() {
            self.slots = before;
        }
        outcome
    }
}

fn state() -> State {
    let mut state = State {
        liquidation_margin_buffer_ratio: 200,
        ..State::default()
    };
    state.perp_fee_structure.referrer_reward_epoch_upper_bound = 1_000 * DOLLAR;
    state.perp_fee_structure.fee_tiers = [FeeTier {
        fee_numerator: 1,
        fee_denominator: 1_000,
        referrer_reward_numerator: 15,
        referrer_reward_denominator: 100,
        referee_fee_numerator: 5,
        referee_fee_denominator: 100,
        ..FeeTier::default()
    }; 10];
    state.oracle_guard_rails = OracleGuardRails {
        price_divergence: PriceDivergenceGuardRails {
            mark_oracle_percent_divergence: 100_000,
            oracle_twap_5min_percent_divergence: 500_000,
        },
        validity: ValidityGuardRails {
            too_volatile_ratio: 4,
            confidence_interval_max_size: 30_000,
            slots_before_stale_for_margin: 90,
            slots_before_stale_for_amm: 15,
        },
    };
    state
}

fn trader() -> User {
    let mut user = User {
        authority: TRADER,
        next_order_id: 1,
        ..User::default()
    };
    user.spot_positions[0].scaled_balance = 1_000 * UNIT;
    user
}

fn stats(authority: Pubkey) -> UserStats {
    UserStats {
        authority,
        next_epoch_ts: NOW + 1,
        ..UserStats::default()
    }
}

fn feed(dollars: i64) -> Account {
    Account::Oracle(
        Box::new(PriceFeed::new(dollars * 10_000_000, 0, -7, 1_000)),
        Box::default(),
    )
}

fn history(price: u64) -> HistoricalOracleData {
    let price = price as i64;
    HistoricalOracleData {
        last_oracle_price: price,
        last_oracle_price_twap: price,
        last_oracle_price_twap_5min: price,
        last_oracle_price_twap_ts: NOW,
        ..HistoricalOracleData::default()
    }
}

fn quote_market() -> SpotMarket {
    SpotMarket {
        historical_oracle_data: history(DOLLAR),
        deposit_balance: u128::from(1_000 * UNIT),
        cumulative_deposit_interest: 10_000_000_000,
        cumulative_borrow_interest: 10_000_000_000,
        initial_asset_weight: 10_000,
        maintenance_asset_weight: 10_000,
        initial_liability_weight: 10_000,
        maintenance_liability_weight: 10_000,
        decimals: 6,
        oracle_source: OracleSource::QuoteAsset,
        status: MarketStatus::Active,
        ..SpotMarket::default()
    }
}

fn market() -> PerpMarket {
    let mut market = PerpMarket {
        margin_ratio_initial: 1_000,
        margin_ratio_maintenance: 500,
        status: MarketStatus::Active,
        next_fill_record_id: 1,
        ..PerpMarket::default()
    };
    let amm = &mut market.amm;
    amm.oracle = ORACLE;
    amm.historical_oracle_data = history(100 * DOLLAR);
    amm.sqrt_k = 1_000 * u128::from(UNIT);
    amm.base_asset_reserve = amm.sqrt_k;
    amm.quote_asset_reserve = amm.sqrt_k;
    amm.peg_multiplier = u128::from(100 * DOLLAR);
    amm.concentration_coef = 1_414_200;
    amm.order_step_size = UNIT / 1_000;
    amm.order_tick_size = 100;
    amm.min_order_size = UNIT / 1_000;
    amm.max_fill_reserve_fraction = 2;
    amm.max_slippage_ratio = 50;
    amm.funding_period = 3_600;
    amm.last_funding_rate_ts = NOW;
    amm.last_mark_price_twap_ts = NOW;
    amm.last_bid_price_twap = 100 * DOLLAR;
    amm.last_ask_price_twap = 100 * DOLLAR;
    amm.last_mark_price_twap = 100 * DOLLAR;
    amm.last_mark_price_twap_5min = 100 * DOLLAR;
    amm.refresh_bounds().unwrap();
    amm.update_spread_reserves().unwrap();
    market.check().unwrap();
    market
}

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
        let before = world.slots.clone();
        assert_eq!(world.order(params), Err(refusal), "{params:?}");
        for (slot, before) in world.slots.iter().zip(&before) {
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
        Slot {
            account: Account::User(user),
            ..
        },
        Slot {
            account: Account::UserStats(stats),
            ..
        },
    ] = &world.slots[..]
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
    world.slots[4].account = feed(160);
    world.order(limit(170, buy(OrderType::Limit, UNIT))).unwrap();
    assert_eq!(
        (
            { world.position().base_asset_amount },
            world.position().open_orders
        ),
        (0, 1)
    );
}
