//! A session on both sides, instruction by instruction.

use super::action::{Deed, deeds, short_of_margin};
use super::coverage::{Coverage, Reached, class};
use super::difference::{Difference, differing};
use super::scene::Scene;
use super::session::{Action, Session};
use super::side::{Runs, Side};
use crate::trial::{Broken, broken};
use crate::world::World;
use drift::accounts::{Account, Pubkey};
use drift::error::ErrorCode;
use drift::instruction::Call;
use drift::ledger::Ledger;

/// What a session came to.
#[derive(Debug, Default)]
pub struct Played {
    /// Where the sides parted: the session ends there.
    pub difference: Option<Difference>,
    /// What did not hold any more after an action, on the left side; and did before it.
    pub broken: Option<(usize, Vec<Broken>)>,
    /// The last action that reached something for the first time.
    pub new_at: Option<usize>,
    /// Instructions compared.
    pub compared: u64,
    /// Instructions that the engine does not have, and that were carried out by the program alone.
    pub not_modelled: u64,
    /// Instructions that the runtime refused by itself, such as for compute units.
    pub refused_by_runtime: u64,
}

/// Both sides of a session under way.
pub(super) struct Play {
    scene: Scene,
    world: World,
    users: Vec<u32>,
    left: Side,
    right: Side,
    played: Played,
    was_broken: Vec<Broken>,
}

/// Plays `session` on both sides.
pub fn play(session: &Session, left: &Runs, right: &Runs) -> Played {
    let Some(mut play) = Play::open(session.seed, left, right) else {
        return Played::default();
    };
    for (place, action) in session.actions.iter().enumerate() {
        if !play.act(place, *action, None) {
            break;
        }
    }
    play.played
}

impl Played {
    /// What was found in a few words: the same for the same fault.
    pub fn signature(&self) -> Option<String> {
        let difference = self.difference.as_ref().map(Difference::signature);
        difference.or_else(|| {
            let (_, broken) = self.broken.as_ref()?;
            Some(format!("broken: {:?}", broken.first()?.invariant))
        })
    }
}

impl Play {
    /// Opens the exchange on both sides; none where one of them refuses the markets.
    pub(super) fn open(seed: u64, left: &Runs, right: &Runs) -> Option<Self> {
        let scene = Scene::of(seed);
        let (mut left, mut right) = (left.start(), right.start());
        let (world, executed) = scene.open(&mut left)?;
        let (_, others) = scene.open(&mut right)?;
        let mut played = Played::default();
        for (done, other) in executed.iter().zip(&others) {
            let fields = differing(&done.call, &left, &right);
            if done.outcome != other.outcome || !fields.is_empty() {
                played.difference = Some(Difference {
                    action: None,
                    call: done.call.clone(),
                    outcomes: [done.outcome, other.outcome],
                    fields,
                });
                break;
            }
        }
        let users = (0..scene.users).collect();
        Some(Self {
            scene,
            world,
            users,
            left,
            right,
            played,
            was_broken: Vec::new(),
        })
    }

    /// Carries out an action on both sides. Whether the session goes on.
    pub(super) fn act(&mut self, place: usize, action: Action, mut coverage: Option<&mut Coverage>) -> bool {
        if self.played.difference.is_some() {
            return false;
        }
        for deed in deeds(&self.scene, &self.world, action, &self.left) {
            match deed {
                Deed::Clock(clock) => {
                    self.left.set_clock(clock);
                    self.right.set_clock(clock);
                }
                Deed::Set(key, account) => {
                    self.left.set_account(key, account.clone());
                    self.right.set_account(key, account);
                }
                Deed::Call(call) => {
                    if !self.call(place, call, coverage.as_deref_mut()) {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Whether somebody may be liquidated.
    pub(super) fn somebody_is_short(&self) -> bool {
        !short_of_margin(&self.scene, &self.world, &self.left).is_empty()
    }

    /// What the session has come to.
    pub(super) fn finish(self) -> Played {
        self.played
    }

    fn call(&mut self, place: usize, call: Call, coverage: Option<&mut Coverage>) -> bool {
        let class = coverage.is_some().then(|| class(&call, &self.left));
        let outcomes = [self.left.execute(&call), self.right.execute(&call)];
        let beyond = |code| outcomes.contains(&Err(code)) && outcomes[0] != outcomes[1];
        // The engine has no runtime around it: no compute units, no privileges of accounts.
        let alone = matches!(
            (&self.left, &self.right),
            (Side::Engine(_), _) | (_, Side::Engine(_))
        );
        let by_runtime = [ErrorCode::ProgramFailedToComplete, ErrorCode::RefusedByRuntime];
        if beyond(ErrorCode::NotModelled) || alone && by_runtime.into_iter().any(beyond) {
            // Nothing to compare; the sides go on from the program's accounts.
            let count = match beyond(ErrorCode::NotModelled) {
                true => &mut self.played.not_modelled,
                false => &mut self.played.refused_by_runtime,
            };
            *count += 1;
            self.take_over(&call);
            return true;
        }
        self.played.compared += 1;
        if let (Some(coverage), Some(class)) = (coverage, class) {
            let reached = Reached {
                instruction: call.instruction.name(),
                outcome: outcomes[0].err(),
            };
            if coverage.count(reached, class) {
                self.played.new_at = Some(place);
            }
        }
        let fields = match outcomes[0] == outcomes[1] {
            true => differing(&call, &self.left, &self.right),
            false => Vec::new(),
        };
        if outcomes[0] != outcomes[1] || !fields.is_empty() {
            self.played.difference = Some(Difference {
                action: Some(place),
                call,
                outcomes,
                fields,
            });
            return false;
        }
        if outcomes[0].is_ok() {
            self.check(place);
        }
        true
    }

    /// Has the engine take over the accounts of the program, which is whichever side is a bank.
    fn take_over(&mut self, call: &Call) {
        let (from, to) = match (&self.left, &mut self.right) {
            (from @ Side::Bank(_), to) => (from, to),
            (_, from) => (&*from, &mut self.left),
        };
        let written: Vec<(Pubkey, Account)> = call
            .accounts
            .iter()
            .map(|meta| (meta.key, from.account(&meta.key).cloned().unwrap_or_default()))
            .collect();
        for (key, account) in written {
            if account != Account::Opaque && to.account(&key) != Some(&account) {
                to.set_account(key, account);
            }
        }
    }

    /// Looks for what does not hold any more.
    fn check(&mut self, place: usize) {
        let Ok(found) = broken(&self.world, &self.left, &self.users) else {
            return;
        };
        let known = |now: &Broken| {
            let mut before = self.was_broken.iter();
            before.any(|was| (was.invariant, was.market) == (now.invariant, now.market))
        };
        // Counts beside the money go wrong in deployed programs, on both sides alike.
        let new = found
            .iter()
            .filter(|now| !now.invariant.is_count() && !known(now))
            .copied();
        let new: Vec<Broken> = new.collect();
        if !new.is_empty() && self.played.broken.is_none() {
            self.played.broken = Some((place, new));
        }
        self.was_broken = found;
    }
}
