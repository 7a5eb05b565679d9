//! Replaying an experiment on a program in a bank, and on the engine beside it.

mod balance_sheet;
mod invariant_watch;
mod options;
mod program_under_test;
mod record;
mod recorder;
mod replay;
mod replay_pair;
mod residual;
mod results;
mod run;
mod run_info;
mod setup;
mod side_by_side;
mod source;
mod summary;
mod timelines;
mod worker_pool;

pub use balance_sheet::BalanceSheet;
pub use options::{Options, SameName, distinct, name_of};
pub use program_under_test::{NoProgramUnderTest, ProgramUnderTest};
pub use record::{RecordError, RecordOptions, Recording, record};
pub(crate) use recorder::Recorder;
pub use replay::{Happened, Replay, ReplayError};
pub use replay_pair::ReplayPair;
pub use residual::{Residual, ResidualKind, Stuck, stuck};
pub use results::{RUN_INFO, ResultsError, ResultsWriter};
pub use run::{BacktestError, run};
pub use run_info::RunInfo;
pub use setup::{Flag, SetUpError, UnknownFlag, genesis, switches};
pub use side_by_side::{SideBySide, side_by_side};
pub use source::EventPlace;
pub use summary::{FirstDifference, Summary};
pub use worker_pool::{each, stream};
