//! Settings of the exchange as a whole.

use super::{ADMIN, STATE};
use crate::accounts::State;
use crate::engine::{Frame, guard};
use crate::error::Result;
use crate::instruction as arguments;

/// Runs `set` on the exchange's state once the administrator has been recognised.
fn change(frame: &mut Frame, set: impl FnOnce(&mut State)) -> Result {
    let admin = frame.signer(ADMIN)?;
    let mut state = guard::state(frame, STATE)?;
    frame.must_be_writable(STATE)?;
    guard::admin(&state, admin)?;
    set(&mut state);
    frame.put(state);
    Ok(())
}

pub(in crate::engine) fn update_perp_auction_duration(
    frame: &mut Frame,
    to: &arguments::UpdatePerpAuctionDuration,
) -> Result {
    change(frame, |state| {
        state.min_perp_auction_duration = to.min_perp_auction_duration
    })
}

pub(in crate::engine) fn update_lp_cooldown_time(
    frame: &mut Frame,
    to: &arguments::UpdateLpCooldownTime,
) -> Result {
    change(frame, |state| state.lp_cooldown_time = to.lp_cooldown_time)
}

pub(in crate::engine) fn update_oracle_guard_rails(
    frame: &mut Frame,
    to: &arguments::UpdateOracleGuardRails,
) -> Result {
    change(frame, |state| state.oracle_guard_rails = to.oracle_guard_rails)
}

pub(in crate::engine) fn update_exchange_status(
    frame: &mut Frame,
    to: &arguments::UpdateExchangeStatus,
) -> Result {
    change(frame, |state| state.exchange_status = to.exchange_status)
}

pub(in crate::engine) fn update_initial_pct_to_liquidate(
    frame: &mut Frame,
    to: &arguments::UpdateInitialPctToLiquidate,
) -> Result {
    change(frame, |state| {
        state.initial_pct_to_liquidate = to.initial_pct_to_liquidate
    })
}

pub(in crate::engine) fn update_liquidation_duration(
    frame: &mut Frame,
    to: &arguments::UpdateLiquidationDuration,
) -> Result {
    change(frame, |state| {
        state.liquidation_duration = to.liquidation_duration
    })
}

pub(in crate::engine) fn update_liquidation_margin_buffer_ratio(
    frame: &mut Frame,
    to: &arguments::UpdateLiquidationMarginBufferRatio,
) -> Result {
    change(frame, |state| {
        state.liquidation_margin_buffer_ratio = to.liquidation_margin_buffer_ratio
    })
}

pub(in crate::engine) fn update_state_settlement_duration(
    frame: &mut Frame,
    to: &arguments::UpdateStateSettlementDuration,
) -> Result {
    change(frame, |state| state.settlement_duration = to.settlement_duration)
}

/// Fees are checked by themselves, after the administrator.
pub(in crate::engine) fn update_perp_fee_structure(
    frame: &mut Frame,
    to: &arguments::UpdatePerpFeeStructure,
) -> Result {
    let admin = frame.signer(ADMIN)?;
    let mut state = guard::state(frame, STATE)?;
    frame.must_be_writable(STATE)?;
    guard::admin(&state, admin)?;
    to.fee_structure.check()?;
    state.perp_fee_structure = *to.fee_structure;
    frame.put(state);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{Account, FeeStructure, Pubkey};
    use crate::clock::Clock;
    use crate::engine::Switches;
    use crate::error::ErrorCode;
    use crate::instruction::{Instruction, UpdatePerpFeeStructure, UpdatePerpFeeStructureAccounts};
    use crate::ledger::run_atomic;

    const BOSS: Pubkey = Pubkey([7; 32]);

    fn set(fee_numerator: u32, signer: Pubkey) -> (Result, u32) {
        let mut fee_structure = Box::new(FeeStructure::initial_perp());
        for tier in &mut fee_structure.fee_tiers {
            (tier.fee_numerator, tier.maker_rebate_numerator) = (fee_numerator, 0);
        }
        let metas = UpdatePerpFeeStructureAccounts {
            admin: signer,
            state: Pubkey([1; 32]),
        }
        .metas();
        let mut accounts = [Account::Opaque, Account::State(Box::new(State::initial(BOSS)))];
        let instruction = Instruction::from(UpdatePerpFeeStructure { fee_structure });
        // Both directions of the wire form, too.
        let instruction = Instruction::decode(&instruction.encode()).expect("what was encoded");
        let outcome = run_atomic(
            Clock::default(),
            Switches::default(),
            &instruction,
            &metas,
            &mut accounts,
        );
        let Account::State(state) = &accounts[1] else {
            panic!("the state is gone")
        };
        (outcome, { state.perp_fee_structure.fee_tiers[0] }.fee_numerator)
    }

    #[test]
    fn fees_are_set_by_the_administrator_within_limits() {
        assert_eq!(set(35, BOSS), (Ok(()), 35));
        // 10 basis points, the most, is also what a new exchange takes.
        assert_eq!(set(100, BOSS), (Ok(()), 100));
        assert_eq!(set(101, BOSS), (Err(ErrorCode::InvalidFeeStructure), 100));
        assert_eq!(set(35, Pubkey([8; 32])), (Err(ErrorCode::ConstraintHasOne), 100));
    }
}
