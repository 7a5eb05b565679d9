//! Whether a user's margin allows what an instruction is about to do.

use super::margin::{Margin, Terms};
use super::markets::Markets;
use crate::accounts::{ContractTier, User, UserStatus};
use crate::error::{ErrorCode, Result};
use crate::math::oracle::Purpose;
use crate::math::perp_margin::settled_with_pnl;
use crate::math::spot_balance::token_value;
use crate::math::weight::MarginType;
use crate::num::{Checked, Narrow, power_of_ten};
use crate::units::{MARGIN, PRICE, QUOTE_SPOT_MARKET};

/// An isolated liability stands alone: `IsolatedAssetTierViolation` when there are others beside it (a debt in the
/// quote asset goes with an isolated perpetual position). Users that only reduce are let off.
pub fn check_isolation(user: &User, margin: &Margin) -> Result {
    let allowed = user.is(UserStatus::ReduceOnly)
        || ((!margin.isolated_perp || isolated_perp_stands_alone(user, margin)?)
            && (!margin.isolated_spot || (margin.perp_liabilities, margin.spot_liabilities) == (0, 1)));
    if allowed {
        Ok(())
    } else {
        Err(ErrorCode::IsolatedAssetTierViolation)
    }
}

fn isolated_perp_stands_alone(user: &User, margin: &Margin) -> Result<bool> {
    if margin.perp_liabilities > 1 || user.is_margin_trading_enabled.is_set() {
        return Ok(false);
    }
    Ok(match margin.spot_liabilities {
        0 => true,
        1 => user.quote()?.is_borrow(),
        _ => {
            user.quote()?;
            false
        }
    })
}

/// What a withdrawal leaves must cover `margin`. `InvalidOracle` when there are liabilities and a bad oracle,
/// `InsufficientCollateral` when it does not.
pub fn check_withdrawal(user: &User, markets: &mut Markets, margin: MarginType) -> Result {
    let terms = Terms {
        strict: margin == MarginType::Initial,
        ..Terms::new(margin)
    };
    let margin = Margin::of(user, markets, terms)?;
    if !margin.oracles_valid && (margin.requirement > 0 || margin.liabilities()? > 0) {
        return Err(ErrorCode::InvalidOracle);
    }
    check_isolation(user, &margin)?;
    if margin.is_met() {
        Ok(())
    } else {
        Err(ErrorCode::InsufficientCollateral)
    }
}

/// A placed order must leave initial margin if it adds risk, else maintenance margin; `InsufficientCollateral`.
pub fn check_order(user: &User, markets: &mut Markets, adds_risk: bool) -> Result {
    let margin = if adds_risk {
        MarginType::Initial
    } else {
        MarginType::Maintenance
    };
    let margin = Margin::of(user, markets, Terms::new(margin).strict())?;
    if !margin.is_met() {
        return Err(ErrorCode::InsufficientCollateral);
    }
    check_isolation(user, &margin)
}

/// Whether `user` has initial margin.
pub fn has_initial(user: &User, markets: &mut Markets) -> Result<bool> {
    Ok(Margin::of(user, markets, Terms::new(MarginType::Initial))?.is_met())
}

/// Whether `user` has maintenance margin.
pub fn has_maintenance(user: &User, markets: &mut Markets) -> Result<bool> {
    Ok(Margin::of(user, markets, Terms::new(MarginType::Maintenance))?.is_met())
}

/// Whether `user` has maintenance margin in strict reckoning, as settling profit or loss asks.
pub fn has_strict_maintenance(user: &User, markets: &mut Markets) -> Result<bool> {
    Ok(Margin::of(user, markets, Terms::new(MarginType::Maintenance).strict())?.is_met())
}

/// Whether maintenance margin with the exchange's `buffer` (1e4) is missing.
pub fn is_liquidatable(user: &User, markets: &mut Markets, buffer: u32) -> Result<bool> {
    Ok(!Margin::of(user, markets, Terms::liquidation(buffer))?.ends_liquidation())
}

/// A user in liquidation leaves it here if his margin allows; otherwise `UserIsBeingLiquidated`.
pub fn check_not_liquidated(user: &mut User, markets: &mut Markets, buffer: u32) -> Result {
    if user.in_liquidation() {
        if is_liquidatable(user, markets, buffer)? {
            return Err(ErrorCode::UserIsBeingLiquidated);
        }
        user.leave_liquidation();
    }
    Ok(())
}

