//! The insurance fund: stakes, and revenue paid into it; and tokens given to pools.

use super::{LowerError, Step};
use crate::event::{
    AddIfStake, FundFeePool, FundRevenuePool, InitIfStake, Portion, RemoveIfStake, SettleRevenue,
};
use crate::world::World;
use drift::accounts::{Account, InsuranceFundStake, Stored};
use drift::instruction::{
    AccountMeta, AddInsuranceFundStake, AddInsuranceFundStakeAccounts, Address,
    CancelRequestRemoveInsuranceFundStake, CancelRequestRemoveInsuranceFundStakeAccounts,
    DepositIntoPerpMarketFeePool, DepositIntoPerpMarketFeePoolAccounts, DepositIntoSpotMarketRevenuePool,
    DepositIntoSpotMarketRevenuePoolAccounts, InitializeInsuranceFundStake,
    InitializeInsuranceFundStakeAccounts, RemoveInsuranceFundStake, RemoveInsuranceFundStakeAccounts,
    RequestRemoveInsuranceFundStake, RequestRemoveInsuranceFundStakeAccounts, SettleRevenueToInsuranceFund,
    SettleRevenueToInsuranceFundAccounts,
};
use drift::key::pda;
use drift::ledger::Ledger;
use drift::math::insurance::{shares_for, tokens_for};
use drift::units::QUOTE_SPOT_MARKET;

fn tokens<L: Ledger>(ledger: &L, vault: &Address) -> Option<u64> {
    match ledger.at(vault)? {
        Account::Token(vault) => Some(vault.amount),
        _ => None,
    }
}

// Interfaces list the spot market of these instructions as read only, and the program changes it: it is named again, writable.
impl World {
    /// Where a user's stake in the insurance fund of a spot market is.
    fn stake_place(&self, user: u32, market: u16) -> Address {
        pda::insurance_stake(&self.user_place(user).authority.key, market).into()
    }

