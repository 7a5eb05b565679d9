//! The sweeps that come with the repository: each loads, makes sense and runs.

use harness::path::PriceFiles;
use harness::scenario::Scenario;
use harness::sweep::{Overrides, Plan};
use harness::trial::{Metric, Silent, run};
use std::path::Path;

#[test]
fn every_sweep_of_the_repository_runs_its_first_trial_at_every_point() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sweeps");
    let mut names = Vec::new();
    for file in std::fs::read_dir(&folder).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let plan = Plan::load::<Scenario>(&file, &Overrides::default()).unwrap();
        plan.validate(Scenario::validate).unwrap();
        let files = PriceFiles::new(&folder);
        for point in 0..plan.points() {
            let scenario: Scenario = plan.scenario(point).unwrap();
            let metrics = run(&scenario, 1, 0, &files, &mut Silent).unwrap();
            let conserved = metrics
                .values
                .iter()
                .find(|(info, _)| info.name == "conserved")
                .unwrap();
            assert_eq!(
                conserved.1,
                Metric::Flag(true),
                "{}, point {point}",
                file.display()
            );
            assert!(metrics.events > 0);
        }
        names.push(file.file_stem().unwrap().to_string_lossy().into_owned());
    }
    names.sort();
    let expected = [
        "admin_update",
        "big_spot",
        "crash_insurance",
        "doge_moon",
        "highutil",
        "if_stake",
        "lp_bias",
        "luna_crash",
        "multi_markets",
        "oracle_outage",
        "partial_burn",
        "simple",
        "sol_flow",
        "sol_tails",
        "spot_events",
        "spot_liq",
        "three_markets",
        "uponly",
    ];
    assert_eq!(names, expected);
}
