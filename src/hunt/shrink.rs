//! The shortest session that still shows a difference.

use super::run::{Played, play};
use super::session::Session;
use super::side::Runs;

/// Leaves actions out of `session` as long as what `played` found is still found: halves, quarters, down to single ones. Answers
/// the shortest session and what it comes to.
pub(super) fn shrink(session: &Session, played: Played, left: &Runs, right: &Runs) -> (Session, Played) {
    let Some(wanted) = played.signature() else {
        return (session.clone(), played);
    };
    let mut best = (session.clone(), played);
    cut(&mut best);
    let mut size = best.0.actions.len().div_ceil(2).max(1);
    loop {
        let mut place = 0;
        let mut shorter = false;
        while place < best.0.actions.len() {
            let mut tried = best.0.clone();
            let end = (place + size).min(tried.actions.len());
            tried.actions.drain(place..end);
            let played = play(&tried, left, right);
            if played.signature().as_ref() == Some(&wanted) {
                best = (tried, played);
                cut(&mut best);
                shorter = true;
            } else {
                place += size;
            }
        }
        if size == 1 && !shorter {
            return best;
        }
        if !shorter || size > best.0.actions.len() {
            size = (size / 2).max(1);
        }
    }
}

/// Leaves out what comes after.
fn cut((session, played): &mut (Session, Played)) {
    let last = match (&played.difference, &played.broken) {
        (Some(difference), _) => difference.action,
        (None, Some((place, _))) => Some(*place),
        (None, None) => None,
    };
    session.actions.truncate(last.map_or(0, |place| place + 1));
}
