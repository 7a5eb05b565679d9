//! Whom and what an instruction is about.

use super::dice::Dice;
use super::scene::Scene;
use crate::world::user_keys;
use drift::accounts::{Account, PerpPosition, SpotPosition, Stored, User};
use drift::key::pda;
use drift::ledger::Ledger;
use drift::units::QUOTE_SPOT_MARKET;

/// Instructions in which the spot market is the quote market.
const IN_QUOTE: [&str; 4] = [
    "settle_pnl",
    "resolve_perp_pnl_deficit",
    "resolve_perp_bankruptcy",
    "settle_expired_market_pools_to_revenue_pool",
];

/// Whom and what an instruction is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Focus {
    /// Whose positions change.
    pub(super) user: u32,
    /// Who liquidates, fills or makes.
    pub(super) other: u32,
    pub(super) perp: u16,
    pub(super) spot: u16,
    /// The spot market that is given for the first one.
    pub(super) other_spot: u16,
}

/// A user as the ledger has it.
pub(super) fn user(ledger: &dyn Ledger, number: u32) -> Option<&User> {
    User::peek(ledger.account(&user_keys(number).user)?)
}

/// What an instruction about somebody needs of him, so that more is reached than that he is not fit for it.
struct Fit {
    perp: fn(&PerpPosition) -> bool,
    spot: fn(&SpotPosition) -> bool,
    user: fn(&User) -> bool,
}

impl Fit {
    /// What the instruction `name` needs.
    fn of(name: &str) -> Self {
        let any = Self {
            perp: |_| true,
            spot: |_| true,
            user: |_| true,
        };
        let owes = |user: &User| user.spot_positions.iter().any(SpotPosition::is_borrow);
        match name {
            "liquidate_perp" => Self {
                perp: |held| held.is_open() || held.is_lp(),
                user: |user| {
                    user.perp_positions
                        .iter()
                        .any(|held| held.is_open() || held.is_lp())
                },
                ..any
            },
            "liquidate_spot" => Self {
                spot: |held| !held.is_borrow(),
                user: owes,
                ..any
            },
            "liquidate_borrow_for_perp_pnl" => Self {
                perp: |held| !held.is_open() && held.quote_asset_amount > 0,
                spot: SpotPosition::is_borrow,
                user: owes,
            },
            "liquidate_perp_pnl_for_deposit" => Self {
                perp: |held| !held.is_open() && held.quote_asset_amount < 0,
                spot: |held| !held.is_borrow(),
                user: |user| {
                    user.perp_positions
                        .iter()
                        .any(|held| !held.is_open() && held.quote_asset_amount < 0)
                },
            },
            "resolve_perp_bankruptcy" => Self {
                perp: |held| !held.is_open() && held.quote_asset_amount < 0,
                user: |user| user.is_bankrupt() || user.is_insolvent(),
                ..any
            },
            "resolve_spot_bankruptcy" => Self {
                spot: SpotPosition::is_borrow,
                user: |user| user.is_bankrupt() || user.is_insolvent(),
                ..any
            },
            "force_cancel_orders" => Self {
                user: |user| user.open_orders > 0,
                ..any
            },
            _ => any,
        }
    }
}

impl Focus {
    /// Whether the instruction `name` is about users who lack margin.
    pub(super) fn is_for_trouble(name: &str) -> bool {
        name.starts_with("liquidate") || name.starts_with("resolve") || name == "force_cancel_orders"
    }

    /// Mostly somebody whom the instruction `name` fits, in a market where it does, and of those who are `short` of margin.
    pub(super) fn choose(
        dice: &mut Dice,
        scene: &Scene,
        ledger: &dyn Ledger,
        name: &str,
        short: &[u32],
    ) -> Self {
        let fit = Fit::of(name);
        let fits = |number: &u32| user(ledger, *number).is_some_and(fit.user);
        let mut fitting: Vec<u32> = short.iter().copied().filter(fits).collect();
        if fitting.is_empty() {
            fitting = (0..scene.users).filter(fits).collect();
        }
        let chosen = match name.starts_with("initialize_user") && dice.happens(50) {
            // Somebody who was not there at the start.
            true => scene.users,
            false if fitting.is_empty() || dice.happens(15) => dice.below(scene.users.into()) as u32,
            false => dice.pick(&fitting),
        };
        let mut other = dice.below(scene.users.into()) as u32;
        if other == chosen && !dice.happens(10) {
            other = (other + 1) % scene.users;
        }
        let mut focus = Self {
            user: chosen,
            other,
            perp: dice.below(scene.perps.into()) as u16,
            spot: dice.below(scene.spots.into()) as u16,
            other_spot: dice.below(scene.spots.into()) as u16,
        };
        if name.ends_with("insurance_fund_stake") && !name.starts_with("initialize") && dice.happens(85) {
            let all = (0..scene.users).flat_map(|user| (0..scene.spots).map(move |spot| (user, spot)));
            let there = |(user, spot): &(u32, u16)| {
                let key = pda::insurance_stake(&user_keys(*user).authority, *spot);
                ledger
                    .account(&key)
                    .is_some_and(|stake| *stake != Account::Absent)
            };
            let staked: Vec<(u32, u16)> = all.filter(there).collect();
            if !staked.is_empty() {
                (focus.user, focus.spot) = dice.pick(&staked);
                return focus;
            }
        }
        let in_quote = IN_QUOTE.contains(&name) && dice.happens(95);
        if in_quote {
            focus.spot = QUOTE_SPOT_MARKET;
        }
        let Some(user) = user(ledger, chosen).filter(|_| dice.happens(85)) else {
            return focus;
        };
        let perps = user.perp_positions.iter().filter(|held| !held.is_available());
        if let Some(held) = best(dice, perps, fit.perp) {
            focus.perp = held.market_index;
        }
        let spots = || user.spot_positions.iter().filter(|held| !held.is_available());
        // What somebody has not deposited he may borrow.
        let borrows = name == "withdraw" && dice.happens(50);
        if !in_quote
            && !borrows
            && let Some(held) = best(dice, spots(), fit.spot)
        {
            focus.spot = held.market_index;
        }
        if let Some(debt) = spots().find(|held| held.is_borrow()) {
            focus.other_spot = debt.market_index;
        }
        focus
    }
}

/// One of `all` that fits, or any where none does.
fn best<'a, T>(dice: &mut Dice, all: impl Iterator<Item = &'a T>, fits: fn(&T) -> bool) -> Option<&'a T> {
    let all: Vec<&T> = all.collect();
    let fitting: Vec<&T> = all.iter().copied().filter(|one| fits(one)).collect();
    match (fitting.is_empty(), all.is_empty()) {
        (false, _) => Some(dice.pick(&fitting)),
        (true, false) => Some(dice.pick(&all)),
        (true, true) => None,
    }
}
