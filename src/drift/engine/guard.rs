//! Checks that stand before an instruction's body.
//!
//! Anchor makes them in a fixed order, and each handler keeps it: first the type of every account in the order of the
//! list ([`Frame::take`], [`Frame::signer`], [`state`], [`program`]), then for accounts to be created their address
//! and their creation, then the constraints of the others in the order of the list (seeds, `mut`, `has_one`, free
//! conditions), then the checks attached to the handler (pauses, listing, oracle), and only then the body.

use super::frame::{Frame, Held};
use crate::accounts::{
    Account, ExchangeOperation, MarketStatus, PerpMarket, Pubkey, SpotMarket, State, User, UserStats,
};
use crate::error::{ErrorCode, Result, require};
use crate::key::{RENT_SYSVAR, pda};
use std::sync::OnceLock;

/// Takes the exchange's state. Unlike markets and users, one that is not there is `AccountNotInitialized`.
pub(super) fn state(frame: &mut Frame, position: usize) -> Result<Held<State>> {
    if *frame.account(position)? == Account::Absent {
        return Err(ErrorCode::AccountNotInitialized);
    }
    frame.take(position)
}

/// The account at `position` is the program `id`, or `InvalidProgramId`.
pub(super) fn program(frame: &Frame, position: usize, id: Pubkey) -> Result {
    require(frame.key(position)? == id, ErrorCode::InvalidProgramId)
}

/// The account at `position` is the rent sysvar, or `AccountSysvarMismatch`.
pub(super) fn rent(frame: &Frame, position: usize) -> Result {
    require(
        frame.key(position)? == RENT_SYSVAR,
        ErrorCode::AccountSysvarMismatch,
    )
}

/// An address derived from seeds is the one given, or `ConstraintSeeds`.
pub(super) fn seeds(given: Pubkey, derived: Pubkey) -> Result {
    require(given == derived, ErrorCode::ConstraintSeeds)
}

/// `given` is the vault of the spot market `index`, or `ConstraintSeeds`.
pub(super) fn spot_vault(given: Pubkey, index: u16) -> Result {
    // Deriving costs hashes and a point decompression: too much for every deposit.
    static KNOWN: [OnceLock<Pubkey>; 32] = [const { OnceLock::new() }; 32];
    let derived = match KNOWN.get(usize::from(index)) {
        Some(cell) => *cell.get_or_init(|| pda::spot_vault(index)),
        None => pda::spot_vault(index),
    };
    seeds(given, derived)
}

/// `signer` administers the exchange, or `ConstraintHasOne`.
pub(super) fn admin(state: &State, signer: Pubkey) -> Result {
    require(state.admin == signer, ErrorCode::ConstraintHasOne)
}

/// `signer` owns `user` or is its delegate, or `ConstraintRaw`.
pub(super) fn acts_for(user: &User, signer: Pubkey) -> Result {
    let delegated = user.delegate == signer && user.delegate != Pubkey::default();
    require(user.authority == signer || delegated, ErrorCode::ConstraintRaw)
}

/// `stats` are those of the authority that owns `user`, or `ConstraintRaw`.
pub(super) fn stats_of(user: &User, stats: &UserStats) -> Result {
    require(stats.authority == user.authority, ErrorCode::ConstraintRaw)
}

/// `operation` is not halted everywhere, or `ExchangePaused`.
pub(super) fn not_paused(state: &State, operation: ExchangeOperation) -> Result {
    require(!state.is_paused(operation)?, ErrorCode::ExchangePaused)
}

/// At least something on the exchange still runs, or `ExchangePaused`.
pub(super) fn exchange_not_paused(state: &State) -> Result {
    require(!state.is_all_paused()?, ErrorCode::ExchangePaused)
}

/// The market has not been delisted, or `MarketDelisted`.
pub(super) fn perp_listed(market: &PerpMarket) -> Result {
    require(market.status != MarketStatus::Delisted, ErrorCode::MarketDelisted)
}

/// The market has not been delisted, or `MarketDelisted`.
pub(super) fn spot_listed(market: &SpotMarket) -> Result {
    require(market.status != MarketStatus::Delisted, ErrorCode::MarketDelisted)
}

/// `oracle` is the one that prices the market, or `InvalidOracle`.
pub(super) fn perp_oracle(market: &PerpMarket, oracle: Pubkey) -> Result {
    require(market.amm.oracle == oracle, ErrorCode::InvalidOracle)
}

/// `oracle` is the one that prices the market, or `InvalidOracle`.
pub(super) fn spot_oracle(market: &SpotMarket, oracle: Pubkey) -> Result {
    require(market.oracle == oracle, ErrorCode::InvalidOracle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Pubkey {
        Pubkey([byte; 32])
    }

    #[test]
    fn an_unset_delegate_is_nobody() {
        let mut user = User {
            authority: key(1),
            ..User::default()
        };
        assert_eq!(acts_for(&user, key(1)), Ok(()));
        assert_eq!(acts_for(&user, key(2)), Err(ErrorCode::ConstraintRaw));
        assert_eq!(acts_for(&user, Pubkey::default()), Err(ErrorCode::ConstraintRaw));
        user.delegate = key(2);
        assert_eq!(acts_for(&user, key(2)), Ok(()));
    }

    #[test]
    fn vaults_are_those_of_their_index() {
        for index in [0, 1, 31, 32, 700] {
            assert_eq!(spot_vault(pda::spot_vault(index), index), Ok(()));
            assert_eq!(
                spot_vault(pda::spot_vault(index), index + 1),
                Err(ErrorCode::ConstraintSeeds)
            );
        }
    }

    #[test]
    fn a_halted_operation_is_refused_and_no_other() {
        let state = State {
            exchange_status: ExchangeOperation::Withdraw as u8,
            ..State::default()
        };
        assert_eq!(
            not_paused(&state, ExchangeOperation::Withdraw),
            Err(ErrorCode::ExchangePaused)
        );
        assert_eq!(not_paused(&state, ExchangeOperation::Deposit), Ok(()));
        assert_eq!(exchange_not_paused(&state), Ok(()));
    }
}
