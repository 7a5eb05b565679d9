//! Whose maintenance margin is too small, second by second, without reckoning everybody's each time.
//!
//! A margin is reckoned when its user's accounts were written, and otherwise only when a price, an interest, a funding
//! rate or a rule has left the room that the last reckoning found for it: as long as all of them stay within, nothing
//! can have happened. Each level keeps the tightest room of all users, so that a second in which nothing is near costs
//! a comparison for each market, however many users there are.

mod level;
mod room;
#[cfg(test)]
mod tests;

use crate::path::{PriceCursor, PricePath};
use crate::world::{AtPrices, Prices, World, user_keys};
use drift::accounts::Pubkey;
use drift::instruction::Call;
use drift::ledger::Ledger;
use drift::units::{PRICE, QUOTE_SPOT_MARKET};
use level::{Change, Perp, Places, Seen, Spot};
use room::{Rooms, measure};
use std::collections::{BTreeSet, HashMap};

/// Somebody who may be liquidated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endangered {
    /// Who.
    pub user: u32,
    /// Since which second.
    pub since: i64,
    /// Whether the maintenance margin is too small. If not, a liquidation that has begun is not over.
    pub short: bool,
}

/// A level and the tightest room that anybody has on it.
#[derive(Clone, Copy, Debug)]
struct Level {
    low: i128,
    high: i128,
}

const ANYWHERE: Level = Level {
    low: i128::MIN,
    high: i128::MAX,
};

#[derive(Clone, Debug, Default)]
struct Watched {
    rooms: Rooms,
    /// Since when the maintenance margin is too small.
    short_since: Option<i64>,
    /// Since when anybody may liquidate, or go on with it.
    endangered_since: Option<i64>,
}

/// Follows the maintenance margins of users `0..users` at the prices of paths.
pub struct Watch {
    second: i64,
    perp_paths: Vec<PriceCursor>,
    spot_paths: Vec<PriceCursor>,
    /// Prices at `second`.
    perps: Vec<u64>,
    spots: Vec<u64>,
    places: Places,
    values: Vec<i128>,
    levels: Vec<Level>,
    seen: Seen,
    numbers: HashMap<Pubkey, u32, foldhash::fast::FixedState>,
    users: Vec<Watched>,
    /// Those whose margin must be reckoned.
    due: Vec<u32>,
    /// Whether an instruction was executed since the markets were looked at.
    stale: bool,
    endangered: BTreeSet<u32>,
    short: u64,
    short_seconds: u64,
    reckoned: u64,
}

impl Watch {
    /// Looks at `users` users from second 0 on.
    pub fn new(world: &World, users: u32, perps: &[PricePath], spots: &[PricePath]) -> Self {
        let places = Places::of(world);
        let start = |paths: &[PricePath]| paths.iter().map(PricePath::start_price).collect();
        let cursors = |paths: &[PricePath]| paths.iter().map(PricePath::cursor).collect();
        let mut watch = Self {
            second: 0,
            perp_paths: cursors(perps),
            spot_paths: cursors(spots),
            perps: start(perps),
            spots: start(spots),
            places,
            values: vec![0; places.count()],
            levels: vec![ANYWHERE; places.count()],
            seen: Seen::default(),
            numbers: (0..users).map(|user| (user_keys(user).user, user)).collect(),
            users: vec![Watched::default(); users as usize],
            due: (0..users).collect(),
            stale: true,
            endangered: BTreeSet::new(),
            short: 0,
            short_seconds: 0,
            reckoned: 0,
        };
        watch.show_prices();
        watch
    }

    /// Notes that `call` was executed.
    pub fn executed(&mut self, call: &Call) {
        self.stale = true;
        for meta in call.accounts.iter().filter(|meta| meta.writable) {
            if let Some(user) = self.numbers.get(&meta.key) {
                self.due.push(*user);
            }
        }
    }

    /// Moves to `second`, over every change of a price in between, and reckons what has to be. Accounts are as they
    /// were since the last call, but for what [`Watch::executed`] was told.
    pub fn advance<L: Ledger>(&mut self, world: &World, ledger: &L, second: i64) {
        self.settle(world, ledger);
        while self.second < second {
            let paths = self.perp_paths.iter_mut().chain(&mut self.spot_paths);
            let change = paths.filter_map(|path| path.next_change_after(self.second)).min();
            let next = change.map_or(second, |change| change.min(second));
            self.short_seconds += self.short * (next - self.second).unsigned_abs();
            self.second = next;
            self.show_prices();
            self.settle(world, ledger);
        }
    }

