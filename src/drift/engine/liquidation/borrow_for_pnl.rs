//! Taking over a debt in a spot market for the profit of a closed perpetual position.

use super::case::{Case, sides};
use crate::engine::frame::Frame;
use crate::engine::markets::MustWrite;
use crate::error::Result;
use crate::instruction::LiquidateBorrowForPerpPnl;
use crate::math::spot_balance::token_value;
use crate::math::takeover::Takeover;
use crate::num::{Checked, Narrow};

/// Takes over the debt of a user without maintenance margin, for the profit he has not settled.
pub(in crate::engine) fn liquidate_borrow_for_perp_pnl(
    frame: &mut Frame,
    arguments: &LiquidateBorrowForPerpPnl,
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

fn run(case: &mut Case, arguments: &LiquidateBorrowForPerpPnl) -> Result {
    let (perp, debt) = (arguments.perp_market_index, arguments.spot_market_index);
    case.perp_must_liquidate(perp)?;
    case.spot_must_liquidate(debt)?;
    case.make_room(perp, debt)?;
    let mut takeover = Takeover {
        asset: case.profit(perp)?,
        debt: case.borrow(debt)?,
    };
    let Some((margin, _)) = case.begin()? else {
        return Ok(());
    };

    let shortage = margin.shortage()?;
    let owed = &mut takeover.debt;
    owed.weight = owed.weight.plus(case.state.liquidation_margin_buffer_ratio)?;
    let value = token_value(owed.amount.to()?, owed.decimals, owed.price)?;
    let most = arguments.liquidator_max_liability_transfer;
    let Some(deal) = case.deal(&takeover, shortage, 0, most, value)? else {
        return Ok(());
    };
    takeover.within_limit(deal.asset, deal.debt, arguments.limit_price)?;

    case.move_debt(debt, deal.debt, None)?;
    case.hand_over_quote(perp, deal.asset.to()?)?;
    case.finish(shortage, deal.covers)
}
