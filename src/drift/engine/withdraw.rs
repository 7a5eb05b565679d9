//! `withdraw`: tokens from a spot market's vault to the user's own account, out of a deposit or as a loan.

use super::frame::Frame;
use super::markets::{Markets, MustWrite};
use super::{deposit, guard, margin_check, spot, token};
use crate::accounts::{ExchangeOperation, SpotBalanceType, SpotMarket, User, UserStats};
use crate::error::{ErrorCode, Result};
use crate::instruction::{Withdraw, WithdrawAccounts};
use crate::key::TOKEN_PROGRAM;
use crate::math::weight::MarginType;
use crate::math::{interest, withdraw as limits};
use crate::num::{Checked, Narrow};
use crate::units::QUOTE;

/// Slots within which a user counts as just active.
const ACTIVE_SLOTS: u64 = 50;
/// Withdrawals (1e6) from which on a user who pays hardly any trading fees pays one for withdrawing: 10 million dollars.
const FREE_WITHDRAWALS: u64 = 10_000_000 * QUOTE;
/// Most dollars withdrawn for each dollar of fees paid that go without a fee.
const FREE_WITHDRAWALS_PER_FEE: u64 = 10_000;
/// The fee for withdrawing, in quote (1e6): a twentieth of a cent.
const WITHDRAWAL_FEE: u128 = QUOTE as u128 / 2_000;

pub(super) fn withdraw(frame: &mut Frame, arguments: &Withdraw) -> Result {
    let at = WithdrawAccounts::positions();
    let index = arguments.market_index;
    let state = guard::state(frame, at.state)?;
    let mut user = frame.take::<User>(at.user)?;
    let mut stats = frame.take::<UserStats>(at.user_stats)?;
    let authority = frame.signer(at.authority)?;
    let vault = token::read(frame, at.spot_market_vault)?;
    let signer = frame.key(at.drift_signer)?;
    let target = token::read(frame, at.user_token_account)?;
    guard::program(frame, at.token_program, TOKEN_PROGRAM)?;

    frame.must_be_writable(at.user)?;
    if user.authority != authority {
        return Err(ErrorCode::ConstraintHasOne);
    }
    frame.must_be_writable(at.user_stats)?;
    if stats.authority != authority {
        return Err(ErrorCode::ConstraintHasOne);
    }
    guard::spot_vault(frame.key(at.spot_market_vault)?, index)?;
    frame.must_be_writable(at.spot_market_vault)?;
    if state.signer != signer {
        return Err(ErrorCode::ConstraintRaw);
    }
    frame.must_be_writable(at.user_token_account)?;
    if vault.mint != target.mint {
        return Err(ErrorCode::ConstraintRaw);
    }
    guard::not_paused(&state, ExchangeOperation::Withdraw)?;
    frame.lock(&user);
    frame.lock(&stats);

    let mut next = at.token_program + 1;
    let must_write = MustWrite {
        spots: &[index],
        ..MustWrite::default()
    };
    let mut markets = Markets::load(frame, &mut next, must_write, Some(state.oracle_guard_rails))?;
    let amount = debit(frame, &mut user, &mut stats, &mut markets, arguments)?;

    margin_check::check_withdrawal(&user, &mut markets, MarginType::Initial)?;
    margin_check::check_spot_margin_trading(&user, &mut markets)?;
    if user.in_liquidation() {
        user.leave_liquidation();
    }
    user.touch(frame.clock.slot);
    let market = markets.spots.get_mut(index)?;
    deposit::count_record(market);

    token::transfer(frame, at.spot_market_vault, at.user_token_account, signer, amount)?;
    let left = token::read(frame, at.spot_market_vault)?.amount;
    limits::check_vault(market, left)?;

    frame.put(state);
    frame.put(user);
    frame.put(stats);
    markets.restore(frame);
    Ok(())
}

