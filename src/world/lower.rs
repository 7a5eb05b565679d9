//! Events into instructions: what somebody wants, given the accounts as they stand, in the program's words.
//!
//! | event | instructions |
//! |---|---|
//! | `deposit_collateral` | the user's accounts at the first one, then `deposit` if the amount is above 0 |
//! | `_mid_sim_deposit_collateral` | `deposit`; of the whole debt where the user owes in that market |
//! | `withdraw_collateral` | `withdraw` |
//! | `perp_oracle_price`, `spot_oracle_price` | none: the oracle's account is written |
//! | `add_liquidity` | `add_perp_lp_shares` |
//! | `remove_liquidity` | `remove_perp_lp_shares` of what is asked for, at most of what is there |
//! | `open_position` | `place_and_take_perp_order`, at market, for the quote amount at the mark price, or for a multiple of free collateral ([`DriftSimCompat`](super::DriftSimCompat)) |
//! | `close_position` | the same for the whole position, reduce-only |
//! | `settle_pnl`, `settle_lp`, `update_k`, `repeg` | the instruction of that name |
//! | `null` | none |

use super::World;
use super::places::UserPlace;
use super::remaining::Touched;
use crate::event::{ClosePosition, Direction, Kind, OpenPosition, Portion};
use drift::accounts::{
    Account, Amm, MarketType, OrderType, PositionDirection, Pubkey, SpotBalanceType, TokenAccount,
};
use drift::error::ErrorCode;
use drift::instruction::*;
use drift::ledger::Ledger;
use drift::num::{Checked, mul_div};
use drift::units;
use std::borrow::Cow;

/// What an event does to a ledger.
#[derive(Clone, Debug)]
// A few live at a time, and most are calls.
#[allow(clippy::large_enum_variant)]
pub enum Step {
    /// Writes an account from outside, as a faucet does.
    Set(Address, Account),
    /// Opens the wallet of somebody who signs.
    Open(Pubkey),
    /// Sends an instruction.
    Execute(Call),
}

/// Why an event cannot be turned into instructions.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum LowerError {
    /// A market that the world does not have.
    #[error("there is no {kind} market {index}")]
    NoMarket {
        /// `perp` or `spot`.
        kind: &'static str,
        /// Its number.
        index: u16,
    },
    /// A user who has no account.
    #[error("user {0} never deposited: a `deposit_collateral` must come first")]
    NoUser(u32),
    /// The quote asset is worth one dollar by definition.
    #[error("the quote market, spot market 0, has no oracle")]
    QuoteOracle,
    /// An event that is known by name only.
    #[error("`{0}` cannot be carried out yet")]
    Unsupported(&'static str),
    /// A user whose free collateral cannot be computed.
    #[error("the free collateral of user {user} cannot be computed: {code}")]
    NoCollateral {
        /// Which.
        user: u32,
        /// Why.
        code: ErrorCode,
    },
    /// A market whose price cannot be computed.
    #[error("the mark price of perp market {market} cannot be computed: {code}")]
    NoMark {
        /// Which.
        market: u16,
        /// Why.
        code: ErrorCode,
    },
}

impl LowerError {
    pub(super) fn perp(index: u16) -> Self {
        Self::NoMarket { kind: "perp", index }
    }

    pub(super) fn spot(index: u16) -> Self {
        Self::NoMarket { kind: "spot", index }
    }
}

/// The base amount (1e9) that `quote` (1e6) buys at the mark price: rounded down to the step size, at most half the
/// base reserve, at least one step. The mark price is the ratio that the reserves stand in, not rounded to a price.
fn base_for_quote(amm: &Amm, quote: u64) -> Result<u64, ErrorCode> {
    let unrounded = mul_div(
        u128::from(quote) * u128::from(units::BASE),
        amm.base_asset_reserve,
        { amm.quote_asset_reserve }.times(amm.peg_multiplier)?.max(1),
    );
    // More than any integer is more than half the reserve.
    let base = unrounded.unwrap_or(u128::MAX).min(amm.base_asset_reserve / 2);
    let base = u64::try_from(base).unwrap_or(u64::MAX);
    let step = amm.order_step_size.max(1);
    Ok((base - base % step).max(step))
}

