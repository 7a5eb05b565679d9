//! A liquidation under way: what all four kinds do before and after something changes hands.

use super::{Named, Sides};
use crate::accounts::{ExchangeOperation, PerpOperation, SpotOperation, State, User};
use crate::clock::Clock;
use crate::engine::frame::{Frame, Held, Switches};
use crate::engine::margin::{Margin, MarketId, Terms};
use crate::engine::markets::{Markets, MustWrite};
use crate::engine::orders::{self, Venue};
use crate::engine::{funding, guard, margin_check};
use crate::error::{ErrorCode, Result, require};
use crate::instruction::LiquidatePerpAccounts;
use crate::num::Narrow;

/// Two users, and the markets between them.
pub(super) struct Case {
    pub state: Held<State>,
    /// Who is liquidated.
    pub user: Held<User>,
    pub liquidator: Held<User>,
    pub markets: Markets,
    pub clock: Clock,
    switches: Switches,
    /// The market whose part of the margin is wanted.
    tracked: Option<MarketId>,
}

/// The two sides of a liquidation, unless the exchange halts them (`ExchangePaused`).
pub(super) fn sides(frame: &mut Frame) -> Result<Sides> {
    let named = Named::load(frame)?;
    named.check(frame)?;
    guard::not_paused(&named.state, ExchangeOperation::Liquidation)?;
    named.part(frame)
}

impl Case {
    /// Takes the markets. Whoever is bankrupt has nothing to liquidate, and takes over nothing: `UserBankrupt`.
    pub fn open(
        frame: &mut Frame,
        sides: Sides,
        must_write: MustWrite,
        tracked: Option<MarketId>,
    ) -> Result<Self> {
        let Sides {
            state,
            user,
            liquidator,
        } = sides;
        let mut next = LiquidatePerpAccounts::positions().user_stats + 1;
        let markets = Markets::load(frame, &mut next, must_write, Some(state.oracle_guard_rails))?;
        let bankrupt = user.is_bankrupt() || liquidator.is_bankrupt();
        require(!bankrupt, ErrorCode::UserBankrupt)?;
        Ok(Self {
            state,
            user,
            liquidator,
            markets,
            clock: frame.clock,
            switches: frame.switches,
            tracked,
        })
    }

    /// Puts everything back.
    pub fn close(self, frame: &mut Frame) -> Result {
        self.markets.restore(frame);
        frame.put(self.user);
        frame.put(self.liquidator);
        frame.put(self.state);
        Ok(())
    }

    /// Perpetual market `index` is there and does not halt liquidations (`InvalidLiquidation`).
    pub fn perp_must_liquidate(&self, index: u16) -> Result {
        let paused = self
            .markets
            .perps
            .get(index)?
            .is_paused(PerpOperation::Liquidation);
        require(!paused, ErrorCode::InvalidLiquidation)
    }

    /// Spot market `index` is there and does not halt liquidations (`InvalidLiquidation`).
    pub fn spot_must_liquidate(&self, index: u16) -> Result {
        let paused = self
            .markets
            .spots
            .get(index)?
            .is_paused(SpotOperation::Liquidation);
        require(!paused, ErrorCode::InvalidLiquidation)
    }

    /// Settles both users' funding in a market.
    pub fn settle_funding(&mut self, index: u16) -> Result {
        let now = self.clock.unix_timestamp;
        for user in [&mut self.user, &mut self.liquidator] {
            funding::settle_payment(user, self.markets.perps.get_mut(index)?, now)?;
        }
        Ok(())
    }

    fn terms(&self) -> Terms {
        Terms {
            tracked: self.tracked,
            ..Terms::liquidation(self.state.liquidation_margin_buffer_ratio)
        }
    }

    /// The user's margin where it is short. `SufficientCollateral` for one with maintenance margin; none for one in
    /// liquidation who has the buffer as well, and so leaves it.
    pub fn admit(&mut self) -> Result<Option<Margin>> {
        let terms = self.terms();
        let margin = Margin::of(&self.user, &mut self.markets, terms)?;
        if !self.user.in_liquidation() {
            require(!margin.is_met(), ErrorCode::SufficientCollateral)?;
        } else if margin.ends_liquidation() {
            self.user.leave_liquidation();
            return Ok(None);
        }
        Ok(Some(margin))
    }

    /// Cancels every order of the user; answers whether there was one.
    pub fn cancel_orders(&mut self) -> Result<bool> {
        let mut venue = Venue {
            state: &self.state,
            markets: &mut self.markets,
            clock: self.clock,
            switches: self.switches,
        };
        Ok(orders::cancel_all(&mut venue, &mut self.user, |_| true)? > 0)
    }

    /// Begins a liquidation that asks nothing else first, and cancels the user's orders; answers what is short then, and
    /// whether there was an order. None for a user who is not in liquidation any more.
    pub fn begin(&mut self) -> Result<Option<(Margin, bool)>> {
        let Some(margin) = self.admit()? else {
            return Ok(None);
        };
        self.user.begin_liquidation(self.clock.slot)?;
        let cancelled = self.cancel_orders()?;
        let margin = if cancelled {
            self.reconsider(&margin)?
        } else {
            Some(margin)
        };
        Ok(margin.map(|margin| (margin, cancelled)))
    }

    /// The user's margin after something was given up, beginning with `margin`; none for one who leaves the liquidation
    /// by that.
    pub fn reconsider(&mut self, margin: &Margin) -> Result<Option<Margin>> {
        let terms = self.terms();
        let now = Margin::of(&self.user, &mut self.markets, terms)?;
        self.count_freed(margin.shortage()?, &now)?;
        if now.ends_liquidation() {
            self.user.leave_liquidation();
            return Ok(None);
        }
        Ok(Some(now))
    }

    fn count_freed(&mut self, shortage: u128, now: &Margin) -> Result {
        let freed = shortage.saturating_sub(now.shortage()?);
        self.user.count_margin_freed(freed.to()?)
    }

    /// The share (1e4) of what would cover a `shortage` (1e6) that may change hands now.
    pub fn share(&self, shortage: u128) -> Result<u128> {
        self.state
            .liquidation_share(&self.user, shortage, self.clock.slot)
    }

    /// After the transfer: counts the margin freed since the `shortage` (1e6), ends the liquidation where all was `covered`
    /// or nothing is left, and asks initial margin of the liquidator (`InsufficientCollateral`).
    pub fn finish(&mut self, shortage: u128, covered: bool) -> Result {
        let terms = Terms::liquidation(self.state.liquidation_margin_buffer_ratio);
        let now = Margin::of(&self.user, &mut self.markets, terms)?;
        self.count_freed(shortage, &now)?;
        if covered {
            self.user.leave_liquidation();
        } else if self.user.is_insolvent() {
            self.user.declare_bankrupt();
        }
        let carries = margin_check::has_initial(&self.liquidator, &mut self.markets)?;
        require(carries, ErrorCode::InsufficientCollateral)
    }
}
