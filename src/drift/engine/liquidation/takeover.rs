//! Taking over a debt for an asset: what counts as which, and how much of both changes hands.

use super::case::Case;
use crate::accounts::{PerpMarket, SpotBalanceType, SpotMarket, User};
use crate::engine::{position, spot};
use crate::error::{ErrorCode, Result, require};
use crate::math::interest;
use crate::math::liquidation::allowed;
use crate::math::oracle::{Purpose, validity};
use crate::math::takeover::{Leg, QUOTE_DECIMALS, Takeover, discount, premium};
use crate::math::weight::MarginType;
use crate::num::Checked;
use crate::units::{MARGIN, QUOTE, QUOTE_SPOT_MARKET};

/// A debt of at most this value (1e6) may be taken over whole: ten dollars.
const SMALL_DEBT: i128 = 10 * QUOTE as i128;

impl Case {
    /// The user has a slot for spot market `index`, or `CouldNotFindSpotPosition`.
    pub fn must_have_spot(&self, index: u16) -> Result {
        let place = self.user.spot_place(index);
        place.map(drop).map_err(|_| ErrorCode::CouldNotFindSpotPosition)
    }

    /// The user has a slot for perpetual market `perp` (`UserHasNoPositionInMarket`) and for spot market `spot`, and the
    /// liquidator room for both; then their funding is settled.
    pub fn make_room(&mut self, perp: u16, spot: u16) -> Result {
        self.user.perp_place(perp)?;
        self.must_have_spot(spot)?;
        self.liquidator.perp_place_or_new(perp)?;
        self.liquidator.spot_place_or_new(spot)?;
        self.settle_funding(perp)
    }

    /// The liquidator gets `quote` (1e6) of perpetual market `index` from the user, or bears it where it is negative.
    pub fn hand_over_quote(&mut self, index: u16, quote: i64) -> Result {
        let market = self.markets.perps.get_mut(index)?;
        let place = self.liquidator.perp_place_or_new(index)?;
        position::add_quote(&mut self.liquidator.perp_positions[place], market, quote)?;
        position::add_quote(self.user.perp_mut(index)?, market, -quote)
    }

    /// What the user has lent to spot market `index`, as an asset.
    pub fn deposit(&mut self, index: u16) -> Result<Leg> {
        let (amount, price, market) = self.tokens(index, SpotBalanceType::Deposit)?;
        Ok(Leg {
            amount,
            decimals: market.decimals,
            price,
            weight: market.maintenance_asset_weight,
            multiplier: premium(market.liquidator_fee)?,
        })
    }

    /// What the user has borrowed from spot market `index`, as a debt. The weight is without the buffer.
    pub fn borrow(&mut self, index: u16) -> Result<Leg> {
        let (amount, price, market) = self.tokens(index, SpotBalanceType::Borrow)?;
        Ok(Leg {
            amount,
            decimals: market.decimals,
            price,
            weight: market.maintenance_liability_weight,
            multiplier: discount(market.liquidator_fee)?,
        })
    }

    /// The user's tokens of spot market `index`, which must be of this `kind` (`WrongSpotBalanceType`) and not nothing
    /// (`InvalidSpotPosition`), with their price (1e6), which must serve liquidations (`InvalidOracle`) but for the quote
    /// asset's. The market's interest is accrued before.
    fn tokens(&mut self, index: u16, kind: SpotBalanceType) -> Result<(u128, i64, &SpotMarket)> {
        let oracles = &self.markets.oracles;
        let market = self.markets.spots.get_mut(index)?;
        let price = oracles.price(&{ market.oracle })?;
        interest::accrue(market, Some(&price), self.clock.unix_timestamp)?;
        if index != QUOTE_SPOT_MARKET {
            let twap = market.historical_oracle_data.last_oracle_price_twap;
            let limits = oracles.guard_rails.validity;
            let validity = validity(twap, &price, &limits, market.confidence_multiple())?;
            require(validity.serves(Purpose::Liquidate), ErrorCode::InvalidOracle)?;
        }
        let held = self.user.spot(index)?;
        require(held.balance_type == kind, ErrorCode::WrongSpotBalanceType)?;
        let tokens = held.tokens(market)?;
        require(tokens != 0, ErrorCode::InvalidSpotPosition)?;
        Ok((tokens, price.price, market))
    }

