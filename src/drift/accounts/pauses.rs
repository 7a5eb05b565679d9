//! What is halted: on the whole exchange, in one market, or by a market's stage of life.

use super::{MarketStatus, PerpMarket, SpotMarket, State};
use crate::error::{ErrorCode, Result};

/// Operations that the exchange halts everywhere, by their bit in `State::exchange_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ExchangeOperation {
    Deposit = 1 << 0,
    Withdraw = 1 << 1,
    Amm = 1 << 2,
    Fill = 1 << 3,
    Liquidation = 1 << 4,
    Funding = 1 << 5,
    SettlePnl = 1 << 6,
}

/// Operations that a perpetual market halts, by their bit in `PerpMarket::paused_operations`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PerpOperation {
    UpdateFunding = 1 << 0,
    AmmFill = 1 << 1,
    Fill = 1 << 2,
    SettlePnl = 1 << 3,
    SettlePnlWithPosition = 1 << 4,
    Liquidation = 1 << 5,
}

/// Operations that a spot market's insurance fund halts, by their bit in `SpotMarket::if_paused_operations`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum InsuranceOperation {
    Init = 1 << 0,
    Add = 1 << 1,
    RequestRemove = 1 << 2,
    Remove = 1 << 3,
}

/// Operations that a spot market halts, by their bit in `SpotMarket::paused_operations`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum SpotOperation {
    UpdateCumulativeInterest = 1 << 0,
    Fill = 1 << 1,
    Withdraw = 1 << 2,
    Liquidation = 1 << 3,
}

impl MarketStatus {
    /// Whether markets may still be given this status: those that only halted something have given way to bits.
    pub fn is_in_use(self) -> bool {
        let halted = [
            Self::FundingPaused,
            Self::AmmPaused,
            Self::FillPaused,
            Self::WithdrawPaused,
        ];
        !halted.contains(&self)
    }
}

const EVERY_EXCHANGE_BIT: u8 = 0b0111_1111;

impl State {
    fn pause_bits(&self) -> Result<u8> {
        // The program refuses to read a byte with a bit that means nothing.
        if self.exchange_status & !EVERY_EXCHANGE_BIT != 0 {
            return Err(ErrorCode::FailedUnwrap);
        }
        Ok(self.exchange_status)
    }

    /// Whether `operation` is halted everywhere. `FailedUnwrap` when the status byte has an unknown bit.
    pub fn is_paused(&self, operation: ExchangeOperation) -> Result<bool> {
        Ok(self.pause_bits()? & operation as u8 != 0)
    }

    /// Whether all that can be halted is. `FailedUnwrap` when the status byte has an unknown bit.
    pub fn is_all_paused(&self) -> Result<bool> {
        Ok(self.pause_bits()? == EVERY_EXCHANGE_BIT)
    }
}

fn is_over(status: MarketStatus, expiry: i64, now: i64) -> bool {
    status == MarketStatus::Settlement || status == MarketStatus::Delisted || (expiry != 0 && now >= expiry)
}

impl PerpMarket {
    /// Whether this market halts `operation`.
    pub fn is_paused(&self, operation: PerpOperation) -> bool {
        self.paused_operations & operation as u8 != 0
    }

    /// Whether positions may only shrink.
    pub fn is_reduce_only(&self) -> bool {
        self.status == MarketStatus::ReduceOnly
    }

    /// Whether the market has expired at `now` (seconds) or was settled or delisted.
    pub fn is_over_at(&self, now: i64) -> bool {
        is_over(self.status, self.expiry_ts, now)
    }
}

impl SpotMarket {
    /// Whether this market halts `operation`.
    pub fn is_paused(&self, operation: SpotOperation) -> bool {
        self.paused_operations & operation as u8 != 0
    }

    /// Whether this market's insurance fund halts `operation`.
    pub fn is_insurance_paused(&self, operation: InsuranceOperation) -> bool {
        self.if_paused_operations & operation as u8 != 0
    }

    /// Whether balances may only shrink.
    pub fn is_reduce_only(&self) -> bool {
        self.status == MarketStatus::ReduceOnly
    }

    /// Whether the market has expired at `now` (seconds) or was settled or delisted.
    pub fn is_over_at(&self, now: i64) -> bool {
        is_over(self.status, self.expiry_ts, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchange_bits_are_read_one_by_one() {
        let mut state = State {
            exchange_status: 0b0010_0100,
            ..State::default()
        };
        assert_eq!(state.is_paused(ExchangeOperation::Amm), Ok(true));
        assert_eq!(state.is_paused(ExchangeOperation::Funding), Ok(true));
        assert_eq!(state.is_paused(ExchangeOperation::Deposit), Ok(false));
        assert_eq!(state.is_all_paused(), Ok(false));
        state.exchange_status = 127;
        assert_eq!(state.is_all_paused(), Ok(true));
        state.exchange_status = 255;
        assert_eq!(
            state.is_paused(ExchangeOperation::Deposit),
            Err(ErrorCode::FailedUnwrap)
        );
        assert_eq!(state.is_all_paused(), Err(ErrorCode::FailedUnwrap));
    }

    #[test]
    fn a_market_is_over_from_its_expiry_on() {
        let mut market = PerpMarket {
            status: MarketStatus::Active,
            expiry_ts: 100,
            ..PerpMarket::default()
        };
        assert_eq!(
            [99, 100, 101].map(|now| market.is_over_at(now)),
            [false, true, true]
        );
        market.expiry_ts = 0;
        assert!(!market.is_over_at(i64::MAX));
        market.status = MarketStatus::Delisted;
        assert!(market.is_over_at(0));
    }
}
