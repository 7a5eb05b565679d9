//! Taking over a debt in one spot market for a deposit in another.

use super::case::{Case, sides};
use crate::accounts::MarketType;
use crate::engine::frame::Frame;
use crate::engine::markets::MustWrite;
use crate::error::{ErrorCode, Result, require};
use crate::instruction::LiquidateSpot;
use crate::math::liquidation::fee_part;
use crate::math::price_band::has_strayed;
use crate::math::spot_balance::token_value;
use crate::math::takeover::Takeover;
use crate::num::{Checked, Narrow};

/// Takes over the debt of a user without maintenance margin, for his deposit at a premium; a part of what he is relieved
/// of goes to insurance.
pub(in crate::engine) fn liquidate_spot(frame: &mut Frame, arguments: &LiquidateSpot) -> Result {
    let sides = sides(frame)?;
    let debt = arguments.liability_market_index;
    let must_write = MustWrite {
        perps: &[],
        spots: &[arguments.asset_market_index, debt],
    };
    let mut case = Case::open(frame, sides, must_write, Some((MarketType::Spot, debt)))?;
    run(&mut case, arguments)?;
    case.close(frame)
}

fn run(case: &mut Case, arguments: &LiquidateSpot) -> Result {
    let (asset, debt) = (arguments.asset_market_index, arguments.liability_market_index);
    for index in [asset, debt] {
        case.spot_must_liquidate(index)?;
    }
    for index in [asset, debt] {
        case.must_have_spot(index)?;
    }
    for index in [asset, debt] {
        case.liquidator.spot_place_or_new(index)?;
    }
    let mut takeover = Takeover {
        asset: case.deposit(asset)?,
        debt: case.borrow(debt)?,
    };
    let Some((margin, _)) = case.begin()? else {
        return Ok(());
    };

    let shortage = margin.shortage()?;
    let owed = &mut takeover.debt;
    owed.weight = owed.weight.plus(case.state.liquidation_margin_buffer_ratio)?;
    let value = token_value(owed.amount.to()?, owed.decimals, owed.price)?;
    let most_insured = case.markets.spots.get(debt)?.if_liquidation_fee;
    let insurance_fee = takeover.insurance_fee(margin.tracked_shortage(shortage)?, most_insured)?;
    let most = arguments.liquidator_max_liability_transfer;
    let Some(deal) = case.deal(&takeover, shortage, insurance_fee, most, value)? else {
        return Ok(());
    };
    for (index, leg) in [(debt, takeover.debt), (asset, takeover.asset)] {
        let history = case.markets.spots.get(index)?.historical_oracle_data;
        let limits = case.state.oracle_guard_rails.price_divergence;
        let average = history.last_oracle_price_twap_5min;
        let strayed = has_strayed(leg.price, average, limits.average_band())?;
        require(!strayed, ErrorCode::PriceBandsBreached)?;
    }
    takeover.within_limit(deal.asset, deal.debt, arguments.limit_price)?;

    let insured = fee_part(deal.debt, insurance_fee)?;
    case.move_debt(debt, deal.debt, Some(insured))?;
    case.move_deposit(asset, deal.asset)?;
    case.finish(shortage, deal.covers)
}
