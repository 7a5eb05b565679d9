//! From what was tracked to what is told.

use super::track::{Key, Track, magnitude, ulps};
use super::{Finding, Kind, KnockOns, Refused, Severity, Size, Unit, classify, rounded};
use drift::accounts::layout::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Every difference with its cause, in the order of appearance; `switch` says that one side runs a strategy.
pub(super) fn findings(tracks: &[Track], switch: bool) -> Vec<Finding> {
    let kinds: Vec<Kind> = tracks.iter().map(|track| classify::kind(track, switch)).collect();
    let mut primaries: HashMap<u32, usize> = HashMap::new();
    for (number, track) in tracks.iter().enumerate().filter(|(_, track)| track.origin) {
        let rank = |of: usize| classify::rank(&tracks[of], kinds[of]);
        let primary = primaries.entry(track.group).or_insert(number);
        if rank(number) < rank(*primary) {
            *primary = number;
        }
    }
    let mut findings: Vec<Finding> = Vec::with_capacity(tracks.len());
    for (number, (track, kind)) in tracks.iter().zip(&kinds).enumerate() {
        let primary = primaries.get(&track.group).copied();
        let mut found = finding(number, track, *kind);
        found.cause = primary
            .filter(|primary| *primary != number)
            .map(|primary| primary as u32);
        if primary.is_some_and(|primary| kinds[primary] == Kind::ModelSwitch) {
            found.severity = Severity::Info;
        }
        findings.push(found);
    }
    fold(tracks, &mut findings);
    findings
}

/// Gives every cause its knock-ons and their severity.
fn fold(tracks: &[Track], findings: &mut [Finding]) {
    let mut folded: BTreeMap<u32, (KnockOns, Severity, BTreeSet<String>)> = BTreeMap::new();
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
            absolute: rounded(ulps as f64 / scale),
            // Values that differ are not both 0.
            relative: rounded(ulps as f64 / whole),
        })
    };
    let text = |value: &Option<Value>| value.as_ref().map(ToString::to_string);
    let refused = |refusal: &Option<super::Refusal>| refusal.as_ref().map(Refused::from);
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
