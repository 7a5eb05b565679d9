//! A liquidator at work: one instruction after another, each from the accounts as the one before left them.
//!
//! A look goes over all accounts once for each of its [parts](Part), as drift-sim's liquidator does. It sends what an account's
//! positions allow without reckoning margins: whoever has enough collateral is refused by the program. How much of a shortage may
//! be liquidated at once is the program's business too, so the next look may find the same user again.

use super::settle::perp_and_quote;
use super::{LowerError, Step, perp, spot};
use crate::event::{ClosePosition, Liquidate};
use crate::world::World;
use crate::world::remaining::Touched;
use drift::accounts::{SpotPosition, User};
use drift::instruction::{
    Call, LiquidateBorrowForPerpPnl, LiquidateBorrowForPerpPnlAccounts, LiquidatePerp, LiquidatePerpAccounts,
    LiquidatePerpPnlForDeposit, LiquidatePerpPnlForDepositAccounts, LiquidateSpot, LiquidateSpotAccounts,
    ResolvePerpBankruptcy, ResolvePerpBankruptcyAccounts, ResolveSpotBankruptcy,
    ResolveSpotBankruptcyAccounts,
};
use drift::ledger::Ledger;
use drift::num::mul_div;
use drift::units::{BASE, PRICE, QUOTE_SPOT_MARKET};

/// How far an event is that reads the accounts again after each of its instructions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Course {
    /// The next turn, while there is one.
    turn: Option<usize>,
}

impl Course {
    /// Whether the event is not yet carried out.
    pub fn goes_on(self) -> bool {
        self.turn.is_some()
    }
}

/// What a liquidator looks for, in this order.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// A debt and a deposit.
    Spot,
    /// A perpetual position, or liquidity that makes one.
    Perp,
    /// A debt and the profit of a closed position.
    BorrowForPnl,
    /// The loss of a closed position and a deposit.
    PnlForDeposit,
    /// A bankrupt's loss.
    PerpBankruptcy,
    /// A bankrupt's debt.
    SpotBankruptcy,
    /// A position of his own.
    Own,
}

const PARTS: [Part; 7] = [
    Part::Spot,
    Part::Perp,
    Part::BorrowForPnl,
    Part::PnlForDeposit,
    Part::PerpBankruptcy,
    Part::SpotBankruptcy,
    Part::Own,
];

/// A user and a market to look at.
struct Turn {
    part: Part,
    user: u32,
    market: u16,
}

/// `parties!(world, case, accounts)`: the accounts that every liquidation names; and a spot market's vaults, where one is given.
macro_rules! parties {
    ($world:ident, $case:ident, $accounts:ident $(, $spot:ident)?) => {{
        let liquidator = $world.user_place($case.event.user_index);
        let user = $world.user_place($case.number);
        $accounts {
            state: $world.fixed.state,
            authority: liquidator.authority,
            liquidator: liquidator.user,
            liquidator_stats: liquidator.stats,
            user: user.user,
            user_stats: user.stats,
            $(
                spot_market_vault: $spot.vault,
                insurance_fund_vault: $spot.insurance_vault,
                drift_signer: $world.fixed.signer,
                token_program: $world.fixed.token_program,
            )?
        }
    }};
}

/// Both sides of a liquidation.
struct Case<'a> {
    event: &'a Liquidate,
    number: u32,
    user: &'a User,
    liquidator: &'a User,
}

impl World {
    pub(super) fn liquidate<L: Ledger>(
        &self,
        ledger: &L,
        event: &Liquidate,
        course: &mut Course,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let mut next = course.turn.unwrap_or(0);
        while let Some(turn) = self.turn(event, next) {
            next += 1;
            self.take_turn(ledger, event, &turn, steps)?;
            if !steps.is_empty() {
                course.turn = Some(next);
                return Ok(());
            }
        }
        course.turn = None;
        Ok(())
    }

    /// Turn number `number` of a look, if there are so many.
    fn turn(&self, event: &Liquidate, mut number: usize) -> Option<Turn> {
        for part in PARTS {
            let (first, users) = match (part, event.target) {
                (Part::Own, _) => (event.user_index, 1),
                (_, Some(target)) => (target, 1),
                (_, None) => (0, self.users.len()),
            };
            let markets = match part {
                Part::Spot | Part::SpotBankruptcy => self.spots.len(),
                _ => self.perps.len(),
            };
            if number < users * markets {
                return Some(Turn {
                    part,
                    user: first + (number / markets) as u32,
                    market: (number % markets) as u16,
                });
            }
            number -= users * markets;
        }
        None
    }

