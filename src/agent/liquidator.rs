//! Takes over what others can no longer carry.

use super::draw::{below, dollars_problem, interval_problem, quote, seconds_problem};
use super::group::group;
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{ClosePosition, Kind, Liquidate};
use crate::random::Pcg64;
use crate::watch::Endangered;
use drift::accounts::User;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

group! {
    /// Keepers who look for users under their maintenance margin, liquidate them and resolve their bankruptcies. Several
    /// compete: whoever looks first takes what the program lets him take. One who was refused, for want of capital say, waits
    /// twice as long before trying the same user again, up to an hour, unless something about that user changed.
    Liquidator {
        /// Seconds between looks.
        every: i64 = 1,
        /// Seconds from a breach to the first look that sees it.
        delay: i64 = 0,
        /// Second of the first look; drawn over the first interval where not given, so that several do not look at once.
        start: Option<i64> = None,
        /// Users liquidated at a look, at most; those in danger for longest come first.
        per_look: u32 = 10,
        /// Dollars taken over with one instruction at most; all that the program allows where not given.
        max_size: Option<f64> = None,
        /// Whether he keeps the positions that he takes over. Otherwise he closes them at once, with the AMM, and what it refuses
        /// at his next looks.
        keep: bool = false,
        /// Deposit of each, in dollars: the capital that limits what can be taken over.
        deposit: f64 = 1_000_000.0,
    }
}

impl Recipe for Liquidator {
    fn members(&self) -> Cast {
        Cast::of(self.users, &self.users_of)
    }

    fn watches(&self) -> bool {
        true
    }

