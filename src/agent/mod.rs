//! Agents: who does what, and when.
//!
//! An agent looks at the accounts and answers events. It says when it wants to be asked next; between, it costs
//! nothing. Agents that are due in the same second are asked in the order of the scenario, and each one's events are
//! carried out before the next is asked.
//!
//! # Adding an agent
//! One file in `src/agent/`: the parameters as a struct, [`Recipe`] for it, and the agent that it makes. One line in
//! the table at the end of this file. Scenario files, the JSON schema and the error messages follow from these. The
//! same from outside the crate:
//!
//! ```
//! use harness::agent::{Agent, Cast, Member, Recipe, View};
//! use harness::event::{Direction, Kind, OpenPosition};
//!
//! /// Buys ten dollars' worth every minute.
//! struct Saver { user: u32 }
//!
//! impl Agent for Saver {
//!     fn first_call(&self) -> Option<i64> { Some(60) }
//!
//!     fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
//!         let buy = OpenPosition {
//!             user_index: self.user, direction: Direction::Long, quote_amount: 10_000_000, market_index: 0,
//!         };
//!         events.push(buy.into());
//!         Some(view.now + 60)
//!     }
//! }
//!
//! struct Savers;
//!
//! impl Recipe for Savers {
//!     fn members(&self) -> Cast { Cast::New(3) }
//!     fn market(&self) -> u16 { 0 }
//!     fn recruit(&self, user: u32, _: &mut harness::random::Pcg64, _: &harness::agent::Setting) -> Member {
//!         Member { deposit: 1_000_000_000, agent: Box::new(Saver { user }) }
//!     }
//! }
//! # assert!(matches!(Savers.members(), Cast::New(3)));
//! ```

mod add_remove_liquidity;
mod admin;
mod amount;
mod arb;
mod arb_funding;
mod arrivals;
mod borrower;
mod draw;
mod flow;
mod group;
mod if_staker;
mod keeper;
mod leveraged_trader;
mod liquidator;
mod lp_flow;
mod multiple;
mod noise;
mod open_close;
mod population;
mod recorded_flow;
mod settle;
mod target;
#[cfg(test)]
mod testing;
mod view;

pub use add_remove_liquidity::AddRemoveLiquidity;
pub use admin::{Admin, AdminChange};
pub use amount::Amount;
pub use arb::Arb;
pub use arb_funding::ArbFunding;
pub use borrower::Borrower;
pub use draw::Range;
pub use flow::Flow;
pub use if_staker::IfStaker;
pub use keeper::Keeper;
pub use leveraged_trader::LeveragedTrader;
pub use liquidator::Liquidator;
pub use lp_flow::LpFlow;
pub use multiple::Multiple;
pub use noise::Noise;
pub use open_close::OpenClose;
pub use population::{Choice, Population};
pub use recorded_flow::RecordedFlow;
pub use settle::{SettleLp, SettlePnl};
pub use view::View;

use crate::event::Kind;
use crate::random::Pcg64;
use crate::recording::{Holdings, Source, Trades};
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::path::Path;
use std::sync::Arc;

/// Someone who acts in a trial. Seconds count from the trial's start.
pub trait Agent: Send {
    /// When the agent wants to be asked first; `None` for never.
    fn first_call(&self) -> Option<i64>;

    /// Adds what the agent does now to `events`, and answers when it wants to be asked next: later than now, or never.
    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64>;
}

/// What an agent may know of the scenario before it starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Length of the trial in seconds.
    pub horizon: i64,
    /// The AMM's liquidity in the agent's market, as sqrt_k (1e9).
    pub sqrt_k: u128,
    /// How many users the group has.
    pub users: u32,
    /// Which of them the agent is, from 0 on.
    pub place: u32,
    /// What the recipe's recording holds, where it names one.
    pub trades: Option<Arc<Trades>>,
    /// What the users of the recipe's table hold, where it names one.
    pub holdings: Option<Arc<Holdings>>,
}

/// A recruited agent.
pub struct Member {
    /// What its user puts in at the start (1e6 quote).
    pub deposit: u64,
    /// The agent.
    pub agent: Box<dyn Agent>,
}

/// On whose accounts the agents of a group act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cast {
    /// New users of their own, this many.
    New(u32),
    /// The users of the group of this name.
    UsersOf(String),
    /// One agent, on nobody's account.
    Nobody,
}

