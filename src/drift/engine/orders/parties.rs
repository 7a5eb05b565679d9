//! The other users an order may concern: the referrer, and makers.

use crate::accounts::{Account, Pubkey, User, UserStats};
use crate::engine::frame::{Frame, Held};
use crate::error::{ErrorCode, Result};

/// The taker's own accounts, which may be named among the others' again.
pub(super) struct Taker {
    /// Address of the user.
    pub user: Pubkey,
    /// Address of the statistics.
    pub stats: Pubkey,
}

/// Pairs of user and statistics that an instruction names behind its markets.
#[derive(Default)]
pub(super) struct Parties {
    users: Vec<Held<User>>,
    stats: Vec<Held<UserStats>>,
    taker_is_named: bool,
}

impl Parties {
    /// Takes pairs from position `next` on. A user must be writable (`UserWrongMutability`) and followed by statistics
    /// (`UserStatsNotFound`, `InvalidUserStatsAccount`) that are writable as well (`UserStatsWrongMutability`). Whoever
    /// is named again, the taker included, is not taken again.
    pub fn load(frame: &mut Frame, mut next: usize, taker: &Taker) -> Result<Self> {
        let mut parties = Self::default();
        while next < frame.len() {
            let key = frame.key(next)?;
            let known = parties.users.iter().any(|user| user.key() == key);
            let is_user = matches!(frame.account(next)?, Account::User(_));
            if !is_user && !known && key != taker.user {
                break;
            }
            if !frame.slot(next)?.writable {
                return Err(ErrorCode::UserWrongMutability);
            }
            if is_user {
                parties.users.push(frame.take(next)?);
            }
            parties.taker_is_named |= key == taker.user;
            parties.load_stats(frame, next + 1, taker)?;
            next += 2;
        }
        Ok(parties)
    }

    fn load_stats(&mut self, frame: &mut Frame, position: usize, taker: &Taker) -> Result {
        if position >= frame.len() {
            return Err(ErrorCode::UserStatsNotFound);
        }
        let key = frame.key(position)?;
        if key == taker.stats || self.stats.iter().any(|stats| stats.key() == key) {
            return Ok(());
        }
        if !matches!(frame.account(position)?, Account::UserStats(_)) {
            return Err(ErrorCode::InvalidUserStatsAccount);
        }
        if !frame.slot(position)?.writable {
            return Err(ErrorCode::UserStatsWrongMutability);
        }
        self.stats.push(frame.take(position)?);
        Ok(())
    }

    /// Puts every account back.
    pub fn restore(self, frame: &mut Frame) {
        self.users.into_iter().for_each(|user| frame.put(user));
        self.stats.into_iter().for_each(|stats| frame.put(stats));
    }

