//! The bank, on the built-in program and, where it is in the cache, on the real one: start-up, transactions, whole replays,
//! and what the harness adds to the runtime's own time.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use drift::engine::Switches;
use drift::error::ErrorCode;
use drift::instruction::{Call, Instruction};
use drift::ledger::{Ledger, MemoryLedger};
use harness::backtest::{self, Options, ProgramUnderTest, Replay, genesis};
use harness::bank::{BankLedger, Deployed, Program, RELEASES};
use harness::event::{DepositCollateral, Direction, Event, OpenPosition};
use harness::experiment::{Existing, Experiment};
use harness::scenario::Scenario;
use harness::sweep::{Overrides, Plan, Rerun};
use harness::world::Executed;
use std::path::Path;
use std::time::{Duration, Instant};

fn programs() -> Vec<(&'static str, Deployed)> {
    let real = Program::from_cache().ok();
    let real = real.filter(|program| program.release() == RELEASES.first());
    let real = real.map(|program| ("drift_2.83", Deployed::Elf(program)));
    [("built_in", Deployed::BuiltIn)]
        .into_iter()
        .chain(real)
        .collect()
}

/// The first trial of a shipped sweep as an experiment folder.
fn trial(sweep: &str, folder: &Path) -> Experiment {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("sweeps/{sweep}.yaml"));
    let plan = Plan::load::<Scenario>(&spec, &Overrides::default()).expect("a shipped sweep");
    let rerun = Rerun::new(&plan);
    rerun.write(0, folder, Existing::Replace).expect("an experiment");
    Experiment::read(folder).expect("what was just written")
}

fn start_up(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("start_up");
    for (name, program) in programs() {
        let began = Instant::now();
        drop(BankLedger::new(&program));
        println!(
            "start_up/{name}: the first one in a process took {:.1?}",
            began.elapsed()
        );
        group.bench_function(name, |bencher| bencher.iter(|| BankLedger::new(&program)));
    }
    group.finish();
}

fn transactions(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let experiment = trial("simple", folder.path().join("simple").as_path());
    let deposit = DepositCollateral {
        user_index: 0,
        deposit_amount: 1_000_000_000_000,
        spot_market_index: 0,
        mint_amount: 0,
        username: "trader".to_owned(),
    };
    let open = |direction| OpenPosition {
        user_index: 0,
        direction,
        quote_amount: 1_000_000,
        market_index: 0,
    };
    let mut group = criterion.benchmark_group("transactions");
    for (name, program) in programs() {
        let mut bank = BankLedger::new(&program);
        let mut world = genesis(&experiment, &[])
            .expect("a start")
            .open(&mut bank)
            .expect("an exchange");
        let mut last = |event: Event| -> Executed {
            let mut executed = world.apply(&mut bank, &event).expect("an event");
            let last = executed.pop().expect("an instruction");
            assert_eq!(last.outcome, Ok(()));
            last
        };
        last(Event::new(0, deposit.clone()));
        // Again: without opening accounts, and with tokens for what is to come.
        let small = DepositCollateral {
            deposit_amount: 1,
            mint_amount: 1_000_000_000_000,
            ..deposit.clone()
        };
        let deposit = last(Event::new(0, small)).call;
        let [long, short] =
            [Direction::Long, Direction::Short].map(|side| last(Event::new(0, open(side))).call);
        group.throughput(Throughput::Elements(1));
        group.bench_function(format!("deposit/{name}"), |bencher| {
            bencher.iter(|| bank.execute(&deposit));
        });
        group.throughput(Throughput::Elements(2));
        group.bench_function(format!("place_and_take/{name}"), |bencher| {
            bencher.iter(|| (bank.execute(&long), bank.execute(&short)));
        });
    }
    group.finish();
}

fn options(program: &Deployed, results: &Path) -> Options {
    Options {
        unwind: false,
        ..Options::new(ProgramUnderTest::by_heart(program.clone()), results.to_owned())
    }
}

fn replays(criterion: &mut Criterion) {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("simple");
    trial("simple", &folder);
    let mut group = criterion.benchmark_group("replay_of_simple");
    group.sample_size(20);
    for (name, program) in programs() {
        let mut options = options(&program, place.path());
        let mut number = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                number += 1;
                options.results = Some(place.path().join(format!("{name}_{number}")));
                backtest::run(&folder, &options).expect("a replay")
            });
        });
    }
    group.finish();
}