    /// Everybody who may be liquidated now, in the order of their numbers.
    pub fn endangered(&self) -> impl Iterator<Item = Endangered> + '_ {
        self.endangered.iter().filter_map(|user| self.danger(*user))
    }

    /// What danger `user` is in, if any.
    pub fn danger(&self, user: u32) -> Option<Endangered> {
        let watched = self.users.get(user as usize)?;
        Some(Endangered {
            user,
            since: watched.endangered_since?,
            short: watched.short_since.is_some(),
        })
    }

    /// The number of the user whose account is at `key`.
    pub fn number(&self, key: &Pubkey) -> Option<u32> {
        self.numbers.get(key).copied()
    }

    /// The price (1e6) of a spot market's asset at the second looked at last.
    pub fn spot_price(&self, market: u16) -> Option<i64> {
        let price = match market {
            QUOTE_SPOT_MARKET => PRICE,
            _ => *self.spots.get(usize::from(market) - 1)?,
        };
        i64::try_from(price).ok()
    }

    /// Seconds under maintenance margin so far, of all users together.
    pub fn short_seconds(&self) -> u64 {
        self.short_seconds
    }

    /// How many margins were reckoned so far.
    pub fn reckoned(&self) -> u64 {
        self.reckoned
    }

    fn show_prices(&mut self) {
        for (index, path) in self.perp_paths.iter_mut().enumerate() {
            self.perps[index] = path.price_at(self.second);
            self.values[self.places.perp(index as u16, Perp::Price)] = self.perps[index].into();
        }
        for (index, path) in self.spot_paths.iter_mut().enumerate() {
            self.spots[index] = path.price_at(self.second);
            self.values[self.places.spot(index as u16 + 1, Spot::Price)] = self.spots[index].into();
        }
    }

    /// Reckons whatever may have changed.
    fn settle<L: Ledger>(&mut self, world: &World, ledger: &L) {
        if std::mem::take(&mut self.stale) {
            let values = &mut self.values;
            self.seen
                .look(self.places, world, ledger, |level, change| match change {
                    Change::To(value) => values[level] = value,
                    Change::Again => values[level] += 1,
                });
        }
        let left = |watch: &Self, level: usize| {
            let Level { low, high } = watch.levels[level];
            watch.values[level] < low || watch.values[level] > high
        };
        for level in 0..self.levels.len() {
            if left(self, level) {
                self.leave(level);
            }
        }
        if self.due.is_empty() {
            return;
        }
        let mut due = std::mem::take(&mut self.due);
        due.sort_unstable();
        due.dedup();
        for user in due.drain(..) {
            self.reckon(world, ledger, user);
        }
        self.due = due;
    }

    /// Everybody who has no room for where a level now stands becomes due, and the others say how much they have left.
    fn leave(&mut self, level: usize) {
        let value = self.values[level];
        let mut tightest = ANYWHERE;
        for (user, watched) in (0u32..).zip(&self.users) {
            for room in watched.rooms.iter().filter(|room| room.level as usize == level) {
                if room.holds(value) {
                    tightest.low = tightest.low.max(room.low);
                    tightest.high = tightest.high.min(room.high);
                } else {
                    self.due.push(user);
                }
            }
        }
        self.levels[level] = tightest;
    }

    fn reckon<L: Ledger>(&mut self, world: &World, ledger: &L, user: u32) {
        let watched = &mut self.users[user as usize];
        watched.rooms.clear();
        let Some(account) = world.user(ledger, user) else {
            return;
        };
        self.reckoned += 1;
        let mut markets = AtPrices {
            world,
            ledger,
            prices: Prices {
                perps: &self.perps,
                spots: &self.spots,
            },
        };
        let (covered, rooms) = measure(account, &mut markets, self.places, &self.values);
        for room in &rooms {
            let level = &mut self.levels[room.level as usize];
            level.low = level.low.max(room.low);
            level.high = level.high.min(room.high);
        }
        watched.rooms = rooms;
        self.short -= u64::from(watched.short_since.is_some());
        self.short += u64::from(!covered);
        let since = |before: Option<i64>, now: bool| now.then(|| before.unwrap_or(self.second));
        watched.short_since = since(watched.short_since, !covered);
        let dangerous = !covered || account.in_liquidation();
        watched.endangered_since = since(watched.endangered_since, dangerous);
        if watched.endangered_since.is_some() {
            self.endangered.insert(user);
        } else {
            self.endangered.remove(&user);
        }
    }
}
