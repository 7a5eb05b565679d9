//! What must hold after every event: a market's totals are those of its users, and a vault holds what is claimed.

use crate::world::World;
use drift::accounts::{Account, PerpMarket, SpotMarket};
use drift::error::{ErrorCode, Result};
use drift::ledger::Ledger;
use drift::num::Checked;
use std::fmt;

/// A total that is not the sum of its parts, or a vault that does not hold what is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// Which.
    pub invariant: Invariant,
    /// In which market.
    pub market: u16,
    /// What the market says, in the program's integers.
    pub total: i128,
    /// What its parts add up to.
    pub parts: i128,
}

/// What must hold in a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// The base that the AMM has sold, and that liquidity not yet settled holds, is what users hold (1e9).
    NetBase,
    /// The long open interest is what users are long (1e9).
    LongBase,
    /// The short open interest is what users are short (1e9).
    ShortBase,
    /// The LP shares of users are the market's (1e9).
    LpShares,
    /// So many users have base.
    UsersWithBase,
    /// Deposits and pools add up to the market's deposits (1e9).
    Deposits,
    /// Debts add up to the market's borrows (1e9).
    Borrows,
    /// The vault holds no less than lenders may claim (the mint's smallest unit).
    Vault,
}

impl Invariant {
    /// Whether it is a count beside the money. Deployed programs get these wrong by themselves: when an LP's remainder below a
    /// step is closed, it is counted as a position that somebody has, or had. Where users are too few by that count, the last
    /// one cannot close: taking one from none is refused as a `MathError`.
    pub fn is_count(self) -> bool {
        matches!(self, Self::LongBase | Self::ShortBase | Self::UsersWithBase)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            invariant,
            market,
            total,
            parts,
        } = self;
        match invariant {
            Invariant::NetBase => write!(
                f,
                "perp market {market}: base of AMM and unsettled liquidity (1e9) {total}, users {parts}"
            ),
            Invariant::LongBase => write!(f, "perp market {market}: long base (1e9) {total}, users {parts}"),
            Invariant::ShortBase => {
                write!(f, "perp market {market}: short base (1e9) {total}, users {parts}")
            }
            Invariant::LpShares => write!(f, "perp market {market}: LP shares (1e9) {total}, users {parts}"),
            Invariant::UsersWithBase => write!(
                f,
                "perp market {market}: users with base {total}, counted {parts}"
            ),
            Invariant::Deposits => write!(
                f,
                "spot market {market}: scaled deposits (1e9) {total}, users and pools {parts}"
            ),
            Invariant::Borrows => write!(
                f,
                "spot market {market}: scaled borrows (1e9) {total}, users {parts}"
            ),
            Invariant::Vault => write!(
                f,
                "spot market {market}: the vault holds {total}, lenders claim {parts}"
            ),
        }
    }
}

/// What `users` hold in a perpetual market.
#[derive(Default)]
struct Held {
    long: i128,
    short: i128,
    shares: i128,
    with_base: i128,
}

/// What does not hold in the exchange of `users`, who are all that have accounts.
///
/// # Errors
/// [`ErrorCode`] where an account is missing or a sum does not fit.
pub fn broken<L: Ledger>(world: &World, ledger: &L, users: &[u32]) -> Result<Vec<Broken>> {
    let mut perps: Vec<Held> = (0..world.perp_count()).map(|_| Held::default()).collect();
    let mut spots: Vec<[i128; 2]> = vec![[0; 2]; world.spot_count().into()];
    for user in users.iter().filter_map(|number| world.user(ledger, *number)) {
        for held in &user.perp_positions {
            // A slot that nobody uses is zero, and adds nothing to whatever market it names.
            let Some(sums) = perps.get_mut(usize::from(held.market_index)) else {
                continue;
            };
            let base = i128::from(held.base_asset_amount);
            sums.long += base.max(0);
            sums.short += base.min(0);
            sums.shares += i128::from(held.lp_shares);
            sums.with_base += i128::from(base != 0);
        }
        for held in &user.spot_positions {
            if let Some(sums) = spots.get_mut(usize::from(held.market_index)) {
                sums[usize::from(held.is_borrow())] += i128::from(held.scaled_balance);
            }
        }
    }
    let mut found = Vec::new();
    for (index, held) in (0u16..).zip(&perps) {
        let market = world.perp(ledger, index).ok_or(ErrorCode::PerpMarketNotFound)?;
        add_pools(market, &mut spots)?;
        check_perp(index, market, held, &mut found)?;
    }
    for (index, [deposits, borrows]) in (0u16..).zip(spots) {
        let market = world.spot(ledger, index).ok_or(ErrorCode::SpotMarketNotFound)?;
        let vault = world.vault(index).and_then(|key| ledger.account(&key));
        let Some(Account::Token(vault)) = vault else {
            return Err(ErrorCode::InvalidSpotMarketVault);
        };
        check_spot(index, market, vault.amount, [deposits, borrows], &mut found)?;
    }
    Ok(found)
}