impl World {
    /// Adds to `steps` those that carry `kind` out, from the accounts as they stand in `ledger`.
    pub fn lower<L: Ledger>(&self, ledger: &L, kind: &Kind, steps: &mut Vec<Step>) -> Result<(), LowerError> {
        match kind {
            Kind::Null(_) | Kind::PerpOraclePrice(_) | Kind::SpotOraclePrice(_) => {}
            Kind::DepositCollateral(event) => {
                let index = event.spot_market_index;
                self.open_user(ledger, event.user_index, steps);
                let minted = event.deposit_amount.saturating_add(event.mint_amount);
                steps.push(self.fund(ledger, event.user_index, index, minted)?);
                if event.deposit_amount > 0 {
                    steps.push(self.deposit(ledger, event.user_index, index, event.deposit_amount, false)?);
                }
            }
            Kind::MidSimDeposit(event) => {
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
            }
            Kind::WithdrawCollateral(event) => {
                let (keys, user) = self.actor(ledger, event.user_index)?;
                let index = event.spot_market_index;
                let place = self
                    .spots
                    .get(usize::from(index))
                    .ok_or(LowerError::spot(index))?;
                let accounts = WithdrawAccounts {
                    state: self.fixed.state,
                    user: keys.user,
                    user_stats: keys.stats,
                    authority: keys.authority,
                    spot_market_vault: place.vault,
                    drift_signer: self.fixed.signer,
                    user_token_account: self.wallet_place(event.user_index, index),
                    token_program: self.fixed.token_program,
                };
                let touched = Touched {
                    spot: Some(index),
                    ..Touched::default()
                };
                let withdraw = Withdraw {
                    market_index: index,
                    amount: event.withdraw_amount,
                    reduce_only: event.reduce_only,
                };
                let call = self.naming_markets(withdraw.call(accounts, []), Some(user), touched);
                // The wallet must be there to receive.
                steps.extend([
                    self.fund(ledger, event.user_index, index, 0)?,
                    Step::Execute(call),
                ]);
            }
            Kind::AddLiquidity(event) => {
                let (keys, user) = self.actor(ledger, event.user_index)?;
                self.known(event.market_index)?;
                let accounts = AddPerpLpSharesAccounts {
                    state: self.fixed.state,
                    user: keys.user,
                    authority: keys.authority,
                };
                let add = AddPerpLpShares {
                    n_shares: event.token_amount,
                    market_index: event.market_index,
                };
                steps.push(Step::Execute(self.naming_markets(
                    add.call(accounts, []),
                    Some(user),
                    perp(event.market_index),
                )));
            }
            Kind::RemoveLiquidity(event) => {
                let (keys, user) = self.actor(ledger, event.user_index)?;
                self.known(event.market_index)?;
                let held = self
                    .position(ledger, event.user_index, event.market_index)
                    .map_or(0, |p| p.lp_shares);
                let shares = match event.lp_token_amount {
                    Portion::All => held,
                    Portion::Exactly(amount) => amount.min(held),
                };
                if shares == 0 {
                    return Ok(());
                }
                let accounts = RemovePerpLpSharesAccounts {
                    state: self.fixed.state,
                    user: keys.user,
                    authority: keys.authority,
                };
                let remove = RemovePerpLpShares {
                    shares_to_burn: shares,
                    market_index: event.market_index,
                };
                steps.push(Step::Execute(self.naming_markets(
                    remove.call(accounts, []),
                    Some(user),
                    perp(event.market_index),
                )));
            }
            Kind::OpenPosition(event) => self.open_position(ledger, event, steps)?,
            Kind::ClosePosition(event) => self.close_position(ledger, event, steps)?,
            Kind::SettlePnl(event) => {
                let (keys, user) = self.actor(ledger, event.user_index)?;
                self.known(event.market_index)?;
                let quote = self.spots.first().ok_or(LowerError::spot(0))?;
                let accounts = SettlePnlAccounts {
                    state: self.fixed.state,
                    user: keys.user,
                    authority: keys.authority,
                    spot_market_vault: quote.vault,
                };
                let touched = Touched {
                    perp: Some(event.market_index),
                    spot: Some(0),
                };
                let settle = SettlePnl {
                    market_index: event.market_index,
                };
                steps.push(Step::Execute(self.naming_markets(
                    settle.call(accounts, []),
                    Some(user),
                    touched,
                )));
            }
            Kind::SettleLp(event) => {
                let (keys, user) = self.actor(ledger, event.user_index)?;
                self.known(event.market_index)?;
                let accounts = SettleLpAccounts {
                    state: self.fixed.state,
                    user: keys.user,
                };
                let settle = SettleLp {
                    market_index: event.market_index,
                };
                steps.push(Step::Execute(self.naming_markets(
                    settle.call(accounts, []),
                    Some(user),
                    perp(event.market_index),
                )));
            }
            Kind::UpdateK(event) => {
                let place = self.known(event.market_index)?;
                let accounts = UpdateKAccounts {
                    admin: self.fixed.admin,
                    state: self.fixed.state,
                    perp_market: place.market,
                    oracle: place.feed.address,
                };
                steps.push(Step::Execute(UpdateK { sqrt_k: event.sqrt_k }.call(accounts, [])));
            }
            Kind::Repeg(event) => {
                let place = self.known(event.market_index)?;
                let accounts = RepegAmmCurveAccounts {
                    state: self.fixed.state,
                    perp_market: place.market,
                    oracle: place.feed.address,
                    admin: self.fixed.admin,
                };
                steps.push(Step::Execute(
                    RepegAmmCurve {
                        new_peg_candidate: event.peg,
                    }
                    .call(accounts, []),
                ));
            }
            later => return Err(LowerError::Unsupported(later.name())),
        }
        Ok(())
    }

