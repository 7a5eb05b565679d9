//! An action made into what is done to a ledger.

use super::accounts::accounts;
use super::arcs;
use super::arguments::instruction;
use super::dice::Dice;
use super::focus::Focus;
use super::scene::Scene;
use super::session::Action;
use super::shocks;
use crate::world::World;
use drift::accounts::{Account, Pubkey};
use drift::clock::Clock;
use drift::instruction::Call;
use drift::ledger::Ledger;
use drift::math::weight::MarginType;

/// Actions that are no instruction: time passes, an oracle moves, all oracles publish, a price moves against somebody, a market
/// is recentred on its oracle, the administrator mends what was paused, somebody borrows on a profit.
pub(super) const SHOCKS: [&str; 7] = [
    "pass_time",
    "move_oracle",
    "publish_oracles",
    "squeeze",
    "recentre",
    "unpause",
    "borrow_on_profit",
];

/// Something done to a ledger.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// Time moves on.
    Clock(Clock),
    /// An account is written from outside, as publishers of prices do.
    Set(Pubkey, Account),
    /// An instruction is sent.
    Call(Call),
}

/// What `action` comes to in `scene`, given the accounts in `ledger`, where `world` says that they are.
pub(super) fn deeds<L: Ledger>(scene: &Scene, world: &World, action: Action, ledger: &L) -> Vec<Deed> {
    let mut dice = Dice::new(action.seed);
    match action.what {
        "pass_time" => shocks::pass_time(&mut dice, scene, ledger),
        "move_oracle" => shocks::move_oracle(&mut dice, scene, ledger),
        "publish_oracles" => shocks::publish_oracles(scene, ledger),
        "squeeze" => shocks::squeeze(&mut dice, scene, ledger),
        "recentre" => shocks::recentre(&mut dice, scene, ledger),
        "unpause" => shocks::unpause(scene),
        "borrow_on_profit" => arcs::borrow_on_profit(&mut dice, scene, ledger),
        name => {
            let short = match Focus::is_for_trouble(name) {
                true => short_of_margin(scene, world, ledger),
                false => Vec::new(),
            };
            let focus = Focus::choose(&mut dice, scene, ledger, name, &short);
            let Some(instruction) = instruction(&mut dice, ledger, &focus, name) else {
                return Vec::new();
            };
            let accounts = accounts(&mut dice, scene, &focus, &instruction);
            vec![Deed::Call(Call {
                instruction,
                accounts,
            })]
        }
    }
}

/// Users who may be liquidated.
pub(super) fn short_of_margin<L: Ledger>(scene: &Scene, world: &World, ledger: &L) -> Vec<u32> {
    let short = |number: &u32| {
        let user = world.user(ledger, *number)?;
        let margin = world.margin(ledger, user, MarginType::Maintenance).ok()?;
        Some(user.status != 0 || !margin.is_met())
    };
    (0..scene.users)
        .filter(|number| short(number) == Some(true))
        .collect()
}
