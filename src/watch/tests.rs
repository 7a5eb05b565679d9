//! Whoever reckons every margin in every second finds the same.

use super::*;
use crate::event::{
    AddLiquidity, ClosePosition, DepositCollateral, Direction, Event, Kind, OpenPosition, OraclePrice,
    PerpOraclePrice, Portion, RemoveLiquidity, SettleLp, SettlePnl, SpotOraclePrice, WithdrawCollateral,
};
use crate::experiment::{MarketInit, SpotMarketInit, SpotRules};
use crate::random::{Pcg64, Purpose, stream};
use crate::world::{Exchange, Genesis};
use drift::accounts::{PerpMarket, Stored};
use drift::engine::margin::{Margin, Terms};
use drift::ledger::MemoryLedger;
use drift::math::weight::MarginType;
use proptest::prelude::*;
use rand::RngExt;

const USERS: u32 = 12;
const SECONDS: i64 = 150;

/// An exchange of two perpetual and three spot markets, with random prices and random deeds.
struct Session {
    random: Pcg64,
    world: World,
    ledger: MemoryLedger,
    perps: Vec<PricePath>,
    spots: Vec<PricePath>,
    watch: Watch,
}

/// A price that mostly stands, sometimes stirs and now and then jumps.
fn path(random: &mut Pcg64, start: f64) -> PricePath {
    let mut price = start;
    let points = (0..=SECONDS as u32).map(|second| {
        if second > 0 {
            let width = [0.0, 0.0, 0.001, 0.02, 0.15][random.random_range(0..5usize)];
            price = (price * (1.0 + width * (random.random::<f64>() * 2.0 - 1.0)))
                .clamp(start / 9.0, start * 9.0);
        }
        (second, (price * 1e6) as u64)
    });
    PricePath::from_points(points.collect::<Vec<_>>()).unwrap()
}

impl Session {
    fn start(seed: u64) -> Self {
        let mut random = stream(seed, 0, Purpose::Agent, 0);
        let perps: Vec<_> = [20.0, 300.0].map(|start| path(&mut random, start)).into();
        let spots: Vec<_> = [20.0, 1.0].map(|start| path(&mut random, start)).into();
        let shown = |path: &PricePath| OraclePrice::from_micros(path.start_price()).unwrap();
        let exchange = Exchange::default();
        let spot = |(index, path): (u16, &PricePath)| SpotMarketInit {
            rules: SpotRules {
                imf_factor: u32::from(index - 1) * 3_000,
                ..SpotRules::default()
            },
            ..SpotMarketInit::new(index, shown(path))
        };
        let perp = |(index, path): (u16, &PricePath)| {
            let market = MarketInit::new(index, 10_000_000_000_000, path.start_price().into()).unwrap();
            MarketInit {
                funding_period: 60,
                oracle_price: shown(path),
                ..market
            }
        };
        let genesis = Genesis {
            exchange,
            quote: SpotRules::quote(),
            spots: (1..).zip(&spots).map(spot).collect(),
            perps: (0..).zip(&perps).map(perp).collect(),
        };
        let mut ledger = MemoryLedger::default();
        let world = genesis.open(&mut ledger).unwrap();
        let watch = Watch::new(&world, USERS, &perps, &spots);
        let mut session = Self {
            random,
            world,
            ledger,
            perps,
            spots,
            watch,
        };
        for user_index in 0..USERS {
            for spot_market_index in 0..3 {
                let deposit_amount = session.amount(2_000);
                let username = String::new();
                session.happen(
                    0,
                    DepositCollateral {
                        user_index,
                        spot_market_index,
                        deposit_amount,
                        mint_amount: 0,
                        username,
                    },
                );
            }
        }
        session
    }

    fn amount(&mut self, most: u64) -> u64 {
        self.random.random_range(1..=most) * 1_000_000
    }

    fn happen(&mut self, second: i64, kind: impl Into<Kind>) {
        let event = Event::new(second, kind);
        for done in self.world.apply(&mut self.ledger, &event).unwrap() {
            self.watch.executed(&done.call);
        }
    }

    fn show_prices(&mut self, second: i64) {
        let shown = |path: &PricePath| OraclePrice::from_micros(path.price_at(second)).unwrap();
        let perps: Vec<_> = self.perps.iter().map(shown).collect();
        let spots: Vec<_> = self.spots.iter().map(shown).collect();
        let conf = OraclePrice::default();
        for (market_index, price) in (0..).zip(perps) {
            self.happen(
                second,
                PerpOraclePrice {
                    market_index,
                    price,
                    conf,
                    ..PerpOraclePrice::default()
                },
            );
        }
        for (market_index, price) in (1..).zip(spots) {
            self.happen(
                second,
                SpotOraclePrice {
                    market_index,
                    price,
                    conf,
                    ..SpotOraclePrice::default()
                },
            );
        }
    }