    fn open_position<L: Ledger>(
        &self,
        ledger: &L,
        event: &OpenPosition,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let index = event.market_index;
        self.known(index)?;
        let market = self.perp(ledger, index).ok_or(LowerError::perp(index))?;
        let quote = match self.exchange.drift_sim_compat.init_leverage {
            None => event.quote_amount,
            Some(leverage) => {
                let (_, user) = self.actor(ledger, event.user_index)?;
                let free = self
                    .free_collateral(ledger, user)
                    .map_err(|code| LowerError::NoCollateral {
                        user: event.user_index,
                        code,
                    })?;
                leverage.of(free)
            }
        };
        if quote == 0 {
            return Ok(());
        }
        let base =
            base_for_quote(&market.amm, quote).map_err(|code| LowerError::NoMark { market: index, code })?;
        let direction = match event.direction {
            Direction::Long => PositionDirection::Long,
            Direction::Short => PositionDirection::Short,
        };
        self.trade(ledger, event.user_index, index, direction, base, false)
            .map(|call| steps.push(Step::Execute(call)))
    }

    fn close_position<L: Ledger>(
        &self,
        ledger: &L,
        event: &ClosePosition,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let index = event.market_index;
        self.known(index)?;
        self.actor(ledger, event.user_index)?;
        let base = self
            .position(ledger, event.user_index, index)
            .map_or(0, |held| held.base_asset_amount);
        if base == 0 {
            return Ok(());
        }
        let direction = if base > 0 {
            PositionDirection::Short
        } else {
            PositionDirection::Long
        };
        let call = self.trade(
            ledger,
            event.user_index,
            index,
            direction,
            base.unsigned_abs(),
            true,
        )?;
        steps.push(Step::Execute(call));
        Ok(())
    }

    fn trade<L: Ledger>(
        &self,
        ledger: &L,
        number: u32,
        market_index: u16,
        direction: PositionDirection,
        base_asset_amount: u64,
        reduce_only: bool,
    ) -> Result<Call, LowerError> {
        let (keys, user) = self.actor(ledger, number)?;
        let accounts = PlaceAndTakePerpOrderAccounts {
            state: self.fixed.state,
            user: keys.user,
            user_stats: keys.stats,
            authority: keys.authority,
        };
        let params = OrderParams {
            order_type: OrderType::Market,
            market_type: MarketType::Perp,
            direction,
            base_asset_amount,
            market_index,
            reduce_only,
            ..OrderParams::default()
        };
        let order = PlaceAndTakePerpOrder {
            params,
            maker_order_id: None,
        };
        Ok(self.naming_markets(order.call(accounts, []), Some(user), perp(market_index)))
    }

    fn known(&self, market: u16) -> Result<&super::places::PerpPlace, LowerError> {
        self.perps
            .get(usize::from(market))
            .ok_or(LowerError::perp(market))
    }

