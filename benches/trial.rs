//! Trials of the shipped sweeps: one alone, and many on one and on two threads in the same run.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use harness::path::PriceFiles;
use harness::scenario::Scenario;
use harness::sweep::{Overrides, Plan};
use harness::trial::{Silent, run};
use rayon::prelude::*;
use std::path::Path;

fn plan(name: &str) -> Plan {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("sweeps").join(name);
    Plan::load::<Scenario>(&spec, &Overrides::default()).expect("a shipped sweep")
}

fn one_trial(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("trial");
    for name in ["simple", "three_markets", "lp_bias", "luna_crash"] {
        let plan = plan(&format!("{name}.yaml"));
        let files = PriceFiles::new(&plan.scenario_folder);
        let scenario: Scenario = plan.scenario(plan.points() - 1).expect("a scenario");
        let mut replicate = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                replicate = (replicate + 1) % 50;
                run(&scenario, plan.seed, replicate, &files, &mut Silent).expect("a trial")
            });
        });
    }
    group.finish();
}

fn threads(criterion: &mut Criterion) {
    const TRIALS: u64 = 400;
    let plan = plan("lp_bias.yaml");
    let files = PriceFiles::new(&plan.scenario_folder);
    let scenarios: Vec<Scenario> = (0..plan.points())
        .map(|point| plan.scenario(point).expect("a scenario"))
        .collect();
    let mut group = criterion.benchmark_group("lp_bias_threads");
    group.sample_size(10).throughput(Throughput::Elements(TRIALS));
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads");
        group.bench_function(threads.to_string(), |bencher| {
            bencher.iter(|| {
                pool.install(|| {
                    (0..TRIALS).into_par_iter().for_each(|number| {
                        let trial = plan.trial(number).expect("a trial");
                        let scenario = &scenarios[trial.point as usize];
                        run(scenario, plan.seed, trial.replicate.into(), &files, &mut Silent)
                            .expect("a trial");
                    });
                });
            });
        });
    }
    group.finish();
}

criterion_group!(benches, one_trial, threads);
criterion_main!(benches);
