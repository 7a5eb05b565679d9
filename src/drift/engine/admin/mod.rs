//! Instructions by which the administrator changes settings.

mod perp;
mod spot;
mod state;

pub(super) use perp::*;
pub(super) use spot::*;
pub(super) use state::*;

use crate::error::{ErrorCode, Result, require};

/// All of them name their accounts alike: who administers, the exchange's state, and the market where there is one.
const ADMIN: usize = 0;
const STATE: usize = 1;
const MARKET: usize = 2;

/// Refuses with `DefaultError`, as most settings do, a value out of its bounds.
fn in_bounds(holds: bool) -> Result {
    require(holds, ErrorCode::DefaultError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{Account, ContractTier, MarketStatus, PerpMarket, Pubkey, State};
    use crate::engine::initialize::tests::{ADMIN as BOSS, World};
    use crate::error::ErrorCode;
    use crate::instruction::*;
    use crate::key::pda;
    use crate::ledger::Ledger;

    #[test]
    fn the_table_names_the_accounts_in_this_order() {
        for name in Instruction::NAMES
            .iter()
            .filter(|name| name.starts_with("update_"))
        {
            let own = [
                "update_amms",
                "update_k",
                "update_funding_rate",
                "update_spot_market_cumulative_interest",
            ];
            if own.contains(name) {
                continue;
            }
            // Arguments do not matter for the roles: zeros parse as any of them.
            let bytes = [&discriminator(name)[..], &[0; 512]].concat();
            let roles = Instruction::decode(&bytes).unwrap().roles();
            assert_eq!((roles[ADMIN].0, roles[STATE].0), ("admin", "state"), "{name}");
            assert!(roles.len() == 2 || roles[MARKET].2, "{name}");
        }
    }

    fn tier(contract_tier: ContractTier) -> Call {
        let accounts = UpdatePerpMarketContractTierAccounts {
            admin: BOSS,
            state: pda::state(),
            perp_market: pda::perp_market(0),
        };
        UpdatePerpMarketContractTier { contract_tier }.call(accounts, [])
    }

    #[test]
    fn checks_stand_in_the_programs_order() {
        let mut world = World::with_perp_market();
        world.edit::<PerpMarket>(pda::perp_market(0), |market| {
            market.status = MarketStatus::Delisted
        });
        let mut call = tier(ContractTier::A);
        assert_eq!(world.0.execute(&call), Err(ErrorCode::MarketDelisted));
        call.accounts[MARKET].writable = false;
        assert_eq!(world.0.execute(&call), Err(ErrorCode::ConstraintMut));
        call.accounts[ADMIN].key = Pubkey([8; 32]);
        assert_eq!(world.0.execute(&call), Err(ErrorCode::ConstraintHasOne));
        call.accounts[MARKET].key = pda::state();
        assert_eq!(
            world.0.execute(&call),
            Err(ErrorCode::AccountDiscriminatorMismatch)
        );
        call.accounts[MARKET].key = Pubkey([7; 32]);
        assert_eq!(world.0.execute(&call), Err(ErrorCode::AccountOwnedByWrongProgram));
        call.accounts[STATE].key = Pubkey([6; 32]);
        assert_eq!(world.0.execute(&call), Err(ErrorCode::AccountNotInitialized));
        call.accounts[ADMIN].signer = false;
        assert_eq!(world.0.execute(&call), Err(ErrorCode::AccountNotSigner));
        call.accounts.clear();
        assert_eq!(world.0.execute(&call), Err(ErrorCode::AccountNotEnoughKeys));
    }

    #[test]
    fn insurance_is_bounded_by_tier() {
        let mut world = World::with_perp_market();
        let imbalances = |imbalance, revenue, insurance| {
            let accounts = UpdatePerpMarketMaxImbalancesAccounts {
                admin: BOSS,
                state: pda::state(),
                perp_market: pda::perp_market(0),
            };
            UpdatePerpMarketMaxImbalances {
                unrealized_max_imbalance: imbalance,
                max_revenue_withdraw_per_period: revenue,
                quote_max_insurance: insurance,
            }
            .call(accounts, [])
        };
        let c = 100_000_000_000;
        assert_eq!(world.0.execute(&imbalances(c + 1, c, c)), Ok(()));
        for beyond in [
            imbalances(c + 2, c, c),
            imbalances(c, c + 1, c),
            imbalances(c, c, c + 1),
        ] {
            assert_eq!(world.0.execute(&beyond), Err(ErrorCode::DefaultError));
        }
        world.edit::<PerpMarket>(pda::perp_market(0), |market| {
            market.insurance_claim.quote_settled_insurance = 5
        });
        assert_eq!(
            world.0.execute(&imbalances(0, 0, 4)),
            Err(ErrorCode::DefaultError)
        );
        world.0.execute(&tier(ContractTier::Isolated)).unwrap();
        // Even there 250 dollars may leave the fee pool.
        world.edit::<PerpMarket>(pda::perp_market(0), |market| {
            market.insurance_claim.quote_settled_insurance = 0
        });
        assert_eq!(world.0.execute(&imbalances(1, 250_000_000, 0)), Ok(()));
        assert_eq!(
            world.0.execute(&imbalances(1, 250_000_001, 0)),
            Err(ErrorCode::DefaultError)
        );
    }

    #[test]
    fn spreads_and_steps_stay_within_their_limits() {
        let mut world = World::with_perp_market();
        let (admin, state, perp_market) = (BOSS, pda::state(), pda::perp_market(0));
        let mut widen = |max_spread| {
            let accounts = UpdatePerpMarketMaxSpreadAccounts {
                admin,
                state,
                perp_market,
            };
            world
                .0
                .execute(&UpdatePerpMarketMaxSpread { max_spread }.call(accounts, []))
        };
        let refused = Err(ErrorCode::DefaultError);
        // A base spread of 1,000 and an initial margin ratio of a tenth.
        assert_eq!(
            [999, 1_000, 100_000, 100_001].map(&mut widen),
            [refused, Ok(()), Ok(()), refused]
        );
        let mut step = |step_size, tick_size| {
            let accounts = UpdatePerpMarketStepSizeAndTickSizeAccounts {
                admin,
                state,
                perp_market,
            };
            world
                .0
                .execute(&UpdatePerpMarketStepSizeAndTickSize { step_size, tick_size }.call(accounts, []))
        };
        assert_eq!(step(2_000_000_000, 1), Ok(()));
        assert_eq!([step(2_000_000_001, 1), step(0, 1), step(1, 0)], [refused; 3]);
        let market = world.get::<PerpMarket>(perp_market);
        assert_eq!(
            ({ market.amm.order_step_size }, { market.amm.max_spread }),
            (2_000_000_000, 100_000)
        );
    }

    #[test]
    fn the_exchanges_state_must_be_writable() {
        let mut world = World::open();
        let accounts = UpdateLpCooldownTimeAccounts {
            admin: BOSS,
            state: pda::state(),
        };
        let mut call = UpdateLpCooldownTime { lp_cooldown_time: 77 }.call(accounts, []);
        assert_eq!(world.0.execute(&call), Ok(()));
        assert_eq!({ world.get::<State>(pda::state()).lp_cooldown_time }, 77);
        call.accounts[ADMIN].key = Pubkey([8; 32]);
        assert_eq!(world.0.execute(&call), Err(ErrorCode::ConstraintHasOne));
        call.accounts[STATE].writable = false;
        assert_eq!(world.0.execute(&call), Err(ErrorCode::ConstraintMut));
        assert_ne!(world.0.account(&pda::state()), Some(&Account::Absent));
    }
}