impl Cast {
    /// The users of the named group, or `users` new ones.
    fn of(users: u32, users_of: &Option<String>) -> Self {
        match users_of {
            Some(group) => Cast::UsersOf(group.clone()),
            None => Cast::New(users),
        }
    }
}

/// A group of agents as a scenario describes it.
pub trait Recipe {
    /// On whose accounts they act.
    fn members(&self) -> Cast;
    /// The perpetual market they act in; without meaning for those who act in all or none.
    fn market(&self) -> u16 {
        0
    }
    /// Makes the agent of `user`. Every draw is made whatever the parameters, so that points of a sweep that differ in
    /// one meet the same luck.
    fn recruit(&self, user: u32, random: &mut Pcg64, setting: &Setting) -> Member;
    /// The spot market of their deposits, which are counted in the quote's smallest unit whatever it is.
    fn deposit_market(&self) -> u16 {
        0
    }
    /// The spot markets they use besides the quote market, each with the field's name.
    fn spot_markets(&self) -> Vec<(&'static str, u16)> {
        Vec::new()
    }
    /// A table of what users hold, that its agents are taken from.
    fn holdings(&self) -> Option<&Path> {
        None
    }
    /// What is wrong with that table, and the mend.
    fn suits(&self, _: &Holdings) -> Result<(), String> {
        Ok(())
    }
    /// Recorded trades that its agents know.
    fn trades(&self) -> Option<&Source> {
        None
    }
    /// Whether somebody may have to be liquidated, so that maintenance margins are watched and losses are counted.
    fn watches(&self) -> bool {
        false
    }
    /// What is wrong with the parameters, and the mend, each with the field's name.
    fn problems(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

macro_rules! agents {
    ($($name:literal => $kind:ident),* $(,)?) => {
        /// A group of agents: its kind, which comes first, and that kind's parameters.
        #[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
        #[serde(tag = "kind")]
        pub enum AgentSpec { $(
            #[doc = concat!("See [`", stringify!($kind), "`](struct@", stringify!($kind), ").")]
            #[serde(rename = $name)]
            $kind($kind)
        ),* }

        impl AgentSpec {
            /// The names of all kinds.
            pub const KINDS: &[&str] = &[$($name),*];

            /// The kind's name.
            pub fn kind(&self) -> &'static str {
                match self { $(AgentSpec::$kind(_) => $name),* }
            }

            /// The group as a recipe.
            pub fn recipe(&self) -> &dyn Recipe {
                match self { $(AgentSpec::$kind(recipe) => recipe),* }
            }
        }

        // By hand, because serde's own tagged enums buffer their content and lose the place of an error in it.
        impl<'de> Deserialize<'de> for AgentSpec {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Tagged;

                impl<'de> Visitor<'de> for Tagged {
                    type Value = AgentSpec;

                    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                        f.write_str("a group of agents: `kind` and its parameters")
                    }

                    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<AgentSpec, M::Error> {
                        match map.next_key::<String>()? {
                            Some(key) if key == "kind" => {}
                            _ => return Err(M::Error::custom("a group of agents needs a `kind`, such as `kind: open_close`")),
                        }
                        let kind = map.next_value::<String>()?;
                        let rest = MapAccessDeserializer::new(map);
                        match kind.as_str() {
                            $($name => $kind::deserialize(rest).map(AgentSpec::$kind),)*
                            _ => Err(M::Error::unknown_variant(&kind, AgentSpec::KINDS)),
                        }
                    }
                }

                from.deserialize_map(Tagged)
            }
        }
    };
}

agents! {
    "open_close" => OpenClose,
    "add_remove_liquidity" => AddRemoveLiquidity,
    "settle_lp" => SettleLp,
    "settle_pnl" => SettlePnl,
    "arb" => Arb,
    "arb_funding" => ArbFunding,
    "noise" => Noise,
    "multiple" => Multiple,
    "leveraged_trader" => LeveragedTrader,
    "liquidator" => Liquidator,
    "borrower" => Borrower,
    "if_staker" => IfStaker,
    "keeper" => Keeper,
    "flow" => Flow,
    "lp_flow" => LpFlow,
    "recorded_flow" => RecordedFlow,
    "population" => Population,
    "admin" => Admin,
}