/// Books the withdrawal, and returns how many tokens go out.
fn debit(
    frame: &Frame,
    user: &mut User,
    stats: &mut UserStats,
    markets: &mut Markets,
    arguments: &Withdraw,
) -> Result<u64> {
    if user.is_bankrupt() {
        return Err(ErrorCode::UserBankrupt);
    }
    let index = arguments.market_index;
    let market = markets.spots.get_mut(index)?;
    let price = markets.oracles.price(&{ market.oracle })?;
    interest::accrue(market, Some(&price), frame.clock.unix_timestamp)?;
    let reduce_only = arguments.reduce_only || market.is_reduce_only();

    let place = user.spot_place_or_new(index)?;
    let mut amount = arguments.amount;
    if reduce_only {
        if user.spot_positions[place].balance_type == SpotBalanceType::Borrow {
            return Err(ErrorCode::ReduceOnlyWithdrawIncreasedRisk);
        }
        let most = margin_check::most_withdrawable(user, markets, index)?;
        let held = user.spot_positions[place]
            .tokens(markets.spots.get(index)?)?
            .to()?;
        amount = amount.min(most).min(held);
    }
    let market = markets.spots.get_mut(index)?;
    if owes_fee(user, stats, frame.clock.slot) {
        let fee = charge_fee(market, price.price, user, stats)?;
        amount = amount.minus(fee.to()?)?;
    }
    user.count_withdrawal(amount, price.price, market.one_token()?)?;
    spot::take_out(amount.into(), market, user)?;
    Ok(amount)
}

fn owes_fee(user: &User, stats: &UserStats, slot: u64) -> bool {
    let just_active = slot.saturating_sub(user.last_active_slot) < ACTIVE_SLOTS;
    just_active
        && user.total_withdraws >= FREE_WITHDRAWALS
        && user.total_withdraws / stats.fees.total_fee_paid.max(1) > FREE_WITHDRAWALS_PER_FEE
}

