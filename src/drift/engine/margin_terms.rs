//! How a margin is reckoned: for what, at which prices, with which buffer.

use crate::accounts::MarketType;
use crate::math::weight::MarginType;

/// A market by kind and index.
pub type MarketId = (MarketType, u16);

/// How a user's margin is reckoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What it is for.
    pub margin: MarginType,
    /// Whether five minutes' averages count where they are worse than the price.
    pub strict: bool,
    /// Extra share (1e4) of every liability, for leaving liquidation.
    pub buffer: u32,
    /// Whether to tell apart what open orders need.
    pub share_of_orders: bool,
    /// The market whose requirement is wanted by itself.
    pub tracked: Option<MarketId>,
}

impl Terms {
    /// Plain reckoning for `margin`.
    pub const fn new(margin: MarginType) -> Self {
        Self {
            margin,
            strict: false,
            buffer: 0,
            share_of_orders: false,
            tracked: None,
        }
    }

    /// With five minutes' averages where they are worse.
    pub const fn strict(self) -> Self {
        Self { strict: true, ..self }
    }

    /// With a `buffer` (1e4) on every liability.
    pub const fn buffered(self, buffer: u32) -> Self {
        Self { buffer, ..self }
    }

    /// With the open orders' part apart.
    pub const fn share_of_orders(self) -> Self {
        Self {
            share_of_orders: true,
            ..self
        }
    }

    /// The reckoning of liquidations, with the exchange's `buffer` (1e4).
    pub const fn liquidation(buffer: u32) -> Self {
        Self::new(MarginType::Maintenance).buffered(buffer)
    }

    /// With one market's requirement apart.
    pub const fn tracking(self, market: MarketId) -> Self {
        Self {
            tracked: Some(market),
            ..self
        }
    }
}