/// Prints how much longer than the runtime alone each layer of a replay takes.
fn overhead(_: &mut Criterion) {
    // Nothing is removed before all is measured: some file systems search long for a place where files were removed lately.
    let place = tempfile::tempdir().expect("a folder");
    for sweep in ["simple", "lp_bias"] {
        let folder = place.path().join(sweep);
        let experiment = trial(sweep, &folder);
        for (name, program) in programs() {
            layers(&format!("{sweep}/{name}"), &folder, &experiment, &program);
        }
    }
}

fn layers(what: &str, folder: &Path, experiment: &Experiment, program: &Deployed) {
    const ROUNDS: u32 = 40;
    let place = folder.with_file_name("results").join(what);
    let mut options = options(program, &place);
    let start = genesis(experiment, &[]).expect("a start");
    let [mut runtime, mut ledger, mut both, mut whole] = [Duration::ZERO; 4];
    for round in 0..ROUNDS {
        options.results = Some(place.join(round.to_string()));
        let mut bank = BankLedger::new(program);
        let began = Instant::now();
        let mut world = start.open(&mut bank).expect("an exchange");
        for event in &experiment.log.events {
            world.apply(&mut bank, event).expect("an event");
        }
        ledger += began.elapsed();
        runtime += bank.time_in_runtime();
        drop(bank);

        let began = Instant::now();
        let mut replay =
            Replay::open(&start, &options.program_under_test, Switches::default()).expect("an exchange");
        for event in &experiment.log.events {
            replay.step(event).expect("an event");
        }
        both += began.elapsed();
        drop(replay);

        let began = Instant::now();
        backtest::run(folder, &options).expect("a replay");
        whole += began.elapsed();
    }
    let told = |layer: &str, time: Duration| {
        let over = 100.0 * (time.as_secs_f64() / runtime.as_secs_f64() - 1.0);
        println!("  {layer} {:.2?}, {over:+.0}%", time / ROUNDS);
    };
    println!("overhead/{what}: {:.2?} in the runtime", runtime / ROUNDS);
    told("with lowering, accounts and receipts", ledger);
    told("with the engine, compared after every event", both);
    told("with results and report on disk", whole);
}

/// The engine's ledger with the time its trades take, accounts found and put back included.
#[derive(Default)]
struct TimedTrades {
    ledger: MemoryLedger,
    trades: u32,
    time: Duration,
}

impl Ledger for TimedTrades {
    drift::forward! { self => self.ledger; clock, set_clock, account, set_account, locate }

    fn execute(&mut self, call: &Call) -> Result<(), ErrorCode> {
        let began = Instant::now();
        let outcome = self.ledger.execute(call);
        if is_trade(call) {
            self.time += began.elapsed();
            self.trades += 1;
        }
        outcome
    }
}

fn is_trade(call: &Call) -> bool {
    matches!(call.instruction, Instruction::PlaceAndTakePerpOrder(_))
}

/// Prints how long the same trades take in the runtime, without what is around it, and in the engine.
fn trades(_: &mut Criterion) {
    const ROUNDS: u32 = 20;
    let place = tempfile::tempdir().expect("a folder");
    let experiment = trial("lp_bias", &place.path().join("lp_bias"));
    let start = genesis(&experiment, &[]).expect("a start");
    for (name, program) in programs() {
        let (mut in_runtime, mut in_engine, mut count) = (Duration::ZERO, Duration::ZERO, 0);
        for _ in 0..ROUNDS {
            let mut bank = BankLedger::new(&program);
            let mut engine = TimedTrades::default();
            let mut banks_world = start.open(&mut bank).expect("an exchange");
            let mut engines_world = start.open(&mut engine).expect("an exchange");
            for event in &experiment.log.events {
                let before = bank.time_in_runtime();
                let executed = banks_world.apply(&mut bank, event).expect("an event");
                if executed.iter().any(|done| is_trade(&done.call)) {
                    assert_eq!(executed.len(), 1, "a trade comes alone");
                    in_runtime += bank.time_in_runtime() - before;
                }
            }
            // One after the other, as either runs by itself: the runtime leaves nothing in the processor's caches.
            for event in &experiment.log.events {
                engines_world.apply(&mut engine, event).expect("an event");
            }
            in_engine += engine.time;
            count += engine.trades;
        }
        println!(
            "place_and_take_perp_order/{name}: {:.2?} in the runtime, {:.2?} in the engine, {:.0} times as long",
            in_runtime / count,
            in_engine / count,
            in_runtime.as_secs_f64() / in_engine.as_secs_f64()
        );
    }
}

// What fills memory comes last.
criterion_group!(benches, start_up, trades, overhead, replays, transactions);
criterion_main!(benches);
