//! `harness diverge` and `harness report`: from a sweep to a report, through the command line.
#![cfg(feature = "bank")]

mod browser;
mod common;

use browser::Browser;
use common::{argument, cached, harness, interface, text};
use harness::divergence::{DivergenceReport, Kind, Severity};
use harness::event::{Event, EventLog, Liquidate};
use harness::experiment::{Existing, Experiment, MarketInit};
use harness::report::files;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Runs a sweep of the repository into a folder of its own, which is called as the sweep is.
fn sweep(place: &TempDir, name: &str, more: &[&str]) -> PathBuf {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("sweeps/{name}.yaml"));
    let folder = place.path().join(name);
    let mut arguments = vec!["sweep", argument(&spec), "--out", argument(&folder)];
    arguments.extend(more);
    let run = harness(&arguments);
    assert!(run.status.success(), "{}", text(&run.stderr));
    folder
}

/// Runs `harness diverge` into `out`: its exit status, what it printed, and the report.
fn diverge(subject: &Path, out: &Path, more: &[&str]) -> (i32, String, DivergenceReport) {
    let mut arguments = vec!["diverge", argument(subject), "--out", argument(out)];
    if !more
        .iter()
        .any(|option| ["--bound", "--random-seconds"].contains(option))
    {
        arguments.extend(["--random-seconds", "0"]);
    }
    arguments.extend(more);
    let run = harness(&arguments);
    let printed = text(&run.stdout);
    let report = files::read(out).unwrap_or_else(|error| panic!("{error}: {}", text(&run.stderr)));
    (run.status.code().unwrap(), printed, report)
}

/// What the harness complains of, without the marks and breaks of the lines.
fn complaint(arguments: &[&str]) -> String {
    let run = harness(arguments);
    assert_eq!(run.status.code(), Some(2), "{}", text(&run.stdout));
    let words: Vec<_> = text(&run.stderr)
        .replace(['│', '×'], " ")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    words.join(" ")
}

