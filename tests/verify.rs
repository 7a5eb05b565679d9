//! The recorded fixtures against the engine, and the `verify` command around it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use drift::accounts::Account;
use drift::instruction::Instruction;
use harness::verify::{Fixtures, Report, Verdict, check};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

const RECORDINGS: [&str; 5] = ["fuzz_04", "fuzz_08", "fuzz_10", "fuzz_13", "life"];

fn recording(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{name}.jsonl.gz"))
}

#[test]
fn every_recorded_line_is_reproduced() {
    let mut report = Report::default();
    for name in RECORDINGS {
        for line in Fixtures::open(&recording(name)).unwrap() {
            let (number, fixture) = line.unwrap();
            let verdict = check(&fixture);
            report.count(&fixture.instruction, &verdict);
            if let Verdict::Differing(differences) = verdict {
                let told: Vec<_> = differences
                    .iter()
                    .map(|difference| format!("  {difference}"))
                    .collect();
                println!(
                    "{name}, line {number}: {}\n{}",
                    fixture.instruction,
                    told.join("\n")
                );
            }
        }
    }
    assert_eq!(
        (report.all.differing, report.all.unsupported),
        (0, 0),
        "\n{report}"
    );
    assert!(report.all.total >= 400, "\n{report}");
    // Not recorded: it is written from the protocol's source and tested beside the engine.
    let recorded = |name: &&&str| **name != "update_perp_fee_structure";
    for name in Instruction::NAMES.iter().filter(recorded) {
        assert!(report.by_instruction.contains_key(*name), "no line of {name}");
    }
}

/// The first recorded line of `instruction`, as JSON.
fn line_of(instruction: &str) -> Value {
    let file = std::fs::File::open(recording("fuzz_08")).unwrap();
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    text.lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|line| line["instruction"] == instruction)
        .unwrap()
}

struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs `harness verify` with `options` over one file of these `contents`.
fn verify(contents: &[u8], options: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines.jsonl");
    std::fs::write(&path, contents).unwrap();
    run(&path, options)
}

