//! Several steps that belong together and that chance alone seldom puts in a row.

use super::accounts::accounts;
use super::action::Deed;
use super::dice::Dice;
use super::focus::{Focus, user};
use super::scene::Scene;
use super::shocks::{publish_oracles, repriced};
use crate::world::Role;
use drift::accounts::{MarketType, PerpMarket, PositionDirection, SpotMarket, Stored};
use drift::instruction::{Call, Instruction, OrderParams, PlaceAndTakePerpOrder, Withdraw};
use drift::key::pda;
use drift::ledger::Ledger;

/// Somebody buys, the price rises, he sells again and borrows on the profit that he has not settled: the state from which a
/// debt is taken over for a profit.
pub(super) fn borrow_on_profit(dice: &mut Dice, scene: &Scene, ledger: &dyn Ledger) -> Vec<Deed> {
    let number = dice.below(scene.users.into()) as u32;
    let perp = dice.below(scene.perps.into()) as u16;
    let spot = dice.below(scene.spots.into()) as u16;
    let rises = dice.pick(&[20, 40, 80, 150]);
    let lent = dice.pick(&[50, 80, 95]);
    let held = user(ledger, number).map_or(0, |user| user.spot_positions[0].scaled_balance);
    let market = ledger.account(&pda::perp_market(perp)).and_then(PerpMarket::peek);
    let borrowed = ledger.account(&pda::spot_market(spot)).and_then(SpotMarket::peek);
    let (Some(market), Some(borrowed)) = (market, borrowed) else {
        return Vec::new();
    };

    // Balances are in 1e9, quote and prices in 1e6.
    let collateral = u128::from(held) / 1_000;
    let price = market.amm.historical_oracle_data.last_oracle_price.max(1) as u128;
    let step = u128::from(market.amm.order_step_size.max(1));
    let size = collateral * 2 * 1_000_000_000 / price / step * step;
    let profit = collateral * 2 * rises / 100;
    let worth = (collateral + profit) * lent / 100;
    let token_price = borrowed.historical_oracle_data.last_oracle_price.max(1) as u128;
    let tokens = worth * 10_u128.pow(borrowed.decimals.min(12)) / token_price;

    let focus = Focus {
        user: number,
        other: (number + 1) % scene.users,
        perp,
        spot,
        other_spot: spot,
    };
    let mut call = |instruction: Instruction| {
        Deed::Call(Call {
            accounts: accounts(dice, scene, &focus, &instruction),
            instruction,
        })
    };
    let trade = |direction| PlaceAndTakePerpOrder {
        params: OrderParams {
            market_type: MarketType::Perp,
            direction,
            base_asset_amount: u64::try_from(size).unwrap_or(u64::MAX),
            market_index: perp,
            ..OrderParams::default()
        },
        maker_order_id: None,
    };
    let mut deeds = publish_oracles(scene, ledger);
    deeds.push(call(trade(PositionDirection::Long).into()));
    let risen = repriced(ledger, Role::PerpOracle(perp).address(), 100 + rises as i128, 100);
    deeds.extend(risen);
    deeds.push(call(trade(PositionDirection::Short).into()));
    let withdrawal = Withdraw {
        market_index: spot,
        amount: u64::try_from(tokens).unwrap_or(u64::MAX),
        reduce_only: false,
    };
    deeds.push(call(withdrawal.into()));
    deeds
}
