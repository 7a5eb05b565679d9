//! What liquidations and bankruptcies moved, instruction by instruction, at the prices that the oracles showed.

use super::equity::equity;
use super::named::Named;
use drift::accounts::{SpotMarket, User};
use drift::engine::Quotes;
use drift::error::{ErrorCode, Result};
use drift::instruction::{Call, Instruction};
use drift::ledger::Ledger;
use drift::math::spot_balance::token_value;
use drift::num::Checked;
use drift::units::BASE_TIMES_PRICE_PER_QUOTE;

/// What a market's liquidation moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moved {
    /// Base of a perpetual market.
    Base(u16),
    /// Quote of a perpetual position.
    Loss(u16),
    /// Tokens of a spot market.
    Debt(u16),
}

/// An instruction that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Liquidation(Moved),
    /// With the place of the insurance fund's vault among the accounts.
    Bankruptcy(usize),
    Deficit(usize),
    Revenue(usize),
}

impl Kind {
    fn of(call: &Call) -> Option<Self> {
        Some(match &call.instruction {
            Instruction::LiquidatePerp(to) => Self::Liquidation(Moved::Base(to.market_index)),
            Instruction::LiquidateSpot(to) => Self::Liquidation(Moved::Debt(to.liability_market_index)),
            Instruction::LiquidateBorrowForPerpPnl(to) => {
                Self::Liquidation(Moved::Debt(to.spot_market_index))
            }
            Instruction::LiquidatePerpPnlForDeposit(to) => {
                Self::Liquidation(Moved::Loss(to.perp_market_index))
            }
            Instruction::ResolvePerpBankruptcy(_) | Instruction::ResolveSpotBankruptcy(_) => {
                Self::Bankruptcy(7)
            }
            Instruction::ResolvePerpPnlDeficit(_) => Self::Deficit(3),
            Instruction::SettleRevenueToInsuranceFund(_) => Self::Revenue(4),
            _ => return None,
        })
    }
}

/// Where liquidator and user stand among the accounts of liquidations and bankruptcies.
const LIQUIDATOR: usize = 2;
const LIQUIDATED: usize = 4;

/// Sums over a trial, in quote (1e6) at oracle prices.
#[derive(Clone, Debug, Default)]
pub(super) struct Losses {
    /// Liquidations that moved something.
    pub liquidations: u64,
    /// The positions and debts among it.
    pub liquidated: i128,
    /// What liquidators gained by taking over below what it is worth.
    pub liquidator_fees: i128,
    /// What liquidated users paid besides.
    pub insurance_fees: i128,
    /// Debts that were resolved because nothing else was left.
    pub bankruptcies: u64,
    /// What they amounted to.
    pub bad_debt: i128,
    /// What of that the insurance fund paid.
    pub insured: i128,
    /// What of that was taken from all others in the market.
    pub socialised: i128,
    /// What insurance funds paid into pools of profits.
    pub deficits: i128,
    /// What insurance funds got of revenue.
    pub revenue: i128,
    /// The quote market's insurance fund: tokens a share at its best, and the largest fall from the best, as a share of it.
    best_share_price: f64,
    pub drawdown: f64,
}

/// What is compared before and after an instruction.
struct State {
    liquidator: i128,
    liquidated: i128,
    moved: i128,
    insured: i128,
    /// What the market says of it; a spot market says too much.
    socialised: Option<i128>,
}

impl Losses {
    /// Executes `call` and counts what it did, if that is to be counted.
    pub fn watch<L: Ledger>(&mut self, ledger: &mut L, call: &Call) -> Result {
        let Some(kind) = Kind::of(call) else {
            return ledger.execute(call);
        };
        let before = State::of(ledger, call, kind);
        ledger.execute(call)?;
        let after = State::of(ledger, call, kind);
        if let (Ok(before), Ok(after)) = (before, after) {
            self.add(kind, &before, &after);
            self.follow_insurance(ledger, call, kind);
        }
        Ok(())
    }

    fn add(&mut self, kind: Kind, before: &State, after: &State) {
        let paid = before.insured - after.insured;
        match kind {
            Kind::Liquidation(moves) => {
                let gained = after.liquidator - before.liquidator;
                let lost = before.liquidated - after.liquidated;
                let moved = (after.moved - before.moved).abs();
                self.liquidations += u64::from(moved != 0);
                // A loss that is paid from a deposit is what is left of a position that was counted.
                if !matches!(moves, Moved::Loss(_)) {
                    self.liquidated += moved;
                }
                self.liquidator_fees += gained;
                self.insurance_fees += lost - gained;
            }
            Kind::Bankruptcy(_) => {
                let debt = after.liquidated - before.liquidated;
                self.bankruptcies += u64::from(debt != 0);
                self.bad_debt += debt;
                self.insured += paid;
                self.socialised += match (before.socialised, after.socialised) {
                    (Some(before), Some(after)) => after - before,
                    _ => debt - paid,
                };
            }
            Kind::Deficit(_) => self.deficits += paid,
            Kind::Revenue(_) => self.revenue -= paid,
        }
    }

