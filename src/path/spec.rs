//! The choice of a model.

use super::{
    Bootstrap, Constant, Crash, CsvFile, Drive, FieldError, Garch, GeometricBrownianMotion, HawkesJumps,
    Heston, HeteroskedasticWalk, JumpDiffusion, MeanReversion, PathError, PriceFiles, PricePath, RandomWalk,
    RegimeSwitching, Splice, error::Fields, luck::Chance, recorded,
};
use crate::random::Pcg64;
use crate::recording::Source;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A price path: one model, named, with its parameters.
///
/// ```yaml
/// geometric_brownian_motion:
///   start_price: 90
///   volatility_per_year: 0.6
/// ```
// The name of the model is a key of its own. With a `kind` field among the parameters serde would have to read all of them before it knows
// what they are, and errors would lose line and column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PathSpec {
    /// One price for good.
    Constant(Constant),
    /// drift-sim's additive random walk.
    RandomWalk(RandomWalk),
    /// drift-sim's additive walk in which large moves follow large moves.
    HeteroskedasticWalk(HeteroskedasticWalk),
    /// Independent normal log returns.
    GeometricBrownianMotion(GeometricBrownianMotion),
    /// Geometric Brownian motion with Merton's jumps.
    JumpDiffusion(JumpDiffusion),
    /// A log price drawn back to its mean, after Ornstein and Uhlenbeck.
    MeanReversion(MeanReversion),
    /// Geometric Brownian motion with one crash, or one surge.
    Crash(Crash),
    /// Volatility that clusters: GARCH(1,1) and GJR-GARCH, normal or with Student's t.
    Garch(Garch),
    /// Heston's stochastic volatility.
    Heston(Heston),
    /// Geometric Brownian motion that switches between regimes.
    RegimeSwitching(RegimeSwitching),
    /// Geometric Brownian motion with jumps that excite each other, after Hawkes.
    HawkesJumps(HawkesJumps),
    /// Recorded returns resampled in blocks.
    Bootstrap(Bootstrap),
    /// A recorded crash in another path.
    Splice(Splice),
    /// Recorded prices from a file of any usual form.
    Recorded(Source),
    /// Recorded prices from drift-sim's two columns.
    Csv(CsvFile),
}

