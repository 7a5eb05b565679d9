//! Session after session, steered by what was not reached yet.

use super::coverage::Coverage;
use super::dice::Dice;
use super::run::{Play, Played};
use super::session::Session;
use super::shrink::shrink;
use super::side::Runs;
use super::steer::Steer;
use super::{Action, Found};
use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// Actions of a session that begins with nothing.
const LENGTH: u64 = 120;
/// What is reached after so many actions is too long a way to go again.
const FAR: usize = 150;
/// Sessions that are remembered because they reached something new.
const REMEMBERED: usize = 400;

/// How long to search, and where from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// Everything follows from it, but when the time is up.
    pub seed: u64,
    /// At most so many sessions.
    pub sessions: Option<u64>,
    /// At most so long; a session under way is finished.
    pub time: Option<Duration>,
    /// Whether to go on after a difference, past those that look the same.
    pub keep_going: bool,
}

/// What a search came to.
#[derive(Debug, Default)]
pub struct Searched {
    /// Sessions played.
    pub sessions: u64,
    /// Instructions compared.
    pub compared: u64,
    /// Instructions that the engine does not have, carried out by the program alone.
    pub not_modelled: u64,
    /// Instructions that the runtime refused by itself.
    pub refused_by_runtime: u64,
    /// What was reached.
    pub coverage: Coverage,
    /// Differences found, each different from the others.
    pub found: usize,
    /// How long it took, shrinking left out.
    pub time: Duration,
}

impl Searched {
    /// Instructions compared in a second.
    pub fn rate(&self) -> f64 {
        self.compared as f64 / self.time.as_secs_f64().max(1e-9)
    }
}

/// Something reached, and how to get there again.
struct Remembered {
    seed: u64,
    actions: Vec<Action>,
}

/// Searches. `progress` is called after every session and answers whether to go on; `report` gets each difference as it is
/// found, with the shortest session that shows it.
pub fn search(
    search: &Search,
    left: &Runs,
    right: &Runs,
    mut progress: impl FnMut(&Searched) -> bool,
    mut report: impl FnMut(Found),
) -> Searched {
    let mut dice = Dice::new(search.seed);
    let mut steer = Steer::new();
    let mut done = Searched::default();
    let mut remembered: VecDeque<Remembered> = VecDeque::new();
    let mut known = BTreeSet::new();
    let began = Instant::now();
    let mut shrinking = Duration::ZERO;
    loop {
        let spent = began.elapsed();
        done.time = spent - shrinking;
        let over = search.sessions.is_some_and(|most| done.sessions >= most)
            || search.time.is_some_and(|most| spent >= most)
            || !search.keep_going && done.found > 0;
        if !progress(&done) || over {
            return done;
        }
        let begun = match remembered.is_empty() || dice.happens(70) {
            true => None,
            false => Some(&remembered[dice.below(remembered.len() as u64) as usize]),
        };
        let (session, played) = one(&mut dice, &mut steer, begun, left, right, &mut done.coverage);
        done.sessions += 1;
        done.compared += played.compared;
        done.not_modelled += played.not_modelled;
        done.refused_by_runtime += played.refused_by_runtime;
        if let Some(last) = played.new_at.filter(|last| *last < FAR) {
            if remembered.len() == REMEMBERED {
                remembered.pop_front();
            }
            remembered.push_back(Remembered {
                seed: session.seed,
                actions: session.actions[..=last].to_vec(),
            });
        }
        if played.difference.is_none() && played.broken.is_none() {
            continue;
        }
        let start = Instant::now();
        let whole = session.actions.len();
        if let Some(signature) = played.signature().filter(|signature| !known.contains(signature)) {
            known.insert(signature);
            let (session, played) = shrink(&session, played, left, right);
            done.found += 1;
            report(Found {
                session,
                of_actions: whole,
                difference: played.difference,
                broken: played.broken,
            });
        }
        shrinking += start.elapsed();
    }
}

/// One session: from the start, or from one that reached something.
fn one(
    dice: &mut Dice,
    steer: &mut Steer,
    begun: Option<&Remembered>,
    left: &Runs,
    right: &Runs,
    coverage: &mut Coverage,
) -> (Session, Played) {
    let seed = begun.map_or_else(|| dice.seed(), |begun| begun.seed);
    let again: &[Action] = begun.map_or(&[], |begun| &begun.actions);
    let mut session = Session {
        seed,
        actions: Vec::new(),
    };
    steer.begin(dice, begun.is_none());
    let length = match again.len() as u64 {
        0 => LENGTH,
        long => long + LENGTH / 3,
    };
    let Some(mut play) = Play::open(seed, left, right) else {
        return (session, Played::default());
    };
    for place in 0..length as usize {
        let action = match again.get(place) {
            Some(action) => *action,
            None => steer.next(dice, coverage, || play.somebody_is_short()),
        };
        session.actions.push(action);
        // What is only done again reaches nothing.
        let counted = (place >= again.len()).then_some(&mut *coverage);
        if !play.act(place, action, counted) {
            break;
        }
    }
    (session, play.finish())
}
