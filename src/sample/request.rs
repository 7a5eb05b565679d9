//! What a person asks of the sampler.

use std::fmt;

use crate::summary::Fraction;

/// How trials are chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Method {
    /// Medoids of the standardised metrics.
    Representative(Vec<String>),
    /// The furthest values of metrics, at either end.
    Extreme(Vec<String>),
    /// The largest values of metrics.
    Largest(Vec<String>),
    /// The smallest values of metrics.
    Smallest(Vec<String>),
    /// The values nearest to quantiles of metrics.
    Quantile(Vec<String>, Vec<Fraction>),
    /// Trials far from all others.
    Novel(Vec<String>),
    /// Most instructions refused; with codes, only refusals with these.
    Refused(Vec<u32>),
    /// Drawn at random.
    Random,
    /// The first trials for which a condition in SQL holds.
    Where(String),
}

impl Method {
    /// The names of all methods.
    pub const NAMES: [&str; 9] = [
        "representative",
        "extreme",
        "largest",
        "smallest",
        "quantile",
        "novel",
        "refused",
        "random",
        "where",
    ];

    /// The method's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Representative(_) => "representative",
            Self::Extreme(_) => "extreme",
            Self::Largest(_) => "largest",
            Self::Smallest(_) => "smallest",
            Self::Quantile(..) => "quantile",
            Self::Novel(_) => "novel",
            Self::Refused(_) => "refused",
            Self::Random => "random",
            Self::Where(_) => "where",
        }
    }
}

/// A method and how many trials it is to choose.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    /// How.
    pub method: Method,
    /// How many, at least one.
    pub count: usize,
}

/// Picks in order: a trial that two of them want goes to the first, and the second takes its next.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The picks.
    pub picks: Vec<Pick>,
    /// Where a pick may find too few, how many trials there are to be in all: the last pick makes up for the others.
    pub fill: Option<usize>,
}

impl Request {
    /// Picks of which each must find as many as it asks for. Random ones are one, and come last, whatever their places:
    /// drawn from all that nobody picked on purpose, they say something about these.
    pub fn new(picks: Vec<Pick>) -> Self {
        let (random, mut picks): (Vec<_>, Vec<_>) =
            picks.into_iter().partition(|pick| pick.method == Method::Random);
        let merged = random.into_iter().reduce(|one, other| Pick {
            count: one.count.saturating_add(other.count),
            ..one
        });
        picks.extend(merged);
        Self { picks, fill: None }
    }

    /// A mix of so many: half representative, and of the other half in turn extreme, random, novel and refused. Where
    /// too few trials had instructions refused, random ones make up for them.
    pub fn mix(count: usize) -> Self {
        let others = count / 2;
        let share = |place: usize| (others + 3 - place) / 4;
        let picks = [
            (Method::Representative(Vec::new()), count - others),
            (Method::Extreme(Vec::new()), share(0)),
            (Method::Novel(Vec::new()), share(2)),
            (Method::Refused(Vec::new()), share(3)),
            (Method::Random, share(1)),
        ];
        let picks = picks.into_iter().filter(|(_, count)| *count > 0);
        Self {
            picks: picks.map(|(method, count)| Pick { method, count }).collect(),
            fill: Some(count),
        }
    }

    /// How many trials are asked for in all.
    pub fn total(&self) -> usize {
        let picks = self.picks.iter().map(|pick| pick.count);
        picks.fold(0, usize::saturating_add)
    }
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arguments = match &self.method {
            Method::Representative(metrics)
            | Method::Extreme(metrics)
            | Method::Largest(metrics)
            | Method::Smallest(metrics)
            | Method::Novel(metrics) => metrics.join(", "),
            Method::Quantile(metrics, shares) => {
                let shares = shares.iter().map(Fraction::to_string);
                metrics
                    .iter()
                    .cloned()
                    .chain(shares)
                    .collect::<Vec<_>>()
                    .join(", ")
            }
            Method::Refused(codes) => codes.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
            Method::Random => String::new(),
            Method::Where(condition) => condition.clone(),
        };
        f.write_str(self.method.name())?;
        if !arguments.is_empty() {
            write!(f, "({arguments})")?;
        }
        write!(f, "={}", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_adds_up() {
        for count in 1..200 {
            let mix = Request::mix(count);
            assert_eq!(mix.total(), count);
            assert!(mix.picks.iter().all(|pick| pick.count > 0));
        }
        let twelve: Vec<_> = Request::mix(12).picks.iter().map(Pick::to_string).collect();
        assert_eq!(
            twelve,
            [
                "representative=6",
                "extreme=2",
                "novel=1",
                "refused=1",
                "random=2"
            ]
        );
    }
}
