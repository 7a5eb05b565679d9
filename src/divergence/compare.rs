//! Two histories in, findings out: whole, or event by event so that neither has to be kept.

use super::align::{Pair, align};
use super::arguments::unequal;
use super::fields::differing;
use super::findings::findings;
use super::step_totals::StepTotals;
use super::track::{Key, Seen, Track};
use super::{Compared, Contents, History, Place, Step, Write};
use drift::accounts::layout::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What is known beforehand about the two sides.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Whether one side runs a strategy that departs from the deployed rule.
    pub switch: bool,
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
    step_totals: StepTotals,
    steps: u64,
    accounts: HashMap<Arc<str>, Both>,
    tracks: Vec<Track>,
    /// All tracks of a key: one for each cause that it follows from.
    by_key: HashMap<Key, Vec<usize>>,
    layouts: HashSet<(String, String)>,
    groups: u32,
    /// Accounts in which the sides differ, and of what cause.
    tainted: HashMap<Arc<str>, u32>,
    /// Of what cause the clocks differ.
    clock: Option<u32>,
}

/// Compares two whole histories.
pub fn compare(context: Context, left: &History, right: &History) -> Compared {
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
        self.step_totals.pair(left, right);
        let sides = || [left, right].into_iter().flatten();
        let inherited = sides()
            .flat_map(|step| &step.accounts)
            .filter_map(|name| self.tainted.get(name))
            .chain(&self.clock_group(left, right))
            .min()
            .copied();
        // A step whose inputs are equal is where differences come from: what is known differs anew.
        let (mut fresh, recurring) = self.outside_accounts(left, right, &place, inherited);
        let touched: BTreeSet<&Arc<str>> = sides()
            .flat_map(|step| &step.writes)
            .map(|write| &write.account)
            .collect();
        for name in &touched {
            self.account(name, left, right, &place, inherited, &mut fresh);
        }
        // What has no effect but itself is the same each time, and not each time another cause.
        let alone = fresh.is_empty();
        for seen in recurring {
            let last = self.last_origin(&seen.key).filter(|_| alone);
            fresh.extend(self.see(seen, &place, last, || [None, None]).1);
        }
        // A clock follows from no account: one that goes wrong is a cause, whatever else the step has inherited.
        let by_clock = |track: &usize| matches!(self.tracks[*track].key, Key::Slot | Key::Time);
        let (clocks, others): (Vec<_>, Vec<_>) = fresh.into_iter().partition(by_clock);
        let begins = !clocks.is_empty() || inherited.is_none() && !others.is_empty();
        for track in clocks {
            (self.tracks[track].group, self.tracks[track].origin) = (self.groups, true);
        }
        for track in others {
            self.tracks[track].group = inherited.unwrap_or(self.groups);
            self.tracks[track].origin = inherited.is_none();
        }
        self.groups += u32::from(begins);
        self.mark(left, right, &touched, &place);
    }

    /// Of what cause the clocks differ in a step, if they do and it is known; of a step that one side lacks, of what cause
    /// they differed last.
    fn clock_group(&self, left: Option<&Step>, right: Option<&Step>) -> Option<u32> {
        let (Some(left), Some(right)) = (left, right) else {
            return self.clock;
        };
        let differ = [
            (Key::Slot, left.clock.slot != right.clock.slot),
            (Key::Time, left.clock.unix_timestamp != right.clock.unix_timestamp),
        ];
        differ
            .into_iter()
            .filter(|(_, differs)| *differs)
            .filter_map(|(key, _)| Some(self.tracks[self.last(&key)?].group))
            .min()
    }

    /// The last track of a key.
    fn last(&self, key: &Key) -> Option<usize> {
        self.by_key.get(key)?.last().copied()
    }

    /// The track that an observation belongs to, in a step that has inherited a cause: the one that is still open, else the
    /// one of the same cause. What has healed and comes back for another reason is another difference; but a clock that
    /// is wrong again is the same clock.
    fn known(&self, key: &Key, inherited: Option<u32>) -> Option<usize> {
        let tracks = self.by_key.get(key)?;
        match key {
            Key::Slot | Key::Time => return tracks.last().copied(),
            Key::Outcome(..) | Key::Missing(..) | Key::Arguments(_) => {}
            Key::Field(..) | Key::Account(_) | Key::Layout(..) => {
                let open = tracks.iter().find(|track| self.tracks[**track].healed.is_none());
                if open.is_some() {
                    return open.copied();
                }
            }
        }
        let same = tracks
            .iter()
            .find(|track| Some(self.tracks[**track].group) == inherited);
        same.copied()
    }

    /// The last track of a key that was a cause by itself, or part of one.
    fn last_origin(&self, key: &Key) -> Option<usize> {
        let tracks = self.by_key.get(key)?.iter().rev();
        tracks.copied().find(|track| self.tracks[*track].origin)
    }

    /// Notes what is now unequal, for the steps that read it.
    fn mark(
        &mut self,
        left: Option<&Step>,
        right: Option<&Step>,
        touched: &BTreeSet<&Arc<str>>,
        place: &Place,
    ) {
        for name in touched {
            let open = self.accounts.get(*name).map_or(&[][..], |both| &both.open);
            match open.iter().map(|track| self.tracks[*track].group).min() {
                None => self.tainted.remove(*name),
                Some(group) => self.tainted.insert(Arc::clone(name), group),
            };
        }
        if let (Some(left), Some(right)) = (left, right) {
            for (key, differs) in [
                (Key::Slot, left.clock.slot != right.clock.slot),
                (Key::Time, left.clock.unix_timestamp != right.clock.unix_timestamp),
            ] {
                let track = self.last(&key).map(|track| &mut self.tracks[track]);
                if let Some(track) = track.filter(|track| !differs && track.healed.is_none()) {
                    track.heal(place);
                }
            }
            self.clock = self.clock_group(Some(left), Some(right));
        }
    }

    /// What a step shows besides its writes: clock, outcome, arguments, or that one side lacks it. Answers the tracks that
    /// are new; and of a step that has inherited no cause what is known from before, which may be a new one.
    fn outside_accounts(
        &mut self,
        left: Option<&Step>,
        right: Option<&Step>,
        place: &Place,
        inherited: Option<u32>,
    ) -> (Vec<usize>, Vec<Seen>) {
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
                    let [l, r] = unequal(&left.arguments, &right.arguments);
                    let [l, r] = [l, r].map(|text| Some(Value::Name(text.into())));
                    seen.push(Seen::new(Key::Arguments(left.instruction), l, r));
                }
                let [l, r] = [left, right].map(|step| step.outcome.as_ref().err());
                let [l_code, r_code] = [l, r].map(|refusal| refusal.map(|refusal| refusal.code));
                if l_code != r_code {
                    let words = [l_code, r_code].map(|code| {
                        Some(Value::Name(code.map_or("accepted".into(), |code| {
                            format!("refused: {code}").into()
                        })))
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
                let done = Some(Value::Name("executed".into()));
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
        let (recurring, seen): (Vec<_>, Vec<_>) = seen
            .into_iter()
            .partition(|seen| inherited.is_none() && self.by_key.contains_key(&seen.key));
        let fresh = seen.into_iter().filter_map(|seen| {
            let known = self.known(&seen.key, inherited);
            self.see(seen, place, known, || [None, None]).1
        });
        (fresh.collect(), recurring)
    }

    /// Takes in one observation of a `known` track or of a new one: its track, and the same again where it is new.
    fn see(
        &mut self,
        seen: Seen,
        place: &Place,
        known: Option<usize>,
        before: impl FnOnce() -> [Option<Value>; 2],
    ) -> (usize, Option<usize>) {
        if let Some(known) = known {
            self.tracks[known].again(seen, place);
            return (known, None);
        }
        let number = self.tracks.len();
        self.by_key.entry(seen.key.clone()).or_default().push(number);
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
        inherited: Option<u32>,
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
            self.step_totals.counts.accounts += 1;
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
                    let (track, _) = self.see(seen, place, None, || [None, None]);
                    self.tracks[track].group = u32::MAX;
                }
                continue;
            }
            let path = match &seen.key {
                Key::Field(_, path) => path.clone(),
                _ => String::new(),
            };
            let known = self.known(&seen.key, inherited);
            let (track, new) = self.see(seen, place, known, || {
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

    /// What was compared, and what differs.
    pub fn finish(self) -> Compared {
        let findings = findings(&self.tracks, self.context.switch);
        self.step_totals.finish(findings)
    }
}
