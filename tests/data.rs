//! `harness data inspect`, as a user runs it.
#![cfg(feature = "tables")]

use std::process::{Command, Output};

fn harness(folder: &std::path::Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_harness"));
    command.current_dir(folder).args(arguments).output().unwrap()
}

#[test]
fn a_file_is_told_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    // A candle a minute for two hours, between 10 and 11 dollars, in Binance's columns.
    let candle = |minute: u64| {
        let (opens, price) = (1_672_531_200_000 + 60_000 * minute, 10 + minute % 2);
        format!(
            "{opens},{price},{price},{price},{price},1,{},{price},1,1,1,0\n",
            opens + 59_999
        )
    };
    std::fs::write(
        folder.path().join("k.csv"),
        (0..120).map(candle).collect::<String>(),
    )
    .unwrap();
    let told = harness(folder.path(), &["data", "inspect", "k.csv", "--html"]);
    let text = String::from_utf8(told.stdout).unwrap();
    let first = "k.csv: Binance klines, 120 rows from 2023-01-01T00:01:00Z to 2023-01-01T02:00:00Z, times read as \
        milliseconds by their size (`unit: milliseconds` states it), one every 60 s";
    assert_eq!(text.lines().next(), Some(first));
    assert!(
        text.lines()
            .any(|line| line.starts_with("lowest ") && line.ends_with("-9.5310 %")),
        "{text}"
    );
    let page = std::fs::read_to_string(folder.path().join("k.html")).unwrap();
    assert!(page.contains("Binance klines") && page.contains("<svg"));

    let json = harness(
        folder.path(),
        &["data", "inspect", "k.csv", "--step", "120", "--format", "json"],
    );
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(
        (
            json["returns"]["count"].as_u64(),
            json["returns"]["std_dev"].as_f64()
        ),
        (Some(59), Some(0.0))
    );
}

#[test]
fn what_cannot_be_read_ends_with_2_and_the_mend() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.csv"), "time,price\n10,1\n5,2\n").unwrap();
    for (arguments, said) in [
        (["p.csv", "--gaps", "hold"], "`unsorted: sort`"),
        (
            ["p.csv", "--gaps", "fill"],
            "expected one of `hold`, `interpolate`, `refuse`",
        ),
        (["p.csv", "--columns", "time"], "as `name=value`"),
        (["q.csv", "--gaps", "hold"], "cannot read q.csv"),
    ] {
        let told = harness(folder.path(), &[&["data", "inspect"], &arguments[..]].concat());
        let text = String::from_utf8(told.stderr).unwrap();
        let text = text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace(" │ ", " ");
        assert!(told.status.code() == Some(2) && text.contains(said), "{text}");
    }
}
