//! `harness program list` and `inspect`: what a program is, and which instructions it has.
#![cfg(feature = "bank")]

use drift::instruction::Instruction;
use harness::bank::{BankLedger, Deployed, Program, RELEASES, cached_programs};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::{Command, Output};

fn harness(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_harness"))
        .args(arguments)
        .output()
        .unwrap()
}

fn inspect(path: &Path) -> String {
    let done = harness(&["program", "inspect", path.to_str().unwrap()]);
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap()
}

/// The names that `told` says the program has, or lacks.
fn names<'a>(told: &'a str, word: &str) -> Vec<&'a str> {
    told.lines()
        .filter_map(|line| line.trim_start().strip_prefix(word)?.strip_prefix(' '))
        .collect()
}

fn cached(release: usize) -> Option<Program> {
    let found = cached_programs()
        .iter()
        .filter_map(|path| Program::read(path).ok())
        .find(|program| program.release() == Some(&RELEASES[release]));
    if found.is_none() {
        println!("skipped: Drift {} is not in the cache", RELEASES[release].version);
    }
    found
}

#[test]
fn a_program_of_another_kind_has_no_instruction_of_ours() {
    let spl = solana_program_binaries::spl_programs(&Default::default());
    let token = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
    let elf = spl
        .iter()
        .find(|(key, _)| key.to_string() == token)
        .map(|(_, account)| solana_account::ReadableAccount::data(account).to_vec())
        .unwrap();
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("token.so");
    std::fs::write(&path, &elf).unwrap();
    let told = inspect(&path);
    let sha256: String = Sha256::digest(&elf)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for said in [
        &format!("size          {} bytes", elf.len()),
        &format!("sha256        {sha256}"),
        "sbpf          version 0",
        "release       not known",
        &format!("instructions  0 of the {} we use", Instruction::NAMES.len()),
    ] {
        assert!(told.contains(said), "{said} in {told}");
    }
    assert_eq!(names(&told, "lacks"), Instruction::NAMES);
}

/// What came after 2.31, in the order of our table.
const NEWER: [&str; 8] = [
    "update_liquidation_margin_buffer_ratio",
    "update_perp_market_paused_operations",
    "update_spot_market_paused_operations",
    "deposit_into_spot_market_revenue_pool",
    "place_orders",
    "cancel_orders_by_ids",
    "recenter_perp_market_amm",
    "update_perp_market_fee_adjustment",
];

#[test]
fn the_releases_have_our_instructions_but_for_newer_ones() {
    for (release, version) in [(0, "2.83"), (1, "2.31")] {
        let Some(program) = cached(release) else { continue };
        let told = inspect(&program.path);
        let lacks = names(&told, "lacks");
        let newer: &[&str] = if version == "2.31" { &NEWER } else { &[] };
        assert_eq!(lacks, newer, "{told}");
        let has = Instruction::NAMES.iter().filter(|name| !lacks.contains(name));
        assert_eq!(names(&told, "has"), has.copied().collect::<Vec<_>>());
        assert!(told.contains(&format!("release       {version}")), "{told}");
    }
}

#[test]
fn releases_answer_as_their_interfaces_say() {
    // In the interface of both, of 2.83 alone, and of neither.
    for (release, expected) in [(0, [true, true, false]), (1, [true, false, false])] {
        let Some(program) = cached(release) else { continue };
        let mut bank = BankLedger::new(&Deployed::Elf(program.clone()));
        let asked = ["settle_funding_payment", "update_perp_bid_ask_twap", "mint_money"];
        assert_eq!(asked.map(|name| bank.answers(name)), expected);
    }
}

#[test]
fn the_cache_is_listed_with_what_is_no_program() {
    let cache = tempfile::tempdir().unwrap();
    let folder = cache.path().join("harness/programs");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("broken.so"), "no ELF").unwrap();
    std::fs::write(folder.join("notes.txt"), "").unwrap();
    if let Some(program) = cached(1) {
        std::fs::copy(&program.path, folder.join("old.so")).unwrap();
        std::fs::write(folder.join("dump.so"), [&program.elf[..], &[0; 999]].concat()).unwrap();
    }
    let done = Command::new(env!("CARGO_BIN_EXE_harness"))
        .args(["program", "list"])
        .env("XDG_CACHE_HOME", cache.path())
        .output()
        .unwrap();
    let told = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(0));
    assert!(told.contains(&folder.display().to_string()), "{told}");
    assert!(
        told.contains("broken.so") && told.contains("not a program"),
        "{told}"
    );
    assert!(!told.contains("notes"), "{told}");
    if folder.join("old.so").exists() {
        let line = told.lines().find(|line| line.contains("old.so")).unwrap();
        for said in ["3997992 bytes", "SBPF v0", "Drift 2.31", RELEASES[1].sha256] {
            assert!(line.contains(said), "{said} in {line}");
        }
        assert!(!line.contains("whole file"), "{line}");
        let line = told.lines().find(|line| line.contains("dump.so")).unwrap();
        let dump = std::fs::read(folder.join("dump.so")).unwrap();
        let file_sha256: String = Sha256::digest(&dump)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        for said in ["3997992 bytes", "Drift 2.31", RELEASES[1].sha256, &file_sha256] {
            assert!(line.contains(said), "{said} in {line}");
        }
    }
}

/// What `solana program dump` writes, and the account as a cluster has it, are the release that was deployed.
#[test]
fn a_release_is_known_with_the_room_behind_it_and_the_header_before_it() {
    for (number, release) in RELEASES.iter().enumerate() {
        let Some(program) = cached(number) else { continue };
        let place = tempfile::tempdir().unwrap();
        let dump = [&program.elf[..], &[0; 100_000]].concat();
        let account = [&3u32.to_le_bytes()[..], &[7; 41], &dump].concat();
        for (name, bytes) in [("dump.so", dump), ("account.bin", account)] {
            let path = place.path().join(name);
            std::fs::write(&path, &bytes).unwrap();
            let told = inspect(&path);
            let file_sha256: String = Sha256::digest(&bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            for said in [
                release.version,
                release.sha256,
                release.stripped_sha256,
                &file_sha256,
            ] {
                assert!(told.contains(said), "{said} in {told}");
            }
        }
    }
}