    fn take_turn<L: Ledger>(
        &self,
        ledger: &L,
        event: &Liquidate,
        turn: &Turn,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (_, liquidator) = self.actor(ledger, event.user_index)?;
        let market = turn.market;
        if let Part::Own = turn.part {
            return match event.keep {
                Some(true) => Ok(()),
                _ => self.shed(ledger, event.user_index, market, steps),
            };
        }
        let Some(user) = self.user(ledger, turn.user) else {
            return Ok(());
        };
        if turn.user == event.user_index {
            return Ok(());
        }
        let case = Case {
            event,
            number: turn.user,
            user,
            liquidator,
        };
        let call = match turn.part {
            Part::Spot => self.liquidate_spot(ledger, &case, market),
            Part::Perp => self.liquidate_perp(&case, market),
            Part::BorrowForPnl => self.liquidate_borrow_for_pnl(ledger, &case, market),
            Part::PnlForDeposit => self.liquidate_pnl_for_deposit(&case, market),
            Part::PerpBankruptcy => self.resolve_perp_bankruptcy(&case, market),
            Part::SpotBankruptcy => self.resolve_spot_bankruptcy(&case, market),
            Part::Own => None,
        };
        steps.extend(call.map(Step::Execute));
        Ok(())
    }

    fn liquidate_spot<L: Ledger>(&self, ledger: &L, case: &Case, liability: u16) -> Option<Call> {
        owed(case.user, liability)?;
        let asset = deposited(case.user)?;
        let instruction = LiquidateSpot {
            asset_market_index: asset,
            liability_market_index: liability,
            liquidator_max_liability_transfer: self.most_tokens(ledger, case, liability),
            limit_price: None,
        };
        let touched = Touched {
            other_spot: Some(asset),
            ..spot(liability)
        };
        let accounts = parties!(self, case, LiquidateSpotAccounts);
        Some(case.naming_markets(self, instruction.call(accounts, []), touched))
    }

    fn liquidate_perp(&self, case: &Case, market: u16) -> Option<Call> {
        let held = case.user.perp(market).ok()?;
        if !held.is_open() && !held.is_lp() && !held.has_open_order() {
            return None;
        }
        // Liquidity becomes a position of a size that only the program knows.
        let base = match held.is_lp() {
            true => u64::MAX,
            false => held.base_asset_amount.unsigned_abs(),
        };
        let price = self.perps.get(usize::from(market))?.feed.price.micros();
        let most = case.most(price, BASE.into()).try_into().unwrap_or(u64::MAX);
        let instruction = LiquidatePerp {
            market_index: market,
            liquidator_max_base_asset_amount: base.min(most),
            limit_price: None,
        };
        let accounts = parties!(self, case, LiquidatePerpAccounts);
        Some(case.naming_markets(self, instruction.call(accounts, []), perp(market)))
    }

    fn liquidate_borrow_for_pnl<L: Ledger>(&self, ledger: &L, case: &Case, market: u16) -> Option<Call> {
        let held = case.user.perp(market).ok()?;
        if held.is_open() || held.quote_asset_amount <= 0 {
            return None;
        }
        let mut markets = case.user.spot_positions.iter().filter(|held| held.is_borrow());
        let liability = markets.next()?.market_index;
        let instruction = LiquidateBorrowForPerpPnl {
            perp_market_index: market,
            spot_market_index: liability,
            liquidator_max_liability_transfer: self.most_tokens(ledger, case, liability),
            limit_price: None,
        };
        let touched = Touched {
            perp: Some(market),
            ..spot(liability)
        };
        let accounts = parties!(self, case, LiquidateBorrowForPerpPnlAccounts);
        Some(case.naming_markets(self, instruction.call(accounts, []), touched))
    }