impl PathSpec {
    /// The name of the model, as in specs.
    pub fn model(&self) -> &'static str {
        match self {
            PathSpec::Constant(_) => Constant::MODEL,
            PathSpec::RandomWalk(_) => RandomWalk::MODEL,
            PathSpec::HeteroskedasticWalk(_) => HeteroskedasticWalk::MODEL,
            PathSpec::GeometricBrownianMotion(_) => GeometricBrownianMotion::MODEL,
            PathSpec::JumpDiffusion(_) => JumpDiffusion::MODEL,
            PathSpec::MeanReversion(_) => MeanReversion::MODEL,
            PathSpec::Crash(_) => Crash::MODEL,
            PathSpec::Garch(_) => Garch::MODEL,
            PathSpec::Heston(_) => Heston::MODEL,
            PathSpec::RegimeSwitching(_) => RegimeSwitching::MODEL,
            PathSpec::HawkesJumps(_) => HawkesJumps::MODEL,
            PathSpec::Bootstrap(_) => Bootstrap::MODEL,
            PathSpec::Splice(_) => Splice::MODEL,
            PathSpec::Recorded(_) => recorded::MODEL,
            PathSpec::Csv(_) => CsvFile::MODEL,
        }
    }

    /// How the model takes the shocks by which markets are correlated: normal variates at regular steps. None where others move the price.
    pub fn drive(&self) -> Option<Drive> {
        let (step_seconds, splits) = match self {
            PathSpec::GeometricBrownianMotion(spec) => (spec.step_seconds, false),
            PathSpec::MeanReversion(spec) => (spec.step_seconds, false),
            PathSpec::Crash(spec) => (spec.step_seconds, false),
            PathSpec::JumpDiffusion(spec) => (spec.step_seconds, true),
            PathSpec::Garch(spec) => (spec.step_seconds, true),
            PathSpec::Heston(spec) => (spec.step_seconds, true),
            PathSpec::RegimeSwitching(spec) => (spec.step_seconds, true),
            PathSpec::HawkesJumps(spec) => (spec.step_seconds, true),
            PathSpec::Splice(spec) => return spec.path.drive(),
            PathSpec::Constant(_)
            | PathSpec::RandomWalk(_)
            | PathSpec::HeteroskedasticWalk(_)
            | PathSpec::Bootstrap(_)
            | PathSpec::Recorded(_)
            | PathSpec::Csv(_) => return None,
        };
        Some(Drive { step_seconds, splits })
    }

    /// The bootstrap in it, if there is one.
    pub fn bootstrap(&self) -> Option<&Bootstrap> {
        match self {
            PathSpec::Bootstrap(spec) => Some(spec),
            PathSpec::Splice(spec) => spec.path.bootstrap(),
            _ => None,
        }
    }

    /// The recording that the model draws on, where it draws on one.
    pub(super) fn recording(&self) -> Option<&Source> {
        match self {
            PathSpec::Bootstrap(spec) => Some(&spec.recording),
            PathSpec::Splice(spec) => Some(&spec.recording),
            _ => None,
        }
    }

    /// How many files its prices come from.
    pub(super) fn files(&self) -> usize {
        match self {
            PathSpec::Bootstrap(_) | PathSpec::Recorded(_) | PathSpec::Csv(_) => 1,
            PathSpec::Splice(spec) => 1 + spec.path.files(),
            _ => 0,
        }
    }

    /// Checks every field; reads no file.
    ///
    /// # Errors
    ///
    /// One [`FieldError`] for each field whose value makes no sense, in the order of the fields; never an empty list.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let errors = match self {
            PathSpec::Constant(spec) => spec.check(),
            PathSpec::RandomWalk(spec) => spec.check(),
            PathSpec::HeteroskedasticWalk(spec) => spec.check(),
            PathSpec::GeometricBrownianMotion(spec) => spec.check(),
            PathSpec::JumpDiffusion(spec) => spec.check(),
            PathSpec::MeanReversion(spec) => spec.check(),
            PathSpec::Crash(spec) => spec.check(),
            PathSpec::Garch(spec) => spec.check(),
            PathSpec::Heston(spec) => spec.check(),
            PathSpec::RegimeSwitching(spec) => spec.check(),
            PathSpec::HawkesJumps(spec) => spec.check(),
            PathSpec::Bootstrap(spec) => spec.check(),
            PathSpec::Splice(spec) => spec.check(),
            PathSpec::Recorded(source) => {
                let mut fields = Fields::of(recorded::MODEL);
                recorded::check(source, "", &mut fields);
                fields.finish()
            }
            PathSpec::Csv(spec) => spec.check(),
        };
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Reads the file that the spec names, if it names one, so that [`PriceFiles`] has it and its errors show before any trial runs.
    ///
    /// # Errors
    ///
    /// As [`PriceFiles::load`], and [`PathError::StartsTooLate`].
    pub fn preload(&self, files: &PriceFiles) -> Result<(), PathError> {
        match self.files() {
            0 => Ok(()),
            _ => self.build(Pcg64::new(0, 0), 0, files).map(|_| ()),
        }
    }

    /// The path from second 0 to `horizon_seconds`, made with the random numbers of `rng`.
    ///
    /// # Errors
    ///
    /// [`PathError::Field`] with the first field that [`validate`](Self::validate) finds fault with, a file that cannot be used, a price that
    /// rises beyond [`MAX_PRICE`](super::MAX_PRICE), or a path with more points than memory should hold.
    pub fn build(
        &self,
        rng: Pcg64,
        horizon_seconds: u32,
        files: &PriceFiles,
    ) -> Result<PricePath, PathError> {
        self.build_by(rng.into(), horizon_seconds, files)
    }

    /// As [`build`](Self::build), with chances that may be shared.
    pub(super) fn build_by(
        &self,
        chance: Chance,
        horizon_seconds: u32,
        files: &PriceFiles,
    ) -> Result<PricePath, PathError> {
        if let Some(first) = self.validate().err().and_then(|all| all.into_iter().next()) {
            return Err(first.into());
        }
        match self {
            PathSpec::Constant(spec) => spec.build(horizon_seconds),
            PathSpec::RandomWalk(spec) => spec.build(chance.rng, horizon_seconds),
            PathSpec::HeteroskedasticWalk(spec) => spec.build(chance.rng, horizon_seconds),
            PathSpec::GeometricBrownianMotion(spec) => spec.build(chance, horizon_seconds),
            PathSpec::JumpDiffusion(spec) => spec.build(chance, horizon_seconds),
            PathSpec::MeanReversion(spec) => spec.build(chance, horizon_seconds),
            PathSpec::Crash(spec) => spec.build(chance, horizon_seconds),
            PathSpec::Garch(spec) => spec.build(chance, horizon_seconds),
            PathSpec::Heston(spec) => spec.build(chance, horizon_seconds),
            PathSpec::RegimeSwitching(spec) => spec.build(chance, horizon_seconds),
            PathSpec::HawkesJumps(spec) => spec.build(chance, horizon_seconds),
            PathSpec::Bootstrap(spec) => spec.build(chance, horizon_seconds, files),
            PathSpec::Splice(spec) => spec.build(chance, horizon_seconds, files),
            PathSpec::Recorded(source) => recorded::build(source, horizon_seconds, files),
            PathSpec::Csv(spec) => spec.build(horizon_seconds, files),
        }
    }
}

#[cfg(test)]
mod tests;
