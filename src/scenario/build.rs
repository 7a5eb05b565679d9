//! From a scenario and a replicate to a world with agents, ready to start.

use super::common;
use super::correlation::Oracle;
use super::{PerpMarketSpec, Scenario};
use crate::agent::{Agent, AgentSpec, Cast, Multiple, Setting};
use crate::complaint::Complaint;
use crate::event::OraclePrice;
use crate::experiment::{MarketInit, SpotMarketInit};
use crate::path::{self, Feed, PathError, PriceFiles, PricePath};
use crate::random::{Purpose, stream};
use crate::recording::RecordingError;
use crate::world::Genesis;
use drift::engine::{BeforeTrade, Switches};
use sha2::{Digest, Sha256};

/// Why a scenario cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// A price path that cannot be built.
    #[error("{market}: {source}")]
    Path {
        /// The market's name.
        market: String,
        /// Why.
        source: PathError,
    },
    /// A recording of trades, or a table of positions, that cannot be used.
    #[error("agents.{group}: {source}")]
    Recording {
        /// The group's name.
        group: String,
        /// Why.
        source: RecordingError,
    },
    /// Paths that cannot be tied to each other as the scenario says.
    #[error("{}: {}", .0.path, .0.message)]
    Ties(Complaint),
    /// A peg that does not fit the program's integers.
    #[error("{market}: the peg multiplier is out of range")]
    Peg {
        /// The market's name.
        market: String,
    },
}

/// What a user is for, in the trial's accounts of profit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserRole {
    /// Trades.
    Trader,
    /// Provides liquidity.
    LiquidityProvider,
    /// Takes over what others can no longer carry.
    Liquidator,
    /// Borrows one asset against another.
    Borrower,
    /// Stakes in the insurance fund.
    Staker,
}

/// A user of the trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialUser {
    /// The name of its group.
    pub group: String,
    /// What it is for.
    pub role: UserRole,
    /// What it puts in at the start (1e6).
    pub deposit: u64,
    /// The spot market that it puts it in.
    pub deposit_market: u16,
}

/// An agent of the trial.
pub struct Actor {
    /// The agent.
    pub agent: Box<dyn Agent>,
}

/// A trial about to start.
pub struct Prepared {
    /// The exchange.
    pub genesis: Genesis,
    /// Departures from the deployed rules.
    pub switches: Switches,
    /// What the oracles of the perpetual markets show.
    pub perp_paths: Vec<PricePath>,
    /// What the oracles of spot markets from 1 on show.
    pub spot_paths: Vec<PricePath>,
    /// The prices outside, which these follow: of perpetual markets, then of spot markets from 1 on.
    pub outside: Vec<PricePath>,
    /// How they follow, in the same order; none for an oracle that shows every price at once.
    pub feeds: Vec<Option<Feed>>,
    /// Users by number.
    pub users: Vec<TrialUser>,
    /// Agents in the order of the scenario.
    pub actors: Vec<Actor>,
    /// Whether maintenance margins are watched and losses counted.
    pub watched: bool,
}

/// The number of somebody without an account.
const NOBODY: u32 = u32::MAX;

/// Streams of spot oracles are numbered from here, those of perpetual markets from 0.
pub(super) const SPOT_PATHS: u64 = 1 << 32;

impl Scenario {
    /// The trial that replicate `replicate` of a sweep with this `seed` starts as.
    pub fn prepare(&self, seed: u64, replicate: u64, files: &PriceFiles) -> Result<Prepared, ScenarioError> {
        let outside = self.paths(seed, replicate, files)?;
        let feeds = self.feeds(seed, replicate, &outside);
        let shown = outside.iter().zip(&feeds);
        let shown = shown.map(|(path, feed)| feed.as_ref().map_or(path, Feed::shown).clone());
        let mut perp_paths: Vec<_> = shown.collect();
        let spot_paths = perp_paths.split_off(self.perp_markets.len());
        let mut perps = Vec::new();
        for ((index, spec), prices) in (0u16..).zip(&self.perp_markets).zip(&perp_paths) {
            perps.push(spec.build(index, prices.start_price(), self)?);
        }
        let mut spots = Vec::new();
        for ((index, spec), prices) in (1u16..).zip(&self.spot_markets).zip(&spot_paths) {
            let shown = OraclePrice::from_micros(prices.start_price()).ok_or_else(|| ScenarioError::Peg {
                market: spec.name.clone(),
            })?;
            spots.push(SpotMarketInit {
                rules: spec.rules(),
                ..SpotMarketInit::new(index, shown)
            });
        }
        let genesis = Genesis {
            exchange: self.exchange.build(),
            quote: self.quote_market.rules(),
            spots,
            perps,
        };
        let (users, actors) = self.recruit(seed, replicate, &genesis.perps, files)?;
        let switches = Switches {
            before_trade: BeforeTrade::from(self.exchange.strategy),
            ..Switches::default()
        };
        Ok(Prepared {
            genesis,
            switches,
            perp_paths,
            spot_paths,
            outside,
            feeds,
            users,
            actors,
            watched: self.agents.watch(),
        })
    }

