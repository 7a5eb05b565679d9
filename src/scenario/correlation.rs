//! Markets that move together.

use super::build::SPOT_PATHS;
use crate::complaint::Complaint;
use crate::path::{PathSpec, Share, Source, Tie, cholesky};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the prices of markets correlate: for pairs of markets, perpetual and spot alike, the correlation (-1 to 1) of the shocks that drive
/// both in a step, each pair once. Pairs that are not named are uncorrelated.
///
/// ```yaml
/// correlation:
///   SOL-PERP: {BTC-PERP: 0.8, SOL: 1}
///   BTC-PERP: {SOL: 0.8}
/// ```
///
/// The paths' models are those that a normal variate a step drives: `geometric_brownian_motion`, `jump_diffusion`, `mean_reversion`, `crash`,
/// `garch`, `heston`, `regime_switching`, `hawkes_jumps`, in any mixture, and all with the same `step_seconds`. What a model leaves to chance
/// besides is each market's own: jumps, regimes, variances, and the denominators of Student's t, which take the correlation of returns down to
/// `(ν - 2) / 2 · (Γ((ν - 1) / 2) / Γ(ν / 2))²` of what is given (ν the degrees of freedom: 0.88 at 6, 0.79 at 4).
/// But markets that correlate fully, by exactly 1, share that too: with the same model they have the same path, such as a perpetual market and
/// the spot market of its asset. Where volatility varies, the correlation is that of returns given the volatilities of the moment; over all moments together it is lower.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Correlation(BTreeMap<String, BTreeMap<String, f64>>);

/// A market's oracle.
#[derive(Clone, Copy)]
pub(super) struct Oracle<'a> {
    /// The market's name.
    pub name: &'a str,
    /// The number of its stream.
    pub index: u64,
    /// What its price does.
    pub spec: &'a PathSpec,
}

impl Oracle<'_> {
    /// The dotted path of `spec` in the scenario.
    pub fn path(&self) -> String {
        match self.index.checked_sub(SPOT_PATHS) {
            Some(market) => format!("spot_markets.{}.oracle", market - 1),
            None => format!("perp_markets.{}.oracle", self.index),
        }
    }
}

fn complain(path: &[&str], message: String, help: &str) -> Complaint {
    Complaint {
        path: [&["correlation"], path].concat().join("."),
        message,
        help: Some(help.to_owned()),
    }
}

impl Correlation {
    /// Whether every market goes its own way.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What ties each of the markets to those before it.
    pub(super) fn ties(&self, markets: &[Oracle]) -> Result<Vec<Tie>, Complaint> {
        if self.is_empty() {
            return Ok(vec![Tie::Free; markets.len()]);
        }
        let pairs = self.pairs(markets)?;
        let mut members: Vec<usize> = pairs.keys().flat_map(|(one, other)| [*one, *other]).collect();
        members.sort_unstable();
        members.dedup();
        let sources = sources(markets, &members)?;
        let between = |later: &usize, earlier: &usize| pairs.get(&(*earlier, *later)).copied().unwrap_or(0.0);
        let below: Vec<Vec<f64>> = (0..members.len())
            .map(|k| members[..k].iter().map(|j| between(&members[k], j)).collect())
            .collect();
        let weights = cholesky(&below).map_err(|k| {
            let name = markets[members[k]].name;
            let message = format!(
                "no prices correlate so: what `{name}` has in common with the markets before it contradicts what they have in common"
            );
            complain(&[], message, "bring correlations that go against each other nearer to 0")
        })?;
        let mut ties = vec![Tie::Free; markets.len()];
        for (k, row) in weights.iter().enumerate() {
            let double = (0..k).find(|j| below[k][*j] == 1.0);
            let shares = sources
                .iter()
                .zip(&row[..k])
                .filter(|(_, weight)| **weight != 0.0);
            let others: Vec<Share> = shares
                .map(|(market, weight)| Share {
                    market: *market,
                    weight: *weight,
                })
                .collect();
            ties[members[k]] = match double.map(|double| (double, &ties[members[double]])) {
                // Markets that go along in everything share all that is left to chance, and not the shocks alone.
                Some((double, Tie::Free)) => Tie::Correlated {
                    leader: sources[double],
                    own: 1.0,
                    others: Vec::new(),
                },
                Some((_, tie)) => tie.clone(),
                None if others.is_empty() => Tie::Free,
                None => Tie::Correlated {
                    leader: sources[k],
                    own: row[k],
                    others,
                },
            };
        }
        Ok(ties)
    }

    /// The correlations by places, the lower first.
    fn pairs(&self, markets: &[Oracle]) -> Result<BTreeMap<(usize, usize), f64>, Complaint> {
        let mut pairs = BTreeMap::new();
        for (name, row) in &self.0 {
            let one = place(markets, name, &[name])?;
            for (partner, correlation) in row {
                let path = [name.as_str(), partner];
                let other = place(markets, partner, &path)?;
                if !(-1.0..=1.0).contains(correlation) {
                    let message = format!("a correlation lies between -1 and 1, found {correlation}");
                    return Err(complain(
                        &path,
                        message,
                        "give 0 for markets that have nothing in common",
                    ));
                }
                if one == other && *correlation != 1.0 {
                    let message = format!("`{name}` correlates fully with itself, found {correlation}");
                    return Err(complain(&path, message, "give 1, or leave it out"));
                }
                let before = pairs.insert((one.min(other), one.max(other)), *correlation);
                if let Some(before) = before.filter(|before| before != correlation) {
                    let message =
                        format!("the correlation of `{name}` and `{partner}` is {before} and {correlation}");
                    return Err(complain(&path, message, "give each pair once"));
                }
            }
        }
        pairs.retain(|(one, other), _| one != other);
        Ok(pairs)
    }
}

/// How the members take their shocks; all at the same steps.
fn sources(markets: &[Oracle], members: &[usize]) -> Result<Vec<Source>, Complaint> {
    let mut first = None;
    let source = |member: &usize| {
        let Oracle { name, index, spec } = markets[*member];
        let Some(drive) = spec.drive() else {
            let message = format!(
                "`{name}` cannot be correlated: no normal variate a step drives its `{}`",
                spec.model()
            );
            let help = "give it `geometric_brownian_motion`, `garch` or another model so driven; recordings keep what they have in common where their `bootstrap` names the same `common`";
            return Err(complain(&[], message, help));
        };
        let (other, step) = *first.get_or_insert((name, drive.step_seconds));
        if step != drive.step_seconds {
            let message = format!(
                "`{other}` has a price every {step} seconds and `{name}` every {}",
                drive.step_seconds
            );
            let help = "give all markets that are correlated the same `step_seconds`";
            return Err(complain(&[], message, help));
        }
        Ok(Source { index, drive })
    };
    members.iter().map(source).collect()
}

/// The place of the market of this name.
fn place(markets: &[Oracle], name: &str, path: &[&str]) -> Result<usize, Complaint> {
    let mut places = (0..markets.len()).filter(|place| markets[*place].name == name);
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(place),
        (None, _) => {
            let names: Vec<_> = markets.iter().map(|market| market.name).collect();
            let help = format!("the markets are {}", names.join(", "));
            Err(complain(path, format!("there is no market `{name}`"), &help))
        }
        (Some(_), Some(_)) => {
            let message = format!("more than one market is called `{name}`");
            Err(complain(path, message, "give each a name of its own"))
        }
    }
}