    fn liquidate_pnl_for_deposit(&self, case: &Case, market: u16) -> Option<Call> {
        let loss = lost(case.user, market)?;
        let asset = deposited(case.user)?;
        let most = case.event.max_quote.unwrap_or(u64::MAX);
        let instruction = LiquidatePerpPnlForDeposit {
            perp_market_index: market,
            spot_market_index: asset,
            liquidator_max_pnl_transfer: loss.min(most).into(),
            limit_price: None,
        };
        let touched = Touched {
            perp: Some(market),
            ..spot(asset)
        };
        let accounts = parties!(self, case, LiquidatePerpPnlForDepositAccounts);
        Some(case.naming_markets(self, instruction.call(accounts, []), touched))
    }

    fn resolve_perp_bankruptcy(&self, case: &Case, market: u16) -> Option<Call> {
        if !case.is_bankrupt() {
            return None;
        }
        lost(case.user, market)?;
        let quote = self.spots.get(usize::from(QUOTE_SPOT_MARKET))?;
        let instruction = ResolvePerpBankruptcy {
            quote_spot_market_index: QUOTE_SPOT_MARKET,
            market_index: market,
        };
        let accounts = parties!(self, case, ResolvePerpBankruptcyAccounts, quote);
        Some(case.naming_markets(self, instruction.call(accounts, []), perp_and_quote(market)))
    }

    fn resolve_spot_bankruptcy(&self, case: &Case, market: u16) -> Option<Call> {
        if !case.is_bankrupt() {
            return None;
        }
        owed(case.user, market)?;
        let place = self.spots.get(usize::from(market))?;
        let instruction = ResolveSpotBankruptcy { market_index: market };
        let accounts = parties!(self, case, ResolveSpotBankruptcyAccounts, place);
        Some(case.naming_markets(self, instruction.call(accounts, []), spot(market)))
    }

    /// Has `user` close the position in `market`, or settle it where the market has expired.
    fn shed<L: Ledger>(
        &self,
        ledger: &L,
        user_index: u32,
        market_index: u16,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let held = self.position(ledger, user_index, market_index);
        if held.is_none_or(|held| !held.is_open()) {
            return Ok(());
        }
        let market = self
            .perp(ledger, market_index)
            .ok_or(LowerError::perp(market_index))?;
        if market.is_over_at(ledger.clock().unix_timestamp) {
            return self.settle_pnl(ledger, user_index, market_index, steps);
        }
        let close = ClosePosition {
            user_index,
            market_index,
        };
        self.close_position(ledger, &close, steps)
    }

    /// Tokens of a spot market that the liquidator takes over at most.
    fn most_tokens<L: Ledger>(&self, ledger: &L, case: &Case, market: u16) -> u128 {
        let (Some(place), Some(spot)) = (self.spots.get(usize::from(market)), self.spot(ledger, market))
        else {
            return 0;
        };
        let price = place.feed.map_or(PRICE, |feed| feed.price.micros());
        case.most(price, 10u128.saturating_pow(spot.decimals))
    }
}

impl Case<'_> {
    /// Whether nothing but debts is left of the user.
    fn is_bankrupt(&self) -> bool {
        self.user.is_bankrupt() || self.user.is_insolvent()
    }

    /// What the liquidator takes over at most, in parts of which `unit` cost `price` (1e6).
    fn most(&self, price: u64, unit: u128) -> u128 {
        let most = |quote: u64| mul_div(quote.into(), unit, price.max(1).into()).unwrap_or(u128::MAX);
        self.event.max_quote.map_or(u128::MAX, most)
    }

    fn naming_markets(&self, world: &World, call: Call, touched: Touched) -> Call {
        world.naming_markets(call, [self.user, self.liquidator], touched)
    }
}

/// Where `user` has a deposit: the quote market if any is there.
fn deposited(user: &User) -> Option<u16> {
    let deposits = user
        .spot_positions
        .iter()
        .filter(|held| !held.is_borrow() && held.scaled_balance > 0);
    deposits.map(|held| held.market_index).min()
}

/// What `user` owes in a spot market, if anything.
fn owed(user: &User, market: u16) -> Option<&SpotPosition> {
    let mut debts = user.spot_positions.iter().filter(|held| held.is_borrow());
    debts.find(|held| held.market_index == market)
}

/// The loss (1e6) of `user`'s closed position in a perpetual market, if there is one.
fn lost(user: &User, market: u16) -> Option<u64> {
    let held = user.perp(market).ok()?;
    let loss = !held.is_open() && held.quote_asset_amount < 0;
    loss.then(|| held.quote_asset_amount.unsigned_abs())
}
