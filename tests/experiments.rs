//! drift-sim's recorded experiments, from their folders: the instructions that our lowering makes of the events, and
//! what these do to the accounts, against the recordings made with the program.
//!
//! The folders and recordings are no part of the repository. They are looked for beside it, in `../shared`.

use drift::accounts::layout::Describe;
use drift::accounts::{Account, Pubkey};
use drift::clock::Clock;
use drift::error::ErrorCode;
use drift::instruction::{Call, Instruction};
use drift::ledger::{Ledger, MemoryLedger};
use harness::event::{Event, Kind, Portion};
use harness::experiment::{Experiment, SpotRules};
use harness::verify::{Fixture, Fixtures};
use harness::world::{Exchange, Genesis, World};
use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};

/// The slot in which a recording sets the exchange up; the events of row `n` run `n` slots later.
const SET_UP_SLOT: u64 = 1_001;
/// Unix time of second 0.
const START: i64 = 1_700_000_000;
/// Later seconds, which one of drift-sim's folders has, are cut to this.
const LAST_SECOND: i64 = 1_000_000_000;

/// An instruction of ours, what became of it, and its accounts afterwards.
struct Done {
    call: Call,
    outcome: Result<(), ErrorCode>,
    after: Vec<Account>,
}

/// A ledger on the recordings' clock, which counts a slot for each row of the events.
struct Recorder {
    ledger: MemoryLedger,
    clock: Clock,
    done: Vec<Done>,
}

impl Ledger for Recorder {
    drift::forward! { self => self.ledger; account }

    fn clock(&self) -> Clock {
        self.clock
    }

    fn set_clock(&mut self, _: Clock) {
        self.ledger.set_clock(self.clock);
    }

    fn set_account(&mut self, key: Pubkey, mut account: Account) {
        if let Account::Oracle(feed, _) = &mut account {
            (feed.valid_slot, feed.publish_slot) = (self.clock.slot, self.clock.slot);
        }
        self.ledger.set_account(key, account);
    }

    fn execute(&mut self, call: &Call) -> Result<(), ErrorCode> {
        let outcome = self.ledger.execute(call);
        let after = call
            .accounts
            .iter()
            .map(|meta| self.ledger.account(&meta.key).cloned().unwrap_or_default())
            .collect();
        self.done.push(Done {
            call: call.clone(),
            outcome,
            after,
        });
        outcome
    }
}

/// A recording beside our run of the same folder.
struct Comparison {
    lines: VecDeque<Fixture>,
    world: World,
    recorder: Recorder,
    /// Our address of each of theirs.
    ours: HashMap<Pubkey, Pubkey>,
    /// How many instructions the recording has after the set-up.
    recorded: usize,
    compared: usize,
    passed_over: usize,
    differences: Vec<String>,
}

fn shared(place: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(place)
}

/// A name says nothing that the rules depend on, and ours are blank.
fn without_name(mut account: Account) -> Account {
    let blank = [b' '; 32];
    match &mut account {
        Account::PerpMarket(market) => market.name = blank,
        Account::SpotMarket(market) => market.name = blank,
        Account::User(user) => user.name = blank,
        _ => {}
    }
    account
}

fn nameless(data: &[u8]) -> Option<Instruction> {
    let mut instruction = Instruction::decode(data).ok()?;
    let blank = [b' '; 32];
    match &mut instruction {
        Instruction::InitializePerpMarket(arguments) => arguments.name = blank,
        Instruction::InitializeSpotMarket(arguments) => arguments.name = blank,
        Instruction::InitializeUser(arguments) => arguments.name = blank,
        _ => {}
    }
    Some(instruction)
}

