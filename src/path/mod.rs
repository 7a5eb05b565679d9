//! Oracle price paths: what the market outside does while a trial runs.
//!
//! A [`PathSpec`] says which model and with which parameters; [`PathSpec::build`] turns it, a stream of random numbers and a horizon into a
//! [`PricePath`], a list of whole seconds and prices. A price holds until the next one. Second 0 is the start of the trial.
//!
//! # Units
//!
//! Specs speak dollars, seconds and years; a year has 365 days (31,536,000 s). A built path holds integers, dollars times [`PRICE_SCALE`]
//! (1e6, the scale of oracle prices in the program). The conversion multiplies in `f64` and rounds to the nearest integer, halves upwards.
//! No price is below [`MIN_PRICE`] (1, a millionth of a dollar) or above [`MAX_PRICE`] (a billion dollars): the first is held at the floor,
//! the second fails the path.
//!
//! # Same path everywhere
//!
//! A path depends on its spec, its stream and its horizon, nothing else; where it is tied to others ([`Tie`]), on their streams and the
//! kinds of their models too, and where it draws on a file, on that. Sums, products, quotients and square roots of `f64` are exact to
//! the bit by IEEE 754; exponentials and logarithms are not, and differ between system libraries, so they are taken from the `libm` crate,
//! which computes them with those four operations on every platform. Normal variates are made here from the stream for the same reason.
//!
//! Models take their random numbers in an order that does not depend on their scale parameters (volatility, drift, jump size and frequency,
//! reversion). What is left to chance besides one normal variate a step (jumps, regimes, variances) comes from a second stream, seeded from
//! the first 32 bytes of the path's. Two points of a sweep that differ in such a parameter meet the same luck in the same replicate.

mod bootstrap;
mod constant;
mod crash;
mod csv_file;
mod csv_rows;
mod error;
mod feed;
mod files;
mod garch;
mod geometric_brownian_motion;
mod grid;
mod hawkes_jumps;
mod heston;
mod heteroskedastic_walk;
mod jump_diffusion;
mod luck;
mod mean_reversion;
mod normal;
mod price;
mod random_walk;
mod range;
mod recorded;
mod recorder;
mod regime_switching;
mod replicate;
mod spec;
mod splice;
mod tie;
mod walk;

pub use bootstrap::{Bootstrap, Resampling};
pub use constant::Constant;
pub use crash::Crash;
pub use csv_file::CsvFile;
pub use error::{FieldError, PathError};
pub use feed::{ConfidenceSpec, Feed, FeedSpec, Outage, OutageSpec, Reading, Stamp};
pub use files::PriceFiles;
pub use garch::Garch;
pub use geometric_brownian_motion::GeometricBrownianMotion;
pub use hawkes_jumps::HawkesJumps;
pub use heston::Heston;
pub use heteroskedastic_walk::HeteroskedasticWalk;
pub use jump_diffusion::JumpDiffusion;
pub use mean_reversion::MeanReversion;
pub use price::{PriceCursor, PricePath, PriceTable};
pub use random_walk::RandomWalk;
pub use range::{MAX_PRICE, MIN_PRICE, PRICE_SCALE};
pub use recorded::Span;
pub use regime_switching::{Regime, RegimeSwitching};
pub use replicate::of_replicate;
pub use spec::PathSpec;
pub use splice::Splice;
pub use tie::{Drive, Share, Source, Tie, cholesky};
pub use walk::Anchor;

/// Seconds in a year of 365 days.
pub const SECONDS_PER_YEAR: f64 = 31_536_000.0;

/// Seconds in a day.
pub const SECONDS_PER_DAY: f64 = 86_400.0;
