//! What is followed in trials in which somebody may have to be liquidated.

use super::losses::{Losses, share_price};
use crate::watch::Watch;
use crate::world::{Executed, World};
use drift::instruction::Instruction;
use drift::ledger::Ledger;

/// How fast breaches of maintenance margin were answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Responses {
    pub count: u64,
    /// Of all together.
    pub seconds: u64,
    pub longest: u64,
    /// The breach of each user that was answered last, by its second.
    answered: std::collections::BTreeMap<u32, i64>,
}

/// How much of a spot market was lent, over samples.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lending {
    samples: u64,
    sum: f64,
    pub max: f64,
}

impl Lending {
    pub fn mean(&self) -> f64 {
        self.sum / self.samples.max(1) as f64
    }
}

/// Margins, losses, and how fast they were dealt with.
pub(super) struct Risk {
    pub watch: Watch,
    pub losses: Losses,
    pub responses: Responses,
    lending: Vec<Lending>,
}

impl Risk {
    pub fn new(watch: Watch, spots: u16) -> Self {
        Self {
            watch,
            losses: Losses::default(),
            responses: Responses::default(),
            lending: vec![Lending::default(); spots.into()],
        }
    }

    /// Notes what an event of `second` executed.
    pub fn happened<L: Ledger>(&mut self, executed: &[Executed], world: &World, ledger: &L, second: i64) {
        let mut insurance = false;
        for Executed { call, outcome } in executed {
            self.watch.executed(call);
            if outcome.is_err() {
                continue;
            }
            match call.instruction {
                Instruction::LiquidatePerp(_)
                | Instruction::LiquidateSpot(_)
                | Instruction::LiquidateBorrowForPerpPnl(_)
                | Instruction::LiquidatePerpPnlForDeposit(_) => {
                    let user = call.accounts.get(4).and_then(|meta| self.watch.number(&meta.key));
                    let danger = user.and_then(|user| self.watch.danger(user));
                    if let Some(danger) = danger {
                        self.responses.add(danger.user, danger.since, second);
                    }
                }
                Instruction::AddInsuranceFundStake(_) => insurance = true,
                _ => {}
            }
        }
        if insurance && let (Some(market), Some(tokens)) = (world.spot(ledger, 0), world.insured(ledger, 0)) {
            self.losses.see_share_price(share_price(market, tokens));
        }
    }

    /// Looks at how much is lent.
    pub fn sample<L: Ledger>(&mut self, world: &World, ledger: &L) {
        for (index, lending) in (0u16..).zip(&mut self.lending) {
            let Some(share) = world
                .spot(ledger, index)
                .and_then(|market| market.utilization().ok())
            else {
                continue;
            };
            let share = share as f64 / 1e6;
            lending.samples += 1;
            lending.sum += share;
            lending.max = lending.max.max(share);
        }
    }

    pub fn lending(&self, market: u16) -> Lending {
        self.lending.get(usize::from(market)).copied().unwrap_or_default()
    }
}

impl Responses {
    fn add(&mut self, user: u32, since: i64, now: i64) {
        if self.answered.insert(user, since) == Some(since) {
            return;
        }
        let seconds = now.saturating_sub(since).unsigned_abs();
        self.count += 1;
        self.seconds += seconds;
        self.longest = self.longest.max(seconds);
    }
}