impl Comparison {
    /// Opens both sides and compares the set-up.
    fn start(folder: &Path, recording: &Path) -> (Self, Vec<Event>) {
        let experiment = Experiment::read(folder).unwrap();
        let lines: VecDeque<_> = Fixtures::open(recording)
            .unwrap()
            .map(|line| line.unwrap().1)
            .collect();
        let genesis = Genesis {
            exchange: Exchange {
                unix_start: START,
                first_slot: SET_UP_SLOT,
                slots_per_1000_seconds: 0,
                ..Exchange::default()
            },
            quote: SpotRules {
                optimal_utilization: 800_000,
                optimal_borrow_rate: 200_000,
                max_borrow_rate: 500_000,
                ..SpotRules::quote()
            },
            spots: experiment.spot_markets,
            perps: experiment.markets,
        };
        let clock = Clock {
            slot: SET_UP_SLOT,
            unix_timestamp: START,
        };
        let mut ledger = MemoryLedger::default();
        ledger.set_clock(clock);
        let mut recorder = Recorder {
            ledger,
            clock,
            done: Vec::new(),
        };
        let world = genesis.open(&mut recorder).unwrap();
        let mut comparison = Self {
            lines,
            world,
            recorder,
            ours: HashMap::new(),
            recorded: 0,
            compared: 0,
            passed_over: 0,
            differences: Vec::new(),
        };
        comparison.compare_set_up();
        comparison.recorded = comparison.lines.len();
        (comparison, experiment.log.events)
    }

    /// Both sides send the same instructions, the recording in an order of its own.
    fn compare_set_up(&mut self) {
        let mut theirs = self.lines_of(SET_UP_SLOT);
        let done = std::mem::take(&mut self.recorder.done);
        for ours in done {
            let name = ours.call.instruction.name();
            let Some(place) = theirs.iter().position(|line| line.instruction == name) else {
                self.differences
                    .push(format!("set-up: {name} is not in the recording"));
                continue;
            };
            let line = theirs.remove(place);
            for (meta, theirs) in ours.call.accounts.iter().zip(&line.metas) {
                self.ours.insert(theirs.key, meta.key);
            }
            if nameless(&line.data).as_ref() != Some(&ours.call.instruction) {
                let theirs = nameless(&line.data);
                self.differences.push(format!(
                    "set-up: {:?}, recorded {theirs:?}",
                    ours.call.instruction
                ));
            }
        }
        for line in theirs {
            self.differences
                .push(format!("set-up: {} is only in the recording", line.instruction));
        }
    }

    fn lines_of(&mut self, slot: u64) -> Vec<Fixture> {
        let mut lines = Vec::new();
        while self.lines.front().is_some_and(|line| line.clock.slot == slot) {
            lines.extend(self.lines.pop_front());
        }
        lines
    }

    /// Their account with our addresses in it.
    fn translated(&self, account: &Account) -> Account {
        let mut data = account.encode();
        for start in 0..data.len().saturating_sub(31) {
            let window: [u8; 32] = data[start..start + 32].try_into().unwrap();
            if let Some(ours) = self.ours.get(&Pubkey(window)) {
                data[start..start + 32].copy_from_slice(&ours.0);
            }
        }
        match account {
            Account::Absent | Account::Opaque | Account::Taken(_) => account.clone(),
            _ => without_name(Account::decode(account.owner(), &data)),
        }
    }

    /// Carries out the event of `row`, and compares. A recording's clock does not go back where a file's seconds do. Then our accounts become theirs, so that one difference is not
    /// counted again and again.
    fn event(&mut self, row: u64, event: &Event) {
        let second = START + event.timestamp.min(LAST_SECOND);
        let clock = Clock {
            slot: SET_UP_SLOT + row,
            unix_timestamp: self.recorder.clock.unix_timestamp.max(second),
        };
        self.recorder.clock = clock;
        let theirs = self.lines_of(clock.slot);
        let event = as_recorded(event);
        // The recordings' liquidator goes over the users in an order of his own.
        let applied = match &event.kind {
            Kind::Liquidate(_) => Ok(Vec::new()),
            _ => self.world.apply(&mut self.recorder, &event),
        };
        let done = std::mem::take(&mut self.recorder.done);
        let about = format!("row {row}, {}", event.kind.name());
        match applied {
            Ok(_) if matches!(event.kind, Kind::Liquidate(_)) => self.passed_over += theirs.len(),
            Err(error) => self.differences.push(format!("{about}: {error}")),
            Ok(_) => {
                let names = |lines: Vec<&str>| lines.join(", ");
                let sent = names(done.iter().map(|done| done.call.instruction.name()).collect());
                let recorded = names(theirs.iter().map(|line| line.instruction.as_str()).collect());
                if sent == recorded {
                    for (ours, theirs) in done.iter().zip(&theirs) {
                        self.line(&about, ours, theirs);
                    }
                } else {
                    self.differences
                        .push(format!("{about}: sends {sent}; recorded {recorded}"));
                }
            }
        }
        for line in &theirs {
            for (meta, after) in line.metas.iter().zip(&line.after) {
                if let Some(ours) = self.ours.get(&meta.key)
                    && !matches!(after, Account::Opaque)
                {
                    let account = self.translated(after);
                    self.recorder.ledger.set_account(*ours, account);
                }
            }
        }
    }

