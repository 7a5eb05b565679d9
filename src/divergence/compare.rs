//! Two histories in, findings out: whole, or event by event so that neither has to be kept.

use super::align::{Pair, align};
use super::track::{Key, Seen, Track, magnitude, ulps};
use super::{Contents, Finding, History, Kind, KnockOns, Place, Refused, Size, Step, Unit, Write, classify};
use crate::drift::accounts::layout::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What is known beforehand about the two sides.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Whether one side runs a strategy that departs from the deployed rule.
    pub switch: bool,
}

/// What one side's instructions of a name came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcomes {
    /// Accepted.
    pub accepted: u64,
    /// Refused, by the error's name.
    pub refused: BTreeMap<String, u64>,
    /// Instructions whose compute units were counted.
    pub counted: u64,
    /// Their compute units, summed.
    pub compute_units: u64,
    /// The most that one of them spent.
    pub most_compute_units: u64,
}

impl Outcomes {
    fn count(&mut self, step: &Step) {
        match &step.outcome {
            Ok(()) => self.accepted += 1,
            Err(refusal) => *self.refused.entry(refusal.code.name().to_owned()).or_default() += 1,
        }
        if let Some(units) = step.compute_units {
            self.counted += 1;
            self.compute_units += units;
            self.most_compute_units = self.most_compute_units.max(units);
        }
    }
}

/// What was compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Events, the opening of the exchange not counted.
    pub events: u64,
    /// Instructions of either side, those that opened the exchange included.
    pub instructions: u64,
    /// Accounts that either side wrote.
    pub accounts: u64,
    /// The left side's outcomes, by instruction.
    pub left: BTreeMap<String, Outcomes>,
    /// The right side's outcomes, by instruction.
    pub right: BTreeMap<String, Outcomes>,
}

/// An account as both sides have it now.
#[derive(Debug, Default)]
struct Both {
    left: Option<Contents>,
    right: Option<Contents>,
    /// The differences it has now.
    open: Vec<usize>,
}

/// A comparison under way.
#[derive(Debug, Default)]
pub struct Comparison {
    context: Context,
    counts: Counts,
    last_event: Option<usize>,
    steps: u64,
    accounts: HashMap<Arc<str>, Both>,
    tracks: Vec<Track>,
    by_key: HashMap<Key, usize>,
    layouts: HashSet<(String, String)>,
    groups: u32,
    /// Accounts in which the sides differ, and of what cause.
    tainted: HashMap<Arc<str>, u32>,
    /// Of what cause the clocks differ.
    clock: Option<u32>,
}

/// Compares two whole histories.
pub fn compare(context: Context, left: &History, right: &History) -> (Counts, Vec<Finding>) {
    let mut comparison = Comparison::new(context);
    let (mut l, mut r) = (&left.steps[..], &right.steps[..]);
    while let Some(event) = [l, r]
        .into_iter()
        .filter_map(|steps| Some(steps.first()?.event))
        .min()
    {
        let until = |steps: &[Step]| steps.iter().take_while(|step| step.event == event).count();
        let ((now_l, rest_l), (now_r, rest_r)) = (l.split_at(until(l)), r.split_at(until(r)));
        comparison.event(now_l, now_r);
        (l, r) = (rest_l, rest_r);
    }
    comparison.finish()
}

impl Comparison {
    /// A comparison of nothing so far.
    pub fn new(context: Context) -> Self {
        Self {
            context,
            ..Self::default()
        }
    }

    /// Takes in what one event did on either side.
    pub fn event(&mut self, left: &[Step], right: &[Step]) {
        for pair in align(left, right) {
            self.pair(pair);
        }
    }

    /// Whether nothing but layout has differed so far.
    pub fn equal_so_far(&self) -> bool {
        self.groups == 0
    }

