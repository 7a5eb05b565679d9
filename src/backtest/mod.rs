//! Replaying an experiment on a program in a bank, and on the engine beside it.

mod balance_sheet;
mod claim;
mod contest;
mod course;
mod crew;
mod duel;
mod opponent;
mod options;
mod record;
mod recorder;
mod replay;
mod results;
mod run;
mod run_info;
mod setup;
mod source;
mod summary;
mod unwind;

pub use balance_sheet::BalanceSheet;
pub use claim::{Claim, Claimed, Stuck, stuck};
pub use contest::Contest;
pub use crew::each;
pub use duel::{Duel, duel};
pub use opponent::{NoOpponent, Opponent};
pub use options::{Options, SameName, distinct, name_of};
pub use record::{RecordError, RecordOptions, Recording, record};
pub use replay::{Happened, Replay, ReplayError};
pub use results::{RUN_INFO, ResultsError, ResultsWriter};
pub use run::{BacktestError, run};
pub use run_info::RunInfo;
pub use setup::{Flag, SetUpError, UnknownFlag, genesis, switches};
pub use source::EventPlace;
pub use summary::{FirstDifference, Summary};
