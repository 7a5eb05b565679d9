//! Many agents on one user.

use super::{Agent, AgentSpec, Cast, Member, Recipe, Setting, View};
use crate::event::Kind;
use crate::random::Pcg64;
use crate::recording::Source;
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

    fn deposit_market(&self) -> u16 {
        self.of.recipe().deposit_market()
    }

    fn spot_markets(&self) -> Vec<(&'static str, u16)> {
        self.of.recipe().spot_markets()
    }

    fn trades(&self) -> Option<&Source> {
        self.of.recipe().trades()
    }

    fn watches(&self) -> bool {
        self.of.recipe().watches()
    }

    fn recruit(&self, user: u32, random: &mut Pcg64, setting: &Setting) -> Member {
        // Shares of a whole are split among all agents, not only among users.
        let mut setting = Setting {
            users: setting.users.saturating_mul(self.count),
            place: setting.place.saturating_mul(self.count),
            ..setting.clone()
        };
        let mut deposit = 0u64;
        let mut agents = Vec::new();
        for _ in 0..self.count {
            let member = self.of.recipe().recruit(user, random, &setting);
            deposit = deposit.saturating_add(member.deposit);
            agents.push((member.agent.first_call(), member.agent));
            setting.place = setting.place.saturating_add(1);
        }
        Member {
            deposit,
            agent: Box::new(Several { agents }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        if self.count == 0 {
            return vec![("count", "must be 1 or more, found 0".to_owned())];
        }
        Vec::new()
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

#[cfg(test)]
mod tests {
    use super::super::testing::{SETTING, Stand, recruit};
    use super::super::{AddRemoveLiquidity, OpenClose};
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn deposits_add_up_and_events_interleave() {
        let one = OpenClose::default();
        let spec = Multiple {
            users: 1,
            count: 20,
            of: Box::new(AgentSpec::OpenClose(one.clone())),
        };
        let stand = Stand::new(&[(0, 20_000_000)]);
        let mut several = recruit(&spec, 7);
        let (done, calls) = stand.ask(&mut *several.agent, 228_000);

        // The same agents alone, drawn one after the other.
        let mut random = stream(1, 7, Purpose::Agent, 0);
        let (mut alone, mut deposits) = (Vec::new(), 0);
        for _ in 0..20 {
            let mut member = one.recruit(0, &mut random, &SETTING);
            deposits += member.deposit;
            alone.extend(stand.ask(&mut *member.agent, 228_000).0);
        }
        alone.sort_by_key(|(second, _)| *second);
        assert_eq!((done.len(), several.deposit), (alone.len(), deposits));
        assert!(done.is_sorted_by_key(|(second, _)| *second));
        assert!(alone.iter().all(|event| done.contains(event)));
        // Asked only when one of them has something to do, never at each of 228,000 seconds.
        assert!(calls <= done.len(), "{calls} calls for {} events", done.len());
    }

    #[test]
    fn a_share_of_liquidity_is_split_among_all() {
        // Half of the liquidity by two users of four agents each: 1,000 over eight.
        let spec = Multiple {
            users: 2,
            count: 4,
            of: Box::new(AgentSpec::AddRemoveLiquidity(AddRemoveLiquidity {
                share_of_liquidity: Some(0.5),
                leave_in_odds: 1.0,
                ..AddRemoveLiquidity::default()
            })),
        };
        let (done, _) = Stand::new(&[(0, 20_000_000)]).ask(&mut *recruit(&spec, 0).agent, 1_000);
        assert_eq!(done.len(), 4);
        let shares = |kind: &Kind| match kind {
            Kind::AddLiquidity(add) => add.token_amount,
            other => panic!("{other:?}"),
        };
        assert!(done.iter().all(|(_, kind)| shares(kind) == 125_000_000_000));
    }

    #[test]
    fn agents_that_are_not_due_are_not_asked() {
        struct Counted {
            at: i64,
            asked: std::sync::Arc<std::sync::atomic::AtomicUsize>,
        }

        impl Agent for Counted {
            fn first_call(&self) -> Option<i64> {
                Some(self.at)
            }

            fn call(&mut self, view: &View, _: &mut Vec<Kind>) -> Option<i64> {
                assert_eq!(view.now, self.at);
                self.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                None
            }
        }

        let asked = std::sync::Arc::default();
        let sleeper = |at| {
            let asked = std::sync::Arc::clone(&asked);
            (Some(at), Box::new(Counted { at, asked }) as Box<dyn Agent>)
        };
        let agents = (0..200).map(|place| sleeper(1_000 * (200 - place))).collect();
        let (_, calls) = Stand::new(&[(0, 20_000_000)]).ask(&mut Several { agents }, 228_000);
        assert_eq!(
            (calls, asked.load(std::sync::atomic::Ordering::Relaxed)),
            (200, 200)
        );
    }
}
