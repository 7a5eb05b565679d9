//! Oracle prices as instructions see them: at 1e6 dollars, with confidence and age, each judged once.

use super::frame::{Entry, Frame};
use crate::accounts::{Account, OracleGuardRails, OracleSource, PriceFeed, Pubkey};
use crate::error::{ErrorCode, Result};
use crate::math::oracle::{self, OracleValidity};
use crate::num::{Checked, Narrow, power_of_ten};
use crate::units;
use smallvec::SmallVec;

/// What an oracle says at a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OraclePrice {
    /// Price at 1e6.
    pub price: i64,
    /// Width of the confidence interval, at 1e6.
    pub confidence: u64,
    /// Slots since the price was valid.
    pub delay: i64,
    /// Whether enough publishers stand behind it.
    pub enough_publishers: bool,
}

impl OraclePrice {
    /// One dollar: the price of the quote asset by definition.
    pub const DOLLAR: Self = Self {
        price: units::PRICE as i64,
        confidence: 1,
        delay: 0,
        enough_publishers: true,
    };
}

/// Bytes of a Pyth v2 price account.
const PRICE_ACCOUNT_BYTES: usize = 3_312;

/// Reads a price feed as `source` says, at `slot`. Sources without a feed of this form are `NotModelled`.
pub fn read_price(source: OracleSource, feed: &Account, slot: u64) -> Result<OraclePrice> {
    match (source, feed) {
        (OracleSource::QuoteAsset, _) => Ok(OraclePrice::DOLLAR),
        (_, Account::Oracle(feed, _)) => read_feed(source, feed, slot),
        (OracleSource::Switchboard | OracleSource::Prelaunch, _) => Err(ErrorCode::NotModelled),
        (_, Account::Taken(loaded)) if loaded.locked => Err(ErrorCode::UnableToLoadOracle),
        // The program reads past the end of what is shorter than a feed.
        (_, other) if other.encode().len() < PRICE_ACCOUNT_BYTES => Err(ErrorCode::ProgramFailedToComplete),
        _ => Err(ErrorCode::UnableToLoadOracle),
    }
}

fn read_feed(source: OracleSource, feed: &PriceFeed, slot: u64) -> Result<OraclePrice> {
    let units_a_price = match source {
        OracleSource::Pyth | OracleSource::PythStableCoin => 1,
        OracleSource::Pyth1K => 1_000,
        OracleSource::Pyth1M => 1_000_000,
        _ => return Err(ErrorCode::NotModelled),
    };
    let mut read = pyth(feed, slot, units_a_price)?;
    if source == OracleSource::PythStableCoin {
        let dollar = units::PRICE as i64;
        let five_basis_points = 500;
        if read.price.minus(dollar)?.abs() <= five_basis_points.min(read.confidence.to()?) {
            read.price = dollar;
        }
    }
    Ok(read)
}

fn pyth(feed: &PriceFeed, slot: u64, units_a_price: u128) -> Result<OraclePrice> {
    let scale = power_of_ten(feed.exponent.unsigned_abs())?;
    if scale <= units_a_price {
        return Err(ErrorCode::InvalidOracle);
    }
    let scale = scale.over(units_a_price)?;
    let ours = u128::from(units::PRICE);
    let (times, over) = if scale > ours {
        (1, scale.over(ours)?)
    } else {
        (ours.over(scale)?, 1)
    };
    Ok(OraclePrice {
        price: i128::from(feed.price)
            .times(times.to()?)?
            .over(over.to()?)?
            .to()?,
        confidence: u128::from(feed.confidence).times(times)?.over(over)?.to()?,
        delay: slot.to::<i64>()?.minus(feed.valid_slot.to()?)?,
        enough_publishers: feed.quoter_count >= feed.component_count.min(3),
    })
}

