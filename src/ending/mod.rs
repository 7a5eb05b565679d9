//! The end of an exchange: every market expires, and everybody gets out, as far as the program lets them.
//!
//! What drift's own closing script does, and a keeper besides:
//! 1. Oracles that are late or out publish again. Resting orders are cancelled, debts repaid (with new tokens where somebody spent what was borrowed), perpetual markets set
//!    to expire, LPs sent out of them and funding paid; the insurance fund pays what pools of profit lack.
//! 2. At their expiry the markets' expiry prices are fixed. Then, pass after pass: a liquidator goes over the accounts, bankrupts
//!    are resolved, and positions settle at the expiry price, losses first, until no position is left. Who has too little
//!    margin to settle must be liquidated: where nobody does it, or nobody who can, a liquidator comes from outside, with as
//!    much money as all that is left is worth.
//! 3. Stakes leave the insurance fund, spot markets expire, debts are repaid and deposits withdrawn, until nobody is left.
//!
//! A pass that changes nothing is the last one; but before positions are given up, the administrator lifts the limits on prices. Each stage takes a second, so oracles publish anew for each.

mod left;
mod stage;

use crate::event::{
    DepositCollateral, Event, ExpireMarket, Kind, Liquidate, MarketKind, ResolvePerpPnlDeficit,
    SettleExpiredMarket, UpdateGuardRails,
};
use crate::world::World;
use drift::accounts::MarketStatus;
use drift::ledger::Ledger;
use drift::units::QUOTE_SPOT_MARKET;
pub use left::Left;
use left::{in_danger, worth};
use stage::Stage;

/// More passes than any exchange has needed; one that still moves after so many is told as it is.
const PASSES: usize = 40;

/// Seconds between the announcement of an expiry and the expiry, at least.
const NOTICE: i64 = 5;

/// So wide a limit that no price reaches it.
const LIMITLESS: u64 = 1 << 62;

/// An exchange that can be ended.
pub trait Side {
    /// Where its accounts are.
    type Ledger: Ledger;

    /// Where everything is, and the accounts.
    fn side(&self) -> (&World, &Self::Ledger);
}

/// Who is there at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cast {
    /// Everybody, by number.
    pub users: Vec<u32>,
    /// Who liquidates: whoever did so last.
    pub liquidator: Option<u32>,
}

impl Cast {
    /// Notes who acts in `event`.
    pub fn note(&mut self, event: &Kind) {
        if let Some(user) = event.user() {
            if let Err(place) = self.users.binary_search(&user) {
                self.users.insert(place, user);
            }
            if let Kind::Liquidate(_) = event {
                self.liquidator = Some(user);
            }
        }
    }
}

/// Ends the exchange of `cast` from second `last` on, and answers how many events that took; whoever came for it is in the
/// cast then.
///
/// # Errors
/// The first of `carry_out`'s.
pub fn end<M: Side, E>(
    exchange: &mut M,
    cast: &mut Cast,
    last: i64,
    carry_out: impl FnMut(&mut M, &Event) -> Result<(), E>,
) -> Result<usize, E> {
    let (world, ledger) = exchange.side();
    // An event that could not be carried out may have set the clock on.
    let second = last.max(world.second(ledger));
    let mut ending = Ending {
        exchange,
        cast,
        second,
        events: 0,
        came: false,
        lifted: false,
        carry_out,
    };
    ending.announce()?;
    ending.settle_positions()?;
    ending.leave()?;
    Ok(ending.events)
}

struct Ending<'a, M, F> {
    exchange: &'a mut M,
    cast: &'a mut Cast,
    second: i64,
    events: usize,
    /// Whether a liquidator came from outside.
    came: bool,
    /// Whether the limits on prices were lifted.
    lifted: bool,
    carry_out: F,
}

