//! The accounts that follow those of the interface: oracles, spot markets, perpetual markets.

use super::World;
use drift::accounts::User;
use drift::instruction::AccountMeta;
use drift::units::QUOTE_SPOT_MARKET;

/// Markets an instruction touches beyond those its user holds something in; they are writable.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Touched {
    pub perp: Option<u16>,
    pub spot: Option<u16>,
}

impl World {
    /// Every market that `user` has a position, balance, order or LP share in, the quote market, and the touched ones.
    pub(super) fn remaining(&self, user: Option<&User>, touched: Touched) -> Vec<AccountMeta> {
        let mut spots = vec![QUOTE_SPOT_MARKET];
        let mut perps = Vec::new();
        if let Some(user) = user {
            spots.extend(
                user.spot_positions
                    .iter()
                    .filter(|held| !held.is_available())
                    .map(|held| held.market_index),
            );
            perps.extend(
                user.perp_positions
                    .iter()
                    .filter(|held| !held.is_available())
                    .map(|held| held.market_index),
            );
        }
        spots.extend(touched.spot);
        perps.extend(touched.perp);
        for list in [&mut spots, &mut perps] {
            list.sort_unstable();
            list.dedup();
        }
        let spot_places = || {
            spots
                .iter()
                .filter_map(|index| Some((*index, self.spots.get(usize::from(*index))?)))
        };
        let perp_places = || {
            perps
                .iter()
                .filter_map(|index| Some((*index, self.perps.get(usize::from(*index))?)))
        };
        let spot_feeds = spot_places().filter_map(|(_, place)| Some(place.feed.as_ref()?.address));
        let perp_feeds = perp_places().map(|(_, place)| place.feed.address);
        let mut metas: Vec<_> = spot_feeds.chain(perp_feeds).map(AccountMeta::readonly).collect();
        metas.extend(spot_places().map(|(index, place)| AccountMeta {
            key: place.market,
            signer: false,
            writable: touched.spot == Some(index),
        }));
        metas.extend(perp_places().map(|(index, place)| AccountMeta {
            key: place.market,
            signer: false,
            writable: touched.perp == Some(index),
        }));
        metas
    }
}
