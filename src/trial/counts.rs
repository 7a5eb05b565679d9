//! What is counted while a trial runs.

use super::assets::Assets;
use super::funding::{FundingBefore, FundingPaid};
use super::interest::InterestDust;
use super::risk::Risk;
use crate::event::{Event, Kind};
use crate::path::PricePath;
use crate::world::{Executed, World};
use drift::accounts::UserStats;
use drift::error::ErrorCode;
use drift::instruction::Instruction;
use drift::ledger::Ledger;
use drift::math::average::rolling_sum;
use drift::units::THIRTY_DAYS;
use std::collections::BTreeMap;

/// A market's curve before an event.
#[derive(Clone, Copy, Debug, Default)]
struct Curve {
    peg: u128,
    sqrt_k: u128,
    lp_shares: u128,
}

/// The gap between mark and oracle, as shares of the oracle's price, over samples.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gap {
    pub samples: u64,
    pub sum: f64,
    pub squares: f64,
    pub max: f64,
}

/// Counts of a trial.
#[derive(Default)]
pub(super) struct Counts {
    pub events: Vec<u64>,
    pub instructions: u64,
    pub refused: BTreeMap<ErrorCode, u32>,
    pub funding: FundingPaid,
    pub volume: u128,
    pub gap: Gap,
    pub largest_imbalance: u128,
    pub repegs: u64,
    pub k_changes: u64,
    /// LP shares minted, all in all (1e9).
    pub shares_added: u128,
    pub interest: InterestDust,
    pub assets: Assets,
    /// In trials in which somebody may have to be liquidated.
    pub risk: Option<Risk>,
    curves: Vec<Curve>,
    user_before: Option<(u32, FundingBefore, u64, i64)>,
}

impl Counts {
    pub fn new(markets: usize) -> Self {
        Self {
            events: vec![0; Kind::NAMES.len()],
            curves: vec![Curve::default(); markets],
            ..Self::default()
        }
    }

    pub fn before<L: Ledger>(&mut self, event: &Event, world: &World, ledger: &L) {
        for (index, curve) in (0u16..).zip(&mut self.curves) {
            if let Some(market) = world.perp(ledger, index) {
                let amm = &market.amm;
                *curve = Curve {
                    peg: amm.peg_multiplier,
                    sqrt_k: amm.sqrt_k,
                    lp_shares: amm.user_lp_shares,
                };
            }
        }
        self.interest.before(world, ledger);
        self.assets.before(&event.kind, world, ledger);
        self.user_before = event.kind.user().and_then(|number| {
            let (volume, since) = volume(number, world, ledger)?;
            Some((
                number,
                FundingBefore::of(world.user(ledger, number)?),
                volume,
                since,
            ))
        });
    }

    pub fn after<L: Ledger>(
        &mut self,
        executed: &[Executed],
        world: &World,
        ledger: &L,
        second: i64,
    ) -> Result<(), ErrorCode> {
        self.interest.after(executed, world, ledger)?;
        self.assets.after(world, ledger);
        if let Some(risk) = &mut self.risk {
            risk.happened(executed, world, ledger, second);
        }
        self.instructions += executed.len() as u64;
        let mut shares_moved = false;
        for Executed { call, outcome } in executed {
            shares_moved |= matches!(
                call.instruction,
                Instruction::AddPerpLpShares(_) | Instruction::RemovePerpLpShares(_)
            );
            if let Err(code) = outcome {
                *self.refused.entry(*code).or_default() += 1;
            }
        }
        for (index, before) in (0u16..).zip(&self.curves) {
            let Some(market) = world.perp(ledger, index) else {
                continue;
            };
            let amm = &market.amm;
            self.repegs += u64::from(amm.peg_multiplier != before.peg);
            self.shares_added += { amm.user_lp_shares }.saturating_sub(before.lp_shares);
            // Liquidity that comes and goes changes k without the AMM's doing.
            self.k_changes += u64::from(amm.sqrt_k != before.sqrt_k && !shares_moved);
            self.largest_imbalance = self
                .largest_imbalance
                .max({ amm.base_asset_amount_with_amm }.unsigned_abs());
        }
        if let Some((number, funding, volume_before, since)) = self.user_before.take() {
            if let Some(user) = world.user(ledger, number) {
                funding.settle(user, &mut self.funding);
            }
            self.volume += new_volume(number, world, ledger, volume_before, since).unwrap_or(0);
        }
        Ok(())
    }

    /// Looks at the gap between mark and oracle at `second`.
    pub fn sample<L: Ledger>(&mut self, world: &World, ledger: &L, paths: &[PricePath], second: i64) {
        for (index, path) in (0u16..).zip(paths) {
            let mark = world
                .perp(ledger, index)
                .and_then(|market| market.amm.reserve_price().ok());
            let Some(mark) = mark else { continue };
            let oracle = path.price_at(second).max(1) as f64;
            let gap = (mark as f64 - oracle) / oracle;
            self.gap.samples += 1;
            self.gap.sum += gap;
            self.gap.squares += gap * gap;
            self.gap.max = self.gap.max.max(gap.abs());
        }
        if let Some(risk) = &mut self.risk {
            risk.sample(world, ledger);
        }
    }
}

/// A user's taker volume over thirty days (1e6) and when it was last counted.
fn volume<L: Ledger>(number: u32, world: &World, ledger: &L) -> Option<(u64, i64)> {
    let UserStats {
        taker_volume_30d,
        last_taker_volume_30d_ts,
        ..
    } = *world.stats(ledger, number)?;
    Some((taker_volume_30d, last_taker_volume_30d_ts))
}

/// What was traded since: the program lets the old volume fade before it adds the new, so the same is done here.
fn new_volume<L: Ledger>(number: u32, world: &World, ledger: &L, before: u64, since: i64) -> Option<u128> {
    let (after, now) = volume(number, world, ledger)?;
    if (after, now) == (before, since) {
        return Some(0);
    }
    let faded = rolling_sum(before, 0, (now - since).max(1), THIRTY_DAYS).ok()?;
    Some(after.checked_sub(faded)?.into())
}