    fn actor<'a, L: Ledger>(
        &self,
        ledger: &'a L,
        number: u32,
    ) -> Result<(Cow<'_, UserPlace>, &'a drift::accounts::User), LowerError> {
        let user = self.user(ledger, number).ok_or(LowerError::NoUser(number))?;
        Ok((self.user_place(number), user))
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

    /// A user's token account as it stands, or the empty one it starts as.
    fn wallet<L: Ledger>(&self, ledger: &L, number: u32, spot: u16) -> Result<TokenAccount, LowerError> {
        let place = self.spots.get(usize::from(spot)).ok_or(LowerError::spot(spot))?;
        Ok(match ledger.at(&self.wallet_place(number, spot)) {
            Some(Account::Token(wallet)) => **wallet,
            _ => TokenAccount::new(place.mint.key, self.user_place(number).authority.key),
        })
    }

    fn fund<L: Ledger>(&self, ledger: &L, number: u32, spot: u16, tokens: u64) -> Result<Step, LowerError> {
        let mut wallet = self.wallet(ledger, number, spot)?;
        wallet.amount = wallet.amount.saturating_add(tokens);
        Ok(Step::Set(
            self.wallet_place(number, spot),
            Account::Token(Box::new(wallet)),
        ))
    }

    fn deposit<L: Ledger>(
        &self,
        ledger: &L,
        number: u32,
        spot: u16,
        amount: u64,
        reduce_only: bool,
    ) -> Result<Step, LowerError> {
        let place = self.spots.get(usize::from(spot)).ok_or(LowerError::spot(spot))?;
        let keys = self.user_place(number);
        let accounts = DepositAccounts {
            state: self.fixed.state,
            user: keys.user,
            user_stats: keys.stats,
            authority: keys.authority,
            spot_market_vault: place.vault,
            user_token_account: self.wallet_place(number, spot),
            token_program: self.fixed.token_program,
        };
        let touched = Touched {
            spot: Some(spot),
            ..Touched::default()
        };
        let deposit = Deposit {
            market_index: spot,
            amount,
            reduce_only,
        };
        let call = deposit.call(accounts, []);
        Ok(Step::Execute(self.naming_markets(
            call,
            self.user(ledger, number),
            touched,
        )))
    }

    /// What a user owes in a spot market, in tokens, if anything.
    fn debt<L: Ledger>(&self, ledger: &L, number: u32, spot: u16) -> Result<Option<u64>, LowerError> {
        let (_, user) = self.actor(ledger, number)?;
        let market = self.spot(ledger, spot).ok_or(LowerError::spot(spot))?;
        let held = user
            .spot_positions
            .iter()
            .find(|held| held.market_index == spot && !held.is_available());
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

fn perp(market: u16) -> Touched {
    Touched {
        perp: Some(market),
        ..Touched::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reserves of 1,000 units at a price of 10, and a step of 0.0001.
    fn amm() -> Amm {
        Amm {
            base_asset_reserve: 1_000_000_000_000,
            quote_asset_reserve: 1_000_000_000_000,
            peg_multiplier: 10_000_000,
            order_step_size: 100_000,
            ..Amm::default()
        }
    }

    #[test]
    fn a_quote_amount_buys_base_at_the_mark_price() {
        // 25 dollars at 10.
        assert_eq!(base_for_quote(&amm(), 25_000_000), Ok(2_500_000_000));
        // 1 dollar at 9.999999 and a half: 0.10000001, a step less than 0.1001.
        let below = Amm {
            quote_asset_reserve: 999_999_950_000,
            ..amm()
        };
        assert_eq!(base_for_quote(&below, 1_000_000), Ok(100_000_000));
        // A million dollars at a price of 10 x 999,999.95 / 1,000,000 = 9.9999995 are 100,000.005 units, capped at 500.
        assert_eq!(base_for_quote(&below, 1_000_000_000_000), Ok(500_000_000_000));
        // The least there is.
        assert_eq!(base_for_quote(&amm(), 1), Ok(100_000));
        assert_eq!(base_for_quote(&amm(), u64::MAX), Ok(500_000_000_000));
    }

    #[test]
    fn the_mark_price_is_not_rounded() {
        // A price of 0.0000019 by the reserves: a dollar buys 526,315.789473684 units, where a price rounded down to
        // 0.000001 would say a million.
        let cheap = Amm {
            base_asset_reserve: 10_000_000_000_000_000,
            quote_asset_reserve: 19_000_000_000_000_000,
            peg_multiplier: 1,
            order_step_size: 1,
            ..Amm::default()
        };
        assert_eq!(base_for_quote(&cheap, 1_000_000), Ok(526_315_789_473_684));
    }
}