fn run(path: &Path, options: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_harness"))
        .arg("verify")
        .arg(path)
        .args(options)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

fn lines(values: &[Value]) -> Vec<u8> {
    values
        .iter()
        .map(|value| format!("{value}\n"))
        .collect::<String>()
        .into_bytes()
}

/// `update_lp_cooldown_time` as recorded, and with the recorded outcome one second longer: the line, the state's
/// address, the seconds that were asked for.
fn cooldown_one_second_off() -> (Value, String, u64) {
    let mut line = line_of("update_lp_cooldown_time");
    let data = STANDARD.decode(line["data"].as_str().unwrap()).unwrap();
    let asked = u64::from_le_bytes(data[8..16].try_into().unwrap());
    let account = &mut line["accounts"][1];
    let key = account["key"].as_str().unwrap().to_owned();
    // Absent where the setting was the same already.
    if account["after"].is_null() {
        account["after"] = account["before"].clone();
    }
    let contents = &mut account["after"];
    let owner = contents["owner"].as_str().unwrap().parse().unwrap();
    let bytes = STANDARD.decode(contents["data"].as_str().unwrap()).unwrap();
    let Account::State(mut state) = Account::decode(owner, &bytes) else {
        panic!("not the state")
    };
    state.lp_cooldown_time = asked + 1;
    contents["data"] = STANDARD.encode(Account::State(state).encode()).into();
    (line, key, asked)
}

#[test]
fn agreement_is_a_table_and_exit_code_0() {
    let both = lines(&[line_of("initialize"), line_of("initialize_user")]);
    let run = verify(&both, &[]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let rows: Vec<Vec<&str>> = run
        .out
        .lines()
        .map(|row| row.split_whitespace().collect())
        .collect();
    assert_eq!(
        rows[0],
        ["instruction", "lines", "identical", "differing", "unsupported"]
    );
    assert_eq!(rows[1], ["initialize", "1", "1", "0", "0"]);
    assert_eq!(rows[2], ["initialize_user", "1", "1", "0", "0"]);
    assert_eq!(
        run.out.lines().last(),
        Some("verified 2 of 2 instructions, 0 differ, 0 unsupported")
    );
}

#[test]
fn one_unit_off_is_shown_by_account_and_field() {
    let (altered, account, asked) = cooldown_one_second_off();
    let run = verify(&lines(&[line_of("initialize"), altered]), &[]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.out.contains("lines.jsonl, line 2: update_lp_cooldown_time\n"),
        "{}",
        run.out
    );
    let field = format!(
        "State {account}  lp_cooldown_time: expected {}, actual {asked}\n",
        asked + 1
    );
    assert!(run.out.contains(&field), "{}", run.out);
    assert_eq!(run.out.matches("expected").count(), 1, "{}", run.out);
    assert_eq!(
        run.out.lines().last(),
        Some("verified 1 of 2 instructions, 1 differ, 0 unsupported")
    );
}

#[test]
fn another_outcome_is_shown_by_name_and_number() {
    let mut refused = line_of("initialize");
    refused["ok"] = false.into();
    refused["error_code"] = 6003.into();
    let run = verify(&lines(&[refused]), &[]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.out
            .contains("outcome: expected InsufficientCollateral (6003), actual success"),
        "{}",
        run.out
    );
}

#[test]
fn only_as_many_differing_lines_are_shown_as_asked_for() {
    let (altered, ..) = cooldown_one_second_off();
    let three = lines(&[altered.clone(), altered.clone(), altered]);
    for (show, shown) in [("0", 0), ("2", 2), ("9", 3)] {
        let run = verify(&three, &["--show", show]);
        assert_eq!(run.code, Some(1));
        assert_eq!(run.out.matches("lp_cooldown_time: expected").count(), shown);
        assert!(
            run.out
                .ends_with("verified 0 of 3 instructions, 3 differ, 0 unsupported\n")
        );
    }
}

#[test]
fn json_counts_in_all_and_by_instruction() {
    let (altered, ..) = cooldown_one_second_off();
    let run = verify(&lines(&[line_of("initialize"), altered]), &["--format", "json"]);
    assert_eq!(run.code, Some(1));
    let expected = json!({
        "total": 2, "identical": 1, "differing": 1, "unsupported": 0,
        "by_instruction": {
            "initialize": {"total": 1, "identical": 1, "differing": 0, "unsupported": 0},
            "update_lp_cooldown_time": {"total": 1, "identical": 0, "differing": 1, "unsupported": 0},
        },
    });
    assert_eq!(serde_json::from_str::<Value>(&run.out).unwrap(), expected);
}

#[test]
fn an_instruction_that_is_not_there_is_unsupported_and_no_difference() {
    let mut unknown = line_of("initialize");
    unknown["instruction"] = "liquidate_everything".into();
    unknown["data"] = STANDARD.encode([7; 8]).into();
    let run = verify(&lines(&[unknown]), &[]);
    assert_eq!(run.code, Some(0));
    assert!(
        run.out
            .ends_with("verified 0 of 1 instructions, 0 differ, 1 unsupported\n"),
        "{}",
        run.out
    );
}

#[test]
fn plain_and_gzipped_files_read_alike() {
    let plain = lines(&[line_of("initialize"), line_of("initialize_spot_market")]);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&plain).unwrap();
    let gzipped = encoder.finish().unwrap();
    assert_eq!(verify(&plain, &[]).out, verify(&gzipped, &[]).out);
}

#[test]
fn unreadable_input_is_exit_code_2_and_says_where() {
    let missing = run(Path::new("no/such/file.jsonl"), &[]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.err.contains("no/such/file.jsonl"), "{}", missing.err);

    let mut broken = lines(&[line_of("initialize")]);
    broken.extend(b"{\"instruction\": \"initialize\"\n");
    let run_broken = verify(&broken, &[]);
    assert_eq!(run_broken.code, Some(2));
    assert!(
        run_broken.err.contains("lines.jsonl") && run_broken.err.contains('2'),
        "{}",
        run_broken.err
    );

    let mut no_base64 = line_of("initialize");
    no_base64["data"] = "?".into();
    assert_eq!(verify(&lines(&[no_base64]), &[]).code, Some(2));

    let mut truncated = std::fs::read(recording("fuzz_04")).unwrap();
    truncated.truncate(truncated.len() / 2);
    assert_eq!(verify(&truncated, &[]).code, Some(2));
}
