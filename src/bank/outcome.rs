//! The runtime's answers in the engine's words.

use drift::error::ErrorCode;
use solana_sdk::instruction::InstructionError;
use solana_sdk::transaction::TransactionError;

/// The code of a refusal. What has no number on chain is a kind of its own; [`super::Receipt::error`] has the words.
pub(super) fn code(error: &TransactionError) -> ErrorCode {
    match error {
        TransactionError::InstructionError(_, error) => match error {
            InstructionError::Custom(number) => {
                ErrorCode::from_number(*number).unwrap_or(ErrorCode::UnlistedNumber)
            }
            InstructionError::AccountBorrowFailed => ErrorCode::AccountBorrowFailed,
            InstructionError::ProgramFailedToComplete | InstructionError::ComputationalBudgetExceeded => {
                ErrorCode::ProgramFailedToComplete
            }
            _ => ErrorCode::RefusedByRuntime,
        },
        _ => ErrorCode::RefusedByRuntime,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_numbers_are_codes_and_the_rest_is_told_apart() {
        let custom = |number| TransactionError::InstructionError(2, InstructionError::Custom(number));
        assert_eq!(code(&custom(6003)), ErrorCode::InsufficientCollateral);
        assert_eq!(code(&custom(1)), ErrorCode::TokenInsufficientFunds);
        assert_eq!(code(&custom(999_999)), ErrorCode::UnlistedNumber);
        assert_eq!(
            code(&TransactionError::AlreadyProcessed),
            ErrorCode::RefusedByRuntime
        );
    }
}
