//! Margins of many users followed through a day, a price a second: by the watch, and by reckoning everybody's each second.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use drift::accounts::{Account, SpotBalanceType, Stored};
use drift::engine::margin::{Margin, Terms};
use drift::ledger::{Ledger, MemoryLedger};
use drift::math::weight::MarginType;
use harness::event::{DepositCollateral, Event};
use harness::path::{PathSpec, PriceFiles, PricePath};
use harness::random::{Purpose, stream};
use harness::scenario::Scenario;
use harness::watch::Watch;
use harness::world::{AtPrices, Prices, World};
use rand::RngExt;

const SECONDS: i64 = 1_000;

struct Exchange {
    world: World,
    ledger: MemoryLedger,
    paths: Vec<PricePath>,
}

/// One market, and users with positions of one to ten times their deposits, half of them short.
fn exchange(users: u32) -> Exchange {
    let scenario = serde_json::json!({
        "horizon": SECONDS,
        "perp_markets": [{"name": "SOL", "oracle": {"constant": {"price": 20}}, "base_reserve": 1_000_000}],
        "agents": {},
    });
    let scenario: Scenario = serde_json::from_value(scenario).expect("a scenario");
    let files = PriceFiles::new("");
    let prepared = scenario.prepare(1, 0, &files).expect("a trial");
    let mut ledger = MemoryLedger::default();
    let mut world = prepared.genesis.open(&mut ledger).expect("an exchange");
    let walk = serde_json::json!({"geometric_brownian_motion":
        {"start_price": 20, "volatility_per_year": 2, "step_seconds": 1}});
    let walk: PathSpec = serde_json::from_value(walk).expect("a path");
    let path = walk
        .build(stream(1, 0, Purpose::PricePath, 0), SECONDS as u32, &files)
        .expect("a path");
    let random = &mut stream(1, 0, Purpose::Agent, 0);
    for number in 0..users {
        let deposit = DepositCollateral {
            user_index: number,
            deposit_amount: 1_000_000_000,
            spot_market_index: 0,
            mint_amount: 0,
            username: String::new(),
        };
        world
            .apply(&mut ledger, &Event::new(0, deposit))
            .expect("a deposit");
        let mut user = *world.user(&ledger, number).expect("a user");
        assert_eq!(user.spot_positions[0].balance_type, SpotBalanceType::Deposit);
        let sign = if number % 2 == 0 { 1 } else { -1 };
        let base = sign * random.random_range(50_000_000_000..270_000_000_000i64);
        let held = &mut user.perp_positions[0];
        held.base_asset_amount = base;
        held.quote_asset_amount = -base / 1_000 * 20;
        let key = harness::world::user_keys(number).user;
        let account: Account = drift::accounts::User::wrap(Box::new(user));
        ledger.set_account(key, account);
    }
    Exchange {
        world,
        ledger,
        paths: vec![path],
    }
}

fn watch(at: &Exchange, users: u32) -> (u64, u64) {
    let mut watch = Watch::new(&at.world, users, &at.paths, &[]);
    for second in 0..=SECONDS {
        watch.advance(&at.world, &at.ledger, second);
    }
    (watch.short_seconds(), watch.reckoned())
}

fn everybody(at: &Exchange, users: u32) -> u64 {
    let mut short = 0;
    for second in 0..SECONDS {
        let perps = [at.paths[0].price_at(second)];
        let prices = Prices {
            perps: &perps,
            spots: &[],
        };
        let mut markets = AtPrices {
            world: &at.world,
            ledger: &at.ledger,
            prices,
        };
        for number in 0..users {
            let user = at.world.user(&at.ledger, number).expect("a user");
            let margin =
                Margin::of(user, &mut markets, Terms::new(MarginType::Maintenance)).expect("a margin");
            short += u64::from(!margin.is_met());
        }
    }
    short
}

fn margins(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("margins_through_1000_seconds");
    group.sample_size(10);
    for users in [100, 500, 2_000] {
        let at = exchange(users);
        let (short, reckoned) = watch(&at, users);
        assert_eq!(short, everybody(&at, users), "both find the same");
        println!("{users} users: {short} user-seconds short, {reckoned} margins reckoned by the watch");
        group.throughput(Throughput::Elements(u64::from(users) * SECONDS as u64));
        group.bench_function(BenchmarkId::new("watch", users), |bencher| {
            bencher.iter(|| watch(&at, users))
        });
        group.bench_function(BenchmarkId::new("everybody", users), |bencher| {
            bencher.iter(|| everybody(&at, users));
        });
    }
    group.finish();
}

criterion_group!(benches, margins);
criterion_main!(benches);