    fn pair(&mut self, (left, right): Pair) {
        let Some(either) = left.or(right) else { return };
        let place = Place {
            step: self.steps,
            event: either.event,
            event_name: either.event_name.to_owned(),
            instruction: either.instruction.to_owned(),
            slot: either.clock.slot,
            unix_timestamp: either.clock.unix_timestamp,
        };
        self.steps += 1;
        self.count(left, right);
        let sides = || [left, right].into_iter().flatten();
        let inherited = sides()
            .flat_map(|step| &step.accounts)
            .filter_map(|name| self.tainted.get(name))
            .chain(&self.clock)
            .min()
            .copied();
        let mut fresh = self.outside_accounts(left, right, &place);
        let touched: BTreeSet<&Arc<str>> = sides()
            .flat_map(|step| &step.writes)
            .map(|write| &write.account)
            .collect();
        for name in &touched {
            self.account(name, left, right, &place, &mut fresh);
        }
        let group = inherited.unwrap_or(self.groups);
        for track in &fresh {
            self.tracks[*track].group = group;
            self.tracks[*track].origin = inherited.is_none();
        }
        if inherited.is_none() && !fresh.is_empty() {
            self.groups += 1;
        }
        self.mark(left, right, &touched, group);
    }

    fn count(&mut self, left: Option<&Step>, right: Option<&Step>) {
        let counts = &mut self.counts;
        let Some(either) = left.or(right) else { return };
        if either.event.is_some() && either.event != self.last_event {
            counts.events += 1;
            self.last_event = either.event;
        }
        if either.instruction == Step::OUTSIDE {
            return;
        }
        counts.instructions += 1;
        for (step, side) in [(left, &mut counts.left), (right, &mut counts.right)] {
            if let Some(step) = step {
                side.entry(step.instruction.to_owned()).or_default().count(step);
            }
        }
    }

    /// Notes what is now unequal, for the steps that read it.
    fn mark(&mut self, left: Option<&Step>, right: Option<&Step>, touched: &BTreeSet<&Arc<str>>, group: u32) {
        for name in touched {
            match self.accounts.get(*name).and_then(|both| both.open.first()) {
                None => {
                    self.tainted.remove(*name);
                }
                // Of a difference that went away and came back, the cause is the old one.
                Some(open) => {
                    let known = self.tracks[*open].group.min(group);
                    self.tainted.entry(Arc::clone(name)).or_insert(known);
                }
            }
        }
        if let (Some(left), Some(right)) = (left, right) {
            let differ = [
                (Key::Slot, left.clock.slot != right.clock.slot),
                (Key::Time, left.clock.unix_timestamp != right.clock.unix_timestamp),
            ];
            let groups = differ.iter().filter(|(_, differs)| *differs);
            let group = groups.filter_map(|(key, _)| Some(self.tracks[*self.by_key.get(key)?].group));
            self.clock = group.min();
        }
    }

    /// What a step shows besides its writes: clock, outcome, arguments, or that one side lacks it.
    fn outside_accounts(&mut self, left: Option<&Step>, right: Option<&Step>, place: &Place) -> Vec<usize> {
        let mut seen = Vec::new();
        match (left, right) {
            (Some(left), Some(right)) => {
                let (l, r) = (left.clock, right.clock);
                if l.slot != r.slot {
                    let values = [l.slot, r.slot].map(|slot| Some(Value::Uint(slot.into())));
                    let [l, r] = values;
                    seen.push(Seen::new(Key::Slot, l, r));
                }
                if l.unix_timestamp != r.unix_timestamp {
                    let values = [l, r].map(|clock| Some(Value::Int(clock.unix_timestamp.into())));
                    let [l, r] = values;
                    seen.push(Seen::new(Key::Time, l, r));
                }
                if left.arguments != right.arguments {
                    let [l, r] = [left, right].map(|step| Some(Value::Name(step.arguments.to_string())));
                    seen.push(Seen::new(Key::Arguments(left.instruction), l, r));
                }
                let [l, r] = [left, right].map(|step| step.outcome.as_ref().err());
                let [l_code, r_code] = [l, r].map(|refusal| refusal.map(|refusal| refusal.code));
                if l_code != r_code {
                    let words = [l_code, r_code].map(|code| {
                        Some(Value::Name(
                            code.map_or("accepted".to_owned(), |code| format!("refused: {code}")),
                        ))
                    });
                    let [left_words, right_words] = words;
                    let key = Key::Outcome(left.instruction, l_code, r_code);
                    let refusals = [l.cloned(), r.cloned()];
                    seen.push(Seen {
                        refusals,
                        ..Seen::new(key, left_words, right_words)
                    });
                }
            }
            (Some(step), None) | (None, Some(step)) if step.instruction != Step::OUTSIDE => {
                let done = Some(Value::Name("executed".to_owned()));
                let key = Key::Missing(step.instruction, right.is_none());
                let (l, r) = if right.is_none() {
                    (done, None)
                } else {
                    (None, done)
                };
                seen.push(Seen::new(key, l, r));
            }
            _ => {}
        }
        seen.into_iter()
            .filter_map(|seen| self.see(seen, place, || [None, None]).1)
            .collect()
    }

