//! Instructions that a trial takes, counted by valgrind: the same on every machine with the same compiler.
//!
//! `cargo bench --bench instructions` runs itself under `valgrind --tool=callgrind` with two numbers of trials; the
//! difference, a trial, is free of start-up. Further arguments name other sweeps: `-- luna_crash`. `-- --profile FILE`
//! leaves callgrind's profile there.

use harness::path::PriceFiles;
use harness::scenario::Scenario;
use harness::sweep::{Overrides, Plan};
use harness::trial::{Silent, run};
use std::path::Path;
use std::process::{Command, ExitCode};

/// Trials of the shorter run, and how many more the longer has.
const FEW: u64 = 100;
const MORE: u64 = 400;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|given| given != "--bench")
        .collect();
    let result = match &arguments[..] {
        [flag, name, trials] if flag == "--trials" => trials
            .parse()
            .map_err(|_| "no number of trials".to_owned())
            .and_then(|trials| trial_by_trial(name, trials)),
        [flag, file] if flag == "--profile" => count("lp_bias", FEW + MORE, file).map(|_| ()),
        [] => report("lp_bias"),
        names => names.iter().try_for_each(|name| report(name)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the first `trials` of a shipped sweep in their order, on this thread.
fn trial_by_trial(name: &str, trials: u64) -> Result<(), String> {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("sweeps")
        .join(format!("{name}.yaml"));
    let plan = Plan::load::<Scenario>(&spec, &Overrides::default()).map_err(|error| error.to_string())?;
    let files = PriceFiles::new(&plan.scenario_folder);
    let scenarios: Vec<Scenario> = (0..plan.points())
        .map(|point| plan.scenario(point).map_err(|error| error.to_string()))
        .collect::<Result<_, _>>()?;
    for number in 0..trials {
        let trial = plan.trial(number).ok_or("the sweep is shorter")?;
        let scenario = &scenarios[trial.point as usize];
        run(scenario, plan.seed, trial.replicate.into(), &files, &mut Silent)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn report(name: &str) -> Result<(), String> {
    let few = count(name, FEW, "/dev/null")?;
    let all = count(name, FEW + MORE, "/dev/null")?;
    println!(
        "{name}: {} instructions a trial, over trials {FEW} to {}",
        (all - few) / MORE,
        FEW + MORE - 1
    );
    Ok(())
}

fn count(name: &str, trials: u64, profile: &str) -> Result<u64, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", &format!("--callgrind-out-file={profile}")])
        .arg(own)
        .args(["--trials", name, &trials.to_string()])
        .output()
        .map_err(|error| {
            format!("valgrind cannot be run ({error}): install it, on Debian with `apt-get install valgrind`")
        })?;
    let said = String::from_utf8_lossy(&output.stderr);
    let counted = said
        .lines()
        .find_map(|line| line.split("Collected : ").nth(1)?.trim().parse().ok());
    match counted {
        Some(count) if output.status.success() => Ok(count),
        _ => Err(said.into_owned()),
    }
}