/// Most tokens of spot market `index` (mint decimals) that free collateral lets `user` take out of a deposit.
pub fn most_withdrawable(user: &User, markets: &mut Markets, index: u16) -> Result<u64> {
    let margin = Margin::of(user, markets, Terms::new(MarginType::Initial))?;
    let market = markets.spots.get(index)?;
    let tokens = user.spot(index)?.tokens(market)?;
    let price = markets.oracles.price(&{ market.oracle })?.price;
    let weight = market.asset_weight(tokens, price, MarginType::Initial)?;
    if weight == 0 {
        return Ok(u64::MAX);
    }
    if margin.liabilities()? == 0 {
        return tokens.to();
    }
    let free = margin.free_collateral()?;
    // With fewer decimals than a dollar's the program's power of ten wraps around to zero.
    let units = match market.decimals.checked_sub(6) {
        Some(finer) => power_of_ten(finer)?,
        None => 0,
    };
    free.times(MARGIN.into())?
        .over(weight.into())?
        .times(PRICE.into())?
        .over(price.to()?)?
        .times(units)?
        .to()
}

/// Without margin trading, open spot orders may not lead into debt: `MarginTradingDisabled`. With it, no position in
/// an isolated perpetual market may be open: `IsolatedAssetTierViolation`.
pub fn check_spot_margin_trading(user: &User, markets: &mut Markets) -> Result {
    let Markets {
        oracles,
        spots,
        perps,
        ..
    } = markets;
    if user.is_margin_trading_enabled.is_set() {
        for position in user
            .perp_positions
            .iter()
            .filter(|position| !position.is_available())
        {
            if perps.get(position.market_index)?.contract_tier == ContractTier::Isolated {
                return Err(ErrorCode::IsolatedAssetTierViolation);
            }
        }
        return Ok(());
    }
    let mut bids = 0;
    for position in &user.spot_positions {
        if position.open_asks < 0 {
            let tokens = position.signed_tokens(spots.get(position.market_index)?)?;
            if tokens.plus(position.open_asks.into())? < 0 {
                return Err(ErrorCode::MarginTradingDisabled);
            }
        }
        if position.open_bids > 0 {
            let market = spots.get(position.market_index)?;
            let price = oracles.price(&{ market.oracle })?.price;
            bids = bids.plus(token_value(
                -i128::from(position.open_bids),
                market.decimals,
                price,
            )?)?;
        }
    }
    let quote = user.quote()?;
    let mut tokens = 0;
    if !quote.is_available() {
        tokens = quote.signed_tokens(spots.get(QUOTE_SPOT_MARKET)?)?;
    }
    if bids != 0 && tokens.plus(bids)? < 0 {
        return Err(ErrorCode::MarginTradingDisabled);
    }
    Ok(())
}