    /// What a share of the quote market's fund is worth, after whatever changed it.
    fn follow_insurance<L: Ledger>(&mut self, ledger: &L, call: &Call, kind: Kind) {
        let (Kind::Bankruptcy(vault) | Kind::Deficit(vault) | Kind::Revenue(vault)) = kind else {
            return;
        };
        let named = Named { ledger, call };
        let (Some(tokens), Some(market)) = (named.tokens(vault), named.spot_market(0)) else {
            return;
        };
        self.see_share_price(share_price(market, tokens));
    }

    /// Notes that the insurance fund's share is worth this now.
    pub fn see_share_price(&mut self, price: Option<f64>) {
        let Some(price) = price else {
            return;
        };
        self.best_share_price = self.best_share_price.max(price);
        self.drawdown = self.drawdown.max(1.0 - price / self.best_share_price);
    }
}

/// Tokens that a share of the insurance fund of `market`, counted as at its start, is worth when `tokens` are in it.
pub(super) fn share_price(market: &SpotMarket, tokens: u64) -> Option<f64> {
    let fund = market.insurance_fund;
    let shares = fund.total_shares as f64 * 10f64.powi(i32::try_from(fund.shares_base).ok()?);
    (shares > 0.0).then(|| tokens as f64 / shares)
}

impl State {
    fn of<L: Ledger>(ledger: &L, call: &Call, kind: Kind) -> Result<Self> {
        let mut named = Named { ledger, call };
        let mut state = Self {
            liquidator: 0,
            liquidated: 0,
            moved: 0,
            insured: 0,
            socialised: None,
        };
        let vault = match kind {
            Kind::Liquidation(moved) => {
                let liquidator = named.user(LIQUIDATOR)?;
                state.liquidator = equity(liquidator, &mut named)?;
                state.moved = held(liquidator, moved, &mut named)?;
                None
            }
            Kind::Bankruptcy(vault) | Kind::Deficit(vault) | Kind::Revenue(vault) => Some(vault),
        };
        if matches!(kind, Kind::Liquidation(_) | Kind::Bankruptcy(_)) {
            state.liquidated = equity(named.user(LIQUIDATED)?, &mut named)?;
        }
        // Vaults hold tokens of whatever market the instruction is about; the price makes them quote.
        if let Some(vault) = vault {
            let tokens = i128::from(named.tokens(vault).ok_or(ErrorCode::InvalidIFDetected)?);
            let market = match &call.instruction {
                Instruction::ResolveSpotBankruptcy(to) => to.market_index,
                Instruction::SettleRevenueToInsuranceFund(to) => to.spot_market_index,
                _ => 0,
            };
            let (market, quote) = named.spot(market)?;
            state.insured = token_value(tokens, market.decimals, quote.price)?;
            if let Instruction::ResolvePerpBankruptcy(to) = &call.instruction {
                let (market, ..) = named.perp(to.market_index)?;
                state.socialised = Some(market.amm.total_social_loss as i128);
            }
        }
        Ok(state)
    }
}

/// What a liquidator holds of what he takes over, in quote (1e6).
fn held(user: &User, moved: Moved, markets: &mut impl Quotes) -> Result<i128> {
    match moved {
        Moved::Base(index) => {
            let price = markets.perp(index)?.1.price;
            let base = user.perp(index).map_or(0, |held| held.base_asset_amount);
            i128::from(base)
                .times(price.into())?
                .over(BASE_TIMES_PRICE_PER_QUOTE as i128)
        }
        Moved::Loss(index) => Ok(user.perp(index).map_or(0, |held| held.quote_asset_amount).into()),
        Moved::Debt(index) => {
            let (market, quote) = markets.spot(index)?;
            let mut positions = user.spot_positions.iter().filter(|held| !held.is_available());
            let held = positions.find(|held| held.market_index == index);
            let tokens = held.map_or(Ok(0), |held| held.signed_tokens(market))?;
            token_value(tokens, market.decimals, quote.price)
        }
    }
}
