//! Replaying an experiment on a program in a bank, and on the engine beside it.

mod balance_sheet;
mod claim;
mod duel;
mod record;
mod recorder;
mod replay;
mod results;
mod run;
mod setup;
mod source;
mod unwind;

pub use balance_sheet::BalanceSheet;
pub use claim::{Claim, Claimed, Stuck, stuck};
pub use duel::{Duel, Opponent, duel};
pub use record::{RecordError, RecordOptions, Recording, record};
pub use replay::{Divergence, Happened, Replay, ReplayError};
pub use results::{ResultsError, ResultsWriter};
pub use run::{BacktestError, Options, Summary, name_of, run};
pub use setup::{Flag, SetUpError, UnknownFlag, genesis, switches};
pub use source::EventPlace;
