//! The exchange of a session: markets, parameters and users, drawn from its seed.

use super::dice::Dice;
use crate::event::{DepositCollateral, Event};
use crate::experiment::{MarketInit, PerpRules, SpotMarketInit, SpotRules};
use crate::world::{Exchange, Executed, Genesis, Role, World, user_keys};
use drift::accounts::{
    Account, OracleGuardRails, PriceDivergenceGuardRails, TokenAccount, ValidityGuardRails,
};
use drift::ledger::Ledger;

/// Tokens that a wallet starts with, and a treasury (1e6).
const PURSE: u64 = 1_000_000_000_000;

/// The exchange of a session.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) perps: u16,
    /// The quote market included.
    pub(super) spots: u16,
    pub(super) users: u32,
    genesis: Genesis,
    /// What each user brings, in each spot market.
    deposits: Vec<Vec<u64>>,
}

impl Scene {
    /// The exchange that follows from `seed`.
    pub(super) fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let perps = dice.between(1, 3) as u16;
        let others = dice.between(0, 2) as u16;
        let users = dice.between(3, 6) as u32;
        let quote = spot_rules(&mut dice, true);
        let spots = (1..=others).map(|index| spot(&mut dice, index)).collect();
        let perp_markets = (0..perps).map(|index| perp(&mut dice, index)).collect();
        let exchange = Exchange {
            unix_start: 1_700_000_000,
            first_slot: 200_000_000,
            guard_rails: guard_rails(&mut dice),
            lp_cooldown_seconds: dice.pick(&[0, 0, 60]),
            ..Exchange::default()
        };
        let deposits = (0..users)
            .map(|_| {
                let quote = dice.pick(&[0, 100_000_000, 1_000_000_000, 10_000_000_000, 50_000_000_000]);
                let other = |_| dice.pick(&[0, 0, 100_000_000, 2_000_000_000, 50_000_000_000]);
                std::iter::once(quote).chain((0..others).map(other)).collect()
            })
            .collect();
        Self {
            perps,
            spots: others + 1,
            users,
            genesis: Genesis {
                exchange,
                quote,
                spots,
                perps: perp_markets,
            },
            deposits,
        }
    }

    /// Opens the exchange in `ledger`: the world, and what became of the instructions; none where the markets are refused.
    pub(super) fn open<L: Ledger>(&self, ledger: &mut L) -> Option<(World, Vec<Executed>)> {
        let mut world = self.genesis.open(ledger).ok()?;
        let mut executed = Vec::new();
        for (user_index, deposits) in (0..).zip(&self.deposits) {
            for (spot_market_index, deposit_amount) in (0..).zip(deposits) {
                let deposit = DepositCollateral {
                    user_index,
                    deposit_amount: *deposit_amount,
                    spot_market_index,
                    mint_amount: PURSE,
                    username: String::new(),
                };
                world
                    .apply_into(ledger, &Event::new(0, deposit), &mut executed)
                    .ok()?;
            }
        }
        // Somebody who may come later.
        ledger.open_wallet(user_keys(self.users).authority);
        let treasury = TokenAccount {
            amount: PURSE,
            ..TokenAccount::new(Role::Mint(0).address(), Role::Admin.address())
        };
        ledger.set_account(Role::Treasury(0).address(), Account::Token(Box::new(treasury)));
        Some((world, executed))
    }
}

/// Limits that are the program's own, tight, or hardly there.
pub(super) fn guard_rails(dice: &mut Dice) -> OracleGuardRails {
    match dice.below(4) {
        0..2 => Exchange::wide_guard_rails(),
        _ => OracleGuardRails {
            price_divergence: PriceDivergenceGuardRails {
                mark_oracle_percent_divergence: dice.pick(&[100_000, 20_000, 1_000_000]),
                oracle_twap_5min_percent_divergence: dice.pick(&[500_000, 50_000, 2_000_000]),
            },
            validity: ValidityGuardRails {
                slots_before_stale_for_amm: dice.pick(&[10, 0, 100]),
                slots_before_stale_for_margin: dice.pick(&[120, 1_000, 10_000]),
                confidence_interval_max_size: dice.pick(&[20_000, 50_000, 1_000_000]),
                too_volatile_ratio: dice.pick(&[5, 20, 1 << 40]),
            },
        },
    }
}

