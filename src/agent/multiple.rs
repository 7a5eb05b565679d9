//! Many agents on one user.

use super::{Agent, AgentSpec, Cast, Member, Recipe, Setting, View};
use crate::event::Kind;
use crate::random::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Several agents of one kind who share a user; the user deposits the sum of their deposits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Multiple {
    /// How many users.
    #[serde(default = "one")]
    pub users: u32,
    /// How many agents each user has.
    pub count: u32,
    /// What they are. Their own number of users has no effect.
    pub of: Box<AgentSpec>,
}

fn one() -> u32 {
    1
}

impl Recipe for Multiple {
    fn members(&self) -> Cast {
        match self.of.recipe().members() {
            Cast::New(_) => Cast::New(self.users),
            others => others,
        }
    }

    fn market(&self) -> u16 {
        self.of.recipe().market()
    }

    fn recruit(&self, user: u32, random: &mut Pcg64, setting: &Setting) -> Member {
        // Shares of a whole are split among all agents, not only among users.
        let setting = Setting {
            users: setting.users.saturating_mul(self.count),
            ..*setting
        };
        let mut deposit = 0u64;
        let mut agents = Vec::new();
        for _ in 0..self.count {
            let member = self.of.recipe().recruit(user, random, &setting);
            deposit = deposit.saturating_add(member.deposit);
            agents.push((member.agent.first_call(), member.agent));
        }
        Member {
            deposit,
            agent: Box::new(Several { agents }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = self.of.recipe().problems();
        if self.count == 0 {
            problems.push(("count", "must be 1 or more, found 0".to_owned()));
        }
        problems
    }
}

struct Several {
    /// Each with the second it wants to be asked at.
    agents: Vec<(Option<i64>, Box<dyn Agent>)>,
}

impl Several {
    fn earliest(&self) -> Option<i64> {
        self.agents.iter().filter_map(|(due, _)| *due).min()
    }
}

impl Agent for Several {
    fn first_call(&self) -> Option<i64> {
        self.earliest()
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        for (due, agent) in &mut self.agents {
            if due.is_some_and(|second| second <= view.now) {
                *due = agent.call(view, events).filter(|next| *next > view.now);
            }
        }
        self.earliest()
    }
}
