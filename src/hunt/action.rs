//! An action made into what is done to a ledger.

use super::accounts::accounts;
use super::arguments::instruction;
use super::dice::Dice;
use super::focus::Focus;
use super::scene::Scene;
use super::session::Action;
use super::shocks;
use drift::accounts::{Account, Pubkey};
use drift::clock::Clock;
use drift::instruction::Call;
use drift::ledger::Ledger;

/// Actions that are no instruction: time passes, an oracle moves, all oracles publish, a price moves against somebody, a market
/// is recentred on its oracle, the administrator mends what was paused.
pub(super) const SHOCKS: [&str; 6] = [
    "pass_time",
    "move_oracle",
    "publish_oracles",
    "squeeze",
    "recentre",
    "unpause",
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

/// What `action` comes to in `scene`, given the accounts in `ledger`.
pub(super) fn deeds(scene: &Scene, action: Action, ledger: &dyn Ledger) -> Vec<Deed> {
    let mut dice = Dice::new(action.seed);
    match action.what {
        "pass_time" => shocks::pass_time(&mut dice, scene, ledger),
        "move_oracle" => shocks::move_oracle(&mut dice, scene, ledger),
        "publish_oracles" => shocks::publish_oracles(scene, ledger),
        "squeeze" => shocks::squeeze(&mut dice, scene, ledger),
        "recentre" => shocks::recentre(&mut dice, scene, ledger),
        "unpause" => shocks::unpause(scene),
        name => {
            let focus = Focus::choose(&mut dice, scene, ledger, name);
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
