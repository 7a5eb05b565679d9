//! Where the accounts of a world are: each has its number in the ledger from the moment somebody needs it.

use super::{Role, World, user_keys};
use crate::event::OraclePrice;
use drift::accounts::{PriceFeed, Pubkey};
use drift::instruction::Address;
use drift::ledger::Ledger;
use drift::units::QUOTE_SPOT_MARKET;
use std::borrow::Cow;

/// A perpetual market and its oracle.
#[derive(Clone, Debug)]
pub(super) struct PerpPlace {
    pub market: Address,
    pub feed: Feed,
}

/// A spot market with its vaults and oracle; the quote market has none.
#[derive(Clone, Debug)]
pub(super) struct SpotPlace {
    pub market: Address,
    pub mint: Address,
    pub vault: Address,
    pub insurance_vault: Address,
    pub feed: Option<Feed>,
}

/// An oracle and what it shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Feed {
    pub address: Address,
    pub price: OraclePrice,
    pub confidence: OraclePrice,
    pub stamp: Stamp,
}

/// Which slot a price is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// So many before the one in which it is published.
    Behind(u64),
    /// This one, whenever it is published.
    Of(u64),
}

impl Stamp {
    /// What the price is of the moment it is published.
    pub const FRESH: Self = Self::Behind(0);
}

impl Feed {
    /// A feed at `address` that shows `price`, fresh and sure.
    pub fn new(address: Address, price: OraclePrice) -> Self {
        Self {
            address,
            price,
            confidence: OraclePrice::default(),
            stamp: Stamp::FRESH,
        }
    }

    /// From `slot` on it shows what an event says.
    pub fn show(
        &mut self,
        price: OraclePrice,
        confidence: OraclePrice,
        late: (Option<u64>, Option<bool>),
        slot: u64,
    ) {
        let (delay, outage) = (late.0.unwrap_or(0), late.1.unwrap_or(false));
        (self.price, self.confidence) = (price, confidence);
        self.stamp = match outage {
            true => Stamp::Of(slot.saturating_sub(delay)),
            false => Stamp::Behind(delay),
        };
    }

    /// Writes the price in `slot`.
    pub fn publish<L: Ledger>(&self, ledger: &mut L, slot: u64) {
        let of = match self.stamp {
            Stamp::Behind(delay) => slot.saturating_sub(delay),
            Stamp::Of(slot) => slot,
        };
        // `OraclePrice` never exceeds `i64::MAX`.
        let price = i64::try_from(self.price.mantissa()).unwrap_or(i64::MAX);
        let feed = PriceFeed::new(price, self.confidence.mantissa(), OraclePrice::EXPONENT, of);
        ledger.publish(&self.address, &feed);
    }
}

/// A user's accounts.
#[derive(Clone, Copy, Debug)]
pub(super) struct UserPlace {
    pub authority: Address,
    pub user: Address,
    pub stats: Address,
    /// The token account for the quote market.
    pub wallet: Address,
}

/// Accounts that every world has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fixed {
    pub admin: Address,
    pub state: Address,
    pub signer: Address,
    pub token_program: Address,
    pub system_program: Address,
    pub rent: Address,
}

/// Users whose places are kept, by number; those above are looked up each time.
const KEPT: usize = 1 << 17;

impl World {
    /// Gives the accounts of user `number` their numbers in `ledger`.
    pub(super) fn introduce<L: Ledger>(&mut self, ledger: &mut L, number: u32) {
        let place = number as usize;
        if place >= KEPT || matches!(self.users.get(place), Some(Some(_))) {
            return;
        }
        if self.users.len() <= place {
            self.users.resize(place + 1, None);
        }
        let keys = user_keys(number);
        self.users[place] = Some(UserPlace {
            authority: ledger.locate(keys.authority),
            user: ledger.locate(keys.user),
            stats: ledger.locate(keys.stats),
            wallet: ledger.locate(keys.wallet),
        });
    }

    /// The places of a user whom an event named; nobody else has accounts.
    pub(super) fn named_user(&self, number: u32) -> Option<Cow<'_, UserPlace>> {
        match self.users.get(number as usize) {
            Some(Some(place)) => Some(Cow::Borrowed(place)),
            _ if (number as usize) < KEPT => None,
            _ => Some(self.user_place(number)),
        }
    }

    pub(super) fn user_place(&self, number: u32) -> Cow<'_, UserPlace> {
        match self.users.get(number as usize) {
            Some(Some(place)) => Cow::Borrowed(place),
            _ => {
                let keys = user_keys(number);
                Cow::Owned(UserPlace {
                    authority: keys.authority.into(),
                    user: keys.user.into(),
                    stats: keys.stats.into(),
                    wallet: keys.wallet.into(),
                })
            }
        }
    }

    /// A user's token account for a spot market.
    pub(super) fn wallet_place(&self, number: u32, spot: u16) -> Address {
        match spot {
            QUOTE_SPOT_MARKET => self.user_place(number).wallet,
            _ => Role::Wallet(number, spot).address().into(),
        }
    }

    /// The address of a spot market's vault.
    pub fn vault(&self, index: u16) -> Option<Pubkey> {
        Some(self.spots.get(usize::from(index))?.vault.key)
    }
}