/// Moves the fee, in tokens at `price` (1e6), from the user's position to the market's revenue pool.
fn charge_fee(market: &mut SpotMarket, price: i64, user: &mut User, stats: &mut UserStats) -> Result<u128> {
    let fee = WITHDRAWAL_FEE
        .times(market.one_token()?.into())?
        .over(price.unsigned_abs().into())?;
    user.cumulative_spot_fees = user.cumulative_spot_fees.plus(-fee.to::<i64>()?)?;
    let mut fees = stats.fees;
    fees.total_fee_paid = fees.total_fee_paid.plus(fee.to()?)?;
    stats.fees = fees;
    spot::move_revenue(fee, SpotBalanceType::Deposit, market)?;
    let place = user.spot_place_or_new(market.market_index)?;
    // Not counted among the position's net deposits.
    spot::move_and_count(
        fee,
        0,
        SpotBalanceType::Borrow,
        market,
        &mut user.spot_positions[place],
        false,
    )?;
    Ok(fee)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{Account, MarketStatus, Pubkey, SpotMarket, State, TokenAccount};
    use crate::engine::margin::tests::dollars;
    use crate::instruction::{AccountMeta, Call, Deposit, DepositAccounts};
    use crate::key::pda;
    use crate::ledger::{Ledger, MemoryLedger};

    const OWNER: Pubkey = Pubkey([1; 32]);
    const DELEGATE: Pubkey = Pubkey([2; 32]);
    const WALLET: Pubkey = Pubkey([3; 32]);
    const STATS: Pubkey = Pubkey([4; 32]);
    const MINT: Pubkey = Pubkey([5; 32]);
    const USER: Pubkey = Pubkey([6; 32]);
    const STATE: Pubkey = Pubkey([7; 32]);
    const SIGNER: Pubkey = Pubkey([8; 32]);
    const MARKET: Pubkey = Pubkey([9; 32]);

    /// One user with `funds` in the wallet, one market, an empty vault.
    fn world(funds: u64) -> MemoryLedger {
        let mut ledger = MemoryLedger::new(Default::default());
        let mut set = |key, account| ledger.set_account(key, account);
        set(
            STATE,
            Account::State(Box::new(State {
                signer: SIGNER,
                ..State::default()
            })),
        );
        set(
            USER,
            Account::User(Box::new(User {
                authority: OWNER,
                delegate: DELEGATE,
                ..User::default()
            })),
        );
        set(
            STATS,
            Account::UserStats(Box::new(UserStats {
                authority: OWNER,
                ..UserStats::default()
            })),
        );
        let mut market = SpotMarket {
            optimal_utilization: 800_000,
            withdraw_guard_threshold: u64::MAX,
            ..dollars()
        };
        // Withdrawals reckon with the five minutes' average.
        market.historical_oracle_data.last_oracle_price_twap = 1_000_000;
        market.historical_oracle_data.last_oracle_price_twap_5min = 1_000_000;
        set(MARKET, Account::SpotMarket(Box::new(market)));
        let wallet = TokenAccount {
            amount: funds,
            ..TokenAccount::new(MINT, OWNER)
        };
        set(WALLET, Account::Token(Box::new(wallet)));
        set(
            pda::spot_vault(0),
            Account::Token(Box::new(TokenAccount::new(MINT, SIGNER))),
        );
        ledger
    }

    fn remaining() -> [AccountMeta; 1] {
        [AccountMeta::writable(MARKET)]
    }

    fn put_in(authority: Pubkey, amount: u64) -> Call {
        let accounts = DepositAccounts {
            state: STATE,
            user: USER,
            user_stats: STATS,
            authority,
            spot_market_vault: pda::spot_vault(0),
            user_token_account: WALLET,
            token_program: TOKEN_PROGRAM,
        };
        Deposit {
            market_index: 0,
            amount,
            reduce_only: false,
        }
        .call(accounts, remaining())
    }

    fn take_out(authority: Pubkey, amount: u64, reduce_only: bool) -> Call {
        let accounts = WithdrawAccounts {
            state: STATE,
            user: USER,
            user_stats: STATS,
            authority,
            spot_market_vault: pda::spot_vault(0),
            drift_signer: SIGNER,
            user_token_account: WALLET,
            token_program: TOKEN_PROGRAM,
        };
        Withdraw {
            market_index: 0,
            amount,
            reduce_only,
        }
        .call(accounts, remaining())
    }

    fn tokens(ledger: &MemoryLedger) -> (u64, u64) {
        let of = |key| match ledger.account(&key) {
            Some(Account::Token(token)) => token.amount,
            other => panic!("no token account: {other:?}"),
        };
        (of(WALLET), of(pda::spot_vault(0)))
    }

    fn edit(ledger: &mut MemoryLedger, change: impl FnOnce(&mut User, &mut SpotMarket, &mut State)) {
        let copies = (
            ledger.account(&USER),
            ledger.account(&MARKET),
            ledger.account(&STATE),
        );
        let (Some(Account::User(user)), Some(Account::SpotMarket(market)), Some(Account::State(state))) =
            copies
        else {
            panic!("not the world");
        };
        let (mut user, mut market, mut state) = (user.clone(), market.clone(), state.clone());
        change(&mut user, &mut market, &mut state);
        ledger.set_account(USER, Account::User(user));
        ledger.set_account(MARKET, Account::SpotMarket(market));
        ledger.set_account(STATE, Account::State(state));
    }

    #[test]
    fn what_goes_in_comes_out_less_the_rounding() {
        let mut ledger = world(100);
        assert_eq!(ledger.execute(&put_in(OWNER, 70)), Ok(()));
        assert_eq!(tokens(&ledger), (30, 70));
        assert_eq!(ledger.execute(&take_out(OWNER, 20, false)), Ok(()));
        assert_eq!(tokens(&ledger), (50, 50));
        // The balance's rounding leaves 49 tokens and a fraction; a withdrawal that may only reduce is cut to them.
        assert_eq!(ledger.execute(&take_out(OWNER, 1_000, true)), Ok(()));
        assert_eq!(tokens(&ledger), (99, 1));
        edit(&mut ledger, |user, market, _| {
            assert_eq!((user.total_deposits, user.total_withdraws), (70, 69));
            assert_eq!({ user.spot_positions[0] }.cumulative_deposits, 1);
            assert_eq!(market.next_deposit_record_id, 3);
        });
    }

    #[test]
    fn refusals_leave_everything_as_it_was() {
        let mut ledger = world(100);
        assert_eq!(ledger.execute(&put_in(OWNER, 50)), Ok(()));
        let cases = [
            (put_in(OWNER, 0), ErrorCode::InsufficientDeposit),
            (put_in(OWNER, 51), ErrorCode::TokenInsufficientFunds),
            // A delegate may act for the user, but not spend from the owner's wallet.
            (put_in(DELEGATE, 1), ErrorCode::ConstraintTokenOwner),
            (put_in(WALLET, 1), ErrorCode::ConstraintRaw),
            (take_out(DELEGATE, 1, false), ErrorCode::ConstraintHasOne),
            (
                take_out(OWNER, 51, false),
                ErrorCode::SpotMarketInsufficientDeposits,
            ),
        ];
        for (call, refusal) in cases {
            assert_eq!(ledger.execute(&call), Err(refusal));
            assert_eq!(tokens(&ledger), (50, 50));
        }
        let mut elsewhere = put_in(OWNER, 1);
        elsewhere.accounts[4].key = WALLET;
        assert_eq!(ledger.execute(&elsewhere), Err(ErrorCode::ConstraintSeeds));
        let mut unsigned = put_in(OWNER, 1);
        unsigned.accounts[3].signer = false;
        assert_eq!(ledger.execute(&unsigned), Err(ErrorCode::AccountNotSigner));
        let mut read_only = put_in(OWNER, 1);
        read_only.accounts[1].writable = false;
        assert_eq!(ledger.execute(&read_only), Err(ErrorCode::ConstraintMut));
        let mut no_market = take_out(OWNER, 1, false);
        no_market.accounts.pop();
        assert_eq!(ledger.execute(&no_market), Err(ErrorCode::SpotMarketNotFound));
    }

    #[test]
    fn markets_and_users_can_be_closed() {
        let mut ledger = world(100);
        assert_eq!(ledger.execute(&put_in(OWNER, 50)), Ok(()));
        edit(&mut ledger, |_, market, _| {
            market.status = MarketStatus::ReduceOnly
        });
        assert_eq!(
            ledger.execute(&put_in(OWNER, 1)),
            Err(ErrorCode::MarketActionPaused)
        );
        edit(&mut ledger, |_, market, _| {
            market.status = MarketStatus::Initialized
        });
        assert_eq!(
            ledger.execute(&put_in(OWNER, 1)),
            Err(ErrorCode::MarketBeingInitialized)
        );
        edit(&mut ledger, |_, market, state| {
            market.status = MarketStatus::Active;
            market.max_token_deposits = 50;
            state.exchange_status = ExchangeOperation::Withdraw as u8;
        });
        assert_eq!(ledger.execute(&put_in(OWNER, 1)), Err(ErrorCode::MaxDeposit));
        assert_eq!(
            ledger.execute(&take_out(OWNER, 1, false)),
            Err(ErrorCode::ExchangePaused)
        );
        edit(&mut ledger, |user, _, state| {
            state.exchange_status = 0;
            user.status = 2;
        });
        assert_eq!(ledger.execute(&put_in(OWNER, 1)), Err(ErrorCode::UserBankrupt));
        assert_eq!(
            ledger.execute(&take_out(OWNER, 1, false)),
            Err(ErrorCode::UserBankrupt)
        );
    }

    #[test]
    fn a_whale_who_never_trades_pays_for_withdrawing() {
        let mut ledger = world(1_000_000);
        assert_eq!(ledger.execute(&put_in(OWNER, 1_000_000)), Ok(()));
        edit(&mut ledger, |user, _, _| user.total_withdraws = FREE_WITHDRAWALS);
        assert_eq!(ledger.execute(&take_out(OWNER, 10_000, false)), Ok(()));
        // A twentieth of a cent stays with the market.
        assert_eq!(tokens(&ledger), (9_500, 990_500));
        edit(&mut ledger, |user, market, _| {
            assert_eq!(user.spot_positions[0].tokens(market), Ok(989_999));
            assert_eq!(user.cumulative_spot_fees, -500);
            assert_eq!(
                market.tokens(market.revenue_pool.scaled_balance, SpotBalanceType::Deposit),
                Ok(500)
            );
        });
    }
}
