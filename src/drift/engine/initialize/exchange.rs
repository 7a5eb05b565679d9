use super::create;
use crate::drift::accounts::{Mint, State};
use crate::drift::engine::{Frame, guard};
use crate::drift::error::Result;
use crate::drift::instruction::{Initialize, InitializeAccounts};
use crate::drift::key::{SYSTEM_PROGRAM, TOKEN_PROGRAM, pda};

/// Opens the exchange.
pub(in crate::drift::engine) fn initialize(frame: &mut Frame, _: &Initialize) -> Result {
    let at = InitializeAccounts::<usize>::positions();
    let admin = frame.signer(at.admin)?;
    let mint = frame.take::<Mint>(at.quote_asset_mint)?;
    guard::rent(frame, at.rent)?;
    guard::program(frame, at.system_program, SYSTEM_PROGRAM)?;
    guard::program(frame, at.token_program, TOKEN_PROGRAM)?;
    let mut state = create::<State>(frame, at.state, pda::state())?;
    frame.must_be_writable(at.admin)?;
    *state = State::initial(admin);
    frame.put(mint);
    frame.put(state);
    Ok(())
}
