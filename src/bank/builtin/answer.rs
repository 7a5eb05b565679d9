//! What the program logs, and what it says when it refuses.
//!
//! Anchor's own logging prints to the standard output in a native program, so its lines are sent to the bank from here.

use anchor_lang::error::{AnchorError, Error};
use anchor_lang::solana_program::program_error::ProgramError;
use drift::error::ErrorCode;
use solana_sdk::program_stubs::sol_log;

/// The first number of Anchor's own; below it are those of the system and token programs.
const ANCHOR: u32 = 100;

/// The engine's refusal as Anchor's error.
///
/// What would stop the real program in its tracks stops this one too: it unwinds, and the runtime reports that the
/// program did not complete.
pub(super) fn refusal(code: ErrorCode) -> Error {
    match code {
        ErrorCode::AccountBorrowFailed => ProgramError::AccountBorrowFailed.into(),
        ErrorCode::ProgramFailedToComplete => {
            sol_log("panicked where the deployed program does");
            // Unlike a panic it prints nothing: this is a result.
            std::panic::resume_unwind(Box::new("the deployed program panics here"))
        }
        code if code.number() < ANCHOR => ProgramError::Custom(code.number()).into(),
        code => AnchorError {
            error_name: code.name().to_owned(),
            error_code_number: code.number(),
            error_msg: code.name().to_owned(),
            error_origin: None,
            compared_values: None,
        }
        .into(),
    }
}

/// Logs `error` as Anchor's entrypoint does.
pub(super) fn log_refusal(error: &Error) {
    sol_log(&match error {
        Error::AnchorError(error) => format!(
            "AnchorError occurred. Error Code: {}. Error Number: {}. Error Message: {}.",
            error.error_name, error.error_code_number, error.error_msg
        ),
        Error::ProgramError(error) => format!(
            "ProgramError occurred. Error Code: {:?}. Error Number: {}. Error Message: {}.",
            error.program_error,
            u64::from(error.program_error.clone()),
            error.program_error
        ),
    });
}

/// Logs which instruction runs, as Anchor does: `settle_pnl` is `SettlePnl`.
pub(super) fn log_name(name: &str) {
    sol_log(&format!("Instruction: {}", camel_case(name)));
}

fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_logged_as_anchor_logs_them() {
        assert_eq!(camel_case("place_and_take_perp_order"), "PlaceAndTakePerpOrder");
        assert_eq!(camel_case("update_k"), "UpdateK");
    }

    #[test]
    fn numbers_reach_the_runtime() {
        let program = |code| ProgramError::from(refusal(code));
        assert_eq!(
            program(ErrorCode::InsufficientCollateral),
            ProgramError::Custom(6003)
        );
        assert_eq!(program(ErrorCode::AccountNotSigner), ProgramError::Custom(3010));
        assert_eq!(program(ErrorCode::AccountAlreadyInUse), ProgramError::Custom(0));
        assert_eq!(
            program(ErrorCode::AccountBorrowFailed),
            ProgramError::AccountBorrowFailed
        );
        let stops = std::panic::catch_unwind(|| refusal(ErrorCode::ProgramFailedToComplete));
        assert!(stops.is_err());
    }
}