#[test]
fn picked_trials_are_the_same_on_the_built_in_program() {
    let place = tempfile::tempdir().unwrap();
    let folder = sweep(&place, "lp_bias", &["--replicates", "2"]);
    let out = place.path().join("out");
    let (status, printed, report) = diverge(&folder, &out, &["-n", "4", "--program", "builtin"]);
    assert_eq!(status, 0);
    assert!(printed.contains("identical in 4 trials"), "{printed}");
    assert!(printed.contains("by construction"), "{printed}");
    assert_eq!(report.subject, "lp_bias");
    assert_eq!(
        (report.left.kind.as_str(), report.right.kind.as_str()),
        ("engine", "built-in program")
    );
    assert_eq!(
        (report.statistics.sweep, report.statistics.replayed),
        (Some(100), 4)
    );
    for trial in &report.trials {
        assert_eq!(trial.findings, []);
        assert_eq!(trial.accounted, Some(true));
        assert_eq!(
            trial.counts.left.keys().collect::<Vec<_>>(),
            trial.counts.right.keys().collect::<Vec<_>>()
        );
        assert!(trial.picked.is_some() && trial.trial.is_some());
        let market = trial
            .timelines
            .iter()
            .find(|line| line.what == "mark price")
            .unwrap();
        assert!(market.right.is_none() && market.left.len() == market.times.len() && market.left.len() > 100);
        // Where the tokens are: all that were made.
        let amount = |item: &str| -> i128 {
            let row = trial
                .balance_sheets
                .iter()
                .find(|row| row.market == 0 && row.item == item);
            row.unwrap().amount.parse().unwrap()
        };
        assert!(amount("funded") > 0);
        assert_eq!(
            amount("funded"),
            amount("wallets") + amount("vault") + amount("insurance_vault")
        );
        // What reproduces a trial does so.
        let command = trial.command.as_deref().unwrap();
        let words: Vec<_> = command.split(' ').skip(1).collect();
        let again = place.path().join("again");
        let run = harness(&[&words[..], &["--results", argument(&again)]].concat());
        assert!(run.status.success(), "{command}: {}", text(&run.stderr));
    }

    if let Some(browser) = Browser::find() {
        browser.check(&out.join("report.html"));
    }

    // The same from what the replays have left.
    let (merged, selection) = (place.path().join("merged"), out.join("selection.json"));
    let results: Vec<_> = report
        .trials
        .iter()
        .map(|trial| out.join("results").join(&trial.experiment))
        .collect();
    let with_picks = ["--selection", argument(&selection), "--out", argument(&merged)];
    let mut arguments = vec!["report"];
    // In any order, and what is named twice is there once.
    arguments.extend(results.iter().rev().map(|folder| argument(folder)));
    arguments.extend([argument(&results[0])]);
    arguments.extend(with_picks);
    let run = harness(&arguments);
    assert!(run.status.success(), "{}", text(&run.stderr));
    for file in ["report.json", "report.md", "report.html", "divergence.parquet"] {
        let [one, other] = [&out, &merged].map(|folder| fs::read(folder.join(file)).unwrap());
        assert!(!one.is_empty() && one == other, "{file}");
    }
    // Without the selection nothing is said of a sweep; a folder above stands for all replays in it.
    let all = out.join("results");
    let run = harness(&["report", argument(&all), "--out", argument(&merged)]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let whole = files::read(&merged).unwrap();
    assert_eq!((whole.trials.len(), whole.statistics.sweep), (4, None));
    assert_eq!(whole.statistics.statements, ["0 of 4 replays diverged."]);
    // A report of several is none of one replay.
    let told = complaint(&[
        "report",
        argument(&all),
        argument(&out),
        "--out",
        argument(&merged),
    ]);
    assert!(told.contains("a report of several replays already"), "{told}");
}

#[test]
fn a_strategy_differs_from_the_program_and_is_no_failure_unless_asked() {
    let place = tempfile::tempdir().unwrap();
    let folder = sweep(
        &place,
        "lp_bias",
        &[
            "--replicates",
            "2",
            "--limit",
            "50",
            "--set",
            "exchange.strategy=pre_peg",
            // The deployed rule does nothing then, the strategy does.
            "--set",
            "perp_markets.SOL.curve_update_intensity=0",
        ],
    );
    let out = place.path().join("out");
    let base = ["--pick", "random=3", "--program", "builtin", "--fail-on"];
    let (status, printed, report) = diverge(&folder, &out, &[&base[..], &["minor"]].concat());
    assert_eq!(status, 0, "{printed}");
    assert_eq!(report.left.switch.as_deref(), Some("PrePeg"));
    assert_eq!(report.worst(), Some(Severity::Info));
    assert!(report.trials.iter().all(|trial| trial.divergent));
    for cause in report.causes() {
        assert_eq!(cause.example.finding.kind, Kind::ModelSwitch);
    }
    assert_eq!(
        (report.statistics.random, report.statistics.random_divergent),
        (3, 3)
    );
    assert_eq!(report.statistics.random_bound, Some(1.0));
    // A row a finding.
    let table = fs::File::open(out.join("divergence.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(table).unwrap();
    let findings: usize = report.trials.iter().map(|trial| trial.findings.len()).sum();
    assert_eq!(reader.metadata().file_metadata().num_rows(), findings as i64);
    let (status, ..) = diverge(&folder, &out, &[&base[..], &["info"]].concat());
    assert_eq!(status, 1);
}

/// Makes the report of a run in `out` again, from what it has left.
fn merge_again(out: &Path, to: &Path) {
    let (results, selection) = (out.join("results"), out.join("selection.json"));
    let run = harness(&[
        "report",
        argument(&results),
        "--selection",
        argument(&selection),
        "--out",
        argument(to),
    ]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    for file in ["report.json", "report.md", "report.html", "divergence.parquet"] {
        let [one, other] = [out, to].map(|folder| fs::read(folder.join(file)).unwrap());
        assert!(!one.is_empty() && one == other, "{file}");
    }
}

#[test]
fn as_many_random_trials_are_replayed_as_a_bound_needs_and_leave_their_number() {
    let place = tempfile::tempdir().unwrap();
    let folder = sweep(&place, "simple", &["--replicates", "100", "--limit", "100"]);
    let out = place.path().join("out");
    let base = [
        "--pick",
        "extreme=1",
        "--pick",
        "random=2",
        "--program",
        "builtin",
    ];
    // ln(0.2) / ln(0.9) = 15.3
    let bound = ["--bound", "10%", "--confidence", "80%"];
    let (status, printed, report) = diverge(&folder, &out, &[&base[..], &bound].concat());
    assert_eq!(status, 0, "{printed}");
    let of = &report.statistics;
    assert_eq!((of.random, of.random_divergent, of.unlisted.agreed), (16, 0, 14));
    assert_eq!((of.replayed, of.picked, report.trials.len()), (17, 17, 3));
    let reached = 1.0 - 0.2_f64.powf(1.0 / 16.0);
    assert!((of.random_bound.unwrap() - reached).abs() < 1e-9 && reached < 0.1);
    assert!(printed.contains("with 80 % confidence"), "{printed}");
    assert!(!printed.contains("not reached"), "{printed}");
    // No more is kept than what was picked.
    for folder in ["init", "results"] {
        assert_eq!(fs::read_dir(out.join(folder)).unwrap().count(), 3, "{folder}");
    }
    merge_again(&out, &place.path().join("merged"));
    // The picks at random weigh what they do among all that were drawn.
    let weight = report.trials[2].picked.as_ref().unwrap().weight;
    assert!((weight - 99.0 / 16.0).abs() < 1e-6, "{weight}");

    // A bound that needs more trials than there are has them all.
    let bound = ["--bound", "0.01%"];
    let (status, printed, report) = diverge(&folder, &out, &[&base[..], &bound].concat());
    assert_eq!(status, 0, "{printed}");
    assert_eq!(report.statistics.picked, 100);
    assert_eq!(report.statistics.sweep_bound, Some(0.0));
    assert!(printed.contains("All 100 finished trials"), "{printed}");
    assert!(!printed.contains("not reached"), "{printed}");

    // Without a bound it is what the time is enough for, and at least something.
    let (status, _, report) = diverge(&folder, &out, &[&base[..], &["--random-seconds", "2"]].concat());
    assert_eq!(status, 0);
    assert!(report.statistics.unlisted.agreed > 0);
}

#[test]
fn random_trials_that_differ_are_kept_the_first_twenty() {
    let place = tempfile::tempdir().unwrap();
    let strategy = [
        "exchange.strategy=pre_peg",
        "perp_markets.SOL.curve_update_intensity=0",
    ];
    let set = strategy.map(|change| ["--set", change]).concat();
    let folder = sweep(
        &place,
        "lp_bias",
        &[&["--replicates", "2", "--limit", "40"], &set[..]].concat(),
    );
    let base = ["--pick", "random=1", "--program", "builtin", "--bound", "9%"];
    let [one, other] = ["1", "2"].map(|threads| {
        let out = place.path().join(threads);
        let (status, printed, report) =
            diverge(&folder, &out, &[&base[..], &["--threads", threads]].concat());
        assert_eq!(status, 0, "{printed}");
        assert!(
            printed.contains("the bound that was asked for is not reached"),
            "{printed}"
        );
        report
    });
    // ln(0.05) / ln(0.91) = 31.8: one was picked, 20 are listed, 11 more only counted.
    let of = &one.statistics;
    assert_eq!((of.random, of.random_divergent, of.divergent), (32, 32, 32));
    assert_eq!((one.trials.len(), of.unlisted.differed), (21, 11));
    assert!(
        one.verdict().contains("differ in 32 of 32 trials"),
        "{}",
        one.verdict()
    );
    // The same ones, whatever the threads; only the places to find them differ.
    let numbers =
        |report: &DivergenceReport| report.trials.iter().map(|trial| trial.trial).collect::<Vec<_>>();
    assert_eq!(numbers(&one), numbers(&other));
    assert_eq!(one.statistics, other.statistics);
    let out = place.path().join("2");
    assert_eq!(fs::read_dir(out.join("results")).unwrap().count(), 21);
    merge_again(&out, &place.path().join("merged"));
}

/// A folder whose last event nobody can carry out: the liquidator has no account.
fn with_liquidation(place: &TempDir) -> PathBuf {
    let liquidate = Liquidate {
        user_index: 0,
        target: None,
        max_quote: None,
        keep: None,
    };
    let experiment = Experiment {
        markets: vec![MarketInit::new(0, 1_000_000_000_000_000, 1_500_000).unwrap()],
        spot_markets: Vec::new(),
        log: EventLog {
            events: vec![Event::new(3, liquidate)],
            ..EventLog::default()
        },
        scenario: None,
    };
    let folder = place.path().join("liquidation");
    experiment.write(&folder, Existing::Keep).unwrap();
    folder
}

#[test]
fn what_cannot_be_replayed_is_reported_as_such() {
    let place = tempfile::tempdir().unwrap();
    let (folder, out) = (with_liquidation(&place), place.path().join("out"));
    for against in [&[][..], &["--against", "builtin"]] {
        let base = [&["--program", "builtin"], against].concat();
        let (status, printed, report) = diverge(&folder, &out, &base);
        assert_eq!(status, 2, "{printed}");
        let why = report.trials[0].stopped.as_deref().unwrap();
        assert!(why.contains("events.csv:2: liquidate at second 3"), "{why}");
        assert!(
            printed.contains("Nothing was compared; 1 trial could not be replayed"),
            "{printed}"
        );
        assert_eq!((report.statistics.replayed, report.statistics.stopped), (0, 1));
        let (status, printed, report) = diverge(&folder, &out, &[&base[..], &["--keep-going"]].concat());
        assert_eq!(status, 2, "{printed}");
        assert_eq!(
            (
                report.trials[0].skipped.len(),
                report.trials[0].stopped.as_deref()
            ),
            (1, None)
        );
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_the_mend() {
    let place = tempfile::tempdir().unwrap();
    let folder = with_liquidation(&place);
    let one = argument(&folder);
    for (arguments, expected) in [
        (
            vec!["diverge", one, "-n", "2"],
            "leave out -n, --pick and --bound",
        ),
        (
            vec!["diverge", one, "--bound", "1%"],
            "leave out -n, --pick and --bound",
        ),
        (vec!["diverge", one, "--bound", "0"], "such as 1% or 0.01"),
        (
            vec!["diverge", one, "--bound", "1%", "--random-seconds", "5"],
            "cannot be used with",
        ),
        (vec!["diverge", one, one], "are both called `liquidation`"),
        (
            vec!["diverge", one, "--fail-on", "severe"],
            "info, minor, major and critical",
        ),
        (
            vec!["diverge", one, "--program", "builtin", "--idl", "x.json"],
            "takes no other",
        ),
        (
            vec!["diverge", one, "--program", "no/such.so"],
            "cannot read no/such.so",
        ),
        (
            vec!["report", one],
            "`harness backtest` and `harness diverge` write one",
        ),
    ] {
        let told = complaint(&arguments);
        assert!(told.contains(expected), "{told}");
    }
    if let Some(older) = cached("2.31") {
        let told = complaint(&["diverge", one, "--program", argument(&older.path)]);
        assert!(told.contains("name its Anchor IDL with --idl FILE"), "{told}");
        let told = complaint(&[
            "diverge",
            one,
            "--program",
            "builtin",
            "--against",
            argument(&older.path),
        ]);
        assert!(
            told.contains("name its Anchor IDL with --against-idl FILE"),
            "{told}"
        );
    }
}

#[test]
fn the_schema_is_that_of_the_document() {
    let run = harness(&["schema", "report"]);
    let schema: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    for field in ["format", "trials", "statistics", "left", "right"] {
        assert!(schema["properties"][field].is_object(), "{field}");
    }
}

/// A year of releases, seen in trials of a crash.
#[test]
fn two_releases_differ_in_a_crash() {
    let (Some(older), Some(newer)) = (cached("2.31"), cached("2.83")) else {
        return;
    };
    let Some(idl) = interface("2.31") else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = sweep(&place, "luna_crash", &["--limit", "6"]);
    let out = place.path().join("out");
    let (status, printed, report) = diverge(
        &folder,
        &out,
        &[
            "-n",
            "2",
            "--program",
            argument(&older.path),
            "--idl",
            argument(&idl),
            "--against",
            argument(&newer.path),
            "--fail-on",
            "critical",
        ],
    );
    assert_eq!(status, 1, "{printed}");
    assert_eq!(
        (report.left.name.as_str(), report.right.name.as_str()),
        ("Drift 2.31", "Drift 2.83")
    );
    assert!(
        report
            .left
            .idl
            .as_deref()
            .is_some_and(|idl| idl.ends_with("2.31.0")),
        "{:?}",
        report.left
    );
    for trial in &report.trials {
        assert_eq!(trial.worst, Some(Severity::Critical));
        let trades = "place_and_take_perp_order";
        assert!(trial.counts.left[trades].refused.is_empty());
        assert!(trial.counts.right[trades].refused["PriceBandsBreached"] > 0);
        assert!(
            trial
                .refused
                .iter()
                .all(|step| step.left.is_none() && step.right.is_some())
        );
        // Both count what they spend.
        for side in ["left", "right"] {
            assert!(
                trial
                    .compute_units
                    .iter()
                    .any(|units| units.side == side && units.instruction == trades)
            );
        }
        assert_eq!(trial.accounted, Some(true));
        // Everybody tries to get out at the end.
        assert!(trial.counts.left["withdraw"].accepted > 0);
        let mark = trial
            .timelines
            .iter()
            .find(|line| line.what == "mark price")
            .unwrap();
        assert!(mark.right.is_some());
    }
}