/// Feeds that the program reads by another rule than their market says: prices of a million tokens, and stable coins.
const BY_ADDRESS: [(Pubkey, OracleSource); 4] = [
    (
        Pubkey::from_base58("8ihFLu5FimgTQ1Unh4dVyEHUGodJ5gJQCrQf4KUVB9bN"),
        OracleSource::Pyth1M,
    ),
    (
        Pubkey::from_base58("FSfxunDmjjbDV2QxpyxFCAPKmYJHSLnLuvQXDLkMzLBm"),
        OracleSource::Pyth1M,
    ),
    (
        Pubkey::from_base58("Gnt27xtC473ZT2Mw5u8wZ68Z3gULkSTb5DuxJy7eJotD"),
        OracleSource::PythStableCoin,
    ),
    (
        Pubkey::from_base58("3vxLXJqLqF3JG5TCbYycbKWRBbCJQLxQmBGCkyqEEefL"),
        OracleSource::PythStableCoin,
    ),
];

fn source_by_address(key: &Pubkey) -> OracleSource {
    BY_ADDRESS
        .iter()
        .find(|(known, _)| known == key)
        .map_or(OracleSource::Pyth, |(_, source)| *source)
}

#[derive(Debug)]
struct Feed {
    key: Pubkey,
    /// What it says, or why it says nothing, which matters to those only who ask.
    price: Result<OraclePrice>,
    /// The first verdict stands for the rest of the instruction, whatever average it was reached with.
    validity: Option<OracleValidity>,
}

/// The price feeds an instruction names.
#[derive(Debug)]
pub struct Oracles {
    /// The slot that ages are counted from.
    pub slot: u64,
    /// The limits that prices are judged by.
    pub guard_rails: OracleGuardRails,
    feeds: SmallVec<[Feed; 2]>,
}

impl Oracles {
    /// Reads feeds from position `next` on, and moves `next` behind them.
    pub(super) fn load(
        frame: &Frame,
        next: &mut usize,
        guard_rails: Option<OracleGuardRails>,
    ) -> Result<Self> {
        let mut feeds = SmallVec::new();
        while *next < frame.len() {
            if frame.is_locked(*next)? {
                return Err(ErrorCode::UnableToLoadOracle);
            }
            let Entry { key, account } = frame.entry(*next)?;
            let Account::Oracle(feed, _) = account else {
                break;
            };
            feeds.push(Feed {
                key: *key,
                price: read_feed(source_by_address(key), feed, frame.clock.slot),
                validity: None,
            });
            *next += 1;
        }
        Ok(Self {
            slot: frame.clock.slot,
            guard_rails: guard_rails.unwrap_or(OracleGuardRails::INITIAL),
            feeds,
        })
    }

    /// Whether `key` is among the feeds; the quote asset's, the default address, always is.
    pub fn contains(&self, key: &Pubkey) -> bool {
        *key == Pubkey::default() || self.feeds.iter().any(|feed| feed.key == *key)
    }

    /// The price of the feed at `key`; one dollar for the default address, `OracleNotFound` for a feed not named.
    pub fn price(&self, key: &Pubkey) -> Result<OraclePrice> {
        if *key == Pubkey::default() {
            return Ok(OraclePrice::DOLLAR);
        }
        let feed = self.feeds.iter().find(|feed| feed.key == *key);
        feed.ok_or(ErrorCode::OracleNotFound)?.price
    }

    /// The price of the feed at `key` and the verdict on it, reached with the market's `twap` (1e6) and multiple of
    /// the confidence limit the first time it is asked for.
    pub fn price_and_validity(
        &mut self,
        key: &Pubkey,
        twap: i64,
        confidence_multiple: u64,
    ) -> Result<(OraclePrice, OracleValidity)> {
        if *key == Pubkey::default() {
            return Ok((OraclePrice::DOLLAR, OracleValidity::Valid));
        }
        let limits = &self.guard_rails.validity;
        let feed = self
            .feeds
            .iter_mut()
            .find(|feed| feed.key == *key)
            .ok_or(ErrorCode::OracleNotFound)?;
        let price = feed.price?;
        let validity = match feed.validity {
            Some(validity) => validity,
            None => *feed
                .validity
                .insert(oracle::validity(twap, &price, limits, confidence_multiple)?),
        };
        Ok((price, validity))
    }
}