    /// Takes in one observation: its track, and the same again where it is new.
    fn see(
        &mut self,
        seen: Seen,
        place: &Place,
        before: impl FnOnce() -> [Option<Value>; 2],
    ) -> (usize, Option<usize>) {
        if let Some(known) = self.by_key.get(&seen.key) {
            self.tracks[*known].again(seen, place);
            return (*known, None);
        }
        let number = self.tracks.len();
        self.by_key.insert(seen.key.clone(), number);
        self.tracks.push(Track::new(seen, place, before()));
        (number, Some(number))
    }

    /// Takes in the writes of one account.
    fn account(
        &mut self,
        name: &Arc<str>,
        left: Option<&Step>,
        right: Option<&Step>,
        place: &Place,
        fresh: &mut Vec<usize>,
    ) {
        let last_write = |step: Option<&Step>| -> Option<Contents> {
            let of_name = |write: &&Write| write.account == *name;
            step?
                .writes
                .iter()
                .rev()
                .find(of_name)
                .map(|write| write.contents.clone())
        };
        if !self.accounts.contains_key(name) {
            self.counts.accounts += 1;
        }
        let both = self.accounts.entry(Arc::clone(name)).or_default();
        let write = |now: &mut Option<Contents>, new: Option<Contents>| match new {
            Some(new) => now.replace(new),
            None => now.clone(),
        };
        let before = [
            write(&mut both.left, last_write(left)),
            write(&mut both.right, last_write(right)),
        ];
        let was_open = std::mem::take(&mut both.open);
        let differences = differing(name, both.left.as_ref(), both.right.as_ref());
        let mut old: Option<[HashMap<String, Value>; 2]> = None;
        let mut open = Vec::new();
        for seen in differences {
            if let Key::Layout(kind, path) = &seen.key {
                if self.layouts.insert((kind.clone(), path.clone())) {
                    // Belongs to no cause, and is none.
                    let (track, _) = self.see(seen, place, || [None, None]);
                    self.tracks[track].group = u32::MAX;
                }
                continue;
            }
            let path = match &seen.key {
                Key::Field(_, path) => path.clone(),
                _ => String::new(),
            };
            let (track, new) = self.see(seen, place, || {
                let old = old.get_or_insert_with(|| {
                    before
                        .each_ref()
                        .map(|contents| contents.iter().flat_map(|it| it.fields().1).collect())
                });
                old.each_ref().map(|fields| fields.get(&path).cloned())
            });
            open.push(track);
            fresh.extend(new);
        }
        for track in was_open {
            if !open.contains(&track) {
                self.tracks[track].heal(place);
            }
        }
        if let Some(both) = self.accounts.get_mut(name) {
            both.open = open;
        }
    }