    /// A user's stake in the insurance fund of spot market `market` as it stands, if there is one.
    pub fn insurance_stake<'a, L: Ledger>(
        &self,
        ledger: &'a L,
        user: u32,
        market: u16,
    ) -> Option<&'a InsuranceFundStake> {
        InsuranceFundStake::peek(ledger.at(&self.stake_place(user, market))?)
    }

    /// Tokens in the insurance fund of spot market `market`.
    pub fn insured<L: Ledger>(&self, ledger: &L, market: u16) -> Option<u64> {
        tokens(ledger, &self.spots.get(usize::from(market))?.insurance_vault)
    }

    /// Tokens in the vault of spot market `market`.
    pub fn vault_tokens<L: Ledger>(&self, ledger: &L, market: u16) -> Option<u64> {
        tokens(ledger, &self.spots.get(usize::from(market))?.vault)
    }

    /// Tokens that a user's stake in the insurance fund of spot market `market` is worth, as the fund stands; 0 for no stake,
    /// and for shares of less than a unit.
    pub fn insurance_stake_value<L: Ledger>(&self, ledger: &L, user: u32, market: u16) -> u64 {
        self.stake_and_fund(ledger, user, market)
            .and_then(|(shares, total, insured)| tokens_for(shares, total, insured).ok())
            .unwrap_or(0)
    }

    /// The tokens for which a user must ask to get the whole stake: those it is worth, or one more where the shares for these
    /// would not be all.
    fn whole_stake<L: Ledger>(&self, ledger: &L, user: u32, market: u16) -> u64 {
        let worth = self.insurance_stake_value(ledger, user, market);
        let more = worth.saturating_add(1);
        let all = self
            .stake_and_fund(ledger, user, market)
            .is_some_and(|(shares, total, insured)| {
                more <= insured && shares_for(more, total, insured) == Ok(shares)
            });
        if all && worth > 0 { more } else { worth }
    }

    /// Shares of a stake, shares of all stakes and tokens in the fund, the shares in the fund's base as it will be.
    fn stake_and_fund<L: Ledger>(&self, ledger: &L, user: u32, market: u16) -> Option<(u128, u128, u64)> {
        let mut stake = *self.insurance_stake(ledger, user, market)?;
        let mut fund = *self.spot(ledger, market)?;
        let insured = self.insured(ledger, market)?;
        fund.rebase_insurance(insured).ok()?;
        stake.rebase(&fund).ok()?;
        let total = { fund.insurance_fund }.total_shares;
        Some((stake.shares(&fund).ok()?, total, insured))
    }

    pub(super) fn init_if_stake<L: Ledger>(
        &self,
        ledger: &L,
        event: &InitIfStake,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (keys, _) = self.actor(ledger, event.user_index)?;
        let market_index = event.market_index;
        let accounts = InitializeInsuranceFundStakeAccounts {
            spot_market: self.known_spot(market_index)?.market,
            insurance_fund_stake: self.stake_place(event.user_index, market_index),
            user_stats: keys.stats,
            state: self.fixed.state,
            authority: keys.authority,
            payer: keys.authority,
            rent: self.fixed.rent,
            system_program: self.fixed.system_program,
        };
        steps.push(Step::Execute(
            InitializeInsuranceFundStake { market_index }.call(accounts, []),
        ));
        Ok(())
    }

    pub(super) fn add_if_stake<L: Ledger>(
        &self,
        ledger: &L,
        event: &AddIfStake,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (keys, _) = self.actor(ledger, event.user_index)?;
        let market_index = event.market_index;
        let place = self.known_spot(market_index)?;
        let accounts = AddInsuranceFundStakeAccounts {
            state: self.fixed.state,
            spot_market: place.market,
            insurance_fund_stake: self.stake_place(event.user_index, market_index),
            user_stats: keys.stats,
            authority: keys.authority,
            spot_market_vault: place.vault,
            insurance_fund_vault: place.insurance_vault,
            drift_signer: self.fixed.signer,
            user_token_account: self.wallet_place(event.user_index, market_index),
            token_program: self.fixed.token_program,
        };
        let add = AddInsuranceFundStake {
            market_index,
            amount: event.amount,
        };
        let again = AccountMeta::writable(place.market);
        steps.push(Step::Execute(add.call(accounts, [again])));
        Ok(())
    }

    pub(super) fn remove_if_stake<L: Ledger>(
        &self,
        ledger: &L,
        event: &RemoveIfStake,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (number, market_index) = (event.user_index, event.market_index);
        let (keys, _) = self.actor(ledger, number)?;
        let place = self.known_spot(market_index)?;
        let insurance_fund_stake = self.stake_place(number, market_index);
        let again = AccountMeta::writable(place.market);
        let stake = self.insurance_stake(ledger, number, market_index);
        let requested = stake.filter(|stake| stake.last_withdraw_request_shares != 0);
        // A fund that has shrunk since does not pay what was asked for: a unit stays in it.
        let insured = self.insured(ledger, market_index).unwrap_or(0);
        let too_much = requested.is_some_and(|stake| stake.last_withdraw_request_value >= insured);
        if too_much {
            let accounts = CancelRequestRemoveInsuranceFundStakeAccounts {
                spot_market: place.market,
                insurance_fund_stake,
                user_stats: keys.stats,
                authority: keys.authority,
                insurance_fund_vault: place.insurance_vault,
            };
            let cancel = CancelRequestRemoveInsuranceFundStake { market_index };
            steps.push(Step::Execute(cancel.call(accounts, [again])));
        }
        if requested.is_none() || too_much {
            let amount = match event.amount {
                Portion::All => self.whole_stake(ledger, number, market_index),
                Portion::Exactly(amount) => amount,
            };
            if amount == 0 {
                return Ok(());
            }
            let accounts = RequestRemoveInsuranceFundStakeAccounts {
                spot_market: place.market,
                insurance_fund_stake,
                user_stats: keys.stats,
                authority: keys.authority,
                insurance_fund_vault: place.insurance_vault,
            };
            let request = RequestRemoveInsuranceFundStake { market_index, amount };
            steps.push(Step::Execute(request.call(accounts, [again])));
        }
        let accounts = RemoveInsuranceFundStakeAccounts {
            state: self.fixed.state,
            spot_market: place.market,
            insurance_fund_stake,
            user_stats: keys.stats,
            authority: keys.authority,
            insurance_fund_vault: place.insurance_vault,
            drift_signer: self.fixed.signer,
            user_token_account: self.wallet_place(number, market_index),
            token_program: self.fixed.token_program,
        };
        let remove = RemoveInsuranceFundStake { market_index };
        steps.push(Step::Execute(remove.call(accounts, [again])));
        Ok(())
    }

    pub(super) fn settle_revenue(
        &self,
        event: &SettleRevenue,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let place = self.known_spot(event.market_index)?;
        let accounts = SettleRevenueToInsuranceFundAccounts {
            state: self.fixed.state,
            spot_market: place.market,
            spot_market_vault: place.vault,
            drift_signer: self.fixed.signer,
            insurance_fund_vault: place.insurance_vault,
            token_program: self.fixed.token_program,
        };
        let settle = SettleRevenueToInsuranceFund {
            spot_market_index: event.market_index,
        };
        steps.push(Step::Execute(settle.call(accounts, [])));
        Ok(())
    }

    pub(super) fn fund_fee_pool<L: Ledger>(
        &self,
        ledger: &L,
        event: &FundFeePool,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let quote = self.known_spot(QUOTE_SPOT_MARKET)?;
        let perp_market = self.known(event.market_index)?.market;
        let (treasury, funding) = self.fund_treasury(ledger, QUOTE_SPOT_MARKET, event.amount)?;
        let accounts = DepositIntoPerpMarketFeePoolAccounts {
            state: self.fixed.state,
            perp_market,
            admin: self.fixed.admin,
            source_vault: treasury,
            drift_signer: self.fixed.signer,
            quote_spot_market: quote.market,
            spot_market_vault: quote.vault,
            token_program: self.fixed.token_program,
        };
        let amount = event.amount;
        let call = DepositIntoPerpMarketFeePool { amount }.call(accounts, []);
        steps.extend([funding, Step::Execute(call)]);
        Ok(())
    }

    pub(super) fn fund_revenue_pool<L: Ledger>(
        &self,
        ledger: &L,
        event: &FundRevenuePool,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let place = self.known_spot(event.market_index)?;
        let (treasury, funding) = self.fund_treasury(ledger, event.market_index, event.amount)?;
        let accounts = DepositIntoSpotMarketRevenuePoolAccounts {
            state: self.fixed.state,
            spot_market: place.market,
            authority: self.fixed.admin,
            spot_market_vault: place.vault,
            user_token_account: treasury,
            token_program: self.fixed.token_program,
        };
        let amount = event.amount;
        let call = DepositIntoSpotMarketRevenuePool { amount }.call(accounts, []);
        steps.extend([funding, Step::Execute(call)]);
        Ok(())
    }
}