    /// The profit of a closed position in perpetual market `index`, as an asset.
    pub fn profit(&self, index: u16) -> Result<Leg> {
        let (pnl, price, market) = self.pnl(index, 1)?;
        Ok(Leg {
            amount: pnl.unsigned_abs(),
            decimals: QUOTE_DECIMALS,
            price,
            weight: market.unrealized_weight(pnl, MarginType::Maintenance)?,
            multiplier: premium(market.liquidator_fee)?,
        })
    }

    /// The loss of a closed position in perpetual market `index`, as a debt.
    pub fn loss(&self, index: u16) -> Result<Leg> {
        let (pnl, price, market) = self.pnl(index, -1)?;
        Ok(Leg {
            amount: pnl.unsigned_abs(),
            decimals: QUOTE_DECIMALS,
            price,
            weight: MARGIN,
            multiplier: discount(market.liquidator_fee)?,
        })
    }

    /// What a position without base and shares has won or lost, by `sign`, with the price (1e6) of its quote asset. Any
    /// other is `InvalidPerpPositionToLiquidate`.
    fn pnl(&self, index: u16, sign: i64) -> Result<(i128, i64, &PerpMarket)> {
        let held = self.user.perp(index)?;
        require(
            !held.is_open() && !held.is_lp() && held.quote_asset_amount.signum() == sign,
            ErrorCode::InvalidPerpPositionToLiquidate,
        )?;
        let market = self.markets.perps.get(index)?;
        let quote = self.markets.spots.get(market.quote_spot_market_index)?;
        let price = self.markets.oracles.price(&{ quote.oracle })?.price;
        Ok((held.quote_asset_amount.into(), price, market))
    }

    /// Decides on a transfer that covers a `shortage` (1e6), within what the pace of the liquidation, the liquidator
    /// (`most` of the debt), the debt and the asset allow. `value` (1e6) is the debt's. None where the pace allows nothing;
    /// `InvalidLiquidation` where nothing would change hands otherwise.
    pub fn deal(
        &self,
        takeover: &Takeover,
        shortage: u128,
        insurance_fee: u32,
        most: u128,
        value: i128,
    ) -> Result<Option<Deal>> {
        let covering = takeover.debt_covering(shortage, insurance_fee)?;
        let allowed = allowed(covering, self.share(shortage)?)?;
        if allowed == 0 {
            return Ok(None);
        }
        let afforded = takeover.debt_afforded()?;
        let bound = afforded.min(most).min(takeover.debt.amount);
        let debt = if value > SMALL_DEBT {
            bound.min(allowed)
        } else {
            bound
        };
        let asset = takeover.asset_for(debt)?;
        require(asset != 0 && debt != 0, ErrorCode::InvalidLiquidation)?;
        Ok(Some(Deal {
            debt,
            asset,
            covers: debt >= covering,
        }))
    }

    /// The liquidator takes `owed` of the user's debt to spot market `index`; `insured` of it, where the
    /// market has a part in it, the user goes on owing and the market's revenue pool gets.
    pub fn move_debt(&mut self, index: u16, owed: u128, insured: Option<u128>) -> Result {
        let market = self.markets.spots.get_mut(index)?;
        let repaid = owed.minus(insured.unwrap_or(0))?;
        book(&mut self.user, market, repaid, SpotBalanceType::Deposit)?;
        if let Some(insured) = insured {
            spot::move_revenue(insured, SpotBalanceType::Deposit, market)?;
        }
        book(&mut self.liquidator, market, owed, SpotBalanceType::Borrow)
    }

    /// The liquidator gets `paid` of what the user has lent to spot market `index`.
    pub fn move_deposit(&mut self, index: u16, paid: u128) -> Result {
        let market = self.markets.spots.get_mut(index)?;
        book(&mut self.liquidator, market, paid, SpotBalanceType::Deposit)?;
        book(&mut self.user, market, paid, SpotBalanceType::Borrow)
    }
}

/// What changes hands.
pub(super) struct Deal {
    /// Of the debt.
    pub debt: u128,
    /// Of the asset.
    pub asset: u128,
    /// Whether it covers all that is missing.
    pub covers: bool,
}

/// Moves `tokens` in the user's slot for `market`, and counts them.
fn book(user: &mut User, market: &mut SpotMarket, tokens: u128, direction: SpotBalanceType) -> Result {
    let place = user.spot_place_or_new(market.market_index)?;
    let position = &mut user.spot_positions[place];
    spot::move_and_count(tokens, tokens, direction, market, position, false)
}
