//! Whom and what an instruction is about.

use super::dice::Dice;
use super::scene::Scene;
use crate::world::user_keys;
use drift::accounts::{PerpPosition, SpotPosition, Stored, User};
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

impl Focus {
    /// Mostly somebody with something at stake, in a market where it is.
    pub(super) fn choose(dice: &mut Dice, scene: &Scene, ledger: &dyn Ledger, name: &str) -> Self {
        let anybody = |dice: &mut Dice| dice.below(scene.users.into()) as u32;
        let trouble =
            name.starts_with("liquidate") || name.starts_with("resolve") || name == "force_cancel_orders";
        let fits = |number: &u32| user(ledger, *number).is_some_and(|user| user.status != 0);
        let fitting: Vec<u32> = (0..scene.users)
            .filter(|number| trouble && fits(number))
            .collect();
        let chosen = match fitting.is_empty() || dice.happens(25) {
            true => anybody(dice),
            false => dice.pick(&fitting),
        };
        let mut other = anybody(dice);
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
        let in_quote = IN_QUOTE.contains(&name) && dice.happens(95);
        if in_quote {
            focus.spot = QUOTE_SPOT_MARKET;
        }
        let Some(user) = user(ledger, chosen).filter(|_| dice.happens(75)) else {
            return focus;
        };
        let held: Vec<&PerpPosition> = user
            .perp_positions
            .iter()
            .filter(|held| !held.is_available())
            .collect();
        // Which of them the instruction is for.
        let suits = |held: &&&PerpPosition| match name {
            "liquidate_borrow_for_perp_pnl" => held.base_asset_amount == 0 && held.quote_asset_amount > 0,
            "liquidate_perp_pnl_for_deposit" | "resolve_perp_bankruptcy" => {
                held.base_asset_amount == 0 && held.quote_asset_amount < 0
            }
            "liquidate_perp" => held.is_open() || held.is_lp(),
            _ => true,
        };
        let suited: Vec<&PerpPosition> = held.iter().filter(suits).copied().collect();
        match (suited.is_empty(), held.is_empty()) {
            (false, _) => focus.perp = dice.pick(&suited).market_index,
            (true, false) => focus.perp = dice.pick(&held).market_index,
            (true, true) => {}
        }
        let wants_debt = matches!(name, "liquidate_borrow_for_perp_pnl" | "resolve_spot_bankruptcy");
        let wants_deposit = matches!(name, "liquidate_spot" | "liquidate_perp_pnl_for_deposit");
        let spots: Vec<&SpotPosition> = user
            .spot_positions
            .iter()
            .filter(|held| {
                !held.is_available()
                    && (!wants_debt || held.is_borrow())
                    && !(wants_deposit && held.is_borrow())
            })
            .collect();
        if !spots.is_empty() && !in_quote {
            focus.spot = dice.pick(&spots).market_index;
        }
        let debts = user.spot_positions.iter().filter(|held| held.is_borrow());
        if let Some(debt) = debts.map(|held| held.market_index).next() {
            focus.other_spot = debt;
        }
        focus
    }
}
