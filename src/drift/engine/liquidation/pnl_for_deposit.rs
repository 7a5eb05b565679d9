//! Taking over the loss of a closed perpetual position for a deposit.

use super::case::{Case, sides};
use crate::accounts::{AssetTier, ContractTier, SpotBalanceType};
use crate::engine::frame::Frame;
use crate::engine::markets::MustWrite;
use crate::error::{ErrorCode, Result};
use crate::instruction::LiquidatePerpPnlForDeposit;
use crate::math::takeover::Takeover;
use crate::num::Narrow;

/// Takes over the loss of a user without maintenance margin, for his deposit at a premium. His safest liability must come
/// first.
pub(in crate::engine) fn liquidate_perp_pnl_for_deposit(
    frame: &mut Frame,
    arguments: &LiquidatePerpPnlForDeposit,
) -> Result {
    let sides = sides(frame)?;
    let must_write = MustWrite {
        perps: &[],
        spots: &[arguments.spot_market_index],
    };
    let mut case = Case::open(frame, sides, must_write, None)?;
    run(&mut case, arguments)?;
    case.close(frame)
}

fn run(case: &mut Case, arguments: &LiquidatePerpPnlForDeposit) -> Result {
    let (perp, asset) = (arguments.perp_market_index, arguments.spot_market_index);
    case.spot_must_liquidate(asset)?;
    case.perp_must_liquidate(perp)?;
    case.make_room(perp, asset)?;
    let takeover = Takeover {
        asset: case.deposit(asset)?,
        debt: case.loss(perp)?,
    };
    let Some((margin, cancelled)) = case.begin()? else {
        return Ok(());
    };
    if !is_first_to_pay(case, perp)? {
        // Cancelled orders stay cancelled.
        return if cancelled {
            Ok(())
        } else {
            Err(ErrorCode::TierViolationLiquidatingPerpPnl)
        };
    }

    let shortage = margin.shortage()?;
    let value = takeover.debt.amount.to()?;
    let most = arguments.liquidator_max_pnl_transfer;
    let Some(deal) = case.deal(&takeover, shortage, 0, most, value)? else {
        return Ok(());
    };
    takeover.within_limit(deal.asset, deal.debt, arguments.limit_price)?;

    case.move_deposit(asset, deal.asset)?;
    let loss: i64 = deal.debt.to()?;
    case.hand_over_quote(perp, -loss)?;
    case.finish(shortage, deal.covers)
}

/// Whether none of the user's liabilities is safer than a loss in perpetual market `index`.
fn is_first_to_pay(case: &Case, index: u16) -> Result<bool> {
    let (mut contract, mut asset) = (ContractTier::HighlySpeculative, AssetTier::Unlisted);
    for held in &case.user.spot_positions {
        if !held.is_available() && held.balance_type != SpotBalanceType::Deposit {
            asset = asset.min(case.markets.spots.get(held.market_index)?.asset_tier);
        }
    }
    for held in &case.user.perp_positions {
        if !held.is_available() {
            contract = contract.min(case.markets.perps.get(held.market_index)?.contract_tier);
        }
    }
    Ok(case
        .markets
        .perps
        .get(index)?
        .contract_tier
        .ranks_with(contract, asset))
}