    /// What was compared, and every difference with its cause, in the order of appearance.
    pub fn finish(self) -> (Counts, Vec<Finding>) {
        let kinds: Vec<Kind> = self
            .tracks
            .iter()
            .map(|track| classify::kind(track, self.context.switch))
            .collect();
        let mut primaries: HashMap<u32, usize> = HashMap::new();
        for (number, track) in self.tracks.iter().enumerate().filter(|(_, track)| track.origin) {
            let rank = |of: usize| classify::rank(&self.tracks[of], kinds[of]);
            let primary = primaries.entry(track.group).or_insert(number);
            if rank(number) < rank(*primary) {
                *primary = number;
            }
        }
        let mut findings: Vec<Finding> = Vec::with_capacity(self.tracks.len());
        for (number, (track, kind)) in self.tracks.iter().zip(&kinds).enumerate() {
            let primary = primaries.get(&track.group).copied();
            let mut found = finding(number, track, *kind);
            found.cause = primary
                .filter(|primary| *primary != number)
                .map(|primary| primary as u32);
            if primary.is_some_and(|primary| kinds[primary] == Kind::ModelSwitch) {
                found.severity = super::Severity::Info;
            }
            findings.push(found);
        }
        fold(&self.tracks, &mut findings);
        (self.counts, findings)
    }
}

/// Gives every cause its knock-ons and their severity.
fn fold(tracks: &[Track], findings: &mut [Finding]) {
    let mut folded: BTreeMap<u32, (KnockOns, super::Severity, BTreeSet<String>)> = BTreeMap::new();
    for (finding, track) in findings.iter().zip(tracks) {
        let cause = finding.cause.unwrap_or(finding.id);
        let (knock_ons, worst, accounts) = folded
            .entry(cause)
            .or_insert_with(|| (KnockOns::default(), finding.severity, BTreeSet::new()));
        *worst = finding.severity.max(*worst);
        accounts.extend(finding.account.clone());
        knock_ons.last_event = knock_ons.last_event.max(finding.last.event);
        if finding.cause.is_some() {
            knock_ons.findings += 1;
            knock_ons.same_step += u64::from(track.origin);
            if matches!(track.key, Key::Outcome(..) | Key::Missing(..)) {
                knock_ons.outcomes += finding.occurrences;
            }
        }
    }
    for finding in findings.iter_mut().filter(|finding| finding.cause.is_none()) {
        if let Some((mut knock_ons, worst, accounts)) = folded.remove(&finding.id) {
            knock_ons.accounts = accounts.len() as u64;
            finding.knock_ons = Some(knock_ons);
            finding.severity = worst;
        }
    }
}

fn finding(number: usize, track: &Track, kind: Kind) -> Finding {
    let (account, field) = match &track.key {
        Key::Field(account, path) => (Some(account.to_string()), path.clone()),
        Key::Account(account) => (Some(account.to_string()), "account".to_owned()),
        Key::Outcome(..) => (None, "outcome".to_owned()),
        Key::Missing(..) => (None, "instruction".to_owned()),
        Key::Arguments(_) => (None, "arguments".to_owned()),
        Key::Slot => (None, "clock.slot".to_owned()),
        Key::Time => (None, "clock.unix_time".to_owned()),
        Key::Layout(_, path) => (None, path.clone()),
    };
    let account_kind = match &track.key {
        Key::Layout(kind, _) => Some(kind.clone()),
        _ => track.account_kind.clone(),
    };
    let unit = Unit::of(account_kind.as_deref().unwrap_or_default(), &field);
    let scale = unit.as_ref().map_or(1, |unit| unit.scale) as f64;
    let size = |left: Option<&Value>, right: Option<&Value>| {
        let ulps = ulps(left, right)?;
        let whole = magnitude(left).max(magnitude(right));
        Some(Size {
            ulps: ulps.to_string(),
            absolute: ulps as f64 / scale,
            // Values that differ are not both 0.
            relative: ulps as f64 / whole,
        })
    };
    let text = |value: &Option<Value>| value.as_ref().map(ToString::to_string);
    let refused = |refusal: &Option<super::Refusal>| {
        refusal.as_ref().map(|refusal| Refused {
            code: refusal.code.number(),
            name: refusal.code.name().to_owned(),
            log: refusal.log.clone(),
        })
    };
    let first = size(track.left.as_ref(), track.right.as_ref());
    let largest = match &track.largest {
        Some((left, right)) => size(left.as_ref(), right.as_ref()),
        None => first.clone(),
    };
    Finding {
        id: number as u32,
        kind,
        severity: classify::severity(track, kind),
        cause: None,
        first: track.first.clone(),
        last: track.last.clone(),
        healed: track.healed.clone(),
        occurrences: track.occurrences,
        account,
        account_kind,
        field,
        left: text(&track.left),
        right: text(&track.right),
        left_refused: refused(&track.refusals[0]),
        right_refused: refused(&track.refusals[1]),
        unit,
        size: first,
        last_size: size(track.last_left.as_ref(), track.last_right.as_ref()),
        largest_size: largest,
        grew: track.largest.is_some(),
        knock_ons: None,
    }
}

