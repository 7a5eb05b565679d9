//! Ways in which drift-sim's replay departed from its own events.

use super::World;
use super::places::Stamp;
use crate::event::OraclePrice;
use drift::accounts::{PerpMarket, Stored};
use drift::ledger::Ledger;
use drift::num::mul_div;
use std::fmt;
use std::str::FromStr;

/// What an event is made into, where that is not what it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DriftSimCompat {
    /// `open_position` trades this much of the user's free collateral, and not the event's quote amount.
    pub init_leverage: Option<Leverage>,
    /// After an accepted `close_position`, the market's oracle shows the AMM's price.
    pub oracle_follows_trade: bool,
}

/// A multiple of free collateral, above 0, in billionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leverage(u64);

/// A text that is no leverage.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no leverage: it must be a number from 0.000000001 to 1000, such as 0.0002")]
pub struct NoLeverage(pub String);

impl Leverage {
    const ONE: u64 = 1_000_000_000;
    const LARGEST: u64 = 1_000 * Self::ONE;

    /// This much of `collateral`, in the same unit, rounded down.
    pub fn of(self, collateral: u128) -> u64 {
        let amount = mul_div(collateral, self.0.into(), Self::ONE.into());
        amount
            .ok()
            .and_then(|amount| amount.try_into().ok())
            .unwrap_or(u64::MAX)
    }
}

impl FromStr for Leverage {
    type Err = NoLeverage;

    fn from_str(text: &str) -> Result<Self, NoLeverage> {
        let scaled = text
            .trim()
            .parse::<f64>()
            .map(|number| (number * Self::ONE as f64).round());
        match scaled {
            Ok(scaled) if (1.0..=Self::LARGEST as f64).contains(&scaled) => Ok(Self(scaled as u64)),
            _ => Err(NoLeverage(text.to_owned())),
        }
    }
}

impl fmt::Display for Leverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0 as f64 / Self::ONE as f64).fmt(f)
    }
}

impl World {
    /// Has the oracle of perpetual market `index` show the AMM's price.
    pub(super) fn follow_trade<L: Ledger>(&mut self, ledger: &mut L, index: u16) {
        let Some(place) = self.perps.get_mut(usize::from(index)) else {
            return;
        };
        let price = ledger
            .at(&place.market)
            .and_then(PerpMarket::peek)
            .and_then(|market| market.amm.reserve_price().ok())
            .and_then(OraclePrice::from_micros);
        if let Some(price) = price {
            (place.feed.price, place.feed.stamp) = (price, Stamp::FRESH);
            let slot = ledger.clock().slot;
            place.feed.publish(ledger, slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leverage_is_above_nothing_and_finite() {
        let leverage: Leverage = "0.0002".parse().unwrap();
        // 10,000 dollars by 0.0002 are two.
        assert_eq!(leverage.of(10_000_000_000), 2_000_000);
        assert_eq!(leverage.of(4_999), 0);
        assert_eq!("3".parse::<Leverage>().unwrap().of(7), 21);
        assert_eq!(leverage.of(u128::MAX), u64::MAX);
        assert_eq!(leverage.to_string(), "0.0002");
        for text in ["0", "-1", "NaN", "inf", "1e-12", "1001", "", "two"] {
            assert!(text.parse::<Leverage>().is_err(), "{text}");
        }
    }
}
