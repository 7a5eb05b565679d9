//! From a sweep to its page, through the command line, and the page in a browser.
#![cfg(feature = "tables")]

mod browser;

use browser::Browser;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn harness(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_harness"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Runs a sweep into a folder of its own.
fn sweep(place: &TempDir, spec: &str, more: &[&str]) -> PathBuf {
    let folder = place.path().join("sweep");
    let mut arguments = vec!["sweep", spec, "--out"];
    let out = text(&folder);
    arguments.push(&out);
    arguments.extend(more);
    let run = harness(&arguments);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    folder
}

fn page(folder: &Path, more: &[&str]) -> String {
    let file = text(folder);
    let mut arguments = vec!["summary", &file];
    arguments.extend(more);
    arguments.push("--html");
    let run = harness(&arguments);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let path = folder.join("summary.html");
    assert_eq!(String::from_utf8_lossy(&run.stdout).trim_end(), text(&path));
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_sweep_of_three_parameters_has_maps_distributions_and_correlations() {
    let place = tempfile::tempdir().unwrap();
    let folder = sweep(
        &place,
        "sweeps/lp_bias.yaml",
        &["--replicates", "4", "--series", "1200"],
    );
    let html = page(&folder, &[]);
    for piece in [
        "<strong>200 trials at 50 points: none failed and every one conserved money.</strong>",
        "Mean by share_of_liquidity and short_bias, over all base_spread",
        "Distribution by short_bias, over all share_of_liquidity and base_spread",
        "Of 50 points, the 15 with the lowest and the 15 with the highest medians are drawn.",
        "Spearman’s rank correlation",
        "<summary>m0_peg_usd</summary>",
    ] {
        assert!(html.contains(piece), "{piece}");
    }
    // Nothing half written is left beside it.
    assert!(
        fs::read_dir(&folder)
            .unwrap()
            .all(|entry| !text(&entry.unwrap().path()).ends_with(".tmp"))
    );

    let chosen = page(&folder, &["--metrics", "fees_usd"]);
    assert!(chosen.contains("<h2>fees_usd</h2>") && !chosen.contains("lp_profit_usd"));
    let pooled = page(&folder, &["--by", "short_bias", "--metrics", "fees_usd"]);
    assert!(pooled.contains("Distribution by short_bias, over all share_of_liquidity and base_spread"));
    let against = page(&folder, &["--against", "0", "--metrics", "lp_profit_usd"]);
    assert!(against.contains("All values are differences from point 0, trial by trial."));
}

#[test]
fn a_page_that_cannot_be_written_is_an_error() {
    let place = tempfile::tempdir().unwrap();
    let folder = sweep(&place, "sweeps/simple.yaml", &["--limit", "30"]);
    for (file, expected) in [
        (
            "no/such/folder/page.html",
            "cannot write no/such/folder/page.html",
        ),
        ("page.parquet", "end its name in .html"),
    ] {
        let run = harness(&["summary", &text(&folder), "--html", file]);
        assert_eq!(run.status.code(), Some(2));
        // Messages are wrapped; spaces may have become ends of lines.
        let complaint = String::from_utf8_lossy(&run.stderr).replace(['\n', '│', ' '], "");
        assert!(complaint.contains(&expected.replace(' ', "")), "{complaint}");
    }
    let run = harness(&["summary", &text(&place.path().join("none")), "--html"]);
    assert_eq!(run.status.code(), Some(2));
}

#[test]
fn the_page_works_in_a_browser() {
    let Some(browser) = Browser::find() else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = sweep(
        &place,
        "sweeps/lp_bias.yaml",
        &["--replicates", "4", "--series", "1200"],
    );
    page(&folder, &[]);
    browser.check(&folder.join("summary.html"));
}
