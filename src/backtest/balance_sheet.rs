//! Where every token is at the end.

use crate::bank::BankLedger;
use crate::divergence::SheetRow;
use crate::trial::{Conservation, InterestDust};
use crate::world::{Role, World};
use drift::accounts::{Account, SpotBalanceType, SpotMarket, TokenAccount};
use drift::error::{ErrorCode, Result};
use drift::key::pda;

/// The tokens of one spot market, in the mint's smallest unit.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct BalanceSheet {
    /// The spot market.
    pub market: u16,
    /// Tokens that were made for users' wallets.
    pub funded: i128,
    /// In wallets now.
    pub wallets: u128,
    /// In the market's vault.
    pub vault: u128,
    /// In the insurance fund's vault.
    pub insurance_vault: u128,
    /// Users' deposits.
    pub user_deposits: u128,
    /// Users' borrows.
    pub user_borrows: u128,
    /// The revenue pool.
    pub revenue_pool: u128,
    /// The pools of profit and loss of perpetual markets.
    pub pnl_pools: u128,
    /// The AMMs' fee pools.
    pub fee_pools: u128,
}

impl BalanceSheet {
    /// Whether every token that was made is in a wallet or in a vault.
    pub fn closes(&self) -> bool {
        u128::try_from(self.funded) == Ok(self.wallets + self.vault + self.insurance_vault)
    }

    /// What the vault holds beyond all claims on it: the units that interest and shares round off.
    pub fn rounding(&self) -> i128 {
        let claims = self.user_deposits + self.revenue_pool + self.pnl_pools + self.fee_pools;
        (self.vault + self.user_borrows) as i128 - claims as i128
    }
}

impl BalanceSheet {
    /// As a report has it, line by line.
    pub fn rows(&self) -> [SheetRow; 10] {
        [
            ("funded", self.funded.to_string()),
            ("wallets", self.wallets.to_string()),
            ("vault", self.vault.to_string()),
            ("insurance_vault", self.insurance_vault.to_string()),
            ("user_deposits", self.user_deposits.to_string()),
            ("user_borrows", self.user_borrows.to_string()),
            ("revenue_pool", self.revenue_pool.to_string()),
            ("pnl_pools", self.pnl_pools.to_string()),
            ("fee_pools", self.fee_pools.to_string()),
            ("rounding", self.rounding().to_string()),
        ]
        .map(|(item, amount)| SheetRow {
            market: self.market,
            item: item.to_owned(),
            amount,
        })
    }
}

/// The sheets of all spot markets of `users`, and whether the program's books agree with themselves but for the `dust` that interest leaves.
///
/// # Errors
/// [`ErrorCode`] where a balance does not fit the program's integers.
pub fn balance_sheets(
    world: &World,
    bank: &BankLedger,
    users: &[u32],
    dust: &InterestDust,
) -> Result<(Vec<BalanceSheet>, Conservation)> {
    let sheets = (0..world.spot_count()).map(|index| sheet(world, bank, users, index));
    let numbers = users.iter().max().map_or(0, |last| last.saturating_add(1));
    Ok((
        sheets.collect::<Result<_>>()?,
        Conservation::check(world, bank, numbers, dust)?,
    ))
}

fn sheet(world: &World, bank: &BankLedger, users: &[u32], index: u16) -> Result<BalanceSheet> {
    let market = world.spot(bank, index).ok_or(ErrorCode::SpotMarketNotFound)?;
    let mint = Role::Mint(index).address();
    let (vault, insurance_vault) = (pda::spot_vault(index), pda::insurance_vault(index));
    let mut sheet = BalanceSheet {
        market: index,
        funded: bank.funded(&mint),
        wallets: 0,
        vault: 0,
        insurance_vault: 0,
        user_deposits: 0,
        user_borrows: 0,
        revenue_pool: deposit(market, market.revenue_pool.scaled_balance)?,
        pnl_pools: 0,
        fee_pools: 0,
    };
    for (key, account) in bank.accounts() {
        let Account::Token(token) = account else {
            continue;
        };
        let TokenAccount { mint: of, amount, .. } = **token;
        if of == mint {
            let place = match *key {
                key if key == vault => &mut sheet.vault,
                key if key == insurance_vault => &mut sheet.insurance_vault,
                _ => &mut sheet.wallets,
            };
            *place += u128::from(amount);
        }
    }
    for user in users.iter().filter_map(|number| world.user(bank, *number)) {
        for held in user
            .spot_positions
            .iter()
            .filter(|held| !held.is_available() && held.market_index == index)
        {
            let tokens = market.tokens(held.scaled_balance.into(), held.balance_type)?;
            if held.balance_type == SpotBalanceType::Deposit {
                sheet.user_deposits += tokens;
            } else {
                sheet.user_borrows += tokens;
            }
        }
    }
    for perp in (0..world.perp_count()).filter_map(|perp| world.perp(bank, perp)) {
        if perp.quote_spot_market_index == index {
            sheet.pnl_pools += deposit(market, perp.pnl_pool.scaled_balance)?;
            sheet.fee_pools += deposit(market, perp.amm.fee_pool.scaled_balance)?;
        }
    }
    Ok(sheet)
}

fn deposit(market: &SpotMarket, scaled: u128) -> Result<u128> {
    market.tokens(scaled, SpotBalanceType::Deposit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_closes_to_the_last_token() {
        let mut sheet = BalanceSheet {
            market: 0,
            funded: 1_000,
            wallets: 700,
            vault: 250,
            insurance_vault: 50,
            user_deposits: 200,
            user_borrows: 20,
            revenue_pool: 10,
            pnl_pools: 30,
            fee_pools: 29,
        };
        assert!(sheet.closes());
        // 250 + 20 - (200 + 10 + 30 + 29).
        assert_eq!(sheet.rounding(), 1);
        sheet.wallets += 1;
        assert!(!sheet.closes());
    }
}
