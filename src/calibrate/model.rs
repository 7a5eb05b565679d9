//! The models that can be fitted.

/// A model that can be fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Model {
    /// Independent normal returns, by their mean and variance.
    GeometricBrownianMotion,
    /// Merton's jumps, by maximum likelihood.
    JumpDiffusion,
    /// A log price drawn back to its mean, by maximum likelihood.
    MeanReversion,
    /// GARCH(1,1) with Student's t, by maximum likelihood.
    Garch,
    /// GJR-GARCH with Student's t, by maximum likelihood: the path `garch` with its `gamma`.
    Gjr,
    /// Heston's stochastic volatility, by a filter's quasi-likelihood.
    Heston,
    /// Two regimes that switch, by the Hamilton filter.
    RegimeSwitching,
    /// Jumps that bring jumps, by a filter's quasi-likelihood.
    HawkesJumps,
}

impl Model {
    /// All of them.
    pub const ALL: [Model; 8] = [
        Model::GeometricBrownianMotion,
        Model::JumpDiffusion,
        Model::MeanReversion,
        Model::Garch,
        Model::Gjr,
        Model::Heston,
        Model::RegimeSwitching,
        Model::HawkesJumps,
    ];

    /// The name: that of the path, but for `gjr`, whose path is `garch`.
    pub fn name(self) -> &'static str {
        match self {
            Model::GeometricBrownianMotion => "geometric_brownian_motion",
            Model::JumpDiffusion => "jump_diffusion",
            Model::MeanReversion => "mean_reversion",
            Model::Garch => "garch",
            Model::Gjr => "gjr",
            Model::Heston => "heston",
            Model::RegimeSwitching => "regime_switching",
            Model::HawkesJumps => "hawkes_jumps",
        }
    }

    /// Whether what is maximised is not quite the model's likelihood, so that standard errors are those of a quasi-likelihood.
    pub fn is_quasi(self) -> bool {
        matches!(self, Model::Heston | Model::HawkesJumps)
    }
}
