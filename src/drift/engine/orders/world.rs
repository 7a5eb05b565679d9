//! A small world to try orders in: a market of a thousand units of depth at a hundred dollars, and a trader with a thousand
//! dollars. No spread, ten percent of initial margin, a tenth of a percent of fees.

use super::place_and_take_perp_order;
use crate::accounts::*;
use crate::clock::Clock;
use crate::engine::Cast;
use crate::error::Result;
use crate::instruction::{OrderParams, PlaceAndTakePerpOrder};

pub(super) const UNIT: u64 = 1_000_000_000;
pub(super) const DOLLAR: u64 = 1_000_000;
pub(super) const NOW: i64 = 1_700_000_000;
const ORACLE: Pubkey = Pubkey([7; 32]);
const TRADER: Pubkey = Pubkey([3; 32]);
pub(super) const REFERRER: Pubkey = Pubkey([8; 32]);

pub(super) struct World {
    pub clock: Clock,
    pub cast: Cast,
}

macro_rules! reach {
    ($name:ident: $kind:ident at $place:literal) => {
        pub fn $name(&mut self) -> &mut $kind {
            match &mut self.cast.entries[$place].account {
                Account::$kind(value) => value,
                other => panic!("{} in slot {}", other.type_name(), $place),
            }
        }
    };
}

impl World {
    pub fn new() -> Self {
        let mut world = Self {
            clock: Clock {
                slot: 1_000,
                unix_timestamp: NOW,
            },
            cast: Cast::default(),
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

    pub fn add(&mut self, address: u8, account: Account) {
        let key = Pubkey([address; 32]);
        self.cast.add(key, key == TRADER, account);
    }

    reach!(state: State at 0);
    reach!(user: User at 1);
    reach!(stats: UserStats at 2);
    reach!(market: PerpMarket at 6);

    pub fn position(&mut self) -> PerpPosition {
        self.user().perp_positions[0]
    }

    /// Executes an order, undone when it is refused.
    pub fn order(&mut self, params: OrderParams) -> Result {
        let before = self.cast.clone();
        let mut frame = self.cast.frame(self.clock);
        let arguments = PlaceAndTakePerpOrder {
            params,
            maker_order_id: None,
        };
        let outcome = place_and_take_perp_order(&mut frame, &arguments);
        if outcome.is_err() {
            self.cast = before;
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

pub(super) fn stats(authority: Pubkey) -> UserStats {
    UserStats {
        authority,
        next_epoch_ts: NOW + 1,
        ..UserStats::default()
    }
}

pub(super) fn feed(dollars: i64) -> Account {
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