impl<M: Side, E, F: FnMut(&mut M, &Event) -> Result<(), E>> Ending<'_, M, F> {
    /// Debts repaid, markets told to expire, and what must be out before they do.
    fn announce(&mut self) -> Result<(), E> {
        let (world, _) = self.exchange.side();
        for kind in world.freshened() {
            self.happen(kind)?;
        }
        self.stage(Stage::CancelOrders)?;
        self.repay()?;
        let (world, ledger) = self.exchange.side();
        // Liquidity must stay for a while after it was added.
        let cooldown = world.state(ledger).map_or(0, |state| state.lp_cooldown_time);
        let notice = NOTICE.saturating_add(i64::try_from(cooldown).unwrap_or(i64::MAX));
        self.expire(MarketKind::Perp, notice)?;
        let expiry = self.second.saturating_add(notice);
        self.second = expiry.saturating_sub(NOTICE);
        self.stage(Stage::RemoveLiquidity)?;
        self.stage(Stage::SettleFunding)?;
        self.resolve_deficits()?;
        self.second = self.second.max(expiry);
        Ok(())
    }

    /// Passes until nobody has a position or liquidity.
    fn settle_positions(&mut self) -> Result<(), E> {
        self.fix_expiry_prices()?;
        let (world, ledger) = self.exchange.side();
        let buffer = world.state(ledger).map_or(0, |state| state.settlement_duration);
        self.second = self.second.saturating_add(buffer.into());
        for _ in 0..PASSES {
            let before = self.left();
            self.repay()?;
            self.liquidate()?;
            let (world, ledger) = self.exchange.side();
            // Losses are everybody's who still has a position then, so nobody settles before who cannot.
            if in_danger(world, ledger, &self.cast.users) && self.bring_liquidator()? {
                self.liquidate()?;
            }
            self.stage(Stage::RemoveLiquidity)?;
            self.stage(Stage::ExpelLiquidity)?;
            self.fix_expiry_prices()?;
            self.stage(Stage::SettleLosses)?;
            self.stage(Stage::SettleProfits)?;
            let after = self.left();
            if !after.has_positions() {
                break;
            }
            if after == before && !self.bring_liquidator()? && !self.lift_limits()? {
                break;
            }
        }
        Ok(())
    }

    /// Stakes and deposits withdrawn.
    fn leave(&mut self) -> Result<(), E> {
        self.stage(Stage::Unstake)?;
        let (world, ledger) = self.exchange.side();
        let wait = (0..world.spot_count())
            .filter_map(|index| world.spot(ledger, index))
            .map(|market| { market.insurance_fund }.unstaking_period)
            .max();
        if self.left().has_stakes() {
            self.second = self.second.saturating_add(wait.unwrap_or(0));
            self.stage(Stage::Unstake)?;
        }
        self.expire(MarketKind::Spot, NOTICE)?;
        self.second = self.second.saturating_add(NOTICE);
        for _ in 0..PASSES {
            let before = self.left();
            self.repay()?;
            self.stage(Stage::Withdraw)?;
            let after = self.left();
            if after == before || after == Left::default() {
                break;
            }
            if after.is_bankrupt() {
                self.liquidate()?;
            }
        }
        Ok(())
    }

    fn happen(&mut self, kind: impl Into<Kind>) -> Result<(), E> {
        self.events += 1;
        (self.carry_out)(self.exchange, &Event::new(self.second, kind))
    }

    fn left(&self) -> Left {
        let (world, ledger) = self.exchange.side();
        Left::of(world, ledger, &self.cast.users)
    }

    /// Has everybody do what `stage` is about, and answers whether there was anything to do.
    fn stage(&mut self, stage: Stage) -> Result<bool, E> {
        self.second = self.second.saturating_add(1);
        let before = self.events;
        for place in 0..self.cast.users.len() {
            let user = self.cast.users[place];
            let (world, ledger) = self.exchange.side();
            for kind in stage.wishes(world, ledger, user) {
                self.happen(kind)?;
            }
        }
        Ok(self.events > before)
    }

    /// Debts repaid. The first of a second also pays the interest since; what that left owing is paid within the same second.
    fn repay(&mut self) -> Result<(), E> {
        if self.stage(Stage::Repay)? {
            self.second = self.second.saturating_sub(1);
            self.stage(Stage::Repay)?;
        }
        Ok(())
    }

    /// Markets of a kind that have not expired do so `seconds` from now.
    fn expire(&mut self, market_type: MarketKind, seconds: i64) -> Result<(), E> {
        self.second = self.second.saturating_add(1);
        let (world, ledger) = self.exchange.side();
        let statuses: Vec<_> = match market_type {
            MarketKind::Perp => (0..world.perp_count())
                .map(|index| world.perp(ledger, index).map(|market| market.status))
                .collect(),
            MarketKind::Spot => (0..world.spot_count())
                .map(|index| world.spot(ledger, index).map(|market| market.status))
                .collect(),
        };
        let over = [Some(MarketStatus::Settlement), Some(MarketStatus::Delisted)];
        for (market_index, status) in (0u16..).zip(statuses) {
            if !over.contains(&status) {
                self.happen(ExpireMarket {
                    market_index,
                    market_type,
                    seconds,
                })?;
            }
        }
        Ok(())
    }

    /// The insurance fund pays where a pool has nothing and the market's fees are spent.
    fn resolve_deficits(&mut self) -> Result<(), E> {
        let (world, ledger) = self.exchange.side();
        let insured = world.insured(ledger, QUOTE_SPOT_MARKET).unwrap_or(0);
        let short = |index: &u16| {
            let Some(market) = world.perp(ledger, *index) else {
                return false;
            };
            let (fees, pool) = (market.amm.total_fee_minus_distributions, market.pnl_pool);
            fees < 0 && pool.scaled_balance == 0
        };
        let short: Vec<u16> = match insured {
            0 => Vec::new(),
            _ => (0..world.perp_count()).filter(short).collect(),
        };
        for market_index in short {
            self.happen(ResolvePerpPnlDeficit { market_index })?;
        }
        Ok(())
    }

    /// The expiry price of markets that have none yet.
    fn fix_expiry_prices(&mut self) -> Result<(), E> {
        self.second = self.second.saturating_add(1);
        let (world, ledger) = self.exchange.side();
        let open = |index: &u16| {
            world.perp(ledger, *index).is_some_and(|market| {
                market.status != MarketStatus::Settlement && market.status != MarketStatus::Delisted
            })
        };
        let open: Vec<u16> = (0..world.perp_count()).filter(open).collect();
        for market_index in open {
            self.happen(SettleExpiredMarket { market_index })?;
        }
        Ok(())
    }

    /// The liquidator looks through all accounts. Where nobody ever liquidated, only bankrupts need one: then it is somebody
    /// with no money.
    fn liquidate(&mut self) -> Result<(), E> {
        let left = self.left();
        if !left.has_positions() && !left.is_bankrupt() {
            return Ok(());
        }
        let liquidator = match self.cast.liquidator {
            Some(liquidator) => liquidator,
            None if left.is_bankrupt() => self.newcomer(0)?,
            None => return Ok(()),
        };
        self.second = self.second.saturating_add(1);
        self.happen(Liquidate {
            user_index: liquidator,
            target: None,
            max_quote: None,
            keep: Some(false),
        })
    }

    /// A liquidator from outside, with as much money as all that is left is worth; `false` if one has come already.
    fn bring_liquidator(&mut self) -> Result<bool, E> {
        if std::mem::replace(&mut self.came, true) {
            return Ok(false);
        }
        let (world, ledger) = self.exchange.side();
        let capital = worth(world, ledger, &self.cast.users);
        self.newcomer(capital)?;
        Ok(true)
    }

    /// The administrator lifts the limits that prices are judged by; `false` if they were lifted already.
    fn lift_limits(&mut self) -> Result<bool, E> {
        if std::mem::replace(&mut self.lifted, true) {
            return Ok(false);
        }
        self.second = self.second.saturating_add(1);
        self.happen(UpdateGuardRails {
            mark_oracle_divergence: Some(LIMITLESS),
            oracle_twap_5min_divergence: Some(LIMITLESS),
            widest_confidence: Some(LIMITLESS),
            too_volatile_ratio: Some(LIMITLESS as i64),
            ..UpdateGuardRails::default()
        })?;
        Ok(true)
    }

    /// Somebody new, who deposits `capital` (1e6) and is the liquidator from now on.
    fn newcomer(&mut self, capital: u64) -> Result<u32, E> {
        let users = &self.cast.users;
        let number = (0..=u32::MAX).zip(users).find(|(number, user)| number != *user);
        let number = number.map_or(users.len() as u32, |(number, _)| number);
        self.second = self.second.saturating_add(1);
        let deposit: Kind = DepositCollateral {
            user_index: number,
            deposit_amount: capital,
            spot_market_index: QUOTE_SPOT_MARKET,
            mint_amount: 0,
            username: "liquidator".to_owned(),
        }
        .into();
        self.cast.note(&deposit);
        self.cast.liquidator = Some(number);
        self.happen(deposit)?;
        Ok(number)
    }
}

#[cfg(test)]
mod tests;
