//! The two sides of a liquidation or bankruptcy, which all these instructions name at the same places.

use crate::accounts::{Pubkey, State, User, UserStats};
use crate::engine::frame::{Frame, Held};
use crate::engine::guard;
use crate::error::{ErrorCode, Result};
use crate::instruction::LiquidatePerpAccounts;

/// The accounts as named, of the right types.
pub(in crate::engine) struct Named {
    /// The exchange's settings.
    pub state: Held<State>,
    authority: Pubkey,
    liquidator: Held<User>,
    liquidators: UserStats,
    /// None where the liquidator is named again.
    user: Option<Held<User>>,
    users: UserStats,
}

/// The exchange and two different users, both locked.
pub(in crate::engine) struct Sides {
    /// The exchange's settings.
    pub state: Held<State>,
    /// Who cannot pay.
    pub user: Held<User>,
    /// Who asks.
    pub liquidator: Held<User>,
}

/// Statistics are looked at only, and may be the same for both users.
fn stats(frame: &mut Frame, position: usize) -> Result<UserStats> {
    let held = frame.take::<UserStats>(position)?;
    let copy = *held;
    frame.put(held);
    Ok(copy)
}

impl Named {
    /// Takes the accounts.
    pub fn load(frame: &mut Frame) -> Result<Self> {
        let at = LiquidatePerpAccounts::positions();
        let state = guard::state(frame, at.state)?;
        let authority = frame.signer(at.authority)?;
        let liquidator = frame.take::<User>(at.liquidator)?;
        let liquidators = stats(frame, at.liquidator_stats)?;
        let himself = frame.key(at.user)? == liquidator.key();
        let user = match himself {
            true => None,
            false => Some(frame.take::<User>(at.user)?),
        };
        let users = stats(frame, at.user_stats)?;
        Ok(Self {
            state,
            authority,
            liquidator,
            liquidators,
            user,
            users,
        })
    }

    /// The constraints on them: the signer acts for the liquidator, and statistics belong to their users.
    pub fn check(&self, frame: &Frame) -> Result {
        let at = LiquidatePerpAccounts::positions();
        frame.must_be_writable(at.liquidator)?;
        guard::acts_for(&self.liquidator, self.authority)?;
        frame.must_be_writable(at.liquidator_stats)?;
        guard::stats_of(&self.liquidator, &self.liquidators)?;
        frame.must_be_writable(at.user)?;
        frame.must_be_writable(at.user_stats)?;
        guard::stats_of(self.user.as_ref().unwrap_or(&self.liquidator), &self.users)
    }

    /// Two different users, from here on locked; `UserCantLiquidateThemself` where they are one.
    pub fn part(self, frame: &mut Frame) -> Result<Sides> {
        let user = self.user.ok_or(ErrorCode::UserCantLiquidateThemself)?;
        frame.lock(&user);
        frame.lock(&self.liquidator);
        Ok(Sides {
            state: self.state,
            user,
            liquidator: self.liquidator,
        })
    }
}