/// Value (1e6 dollars) of all that `user` has and owes, without weights, and whether every oracle is good enough for
/// margin.
pub fn equity(user: &User, markets: &mut Markets) -> Result<(i128, bool)> {
    let Markets {
        oracles,
        spots,
        perps,
        ..
    } = markets;
    let (mut sum, mut valid) = (0i128, true);
    for position in user
        .spot_positions
        .iter()
        .filter(|position| !position.is_available())
    {
        let market = spots.get(position.market_index)?;
        let twap = market.historical_oracle_data.last_oracle_price_twap;
        let (oracle, validity) =
            oracles.price_and_validity(&{ market.oracle }, twap, market.confidence_multiple())?;
        valid &= validity.serves(Purpose::Margin);
        sum = sum.plus(token_value(
            position.signed_tokens(market)?,
            market.decimals,
            oracle.price,
        )?)?;
    }
    for position in user
        .perp_positions
        .iter()
        .filter(|position| !position.is_available())
    {
        let market = perps.get(position.market_index)?;
        let asset = spots.get(market.quote_spot_market_index)?;
        let twap = asset.historical_oracle_data.last_oracle_price_twap;
        let (quote, validity) =
            oracles.price_and_validity(&{ asset.oracle }, twap, asset.confidence_multiple())?;
        valid &= validity.serves(Purpose::Margin);
        let twap = market.amm.historical_oracle_data.last_oracle_price_twap;
        let (oracle, validity) =
            oracles.price_and_validity(&{ market.amm.oracle }, twap, market.confidence_multiple())?;
        valid &= validity.serves(Purpose::Margin);
        let (_, pnl) = settled_with_pnl(position, market, market.price_or_expiry(oracle.price))?;
        sum = sum.plus(pnl.times(quote.price.into())?.over(PRICE.into())?)?;
    }
    Ok((sum, valid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{PerpMarket, SpotMarket};
    use crate::engine::margin::tests::{dollars, markets, perp, user};

    fn holding(tokens: i64, base: i64) -> User {
        let mut user = user(tokens);
        user.perp_positions[0].base_asset_amount = base;
        user.perp_positions[0].quote_asset_amount = -base / 1_000;
        user
    }

    #[test]
    fn each_purpose_asks_its_own_margin() {
        let mut quote = dollars();
        quote.historical_oracle_data.last_oracle_price_twap_5min = 1_000_000;
        let mut markets = markets([quote], [perp()]);
        // A hundred units at a dollar: 10 to open, 5 to keep.
        let user = holding(7, 100_000_000_000);
        assert_eq!(has_initial(&user, &mut markets), Ok(false));
        assert_eq!(has_maintenance(&user, &mut markets), Ok(true));
        assert_eq!(has_strict_maintenance(&user, &mut markets), Ok(true));
        assert_eq!(
            check_order(&user, &mut markets, true),
            Err(ErrorCode::InsufficientCollateral)
        );
        assert_eq!(check_order(&user, &mut markets, false), Ok(()));
        let initial = check_withdrawal(&user, &mut markets, MarginType::Initial);
        assert_eq!(initial, Err(ErrorCode::InsufficientCollateral));
        assert_eq!(
            check_withdrawal(&user, &mut markets, MarginType::Maintenance),
            Ok(())
        );
    }

    #[test]
    fn a_liquidation_ends_with_the_buffer() {
        let mut markets = markets([dollars()], [perp()]);
        let mut user = holding(7, 100_000_000_000);
        assert_eq!(check_not_liquidated(&mut user, &mut markets, 300), Ok(()));
        user.mark(UserStatus::BeingLiquidated, true);
        assert_eq!(
            check_not_liquidated(&mut user, &mut markets, 300),
            Err(ErrorCode::UserIsBeingLiquidated)
        );
        assert_eq!(check_not_liquidated(&mut user, &mut markets, 200), Ok(()));
        assert!(!user.in_liquidation());
    }

    #[test]
    fn isolated_liabilities_stand_alone() {
        let isolated = PerpMarket {
            contract_tier: ContractTier::Isolated,
            ..perp()
        };
        let mut markets = markets([dollars()], [isolated, perp()]);
        let mut check = |user: &User| {
            let margin = Margin::of(user, &mut markets, Terms::new(MarginType::Initial)).unwrap();
            check_isolation(user, &margin)
        };
        let refused = Err(ErrorCode::IsolatedAssetTierViolation);
        let mut user = holding(-7, 1_000_000_000);
        assert_eq!(check(&user), Ok(()));
        user.is_margin_trading_enabled = true.into();
        assert_eq!(check(&user), refused);
        user.is_margin_trading_enabled = false.into();
        user.perp_positions[1].market_index = 1;
        user.perp_positions[1].base_asset_amount = 1_000_000_000;
        assert_eq!(check(&user), refused);
        user.mark(UserStatus::ReduceOnly, true);
        assert_eq!(check(&user), Ok(()));
    }

    #[test]
    fn free_collateral_bounds_what_may_leave() {
        let mut markets = markets(
            [SpotMarket {
                initial_asset_weight: 8_000,
                ..dollars()
            }],
            [perp()],
        );
        assert_eq!(most_withdrawable(&user(7), &mut markets, 0), Ok(7_000_000));
        // 20 dollars, less a tenth of a hundred: 10, at a weight of 0.8.
        let user = holding(20, 100_000_000_000);
        assert_eq!(most_withdrawable(&user, &mut markets, 0), Ok(12_500_000));
        assert_eq!(equity(&user, &mut markets), Ok((20_000_000, true)));
    }

    #[test]
    fn orders_lead_into_debt_only_with_margin_trading() {
        let mut markets = markets([dollars(), dollars()], []);
        let mut user = user(5);
        user.spot_positions[1].market_index = 1;
        user.spot_positions[1].scaled_balance = 2_000_000_000;
        user.spot_positions[1].open_orders = 2;
        user.spot_positions[1].open_bids = 5_000_000;
        user.spot_positions[1].open_asks = -2_000_000;
        assert_eq!(check_spot_margin_trading(&user, &mut markets), Ok(()));
        user.spot_positions[1].open_bids += 1;
        assert_eq!(
            check_spot_margin_trading(&user, &mut markets),
            Err(ErrorCode::MarginTradingDisabled)
        );
        user.spot_positions[1].open_bids = 0;
        user.spot_positions[1].open_asks -= 1;
        assert_eq!(
            check_spot_margin_trading(&user, &mut markets),
            Err(ErrorCode::MarginTradingDisabled)
        );
        user.is_margin_trading_enabled = true.into();
        assert_eq!(check_spot_margin_trading(&user, &mut markets), Ok(()));
    }
}
