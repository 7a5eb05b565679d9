//! The accounts that follow those of the interface: oracles, spot markets, perpetual markets.

use super::World;
use drift::accounts::User;
use drift::instruction::{AccountMeta, Call};
use drift::units::QUOTE_SPOT_MARKET;
use smallvec::SmallVec;

/// Markets an instruction touches beyond those its user holds something in; they are writable.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Touched {
    pub perp: Option<u16>,
    pub spot: Option<u16>,
    /// Another spot market, where tokens of two kinds change hands.
    pub other_spot: Option<u16>,
    /// Whether the perpetual markets that users hold something in are writable, too.
    pub every_perp: bool,
}

/// The most markets of a kind that one user holds something in, with the quote market and a touched one.
const MOST: usize = 10;

/// Market indices in rising order, each once.
type Indices = SmallVec<[u16; MOST]>;

fn add(indices: &mut Indices, index: u16) {
    if let Err(place) = indices.binary_search(&index) {
        indices.insert(place, index);
    }
}

impl World {
    /// Every market that one of `users` has a position, balance, order or LP share in, the quote market, and the touched ones.
    pub(super) fn remaining<'a>(
        &self,
        users: impl IntoIterator<Item = &'a User>,
        touched: Touched,
    ) -> Vec<AccountMeta> {
        let mut metas = Vec::new();
        self.name_remaining(users, touched, &mut metas);
        metas
    }

    /// `call` with the markets that [`World::remaining`] finds named behind its own accounts.
    pub(super) fn naming_markets<'a>(
        &self,
        mut call: Call,
        users: impl IntoIterator<Item = &'a User>,
        touched: Touched,
    ) -> Call {
        self.name_remaining(users, touched, &mut call.accounts);
        call
    }

    /// [`World::remaining`], added to the accounts that an instruction names already.
    fn name_remaining<'a>(
        &self,
        users: impl IntoIterator<Item = &'a User>,
        touched: Touched,
        metas: &mut Vec<AccountMeta>,
    ) {
        let (mut spots, mut perps) = (Indices::new(), Indices::new());
        spots.push(QUOTE_SPOT_MARKET);
        for user in users {
            for held in user.spot_positions.iter().filter(|held| !held.is_available()) {
                add(&mut spots, held.market_index);
            }
            for held in user.perp_positions.iter().filter(|held| !held.is_available()) {
                add(&mut perps, held.market_index);
            }
        }
        let touched_spots = [touched.spot, touched.other_spot];
        touched_spots
            .iter()
            .flatten()
            .for_each(|index| add(&mut spots, *index));
        touched.perp.into_iter().for_each(|index| add(&mut perps, index));

        let spots = || {
            spots
                .iter()
                .filter_map(|index| Some((*index, self.spots.get(usize::from(*index))?)))
        };
        let perps = || {
            perps
                .iter()
                .filter_map(|index| Some((*index, self.perps.get(usize::from(*index))?)))
        };
        metas.extend(
            spots().filter_map(|(_, place)| Some(AccountMeta::readonly(place.feed.as_ref()?.address))),
        );
        metas.extend(perps().map(|(_, place)| AccountMeta::readonly(place.feed.address)));
        metas.extend(spots().map(|(index, place)| {
            AccountMeta::new(place.market, false, touched_spots.contains(&Some(index)))
        }));
        metas.extend(perps().map(|(index, place)| {
            let writable = touched.every_perp || touched.perp == Some(index);
            AccountMeta::new(place.market, false, writable)
        }));
    }
}
