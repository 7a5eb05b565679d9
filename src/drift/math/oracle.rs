//! How far an oracle's price can be trusted, and for what.

use crate::accounts::ValidityGuardRails;
use crate::engine::OraclePrice;
use crate::error::Result;
use crate::num::{Checked, Narrow};
use crate::units;

/// The worst that is wrong with a price, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OracleValidity {
    /// Zero or below.
    NonPositive,
    /// Many times its own average, or the reverse.
    TooVolatile,
    /// A confidence interval too wide for the price.
    TooUncertain,
    /// Too old for margin.
    StaleForMargin,
    /// Too few publishers.
    TooFewPublishers,
    /// Too old for the AMM to trade on.
    StaleForAmm,
    /// Nothing.
    Valid,
}

/// What a price is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Purpose {
    UpdateFunding,
    SettlePnl,
    TriggerOrder,
    FillOrderMatch,
    FillOrderAmm,
    Liquidate,
    Margin,
    UpdateTwap,
    UpdateCurve,
    PriceOrder,
}

impl OracleValidity {
    /// Whether a price of this quality may serve `purpose`.
    pub fn serves(self, purpose: Purpose) -> bool {
        use OracleValidity::*;
        match purpose {
            Purpose::FillOrderAmm => self == Valid,
            Purpose::UpdateFunding | Purpose::SettlePnl => self >= StaleForMargin,
            Purpose::PriceOrder | Purpose::Margin => self >= TooFewPublishers,
            Purpose::FillOrderMatch => self >= StaleForMargin,
            Purpose::TriggerOrder | Purpose::Liquidate => self >= TooUncertain,
            Purpose::UpdateTwap | Purpose::UpdateCurve => self > NonPositive,
        }
    }
}

/// Judges `price` against the market's oracle `twap` (1e6) and the exchange's limits; the confidence limit counts
/// `confidence_multiple` times.
pub fn validity(
    twap: i64,
    price: &OraclePrice,
    limits: &ValidityGuardRails,
    confidence_multiple: u64,
) -> Result<OracleValidity> {
    let volatility = price.price.max(twap).over(twap.min(price.price).max(1))?;
    // A negative price does not cast: it is refused here, before its verdict.
    let confidence_share = price
        .confidence
        .max(1)
        .times(units::PERCENTAGE)?
        .over(price.price.to()?)?;
    let widest = limits.confidence_interval_max_size.times(confidence_multiple)?;
    Ok(if price.price <= 0 {
        OracleValidity::NonPositive
    } else if volatility > limits.too_volatile_ratio {
        OracleValidity::TooVolatile
    } else if confidence_share > widest {
        OracleValidity::TooUncertain
    } else if price.delay > limits.slots_before_stale_for_margin {
        OracleValidity::StaleForMargin
    } else if !price.enough_publishers {
        OracleValidity::TooFewPublishers
    } else if price.delay > limits.slots_before_stale_for_amm {
        OracleValidity::StaleForAmm
    } else {
        OracleValidity::Valid
    })
}