fn spot_rules(dice: &mut Dice, quote: bool) -> SpotRules {
    let standard = SpotRules {
        optimal_utilization: dice.pick(&[500_000, 5_000, 900_000]),
        optimal_borrow_rate: dice.pick(&[200_000, 1_000, 2_000_000]),
        max_borrow_rate: dice.pick(&[2_000_000, 5_000_000]),
        liquidator_fee: dice.pick(&[0, 5_000, 50_000]),
        if_liquidation_fee: dice.pick(&[0, 1_000, 20_000]),
        if_total_factor: dice.pick(&[0, 100_000, 1_000_000]),
        withdraw_guard_threshold: dice.pick(&[u64::MAX, 1_000_000_000, 0]),
        ..if quote {
            SpotRules::quote()
        } else {
            SpotRules::default()
        }
    };
    if quote {
        return standard;
    }
    SpotRules {
        imf_factor: dice.pick(&[0, 0, 1_000]),
        asset_tier: dice.pick(&[0, 0, 1, 2, 3]),
        scale_initial_asset_weight_start: dice.pick(&[0, 0, 1_000_000_000]),
        ..standard
    }
}

fn spot(dice: &mut Dice, index: u16) -> SpotMarketInit {
    let price = dice.pick(&[1_000_000, 20_000_000, 30_000_000_000]);
    SpotMarketInit {
        market_index: index,
        oracle_price: crate::event::OraclePrice::from_micros(price).unwrap_or_default(),
        rules: spot_rules(dice, false),
    }
}

fn perp(dice: &mut Dice, index: u16) -> MarketInit {
    let price: u64 = dice.pick(&[50_000, 1_000_000, 20_000_000, 30_000_000_000]);
    let depth = dice.pick(&[1_000u128, 100_000, 10_000_000]);
    // So many dollars on either side, whatever the price.
    let reserve = depth * 1_000_000_000 * 1_000_000 / u128::from(price);
    let maintenance = dice.pick(&[300, 500, 1_800]);
    // What the insurance fund may owe a market at most (1e6), by its tier.
    let (contract_tier, most) = dice.pick(&[
        (0, 100_000_000_000_000),
        (1, 1_000_000_000_000),
        (2, 100_000_000_000),
        (3, 0),
    ]);
    let initial = maintenance + dice.pick(&[1, 200, 1_000]);
    MarketInit {
        market_index: index,
        reserve: reserve.max(1_000_000_000),
        peg_multiplier: price.into(),
        funding_period: dice.pick(&[3_600, 60]),
        base_spread: dice.pick(&[0, 250, 10_000]),
        strategies: String::new(),
        oracle_price: crate::event::OraclePrice::from_micros(price).unwrap_or_default(),
        rules: PerpRules {
            contract_tier,
            quote_max_insurance: dice.pick(&[most, most / 100, 0]),
            unrealized_pnl_max_imbalance: dice.pick(&[most.min(4_000_000_000), most / 1_000, 0]),
            max_revenue_withdraw_per_period: dice.pick(&[most, 250_000_000, 0]).min(most.max(250_000_000)),
            margin_ratio_initial: initial,
            margin_ratio_maintenance: maintenance,
            liquidator_fee: dice.pick(&[0, 5_000, 15_000]),
            if_liquidation_fee: dice.pick(&[0, 1_000, 10_000]),
            imf_factor: dice.pick(&[0, 0, 500]),
            // The widest that the initial margin allows, or narrow.
            max_spread: dice.pick(&[initial * 100 - 1, 12_000]),
            max_open_interest: dice.pick(&[0, 0, 10_000_000_000_000]),
            concentration_coef_scale: dice.pick(&[1, 1, 2]),
            curve_update_intensity: dice.pick(&[0, 0, 50, 100, 200]),
            amm_jit_intensity: dice.pick(&[0, 100]),
            max_fill_reserve_fraction: dice.pick(&[1, 2, 100]),
            ..PerpRules::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drift::ledger::MemoryLedger;

    #[test]
    fn exchanges_open() {
        let refused: Vec<_> = (0..300)
            .filter_map(|seed| Scene::of(seed).genesis.open(&mut MemoryLedger::default()).err())
            .map(|error| error.to_string())
            .collect();
        assert!(refused.len() < 15, "{refused:#?}");
    }
}
