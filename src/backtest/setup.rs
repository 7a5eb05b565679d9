//! How a replay starts: what the experiment's folder says, changed by the trial's flags.

use crate::experiment::{Experiment, SpotRules};
use crate::scenario::{ExchangeSpec, Scenario, Strategy};
use crate::world::{Exchange, Genesis};
use drift::accounts::OracleGuardRails;
use drift::engine::Switches;
use std::fmt;
use std::str::FromStr;

/// A departure from how the folder starts, named as drift-sim names its trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// Oracle guard rails so wide that they never bind.
    NoOracleGuards,
    /// The program's own oracle guard rails.
    OracleGuards,
    /// Every AMM with this base spread (1e6), at full curve update intensity.
    Spread(u32),
}

/// A word that is no flag.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no trial flag: there are no_oracle_guards, oracle_guards and spread_<1e6>, such as spread_250"
)]
pub struct UnknownFlag(pub String);

impl FromStr for Flag {
    type Err = UnknownFlag;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "no_oracle_guards" => Ok(Flag::NoOracleGuards),
            "oracle_guards" => Ok(Flag::OracleGuards),
            _ => text
                .strip_prefix("spread_")
                .and_then(|spread| spread.parse().ok())
                .map(Flag::Spread)
                .ok_or_else(|| UnknownFlag(text.to_owned())),
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flag::NoOracleGuards => f.write_str("no_oracle_guards"),
            Flag::OracleGuards => f.write_str("oracle_guards"),
            Flag::Spread(spread) => write!(f, "spread_{spread}"),
        }
    }
}

/// Why an experiment cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The folder's `scenario.yaml` is no scenario.
    #[error("scenario.yaml: {0}")]
    Scenario(String),
    /// A flag that undoes another.
    #[error("`{0}` and `{1}` exclude each other")]
    Flags(Flag, Flag),
}

fn scenario(experiment: &Experiment) -> Result<Option<Scenario>, SetUpError> {
    let Some(yaml) = &experiment.scenario else {
        return Ok(None);
    };
    serde_saphyr::from_str(yaml)
        .map(Some)
        .map_err(|error| SetUpError::Scenario(error.to_string()))
}

/// The engine's departures from the deployed rules that the folder's scenario asks for, with the strategy's name. No
/// program knows them.
///
/// # Errors
/// [`SetUpError::Scenario`].
pub fn switches(experiment: &Experiment) -> Result<Switches, SetUpError> {
    let strategy = scenario(experiment)?.map_or(Strategy::Deployed, |scenario| scenario.exchange.strategy);
    Ok(Switches {
        before_trade: strategy.into(),
        ..Switches::default()
    })
}

/// The exchange that `experiment` starts with under `flags`. Settings that no file of drift-sim's holds are those of the
/// scenario, where the folder has one, else drift-sim's and the program's own.
///
/// # Errors
/// [`SetUpError`].
pub fn genesis(experiment: &Experiment, flags: &[Flag]) -> Result<Genesis, SetUpError> {
    let (exchange, quote) = match scenario(experiment)? {
        Some(scenario) => (scenario.exchange.build(), scenario.quote_market.rules()),
        None => (ExchangeSpec::default().build(), SpotRules::quote()),
    };
    let mut genesis = Genesis {
        exchange,
        quote,
        spots: experiment.spot_markets.clone(),
        perps: experiment.markets.clone(),
    };
    for (place, flag) in flags.iter().enumerate() {
        let same_kind = |other: &&Flag| match flag {
            Flag::Spread(_) => matches!(other, Flag::Spread(_)),
            _ => !matches!(other, Flag::Spread(_)),
        };
        if let Some(other) = flags[..place]
            .iter()
            .filter(same_kind)
            .find(|other| *other != flag)
        {
            return Err(SetUpError::Flags(*other, *flag));
        }
        match flag {
            Flag::NoOracleGuards => genesis.exchange.guard_rails = Exchange::wide_guard_rails(),
            Flag::OracleGuards => genesis.exchange.guard_rails = OracleGuardRails::INITIAL,
            Flag::Spread(spread) => {
                for market in &mut genesis.perps {
                    market.base_spread = *spread;
                    market.rules.curve_update_intensity = 100;
                }
            }
        }
    }
    Ok(genesis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventLog;
    use crate::experiment::MarketInit;

    fn experiment(scenario: Option<&str>) -> Experiment {
        Experiment {
            markets: vec![MarketInit::new(0, 5_000_000_000, 1_500_000).unwrap()],
            spot_markets: Vec::new(),
            log: EventLog::default(),
            scenario: scenario.map(str::to_owned),
        }
    }

    #[test]
    fn flags_are_read_as_they_are_shown() {
        for text in ["no_oracle_guards", "oracle_guards", "spread_250", "spread_0"] {
            assert_eq!(text.parse::<Flag>().unwrap().to_string(), text);
        }
        assert!("spread_wide".parse::<Flag>().is_err());
        assert!("guards".parse::<Flag>().is_err());
    }

    #[test]
    fn flags_change_guards_and_spread() {
        let plain = genesis(&experiment(None), &[]).unwrap();
        assert_eq!(plain.exchange.guard_rails, OracleGuardRails::INITIAL);
        let flags = [Flag::NoOracleGuards, Flag::Spread(250)];
        let flagged = genesis(&experiment(None), &flags).unwrap();
        assert_eq!(flagged.exchange.guard_rails, Exchange::wide_guard_rails());
        assert_eq!(flagged.perps[0].base_spread, 250);
        assert_eq!(flagged.perps[0].rules.curve_update_intensity, 100);
        assert!(genesis(&experiment(None), &[Flag::Spread(1), Flag::Spread(2)]).is_err());
        assert!(genesis(&experiment(None), &[Flag::OracleGuards, Flag::NoOracleGuards]).is_err());
    }

    #[test]
    fn a_scenario_says_when_the_world_begins() {
        let yaml =
            "horizon: 60\nexchange: {unix_start: 7, guard_rails: wide}\nperp_markets: []\nagents: {}\n";
        let genesis = genesis(&experiment(Some(yaml)), &[]).unwrap();
        assert_eq!(genesis.exchange.unix_start, 7);
        assert_eq!(genesis.exchange.guard_rails, Exchange::wide_guard_rails());
    }
}
