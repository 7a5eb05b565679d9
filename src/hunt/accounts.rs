//! The accounts that an instruction names: by role, then oracles and markets, at times one of them wrong.

use super::dice::Dice;
use super::focus::Focus;
use super::scene::Scene;
use crate::world::{Role, user_keys};
use drift::accounts::Pubkey;
use drift::instruction::{AccountMeta, Instruction};
use drift::key::{RENT_SYSVAR, SYSTEM_PROGRAM, TOKEN_PROGRAM, pda};

/// One in so many instructions names a wrong account among its own, and one in so many among the others.
const WRONG_PERCENT: u64 = 3;

/// The accounts of `instruction`, with the rights that its interface asks for.
pub(super) fn accounts(
    dice: &mut Dice,
    scene: &Scene,
    focus: &Focus,
    instruction: &Instruction,
) -> Vec<AccountMeta> {
    let roles = instruction.roles();
    let with = |role: &str| roles.iter().any(|(name, ..)| *name == role);
    // Who signs: the liquidator, the one who force-cancels, or the user.
    let acts = match with("liquidator") || with("filler") {
        true => focus.other,
        false => focus.user,
    };
    let of_perp = with("perp_market");
    let mut metas: Vec<AccountMeta> = roles
        .iter()
        .map(|(role, signer, writable)| AccountMeta::new(at(role, focus, acts, of_perp), *signer, *writable))
        .collect();
    if dice.happens(WRONG_PERCENT) {
        spoil(dice, scene, &mut metas);
    }
    if !with("admin") {
        let first = metas.len();
        metas.extend(markets(scene));
        if dice.happens(10) {
            let maker = user_keys(dice.below(scene.users.into()) as u32);
            metas.extend([
                AccountMeta::writable(maker.user),
                AccountMeta::writable(maker.stats),
            ]);
        }
        if dice.happens(WRONG_PERCENT) {
            let place = first + dice.below((metas.len() - first) as u64) as usize;
            match dice.below(3) {
                0 => drop(metas.remove(place)),
                1 => metas[place].writable = false,
                _ => metas.swap(place, first),
            }
        }
    }
    metas
}

/// Oracles, then all markets, which may be written to.
fn markets(scene: &Scene) -> impl Iterator<Item = AccountMeta> + use<> {
    let (spots, perps) = (scene.spots, scene.perps);
    let spot_feeds = (1..spots).map(|index| AccountMeta::readonly(Role::SpotOracle(index).address()));
    let perp_feeds = (0..perps).map(|index| AccountMeta::readonly(Role::PerpOracle(index).address()));
    let spots = (0..spots).map(|index| AccountMeta::writable(pda::spot_market(index)));
    let perps = (0..perps).map(|index| AccountMeta::writable(pda::perp_market(index)));
    spot_feeds.chain(perp_feeds).chain(spots).chain(perps)
}

/// The address that stands for `role` in an instruction about `focus` for which user `acts` signs.
fn at(role: &str, focus: &Focus, acts: u32, of_perp: bool) -> Pubkey {
    let signs = user_keys(acts);
    let user = user_keys(focus.user);
    let wallet = |user: u32| Role::Wallet(user, focus.spot).address();
    match role {
        "state" => pda::state(),
        "admin" => Role::Admin.address(),
        "authority" | "payer" => signs.authority,
        "user" => user.user,
        "user_stats" => user.stats,
        "liquidator" | "filler" => signs.user,
        "liquidator_stats" => signs.stats,
        "drift_signer" => pda::signer().0,
        "token_program" => TOKEN_PROGRAM,
        "system_program" => SYSTEM_PROGRAM,
        "rent" => RENT_SYSVAR,
        "perp_market" => pda::perp_market(focus.perp),
        "spot_market" => pda::spot_market(focus.spot),
        "quote_spot_market" => pda::spot_market(0),
        "spot_market_vault" if of_perp => pda::spot_vault(0),
        "spot_market_vault" => pda::spot_vault(focus.spot),
        "insurance_fund_vault" => pda::insurance_vault(focus.spot),
        "insurance_fund_stake" => pda::insurance_stake(&signs.authority, focus.spot),
        "user_token_account" => wallet(acts),
        "source_vault" => Role::Treasury(0).address(),
        "spot_market_mint" | "quote_asset_mint" => Role::Mint(focus.spot).address(),
        "oracle" if of_perp => Role::PerpOracle(focus.perp).address(),
        "oracle" if focus.spot == 0 => Pubkey::default(),
        "oracle" => Role::SpotOracle(focus.spot).address(),
        // A role that a newer interface brings; a test says that there is none.
        _ => Pubkey::default(),
    }
}

/// Puts another of the exchange's accounts in the place of one, or takes its right to be written away.
fn spoil(dice: &mut Dice, scene: &Scene, metas: &mut [AccountMeta]) {
    let place = dice.below(metas.len() as u64) as usize;
    let somebody = user_keys(dice.below(scene.users.into()) as u32);
    let spot = dice.below(scene.spots.into()) as u16;
    let perp = dice.below(scene.perps.into()) as u16;
    let meta = &mut metas[place];
    if meta.signer {
        // Whoever signs must have a wallet.
        meta.key = dice.pick(&[somebody.authority, Role::Admin.address()]);
        return;
    }
    if dice.happens(25) {
        meta.writable = false;
        return;
    }
    meta.key = dice.pick(&[
        somebody.user,
        somebody.stats,
        somebody.wallet,
        pda::spot_market(spot),
        pda::spot_vault(spot),
        pda::insurance_vault(spot),
        pda::perp_market(perp),
        Role::PerpOracle(perp).address(),
        pda::insurance_stake(&somebody.authority, spot),
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hunt::arguments::GENERATED;

    #[test]
    fn every_role_has_an_address() {
        let focus = Focus {
            user: 1,
            other: 2,
            perp: 0,
            spot: 1,
            other_spot: 0,
        };
        for instruction in GENERATED
            .iter()
            .filter_map(|name| crate::hunt::arguments::blank(name))
        {
            // The system program's own address is nothing but zeroes.
            let roles = instruction
                .roles()
                .iter()
                .filter(|(role, ..)| *role != "system_program");
            for (role, ..) in roles {
                assert_ne!(at(role, &focus, 2, true), Pubkey::default(), "{role}");
            }
        }
    }
}
