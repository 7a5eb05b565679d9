//! Which action comes next: by mood, and sooner where little was reached.

use super::action::SHOCKS;
use super::arguments::GENERATED;
use super::coverage::Coverage;
use super::dice::Dice;
use super::session::Action;

/// What instructions are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Trade,
    Order,
    Liquidate,
    Insure,
    Expire,
    Govern,
    Open,
    Shock,
}

/// Weights of the [families](Family), in their order, for a stretch of a session.
const MOODS: [[u64; 8]; 6] = [
    // Everybody trades.
    [70, 6, 1, 1, 0, 1, 2, 20],
    // Prices crash, and liquidators come.
    [15, 1, 55, 1, 0, 0, 0, 28],
    // The insurance fund.
    [15, 0, 6, 60, 0, 1, 1, 15],
    // A market ends.
    [12, 2, 12, 5, 45, 1, 0, 20],
    // An administrator changes everything.
    [15, 1, 3, 3, 3, 60, 0, 15],
    // Anything.
    [20, 12, 15, 12, 10, 10, 4, 17],
];

/// What the instruction `name` is for.
fn family(name: &str) -> Family {
    if SHOCKS.contains(&name) {
        return Family::Shock;
    }
    if name.starts_with("initialize_user") {
        return Family::Open;
    }
    if name.contains("expir") || name == "settle_pnl" {
        return Family::Expire;
    }
    if name.starts_with("liquidate") || name.starts_with("resolve") || name == "force_cancel_orders" {
        return Family::Liquidate;
    }
    let insures = [
        "insurance_fund_stake",
        "revenue_pool",
        "to_insurance_fund",
        "fee_pool",
    ];
    if insures.iter().any(|part| name.contains(part)) {
        return Family::Insure;
    }
    let keeps = [
        "update_funding_rate",
        "update_amms",
        "update_spot_market_cumulative_interest",
    ];
    let governs = ["repeg_amm_curve", "move_amm_price", "recenter_perp_market_amm"];
    if governs.contains(&name) || name.starts_with("update_") && !keeps.contains(&name) {
        return Family::Govern;
    }
    match name.contains("order") && name != "place_and_take_perp_order" {
        true => Family::Order,
        false => Family::Trade,
    }
}

/// Chooses actions.
pub(super) struct Steer {
    names: Vec<(&'static str, Family)>,
    mood: usize,
    /// Actions until the mood changes.
    left: u64,
}

impl Steer {
    pub(super) fn new() -> Self {
        let all = GENERATED.iter().copied().chain(SHOCKS);
        Self {
            names: all.map(|name| (name, family(name))).collect(),
            mood: 0,
            left: 0,
        }
    }

    /// Begins a session: trading comes first, or the mood is drawn where something happened already.
    pub(super) fn begin(&mut self, dice: &mut Dice, fresh: bool) {
        self.mood = if fresh {
            0
        } else {
            dice.below(MOODS.len() as u64) as usize
        };
        self.left = 5 + dice.below(25);
    }

    /// The next action. Whether somebody is short of margin is asked where it matters.
    pub(super) fn next(
        &mut self,
        dice: &mut Dice,
        coverage: &Coverage,
        somebody_is_short: impl FnOnce() -> bool,
    ) -> Action {
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => self.begin(dice, false),
        }
        let family = dice.weigh(&MOODS[self.mood]);
        if family == Family::Liquidate as usize && dice.happens(70) && !somebody_is_short() {
            // Liquidators come after a squeeze.
            return Action {
                what: "squeeze",
                seed: dice.seed(),
            };
        }
        let weights: Vec<u64> = self
            .names
            .iter()
            .map(|(name, its)| match *its as usize == family {
                true => weight(name, coverage),
                false => 0,
            })
            .collect();
        Action {
            what: self.names[dice.weigh(&weights)].0,
            seed: dice.seed(),
        }
    }
}

/// How much an instruction is wanted: less the more often it was accepted, and less where sending it has not helped. Trades
/// and deposits bring sessions along.
fn weight(name: &'static str, coverage: &Coverage) -> u64 {
    let base = match name {
        "place_and_take_perp_order" => 60,
        "deposit" | "withdraw" | "settle_pnl" | "liquidate_perp" | "squeeze" => 20,
        "unpause" => 3,
        _ => 8,
    };
    let (accepted, sent) = coverage.of(name);
    let tired = (accepted / 8 + sent / 200 + 1).ilog2();
    (base * 8 / (1 + u64::from(tired))).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_in_the_families_that_their_names_say() {
        let cases = [
            ("deposit", Family::Trade),
            ("deposit_into_spot_market_revenue_pool", Family::Insure),
            ("settle_revenue_to_insurance_fund", Family::Insure),
            ("update_insurance_fund_unstaking_period", Family::Govern),
            ("update_funding_rate", Family::Trade),
            ("update_perp_market_expiry", Family::Expire),
            ("resolve_spot_bankruptcy", Family::Liquidate),
            ("place_orders", Family::Order),
            ("place_and_take_perp_order", Family::Trade),
            ("move_oracle", Family::Shock),
        ];
        for (name, expected) in cases {
            assert_eq!(family(name), expected, "{name}");
        }
    }

    #[test]
    fn every_action_comes_up() {
        let (mut steer, mut dice) = (Steer::new(), Dice::new(1));
        let coverage = Coverage::default();
        let mut seen = std::collections::BTreeSet::new();
        steer.begin(&mut dice, true);
        for _ in 0..60_000 {
            seen.insert(steer.next(&mut dice, &coverage, || true).what);
        }
        assert_eq!(seen.len(), GENERATED.len() + SHOCKS.len());
    }
}