fn signed(amount: u128) -> Result<i128> {
    amount.try_into().map_err(|_| ErrorCode::CastingFailure)
}

fn add_pools(market: &PerpMarket, spots: &mut [[i128; 2]]) -> Result {
    if let Some([deposits, _]) = spots.get_mut(usize::from(market.quote_spot_market_index)) {
        let pools = { market.pnl_pool }
            .scaled_balance
            .plus({ market.amm.fee_pool }.scaled_balance)?;
        *deposits = deposits.plus(signed(pools)?)?;
    }
    Ok(())
}

fn check_perp(index: u16, market: &PerpMarket, held: &Held, found: &mut Vec<Broken>) -> Result {
    let amm = &market.amm;
    let net = { amm.base_asset_amount_with_amm }.plus(amm.base_asset_amount_with_unsettled_lp)?;
    let sums = [
        (Invariant::NetBase, net, held.long + held.short),
        (Invariant::LongBase, amm.base_asset_amount_long, held.long),
        (Invariant::ShortBase, amm.base_asset_amount_short, held.short),
        (Invariant::LpShares, signed(amm.user_lp_shares)?, held.shares),
        (
            Invariant::UsersWithBase,
            market.number_of_users_with_base.into(),
            held.with_base,
        ),
    ];
    note(index, &sums, found);
    Ok(())
}

fn check_spot(
    index: u16,
    market: &SpotMarket,
    vault: u64,
    [deposits, borrows]: [i128; 2],
    found: &mut Vec<Broken>,
) -> Result {
    let pools = { market.revenue_pool }
        .scaled_balance
        .plus({ market.spot_fee_pool }.scaled_balance)?;
    let sums = [
        (
            Invariant::Deposits,
            signed(market.deposit_balance)?,
            deposits.plus(signed(pools)?)?,
        ),
        (Invariant::Borrows, signed(market.borrow_balance)?, borrows),
    ];
    note(index, &sums, found);
    let claim = signed(market.deposits()?)?.minus(signed(market.borrows()?)?)?;
    if i128::from(vault) < claim {
        found.push(Broken {
            invariant: Invariant::Vault,
            market: index,
            total: vault.into(),
            parts: claim,
        });
    }
    Ok(())
}

fn note(market: u16, sums: &[(Invariant, i128, i128)], found: &mut Vec<Broken>) {
    let unequal = sums.iter().filter(|(_, total, parts)| total != parts);
    found.extend(unequal.map(|(invariant, total, parts)| Broken {
        invariant: *invariant,
        market,
        total: *total,
        parts: *parts,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_that_are_not_the_sums_are_found() {
        let mut market = PerpMarket {
            number_of_users_with_base: 2,
            ..PerpMarket::default()
        };
        market.amm.base_asset_amount_with_amm = 7;
        market.amm.base_asset_amount_with_unsettled_lp = -2;
        market.amm.base_asset_amount_long = 9;
        market.amm.base_asset_amount_short = -4;
        market.amm.user_lp_shares = 30;
        let held = |long, short, shares, with_base| Held {
            long,
            short,
            shares,
            with_base,
        };
        let found = |held: Held| {
            let mut found = Vec::new();
            check_perp(3, &market, &held, &mut found).unwrap();
            found
                .into_iter()
                .map(|broken| broken.invariant)
                .collect::<Vec<_>>()
        };
        assert_eq!(found(held(9, -4, 30, 2)), []);
        // A position that nobody has: both the net and the long side are off.
        assert_eq!(
            found(held(8, -4, 30, 2)),
            [Invariant::NetBase, Invariant::LongBase]
        );
        assert_eq!(
            found(held(9, -4, 29, 3)),
            [Invariant::LpShares, Invariant::UsersWithBase]
        );
    }

    #[test]
    fn a_vault_that_lacks_a_unit_is_found() {
        // A thousand tokens lent, two hundred borrowed.
        let market = SpotMarket {
            decimals: 6,
            cumulative_deposit_interest: 10_000_000_000,
            cumulative_borrow_interest: 10_000_000_000,
            deposit_balance: 1_000_000_000_000,
            borrow_balance: 200_000_000_000,
            ..SpotMarket::default()
        };
        let found = |vault, sums| {
            let mut found = Vec::new();
            check_spot(0, &market, vault, sums, &mut found).unwrap();
            found
        };
        let sums = [1_000_000_000_000, 200_000_000_000];
        assert_eq!(found(800_000_000, sums), []);
        let short = found(799_999_999, sums);
        assert_eq!(
            short[0].to_string(),
            "spot market 0: the vault holds 799999999, lenders claim 800000000"
        );
        let [lost] = found(800_000_000, [999_999_999_999, 200_000_000_000])[..] else {
            panic!("one sum is off");
        };
        assert_eq!(
            (lost.invariant, lost.total - lost.parts),
            (Invariant::Deposits, 1)
        );
    }
}
