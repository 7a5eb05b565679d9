//! Time of an instruction in the engine, by kind, on accounts recorded from the real program, beside the time of copying
//! the accounts, which the figure includes.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use drift::accounts::Account;
use drift::engine::Switches;
use drift::instruction::Instruction;
use drift::ledger::run_atomic;
use harness::verify::{Fixture, Fixtures};
use std::collections::BTreeMap;
use std::path::Path;

/// The successful recordings of each instruction, at most this many.
const EACH: usize = 16;

fn recordings() -> BTreeMap<String, Vec<(Instruction, Fixture)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut kinds: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("fixtures")
        .flatten()
        .map(|file| file.path())
        .collect();
    files.sort();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "gz"))
    {
        for line in Fixtures::open(file).expect("a fixture file") {
            let (_, fixture) = line.expect("a fixture");
            let known = kinds.entry(fixture.instruction.clone()).or_default();
            if fixture.error.is_none() && known.len() < EACH {
                let instruction = Instruction::decode(&fixture.data).expect("an instruction of the table");
                known.push((instruction, fixture));
            }
        }
    }
    kinds.retain(|_, lines| !lines.is_empty());
    kinds
}

fn instructions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("instruction");
    for (name, lines) in recordings() {
        let mut next = 0;
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                || {
                    next = (next + 1) % lines.len();
                    let accounts: Vec<Account> = lines[next].1.before.clone();
                    (next, accounts)
                },
                |(at, accounts)| {
                    let (instruction, fixture) = &lines[*at];
                    run_atomic(
                        fixture.clock,
                        Switches::default(),
                        instruction,
                        &fixture.metas,
                        accounts,
                    )
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, instructions);
criterion_main!(benches);
