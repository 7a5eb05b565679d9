//! Values for what an administrator sets.

use super::dice::Dice;

/// From where to where a setting is sensible, in the program's own scale.
const SETTINGS: [(&str, i128, i128); 44] = [
    ("optimal_utilization", 1, 1_000_000),
    ("optimal_borrow_rate", 1, 2_000_000),
    ("max_borrow_rate", 1, 5_000_000),
    ("min_borrow_rate", 0, 200),
    ("initial_asset_weight", 0, 10_000),
    ("maintenance_asset_weight", 5_000, 10_000),
    ("initial_liability_weight", 10_000, 20_000),
    ("maintenance_liability_weight", 10_000, 15_000),
    ("imf_factor", 0, 2_000),
    ("unrealized_pnl_imf_factor", 0, 2_000),
    ("liquidator_fee", 0, 60_000),
    ("if_liquidation_fee", 0, 30_000),
    ("margin_ratio_initial", 100, 3_000),
    ("margin_ratio_maintenance", 50, 2_000),
    ("base_spread", 0, 30_000),
    ("max_spread", 0, 200_000),
    ("concentration_scale", 1, 5),
    ("curve_update_intensity", 0, 201),
    ("amm_jit_intensity", 0, 201),
    ("max_fill_reserve_fraction", 1, 500),
    ("withdraw_guard_threshold", 0, 10_000_000_000),
    ("insurance_fund_unstaking_period", 0, 100_000),
    ("step_size", 1, 1_000_000),
    ("tick_size", 1, 10_000),
    ("order_size", 1, 10_000_000),
    ("unrealized_max_imbalance", 0, 10_000_000_000),
    ("max_revenue_withdraw_per_period", 0, 10_000_000_000),
    ("quote_max_insurance", 0, 100_000_000_000),
    ("min_perp_auction_duration", 0, 20),
    ("lp_cooldown_time", 0, 600),
    ("contract_tier", 0, 6),
    ("initial_pct_to_liquidate", 0, 11_000),
    ("liquidation_duration", 0, 255),
    ("liquidation_margin_buffer_ratio", 0, 5_000),
    ("settlement_duration", 0, 600),
    ("unrealized_initial_asset_weight", 0, 10_000),
    ("unrealized_maintenance_asset_weight", 0, 10_000),
    ("user_if_factor", 0, 500_000),
    ("total_if_factor", 0, 1_000_000),
    ("revenue_settle_period", 0, 90_000),
    ("target_base_asset_amount_per_lp", -1_000_000_000, 1_000_000_000),
    ("fee_adjustment", -100, 100),
    ("oracle_source", 0, 3),
    ("amm_periodicity", 0, 3_600),
];

/// A value for the setting `name`: mostly sensible, at times on a border, at times past it.
pub(super) fn setting(dice: &mut Dice, name: &str) -> i128 {
    let known = SETTINGS.iter().find(|(known, ..)| *known == name);
    let (low, high) = known.map_or((0, i128::from(u32::MAX)), |(_, low, high)| (*low, *high));
    match dice.below(100) {
        0..45 => dice.between(low, high),
        // Small values of wide ranges, too.
        45..75 => low + (high - low) * dice.between(0, 1_000) / 1_000 / dice.pick(&[1, 10, 100]),
        75..85 => low,
        85..95 => high,
        95..97 => high + 1,
        97 => low - 1,
        98 => 0,
        _ => -1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drift::instruction::Instruction;

    #[test]
    fn settings_are_arguments_of_some_instruction() {
        for (name, low, high) in SETTINGS {
            let mut all = Instruction::ARGUMENTS.iter().copied().flatten();
            assert!(all.any(|(argument, _)| *argument == name), "{name}");
            assert!(low < high, "{name}");
        }
    }
}