    /// Somebody does something; much of it is refused.
    fn act(&mut self, second: i64) {
        self.show_prices(second);
        let user_index = self.random.random_range(0..USERS);
        let market_index = self.random.random_range(0..2);
        let spot_market_index = self.random.random_range(0..3);
        let username = String::new();
        let direction = if self.random.random() {
            Direction::Long
        } else {
            Direction::Short
        };
        match self.random.random_range(0..9) {
            0..3 => {
                let quote_amount = self.amount(20_000);
                self.happen(
                    second,
                    OpenPosition {
                        user_index,
                        direction,
                        quote_amount,
                        market_index,
                    },
                );
            }
            3 => self.happen(
                second,
                ClosePosition {
                    user_index,
                    market_index,
                },
            ),
            4 => {
                let token_amount = self.amount(2_000) * 1_000;
                self.happen(
                    second,
                    AddLiquidity {
                        market_index,
                        user_index,
                        token_amount,
                    },
                );
            }
            5 => {
                let lp_token_amount = Portion::All;
                self.happen(
                    second,
                    RemoveLiquidity {
                        market_index,
                        user_index,
                        lp_token_amount,
                    },
                );
            }
            6 => {
                let withdraw_amount = self.amount(3_000);
                self.happen(
                    second,
                    WithdrawCollateral {
                        user_index,
                        spot_market_index,
                        withdraw_amount,
                        reduce_only: false,
                        username,
                    },
                );
            }
            7 => self.happen(
                second,
                SettlePnl {
                    user_index,
                    market_index,
                },
            ),
            _ => self.happen(
                second,
                SettleLp {
                    user_index,
                    market_index,
                },
            ),
        }
    }

    /// Somebody changes a market's rules from outside.
    fn rule(&mut self) {
        let mut market = *self.world.perp(&self.ledger, 0).unwrap();
        market.margin_ratio_maintenance = self.random.random_range(300..900);
        let key = market.pubkey;
        self.ledger.set_account(key, PerpMarket::wrap(Box::new(market)));
        self.watch.stale = true;
    }

    fn naive(&self, second: i64) -> Vec<u32> {
        let at =
            |paths: &[PricePath]| -> Vec<u64> { paths.iter().map(|path| path.price_at(second)).collect() };
        let (perps, spots) = (at(&self.perps), at(&self.spots));
        let short = |user: &u32| {
            let account = self.world.user(&self.ledger, *user).unwrap();
            let prices = Prices {
                perps: &perps,
                spots: &spots,
            };
            let mut markets = AtPrices {
                world: &self.world,
                ledger: &self.ledger,
                prices,
            };
            Margin::of(account, &mut markets, Terms::new(MarginType::Maintenance))
                .is_ok_and(|margin| !margin.is_met())
        };
        (0..USERS).filter(short).collect()
    }
}

/// Runs a session, and answers in how many seconds how many users were short, and how many margins were reckoned.
fn watched(seed: u64) -> Result<(u64, u64), TestCaseError> {
    let mut session = Session::start(seed);
    let mut short_seconds = 0;
    for second in 0..SECONDS {
        session.watch.advance(&session.world, &session.ledger, second);
        for _ in 0..session.random.random_range(0..3) {
            session.act(second);
            session.watch.advance(&session.world, &session.ledger, second);
            let found: Vec<u32> = session.watch.endangered().map(|one| one.user).collect();
            prop_assert_eq!(
                found,
                session.naive(second),
                "after an event of second {}",
                second
            );
        }
        if session.random.random_bool(0.02) {
            session.rule();
            session.watch.advance(&session.world, &session.ledger, second);
        }
        let found: Vec<u32> = session.watch.endangered().map(|one| one.user).collect();
        let naive = session.naive(second);
        prop_assert_eq!(&found, &naive, "second {}", second);
        prop_assert_eq!(session.watch.short_seconds(), short_seconds);
        short_seconds += naive.len() as u64;
    }
    Ok((short_seconds, session.watch.reckoned()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whoever_is_short_is_found_in_the_same_second(seed in any::<u64>()) {
        watched(seed)?;
    }
}

#[test]
fn sessions_bring_users_to_the_brink_and_reckon_few_margins() {
    let (mut short, mut reckoned) = (0, 0);
    for seed in 0..10 {
        let (seconds, margins) = watched(seed).unwrap();
        short += seconds;
        reckoned += margins;
    }
    let all = 10 * SECONDS as u64 * u64::from(USERS);
    assert!(short > all / 50, "{short} of {all} user-seconds are short");
    assert!(reckoned < all, "{reckoned} margins for {all} user-seconds");
}
