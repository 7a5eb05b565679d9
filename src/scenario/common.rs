//! Markets whose recordings are resampled with the same blocks.

use super::correlation::Oracle;
use crate::complaint::Complaint;
use crate::path::{PathError, PriceFiles, Span, Tie};
use std::collections::BTreeMap;

/// The places of the markets of each common bootstrap, in order.
fn groups<'a>(markets: &[Oracle<'a>]) -> BTreeMap<&'a str, Vec<usize>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (place, market) in markets.iter().enumerate() {
        let common = market.spec.bootstrap().and_then(|spec| spec.common.as_deref());
        if let Some(common) = common {
            groups.entry(common).or_default().push(place);
        }
    }
    groups
}

/// Markets of a common bootstrap have the same steps and blocks.
pub(super) fn check(markets: &[Oracle]) -> Result<(), Complaint> {
    for (common, places) in groups(markets) {
        let mut alike = None;
        for place in places {
            let market = markets[place];
            let Some(spec) = market.spec.bootstrap() else {
                continue;
            };
            let blocks = (spec.block, spec.block_seconds, spec.step_seconds);
            let (first, others) = *alike.get_or_insert((market.name, blocks));
            if others != blocks {
                let name = market.name;
                return Err(Complaint {
                    path: market.path(),
                    message: format!(
                        "`{first}` and `{name}` share the blocks of `{common}`, but differ in them"
                    ),
                    help: Some("give both the same `block`, `block_seconds` and `step_seconds`".into()),
                });
            }
        }
    }
    Ok(())
}

/// Ties the markets of each common bootstrap, whose recordings are in `files`, in the list of all ties.
///
/// # Errors
/// The place of a market and what is wrong with its recording.
pub(super) fn tie(
    markets: &[Oracle],
    files: &PriceFiles,
    ties: &mut [Tie],
) -> Result<(), (usize, PathError)> {
    for (common, places) in groups(markets) {
        let mut shared: Option<Span> = None;
        for &place in &places {
            let Some(spec) = markets[place].spec.bootstrap() else {
                continue;
            };
            let own = spec.span(files).map_err(|source| (place, source))?;
            let both = shared.map_or(Some(own), |shared| shared.overlap(own));
            let apart = || PathError::Apart {
                file: spec.recording.file.clone(),
                common: common.to_owned(),
            };
            shared = Some(both.ok_or_else(apart).map_err(|source| (place, source))?);
        }
        for &place in &places {
            if let Some(span) = shared {
                let leader = markets[places[0]].index;
                ties[place] = Tie::Common { leader, span };
            }
        }
    }
    Ok(())
}
