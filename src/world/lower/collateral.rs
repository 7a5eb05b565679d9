//! Tokens into and out of a user's account.

use super::{LowerError, Step, spot};
use crate::event::{DepositCollateral, MidSimDeposit, WithdrawCollateral};
use crate::world::{Role, World};
use drift::accounts::{Account, SpotBalanceType, TokenAccount};
use drift::instruction::{
    Address, Deposit, DepositAccounts, InitializeUser, InitializeUserAccounts, InitializeUserStats,
    InitializeUserStatsAccounts, Withdraw, WithdrawAccounts,
};
use drift::ledger::Ledger;

impl World {
    pub(super) fn deposit_collateral<L: Ledger>(
        &self,
        ledger: &L,
        event: &DepositCollateral,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let index = event.spot_market_index;
        self.open_user(ledger, event.user_index, steps);
        let minted = event.deposit_amount.saturating_add(event.mint_amount);
        steps.push(self.fund(ledger, event.user_index, index, minted)?);
        if event.deposit_amount > 0 {
            steps.push(self.deposit(ledger, event.user_index, index, event.deposit_amount, false)?);
        }
        Ok(())
    }

    pub(super) fn mid_sim_deposit<L: Ledger>(
        &self,
        ledger: &L,
        event: &MidSimDeposit,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (user, index) = (event.user_index, event.spot_market_index);
        let debt = self.debt(ledger, user, index)?;
        let amount = debt.unwrap_or(event.deposit_amount);
        let wallet = self.wallet(ledger, user, index)?.amount;
        // A debt is paid even by one who spent what was borrowed.
        let missing = debt.map_or(0, |debt| if wallet < debt { debt - wallet + 1 } else { 0 });
        let missing = missing.max(amount.saturating_sub(wallet));
        steps.extend([
            self.fund(ledger, user, index, missing)?,
            self.deposit(ledger, user, index, amount, event.reduce_only)?,
        ]);
        Ok(())
    }

    pub(super) fn withdraw<L: Ledger>(
        &self,
        ledger: &L,
        event: &WithdrawCollateral,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (keys, user) = self.actor(ledger, event.user_index)?;
        let index = event.spot_market_index;
        let accounts = WithdrawAccounts {
            state: self.fixed.state,
            user: keys.user,
            user_stats: keys.stats,
            authority: keys.authority,
            spot_market_vault: self.known_spot(index)?.vault,
            drift_signer: self.fixed.signer,
            user_token_account: self.wallet_place(event.user_index, index),
            token_program: self.fixed.token_program,
        };
        let withdraw = Withdraw {
            market_index: index,
            amount: event.withdraw_amount,
            reduce_only: event.reduce_only,
        };
        let call = self.naming_markets(withdraw.call(accounts, []), [user], spot(index));
        // The wallet must be there to receive.
        steps.extend([
            self.fund(ledger, event.user_index, index, 0)?,
            Step::Execute(call),
        ]);
        Ok(())
    }

    fn open_user<L: Ledger>(&self, ledger: &L, number: u32, steps: &mut Vec<Step>) {
        if self.user(ledger, number).is_some() {
            return;
        }
        let keys = self.user_place(number);
        let stats = InitializeUserStatsAccounts {
            user_stats: keys.stats,
            state: self.fixed.state,
            authority: keys.authority,
            payer: keys.authority,
            rent: self.fixed.rent,
            system_program: self.fixed.system_program,
        };
        let user = InitializeUserAccounts {
            user: keys.user,
            user_stats: keys.stats,
            state: self.fixed.state,
            authority: keys.authority,
            payer: keys.authority,
            rent: self.fixed.rent,
            system_program: self.fixed.system_program,
        };
        steps.extend([
            Step::Open(keys.authority.key),
            Step::Execute(InitializeUserStats {}.call(stats, [])),
            Step::Execute(
                InitializeUser {
                    sub_account_id: 0,
                    name: [b' '; 32],
                }
                .call(user, []),
            ),
        ]);
    }

    /// A token account of a spot market at `at` as it stands, or the empty one of `owner` it starts as.
    fn tokens_at<L: Ledger>(
        &self,
        ledger: &L,
        at: &Address,
        owner: &Address,
        index: u16,
    ) -> Result<TokenAccount, LowerError> {
        let place = self.known_spot(index)?;
        Ok(match ledger.at(at) {
            Some(Account::Token(held)) => **held,
            _ => TokenAccount::new(place.mint.key, owner.key),
        })
    }

    /// A user's token account.
    fn wallet<L: Ledger>(&self, ledger: &L, number: u32, index: u16) -> Result<TokenAccount, LowerError> {
        let owner = self.user_place(number).authority;
        self.tokens_at(ledger, &self.wallet_place(number, index), &owner, index)
    }

    fn fund<L: Ledger>(&self, ledger: &L, number: u32, index: u16, tokens: u64) -> Result<Step, LowerError> {
        let mut wallet = self.wallet(ledger, number, index)?;
        wallet.amount = wallet.amount.saturating_add(tokens);
        Ok(Step::Set(
            self.wallet_place(number, index),
            Account::Token(Box::new(wallet)),
        ))
    }

    /// Gives the administrator so many tokens more, and answers in which account, too.
    pub(super) fn fund_treasury<L: Ledger>(
        &self,
        ledger: &L,
        index: u16,
        tokens: u64,
    ) -> Result<(Address, Step), LowerError> {
        let at = Role::Treasury(index).address().into();
        let mut held = self.tokens_at(ledger, &at, &self.fixed.admin, index)?;
        held.amount = held.amount.saturating_add(tokens);
        Ok((at, Step::Set(at, Account::Token(Box::new(held)))))
    }

    fn deposit<L: Ledger>(
        &self,
        ledger: &L,
        number: u32,
        index: u16,
        amount: u64,
        reduce_only: bool,
    ) -> Result<Step, LowerError> {
        let place = self.known_spot(index)?;
        let keys = self.user_place(number);
        let accounts = DepositAccounts {
            state: self.fixed.state,
            user: keys.user,
            user_stats: keys.stats,
            authority: keys.authority,
            spot_market_vault: place.vault,
            user_token_account: self.wallet_place(number, index),
            token_program: self.fixed.token_program,
        };
        let deposit = Deposit {
            market_index: index,
            amount,
            reduce_only,
        };
        let user = self.user(ledger, number);
        let call = self.naming_markets(deposit.call(accounts, []), user, spot(index));
        Ok(Step::Execute(call))
    }

    /// What a user owes in a spot market, in tokens, if anything.
    fn debt<L: Ledger>(&self, ledger: &L, number: u32, index: u16) -> Result<Option<u64>, LowerError> {
        let (_, user) = self.actor(ledger, number)?;
        let market = self.spot(ledger, index).ok_or(LowerError::spot(index))?;
        let held = user
            .spot_positions
            .iter()
            .find(|held| held.market_index == index && !held.is_available());
        Ok(held
            .filter(|held| held.balance_type == SpotBalanceType::Borrow)
            .and_then(|held| {
                let tokens = market
                    .tokens(held.scaled_balance.into(), SpotBalanceType::Borrow)
                    .ok()?;
                u64::try_from(tokens).ok()
            }))
    }
}