    /// Whether nobody is named at all, not even the taker.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && !self.taker_is_named
    }

    /// Whether the taker's own account is named.
    pub fn taker_is_named(&self) -> bool {
        self.taker_is_named
    }

    /// The users, in the order of their addresses.
    pub fn users(&mut self) -> &mut [Held<User>] {
        self.users.sort_unstable_by_key(Held::key);
        &mut self.users
    }

    /// The first sub-account of the authority `referrer` with its statistics, active in `slot`; none for a taker whom
    /// nobody referred. `ReferrerStatsNotFound` or `ReferrerNotFound` when they are not among the parties.
    pub fn referrer(&mut self, referrer: Pubkey, slot: u64) -> Result<Option<(&mut User, &mut UserStats)>> {
        if referrer == Pubkey::default() {
            return Ok(None);
        }
        let stats = self
            .stats
            .iter_mut()
            .find(|stats| stats.authority == referrer)
            .ok_or(ErrorCode::ReferrerStatsNotFound)?;
        let user = self
            .users
            .iter_mut()
            .find(|user| user.authority == referrer && user.sub_account_id == 0)
            .ok_or(ErrorCode::ReferrerNotFound)?;
        user.touch(slot);
        Ok(Some((user, stats)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Stored;
    use crate::clock::Clock;
    use crate::engine::{Cast, Entry};

    fn key(byte: u8) -> Pubkey {
        Pubkey([byte; 32])
    }

    fn entry<T: Stored>(address: u8, value: T) -> Entry {
        Entry {
            key: key(address),
            account: T::wrap(Box::new(value)),
        }
    }

    fn user(address: u8, authority: u8) -> Entry {
        entry(
            address,
            User {
                authority: key(authority),
                ..User::default()
            },
        )
    }

    fn stats(address: u8, authority: u8) -> Entry {
        entry(
            address,
            UserStats {
                authority: key(authority),
                ..UserStats::default()
            },
        )
    }

    /// Loads `entries`, of which those in `read_only` may not be changed, for the taker with addresses 1 and 2, and hands
    /// the parties to `look`.
    fn load_some<R>(entries: Vec<Entry>, read_only: &[usize], look: impl FnOnce(Parties) -> R) -> Result<R> {
        let mut cast = Cast::default();
        for Entry { key, account } in entries {
            cast.add(key, false, account);
        }
        read_only
            .iter()
            .for_each(|place| cast.slots[*place].writable = false);
        let mut frame = cast.frame(Clock::default());
        Parties::load(
            &mut frame,
            0,
            &Taker {
                user: key(1),
                stats: key(2),
            },
        )
        .map(look)
    }

    fn load<R>(entries: Vec<Entry>, look: impl FnOnce(Parties) -> R) -> Result<R> {
        load_some(entries, &[], look)
    }

    #[test]
    fn pairs_are_taken_up_to_the_first_other_account() {
        let state = entry(9, crate::accounts::State::default());
        let count = load(vec![user(3, 30), stats(4, 30), state, user(5, 50)], |parties| {
            parties.users.len()
        });
        assert_eq!(count, Ok(1));
        assert_eq!(load(vec![], |parties| parties.is_empty()), Ok(true));
        let mut own = vec![user(1, 10), stats(2, 10)];
        for entry in &mut own {
            User::take(&mut entry.account)
                .map(drop)
                .or_else(|_| UserStats::take(&mut entry.account).map(drop))
                .unwrap();
        }
        assert_eq!(
            load(own, |parties| (parties.is_empty(), parties.users.len())),
            Ok((false, 0))
        );
    }

    #[test]
    fn half_a_pair_is_refused() {
        let refusal = |entries| load(entries, |_| ()).err();
        assert_eq!(refusal(vec![user(3, 30)]), Some(ErrorCode::UserStatsNotFound));
        assert_eq!(
            refusal(vec![user(3, 30), user(4, 30)]),
            Some(ErrorCode::InvalidUserStatsAccount)
        );
        let read_only = |place| load_some(vec![user(3, 30), stats(4, 30)], &[place], |_| ()).err();
        assert_eq!(read_only(0), Some(ErrorCode::UserWrongMutability));
        assert_eq!(read_only(1), Some(ErrorCode::UserStatsWrongMutability));
    }

    #[test]
    fn a_referrer_is_the_first_sub_account_with_its_statistics() {
        let of = |entries, referrer| {
            load(entries, |mut parties| {
                let found = parties.referrer(key(referrer), 77)?;
                Ok(found.map(|(user, _)| user.last_active_slot))
            })
            .unwrap()
        };
        assert_eq!(of(vec![user(3, 30), stats(4, 30)], 30), Ok(Some(77)));
        assert_eq!(of(vec![user(3, 30), stats(4, 30)], 0), Ok(None));
        assert_eq!(
            of(vec![user(3, 30), stats(4, 30)], 40),
            Err(ErrorCode::ReferrerStatsNotFound)
        );
        let second = entry(
            3,
            User {
                authority: key(30),
                sub_account_id: 1,
                ..User::default()
            },
        );
        assert_eq!(
            of(vec![second, stats(4, 30)], 30),
            Err(ErrorCode::ReferrerNotFound)
        );
    }
}