    fn recruit(&self, user: u32, random: &mut Pcg64, _: &Setting) -> Member {
        let drawn_start = below(random, self.every);
        Member {
            deposit: quote(self.deposit),
            agent: Box::new(Keeper {
                user,
                start: self.start.unwrap_or(drawn_start),
                spec: self.clone(),
                tried: BTreeMap::new(),
            }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        problems.extend(interval_problem(self.every).map(|why| ("every", why)));
        problems.extend(seconds_problem(Some(self.delay)).map(|why| ("delay", why)));
        problems.extend(seconds_problem(self.start).map(|why| ("start", why)));
        problems.extend(
            self.max_size
                .and_then(dollars_problem)
                .map(|why| ("max_size", why)),
        );
        problems.extend(dollars_problem(self.deposit).map(|why| ("deposit", why)));
        problems
    }
}

/// The longest wait before a user is tried again, in seconds.
const LONGEST_WAIT: i64 = 3_600;

/// An attempt on a user.
struct Attempt {
    /// What the user held before it.
    held: Holdings,
    wait: i64,
    next: i64,
}

/// What a liquidation changes in a user.
type Holdings = (u8, Vec<(i64, i64, u64)>, Vec<u64>);

fn holdings(user: &User) -> Holdings {
    let perps = user.perp_positions.iter();
    let spots = user.spot_positions.iter();
    (
        user.status,
        perps
            .map(|held| (held.base_asset_amount, held.quote_asset_amount, held.lp_shares))
            .collect(),
        spots.map(|held| held.scaled_balance).collect(),
    )
}

struct Keeper {
    user: u32,
    start: i64,
    spec: Liquidator,
    tried: BTreeMap<u32, Attempt>,
}

impl Keeper {
    /// Whether to try `found` now; notes the attempt if so.
    fn tries(&mut self, view: &View, found: &Endangered) -> bool {
        if found.user == self.user || found.since + self.spec.delay > view.now {
            return false;
        }
        let Some(account) = view.user(found.user) else {
            return false;
        };
        let held = holdings(account);
        let before = self.tried.get(&found.user).filter(|attempt| attempt.held == held);
        if before.is_some_and(|attempt| view.now < attempt.next) {
            return false;
        }
        let wait = before.map_or(self.spec.every, |attempt| (attempt.wait * 2).min(LONGEST_WAIT));
        let next = view.now + wait;
        self.tried.insert(found.user, Attempt { held, wait, next });
        true
    }

    /// Closes what could not be closed when it was taken over.
    fn close_leftovers(&self, view: &View, events: &mut Vec<Kind>) {
        let positions = view
            .user(self.user)
            .into_iter()
            .flat_map(|user| &user.perp_positions);
        let open = positions.filter(|held| held.is_open());
        events.extend(open.map(|held| {
            let (user_index, market_index) = (self.user, held.market_index);
            Kind::from(ClosePosition {
                user_index,
                market_index,
            })
        }));
    }
}

impl Agent for Keeper {
    fn first_call(&self) -> Option<i64> {
        Some(self.start)
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        if !self.spec.keep {
            self.close_leftovers(view, events);
        }
        let mut found: Vec<Endangered> = view.endangered().collect();
        found.sort_by_key(|found| (found.since, found.user));
        let (user_index, most) = (self.user, self.spec.per_look as usize);
        let max_quote = self.spec.max_size.map(quote);
        let keep = self.spec.keep.then_some(true);
        let taken = found.iter().filter(|found| self.tries(view, found)).take(most);
        events.extend(taken.map(|found| {
            let target = Some(found.user);
            Kind::from(Liquidate {
                user_index,
                target,
                max_quote,
                keep,
            })
        }));
        Some(view.now + self.spec.every)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SETTING, Stand};
    use super::*;
    use crate::event::{Direction, OpenPosition, WithdrawCollateral};
    use crate::random::{Purpose, stream};

    /// User 0 is long with 5,000 dollars on 1,800 when the price falls from 20 to 12 at second 100.
    fn brink() -> Stand {
        let mut stand = Stand::new(&[(0, 20_000_000), (100, 12_000_000)]).watched();
        let withdraw = WithdrawCollateral {
            user_index: 0,
            spot_market_index: 0,
            withdraw_amount: 98_200_000_000,
            reduce_only: true,
            username: String::new(),
        };
        stand.happen(1, withdraw.into());
        let open = OpenPosition {
            user_index: 0,
            direction: Direction::Long,
            quote_amount: 5_000_000_000,
            market_index: 0,
        };
        stand.happen(1, open.into());
        stand
    }

    fn keeper(spec: Liquidator) -> Box<dyn Agent> {
        let random = &mut stream(1, 0, Purpose::Agent, 0);
        spec.recruit(1, random, &SETTING).agent
    }

    fn targets(agent: &mut dyn Agent, stand: &mut Stand, second: i64) -> Vec<Option<u32>> {
        stand.look(second);
        let mut events = Vec::new();
        assert_eq!(agent.call(&stand.view(second), &mut events), Some(second + 1));
        let target = |kind| match kind {
            Kind::Liquidate(Liquidate {
                user_index: 1,
                target,
                ..
            }) => target,
            other => panic!("{other:?}"),
        };
        events.into_iter().map(target).collect()
    }

    #[test]
    fn whoever_is_short_is_taken_over_and_is_short_no_longer() {
        let (mut stand, mut agent) = (brink(), keeper(Liquidator::default()));
        assert_eq!(targets(&mut *agent, &mut stand, 99), []);
        assert_eq!(targets(&mut *agent, &mut stand, 100), [Some(0)]);
        let liquidate = Liquidate {
            user_index: 1,
            target: Some(0),
            max_quote: None,
            keep: Some(true),
        };
        stand.happen(100, liquidate.into());
        let taken = stand.world.position(&stand.ledger, 1, 0);
        assert!(taken.is_some_and(|held| held.base_asset_amount > 0));
        stand.look(101);
        assert_eq!(stand.view(101).endangered().count(), 0);
        // What was taken over and not kept is closed at the next look.
        let mut events = Vec::new();
        agent.call(&stand.view(101), &mut events);
        let close = ClosePosition {
            user_index: 1,
            market_index: 0,
        };
        assert_eq!(events, [close.into()]);
    }

    #[test]
    fn a_slow_keeper_sees_a_breach_later() {
        let (mut stand, mut agent) = (
            brink(),
            keeper(Liquidator {
                delay: 30,
                ..Liquidator::default()
            }),
        );
        assert_eq!(targets(&mut *agent, &mut stand, 100), []);
        assert_eq!(targets(&mut *agent, &mut stand, 129), []);
        assert_eq!(targets(&mut *agent, &mut stand, 130), [Some(0)]);
    }

    #[test]
    fn what_was_refused_is_tried_again_at_growing_intervals() {
        let (mut stand, mut agent) = (brink(), keeper(Liquidator::default()));
        let tried: Vec<i64> = (100..132)
            .filter(|second| !targets(&mut *agent, &mut stand, *second).is_empty())
            .collect();
        assert_eq!(tried, [100, 101, 103, 107, 115, 131]);
    }

    #[test]
    fn limits_are_passed_on() {
        let spec = Liquidator {
            max_size: Some(12.5),
            keep: true,
            per_look: 0,
            ..Liquidator::default()
        };
        let (mut stand, mut agent) = (brink(), keeper(spec.clone()));
        assert_eq!(targets(&mut *agent, &mut stand, 100), []);
        let mut agent = keeper(Liquidator { per_look: 1, ..spec });
        let mut events = Vec::new();
        agent.call(&stand.view(100), &mut events);
        let expected = Liquidate {
            user_index: 1,
            target: Some(0),
            max_quote: Some(12_500_000),
            keep: Some(true),
        };
        assert_eq!(events, [expected.into()]);
    }
}