/// What differs in an account that the sides do not hold alike.
fn differing(name: &Arc<str>, left: Option<&Contents>, right: Option<&Contents>) -> Vec<Seen> {
    let there = |contents: Option<&Contents>| contents.is_some_and(|contents| !contents.is_absent());
    let (left, right) = match (left, right) {
        (Some(left), Some(right)) if left.same(right) => return Vec::new(),
        (Some(left), Some(right)) if there(Some(left)) && there(Some(right)) => (left, right),
        (left, right) if there(left) == there(right) => return Vec::new(),
        (left, right) => {
            let kind = |contents: Option<&Contents>| {
                let contents = contents.filter(|contents| !contents.is_absent())?;
                Some(Value::Name(contents.fields().0))
            };
            return vec![Seen::new(Key::Account(Arc::clone(name)), kind(left), kind(right))];
        }
    };
    let ((kind, left), (right_kind, right)) = (left.fields(), right.fields());
    if kind != right_kind {
        let [l, r] = [kind, right_kind].map(|kind| Some(Value::Name(kind)));
        return vec![Seen::new(Key::Account(Arc::clone(name)), l, r)];
    }
    let field = |path: String, left: Option<Value>, right: Option<Value>| {
        let key = if comparable(left.as_ref(), right.as_ref()) {
            Key::Field(Arc::clone(name), path)
        } else {
            Key::Layout(kind.clone(), without_numbers(&path))
        };
        Seen {
            account_kind: Some(kind.clone()),
            ..Seen::new(key, left, right)
        }
    };
    let alike = left.len() == right.len() && left.iter().zip(&right).all(|((l, _), (r, _))| l == r);
    if alike {
        let unequal = left
            .into_iter()
            .zip(right)
            .filter(|((_, l), (_, r))| !equal(l, r));
        return unequal
            .map(|((path, l), (_, r))| field(path, Some(l), Some(r)))
            .collect();
    }
    let mut theirs: HashMap<String, Value> = right.iter().cloned().collect();
    let mut found = Vec::new();
    for (path, l) in left {
        match theirs.remove(&path) {
            Some(r) if equal(&l, &r) => {}
            r => found.push(field(path, Some(l), r)),
        }
    }
    let rest = right.into_iter().filter(|(path, _)| theirs.contains_key(path));
    found.extend(rest.map(|(path, r)| field(path, None, Some(r))));
    found
}

/// Whether two values of a field can be told apart by more than their form.
fn comparable(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        (Some(Value::Int(_) | Value::Uint(_)), Some(Value::Int(_) | Value::Uint(_))) => true,
        (Some(Value::Bytes(left)), Some(Value::Bytes(right))) => left.len() == right.len(),
        (Some(left), Some(right)) => std::mem::discriminant(left) == std::mem::discriminant(right),
        _ => false,
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    left == right || ulps(Some(left), Some(right)) == Some(0)
}

/// `perp_positions.3.lp_shares` as `perp_positions.*.lp_shares`: a layout has a field at every place or at none.
fn without_numbers(path: &str) -> String {
    let parts = path.split('.').map(|part| match part.parse::<usize>() {
        Ok(_) => "*",
        Err(_) => part,
    });
    parts.collect::<Vec<_>>().join(".")
}