    /// The oracles of the perpetual markets, then those of spot markets from 1 on.
    pub(super) fn oracles(&self) -> Vec<Oracle<'_>> {
        let perps = (0..).zip(&self.perp_markets).map(|(index, market)| Oracle {
            name: &market.name,
            index,
            spec: &market.oracle,
        });
        let spots = (SPOT_PATHS + 1..).zip(&self.spot_markets);
        let spots = spots.map(|(index, market)| Oracle {
            name: &market.name,
            index,
            spec: &market.oracle,
        });
        perps.chain(spots).collect()
    }

    /// The paths of [`oracles`](Self::oracles).
    fn paths(&self, seed: u64, replicate: u64, files: &PriceFiles) -> Result<Vec<PricePath>, ScenarioError> {
        let oracles = self.oracles();
        let of_market = |oracle: &Oracle, source| ScenarioError::Path {
            market: oracle.name.to_owned(),
            source,
        };
        let mut ties = self.correlation.ties(&oracles).map_err(ScenarioError::Ties)?;
        common::tie(&oracles, files, &mut ties)
            .map_err(|(place, source)| of_market(&oracles[place], source))?;
        let paths = oracles.iter().zip(&ties).map(|(oracle, tie)| {
            let luck = (seed, replicate, oracle.index);
            let path = path::of_replicate(oracle.spec, luck, tie, self.horizon, files);
            path.map_err(|source| of_market(oracle, source))
        });
        paths.collect()
    }

    /// How the oracles follow these paths.
    fn feeds(&self, seed: u64, replicate: u64, outside: &[PricePath]) -> Vec<Option<Feed>> {
        let perps = self.perp_markets.iter().map(|market| &market.feed);
        let specs = perps.chain(self.spot_markets.iter().map(|market| &market.feed));
        let oracles = self.oracles();
        let feeds = specs.zip(&oracles).zip(outside).map(|((spec, oracle), path)| {
            let spec = spec.as_ref()?;
            let index = if spec.outages.common {
                u64::MAX
            } else {
                oracle.index
            };
            let random = stream(seed, replicate, Purpose::Outages, index);
            Some(spec.build(path, random, self.horizon))
        });
        feeds.collect()
    }

    fn recruit(
        &self,
        seed: u64,
        replicate: u64,
        perps: &[MarketInit],
        files: &PriceFiles,
    ) -> Result<(Vec<TrialUser>, Vec<Actor>), ScenarioError> {
        let mut users: Vec<TrialUser> = Vec::new();
        let mut actors = Vec::new();
        for (name, group) in self.agents.iter() {
            let recipe = group.recipe();
            let numbers: Vec<u32> = match recipe.members() {
                Cast::New(count) => {
                    let first = users.len() as u32;
                    let role = role(group);
                    users.extend((0..count).map(|_| TrialUser {
                        group: name.to_owned(),
                        role,
                        deposit: 0,
                        deposit_market: recipe.deposit_market(),
                    }));
                    (first..first + count).collect()
                }
                Cast::UsersOf(other) => (0u32..)
                    .zip(&users)
                    .filter(|(_, user)| user.group == other)
                    .map(|(number, _)| number)
                    .collect(),
                Cast::Nobody => vec![NOBODY],
            };
            let trades = recipe.trades().map(|source| files.trades(source)).transpose();
            let trades = trades.map_err(|source| ScenarioError::Recording {
                group: name.to_owned(),
                source,
            })?;
            let holdings = recipe.holdings().map(|name| {
                let holdings = files.holdings(name)?;
                let unfit = |problem| RecordingError::File {
                    file: name.to_owned(),
                    problem,
                };
                recipe.suits(&holdings).map_err(unfit)?;
                Ok(holdings)
            });
            let holdings = holdings.transpose().map_err(|source| ScenarioError::Recording {
                group: name.to_owned(),
                source,
            })?;
            let mut setting = Setting {
                horizon: self.horizon.into(),
                sqrt_k: perps
                    .get(usize::from(recipe.market()))
                    .map_or(0, |market| market.reserve),
                users: numbers.len() as u32,
                place: 0,
                trades,
                holdings,
            };
            let group = group_number(name);
            for (place, number) in (0u64..).zip(numbers) {
                // By the group's name and the place in it: another group's size changes nobody's luck.
                let mut random = stream(seed, replicate, Purpose::Agent, group | place);
                setting.place = place as u32;
                let member = recipe.recruit(number, &mut random, &setting);
                if let Some(user) = users.get_mut(number as usize) {
                    user.deposit = user.deposit.saturating_add(member.deposit);
                }
                actors.push(Actor { agent: member.agent });
            }
        }
        Ok((users, actors))
    }
}

/// The upper half of the stream number of a group's agents: the first four bytes of the SHA-256 of its name.
fn group_number(name: &str) -> u64 {
    let hash = Sha256::digest(name);
    u64::from(u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]])) << 32
}

fn role(group: &AgentSpec) -> UserRole {
    match group {
        AgentSpec::AddRemoveLiquidity(_) | AgentSpec::LpFlow(_) => UserRole::LiquidityProvider,
        AgentSpec::Liquidator(_) => UserRole::Liquidator,
        AgentSpec::Borrower(_) => UserRole::Borrower,
        AgentSpec::IfStaker(_) => UserRole::Staker,
        AgentSpec::Multiple(Multiple { of, .. }) => role(of),
        _ => UserRole::Trader,
    }
}

impl PerpMarketSpec {
    fn build(&self, index: u16, first_price: u64, scenario: &Scenario) -> Result<MarketInit, ScenarioError> {
        let out_of_range = || ScenarioError::Peg {
            market: self.name.clone(),
        };
        let peg = self
            .peg
            .map_or(first_price, |dollars| (dollars * 1e6).round() as u64);
        let reserve = (self.base_reserve * 1e9).round() as u128;
        let market = MarketInit::new(index, reserve, peg.into()).ok_or_else(out_of_range)?;
        Ok(MarketInit {
            funding_period: self.funding_period,
            base_spread: self.base_spread,
            strategies: scenario.exchange.strategy.drift_sim_name().to_owned(),
            oracle_price: OraclePrice::from_micros(first_price).ok_or_else(out_of_range)?,
            rules: self.rules(),
            ..market
        })
    }
}
