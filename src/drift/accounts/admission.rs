//! How many users an exchange admits, and what the last of them pay.

use super::State;
use crate::error::Result;
use crate::num::Checked;
use crate::units;

const LAMPORTS_PER_SOL: u64 = 1_000_000_000;

impl State {
    /// The most sub-accounts, and the most authorities, that may be open; 0 for any number. Above 5 the stored
    /// number counts hundreds.
    pub fn most_users(&self) -> u64 {
        match self.max_number_of_sub_accounts {
            few @ 0..=5 => few.into(),
            hundreds => u64::from(hundreds) * 100,
        }
    }

    /// Whether there may be `count` of them.
    pub fn admits(&self, count: u64) -> bool {
        self.most_users() == 0 || count <= self.most_users()
    }

    /// Lamports that opening a sub-account costs beside rent: nothing while at most four fifths of the places are
    /// taken, then in proportion, up to the maximum (stored in hundredths of a SOL) at the last place.
    pub fn opening_fee(&self) -> Result<u64> {
        const FREE: u64 = units::PERCENTAGE / 5 * 4;
        let taken = self
            .number_of_sub_accounts
            .times(units::PERCENTAGE)?
            .over(self.most_users().max(1))?;
        if taken <= FREE {
            return Ok(0);
        }
        let most = u64::from(self.max_initialize_user_fee) * LAMPORTS_PER_SOL / 100;
        most.times(taken - FREE)?.over(units::PERCENTAGE - FREE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_singly_up_to_five() {
        let most = |stored| {
            State {
                max_number_of_sub_accounts: stored,
                ..State::default()
            }
            .most_users()
        };
        assert_eq!([0, 5, 6, u16::MAX].map(most), [0, 5, 600, 6_553_500]);
        let state = State {
            max_number_of_sub_accounts: 3,
            ..State::default()
        };
        assert_eq!((state.admits(3), state.admits(4)), (true, false));
        assert!(State::default().admits(u64::MAX));
    }

    #[test]
    fn the_fee_rises_over_the_last_fifth() {
        let fee = |open| {
            let state = State {
                max_number_of_sub_accounts: 10,
                max_initialize_user_fee: 200,
                number_of_sub_accounts: open,
                ..State::default()
            };
            state.opening_fee().unwrap()
        };
        // 1,000 places, two SOL at the most.
        assert_eq!(
            [0, 800, 900, 1_000].map(fee),
            [0, 0, LAMPORTS_PER_SOL, 2 * LAMPORTS_PER_SOL]
        );
    }
}
