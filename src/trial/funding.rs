//! Who paid funding: what an event changed in its user's total, by the side of the position before.

use drift::accounts::User;

/// A user's funding total and sides before an event.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FundingBefore {
    received: i64,
    long: bool,
    short: bool,
}

/// Funding paid by each side (1e6); negative where it was received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FundingPaid {
    /// By long positions.
    pub longs: i128,
    /// By short positions.
    pub shorts: i128,
}

impl FundingBefore {
    pub fn of(user: &User) -> Self {
        let bases = user.perp_positions.iter().map(|held| held.base_asset_amount);
        let (mut long, mut short) = (false, false);
        bases.for_each(|base| {
            long |= base > 0;
            short |= base < 0;
        });
        Self {
            received: user.cumulative_perp_funding,
            long,
            short,
        }
    }

    /// Adds what `user` paid since to the side it was on. One who was on both sides, in different markets, counts
    /// half for each.
    pub fn settle(self, user: &User, paid: &mut FundingPaid) {
        let amount = -i128::from(user.cumulative_perp_funding - self.received);
        match (self.long, self.short) {
            (true, false) => paid.longs += amount,
            (false, true) => paid.shorts += amount,
            (true, true) => {
                paid.longs += amount / 2;
                paid.shorts += amount - amount / 2;
            }
            (false, false) => {}
        }
    }
}