    fn line(&mut self, about: &str, ours: &Done, theirs: &Fixture) {
        let about = format!("{about}, {}", theirs.instruction);
        self.compared += 1;
        if Some(&ours.call.instruction) != nameless(&theirs.data).as_ref() {
            let recorded = nameless(&theirs.data);
            self.differences.push(format!(
                "{about}: {:?}, recorded {recorded:?}",
                ours.call.instruction
            ));
        }
        let code = ours.outcome.err().map(|code| code.number());
        if code != theirs.error {
            self.differences.push(format!(
                "{about}: ends with {code:?}, recorded {:?}",
                theirs.error
            ));
        }
        for (meta, recorded) in ours.call.accounts.iter().zip(&theirs.metas) {
            self.ours.entry(recorded.key).or_insert(meta.key);
        }
        let mapped: Vec<_> = theirs
            .metas
            .iter()
            .map(|meta| self.ours.get(&meta.key).copied())
            .collect();
        let own = ours.call.instruction.roles().len();
        let named = ours.call.accounts.iter().take(own).map(|meta| Some(meta.key));
        if !named.eq(mapped.iter().take(own).copied()) {
            self.differences.push(format!("{about}: names other accounts"));
        }
        for (key, after) in mapped.iter().zip(&theirs.after) {
            let place = ours.call.accounts.iter().position(|meta| Some(meta.key) == *key);
            let Some(place) = place else { continue };
            if matches!(after, Account::Opaque) {
                continue;
            }
            let same = match (&ours.after[place], after) {
                (Account::Oracle(ours, _), Account::Oracle(theirs, _)) => {
                    (ours.price, ours.confidence, ours.publish_slot)
                        == (theirs.price, theirs.confidence, theirs.publish_slot)
                }
                (ours, after) => without_name(ours.clone()) == self.translated(after),
            };
            if !same {
                let fields = fields(&ours.after[place], &self.translated(after));
                let kind = after.type_name();
                self.differences.push(format!("{about}: {kind} {fields}"));
            }
        }
    }

    fn finish(self, name: &str) {
        let Self {
            compared,
            passed_over,
            differences,
            ..
        } = &self;
        println!("{name}: {compared} instructions compared, {passed_over} of liquidators passed over");
        assert!(
            differences.is_empty(),
            "{name}, {} differences:\n{}",
            differences.len(),
            differences.join("\n")
        );
        assert_eq!(
            compared + passed_over,
            self.recorded,
            "{name}: some of the recording is left"
        );
    }
}

/// The fields that differ: ours, then theirs.
fn fields(ours: &Account, theirs: &Account) -> String {
    let leaves = |account: &Account| {
        let mut leaves = Vec::new();
        account.describe(&mut String::new(), &mut |path, value| {
            leaves.push((path.to_owned(), value))
        });
        leaves
    };
    let differing = leaves(ours)
        .into_iter()
        .zip(leaves(theirs))
        .filter(|(ours, theirs)| ours != theirs);
    let shown = differing.map(|((path, ours), (_, theirs))| format!("{path} {ours:?} not {theirs:?}"));
    shown.collect::<Vec<_>>().join(", ")
}

/// The recordings follow drift-sim's replay, which removes all of a user's shares whatever is asked for.
fn as_recorded(event: &Event) -> Event {
    let mut event = event.clone();
    if let Kind::RemoveLiquidity(remove) = &mut event.kind {
        remove.lp_token_amount = Portion::All;
    }
    event
}

#[test]
fn every_experiment_lowers_to_the_recorded_instructions_and_accounts() {
    let Ok(folders) = std::fs::read_dir(shared("experiments")) else {
        println!("skipped: there are no recorded experiments beside the repository");
        return;
    };
    for folder in folders {
        let folder = folder.unwrap().path();
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let recording = shared("fixtures").join(format!("exp_{name}.jsonl.gz"));
        if !folder.is_dir() || !recording.is_file() {
            continue;
        }
        let (mut comparison, events) = Comparison::start(&folder, &recording);
        for (row, event) in (1..).zip(&events) {
            comparison.event(row, event);
        }
        comparison.finish(&name);
    }
}
