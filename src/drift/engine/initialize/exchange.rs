use super::create;
use crate::accounts::{Mint, State};
use crate::engine::{Frame, guard};
use crate::error::Result;
use crate::instruction::{Initialize, InitializeAccounts};
use crate::key::{SYSTEM_PROGRAM, TOKEN_PROGRAM, pda};

/// Opens the exchange.
pub(in crate::engine) fn initialize(frame: &mut Frame, _: &Initialize) -> Result {
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
