//! Changes the exchange's rules, by schedule or when something happens.

use super::draw::{interval_problem, seconds_problem};
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{ExpireMarket, Kind, MarketKind, Repeg, UpdateGuardRails, UpdateK, UpdatePerpMarket};
use crate::random::Pcg64;
use drift::accounts::MarketStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The administrator, who has no account, in one perpetual market.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Admin {
    /// The perpetual market.
    pub market: u16,
    /// What is changed, each at its own time.
    pub changes: Vec<AdminChange>,
}

/// A change: when, and what. What is not given stays as it is. Integers are the protocol's own, in its scales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdminChange {
    /// The first second of it.
    pub at: i64,
    /// Seconds from one change, or one look where there is a rule, to the next.
    pub every: i64,
    /// How often it is made.
    pub times: u32,
    /// Rule: only where mark and oracle are further apart than this share of the oracle's price.
    pub gap_above: Option<f64>,
    /// Rule: only where users' net position against the AMM, either way, is more than this share of its liquidity.
    pub imbalance_above: Option<f64>,
    /// Rule: only where fewer dollars than this are in the quote market's insurance fund.
    pub insurance_below: Option<f64>,
    /// Times what it is, the AMM's sqrt_k becomes.
    pub k_factor: Option<f64>,
    /// How far the peg moves toward the oracle's price, as a share of itself, at most.
    pub peg_step: Option<f64>,
    /// The base spread (1e6).
    pub base_spread: Option<u32>,
    /// The widest spread (1e6).
    pub max_spread: Option<u32>,
    /// How much of its formulaic repeg and k update the AMM does (percent).
    pub curve_update_intensity: Option<u8>,
    /// Initial margin ratio (1e4).
    pub margin_ratio_initial: Option<u32>,
    /// Maintenance margin ratio (1e4).
    pub margin_ratio_maintenance: Option<u32>,
    /// A liquidator's share of what is liquidated (1e6).
    pub liquidator_fee: Option<u32>,
    /// The insurance fund's share of what is liquidated (1e6).
    pub if_liquidation_fee: Option<u32>,
    /// Widest gap between mark and oracle, as a share of the oracle's price (1e6).
    pub mark_oracle_divergence: Option<u64>,
    /// Widest gap between the oracle and its five-minute average (1e6).
    pub oracle_twap_5min_divergence: Option<u64>,
    /// Largest ratio of a price to its average, either way.
    pub too_volatile_ratio: Option<i64>,
    /// Seconds until the market expires; from then on it only reduces.
    pub expire_in: Option<i64>,
}

impl Default for AdminChange {
    fn default() -> Self {
        Self {
            at: 0,
            every: 60,
            times: 1,
            gap_above: None,
            imbalance_above: None,
            insurance_below: None,
            k_factor: None,
            peg_step: None,
            base_spread: None,
            max_spread: None,
            curve_update_intensity: None,
            margin_ratio_initial: None,
            margin_ratio_maintenance: None,
            liquidator_fee: None,
            if_liquidation_fee: None,
            mark_oracle_divergence: None,
            oracle_twap_5min_divergence: None,
            too_volatile_ratio: None,
            expire_in: None,
        }
    }
}

impl Recipe for Admin {
    fn members(&self) -> Cast {
        Cast::Nobody
    }

    fn market(&self) -> u16 {
        self.market
    }

    fn watches(&self) -> bool {
        true
    }

    fn recruit(&self, _: u32, _: &mut Pcg64, _: &Setting) -> Member {
        let planned = |change: &AdminChange| Planned {
            next: (change.times > 0).then_some(change.at),
            left: change.times,
            change: change.clone(),
        };
        Member {
            deposit: 0,
            agent: Box::new(Administrator {
                market: self.market,
                plan: self.changes.iter().map(planned).collect(),
            }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        for (place, change) in self.changes.iter().enumerate() {
            problems.extend(
                change
                    .problem()
                    .map(|(field, why)| ("changes", format!("number {place}: `{field}` {why}"))),
            );
        }
        problems
    }
}

impl AdminChange {
    fn problem(&self) -> Option<(&'static str, String)> {
        if let Some(why) = seconds_problem(Some(self.at)) {
            return Some(("at", why));
        }
        if let Some(why) = interval_problem(self.every) {
            return Some(("every", why));
        }
        let shares = [
            ("gap_above", self.gap_above),
            ("imbalance_above", self.imbalance_above),
            ("insurance_below", self.insurance_below),
            ("peg_step", self.peg_step),
            ("k_factor", self.k_factor),
        ];
        shares.into_iter().find_map(|(field, value)| {
            let value = value.filter(|value| !(value.is_finite() && *value >= 0.0))?;
            Some((field, format!("must be 0 or more, found {value}")))
        })
    }

    fn applies(&self, view: &View, market: u16) -> bool {
        let Some(account) = view.market(market) else {
            return false;
        };
        let price = view.oracle_price(market, 0).unwrap_or(0) as f64;
        let mark = view.mark_price(market).unwrap_or(0) as f64;
        let net = { account.amm.base_asset_amount_with_amm }.unsigned_abs() as f64;
        let imbalance = net / account.amm.sqrt_k as f64;
        let insured = view.world.insured(view.ledger, 0).unwrap_or(0) as f64 / 1e6;
        self.gap_above
            .is_none_or(|most| (mark - price).abs() > most * price)
            && self.imbalance_above.is_none_or(|most| imbalance > most)
            && self.insurance_below.is_none_or(|least| insured < least)
    }

    fn make(&self, view: &View, market_index: u16, events: &mut Vec<Kind>) {
        let Some(market) = view.market(market_index) else {
            return;
        };
        if let Some(factor) = self.k_factor {
            let sqrt_k = (market.amm.sqrt_k as f64 * factor).round() as u128;
            events.push(UpdateK { sqrt_k, market_index }.into());
        }
        if let (Some(step), Some(price)) = (self.peg_step, view.oracle_price(market_index, 0)) {
            let peg = market.amm.peg_multiplier as f64;
            let toward = (price as f64)
                .clamp(peg * (1.0 - step), peg * (1.0 + step))
                .round() as u128;
            if toward != market.amm.peg_multiplier {
                events.push(
                    Repeg {
                        peg: toward,
                        market_index,
                    }
                    .into(),
                );
            }
        }
        let market_rules = UpdatePerpMarket {
            market_index,
            base_spread: self.base_spread,
            max_spread: self.max_spread,
            curve_update_intensity: self.curve_update_intensity,
            margin_ratio_initial: self.margin_ratio_initial,
            margin_ratio_maintenance: self.margin_ratio_maintenance,
            liquidator_fee: self.liquidator_fee,
            if_liquidation_fee: self.if_liquidation_fee,
            ..UpdatePerpMarket::default()
        };
        let unchanged = UpdatePerpMarket {
            market_index,
            ..UpdatePerpMarket::default()
        };
        if market_rules != unchanged {
            events.push(market_rules.into());
        }
        let guard_rails = UpdateGuardRails {
            mark_oracle_divergence: self.mark_oracle_divergence,
            oracle_twap_5min_divergence: self.oracle_twap_5min_divergence,
            too_volatile_ratio: self.too_volatile_ratio,
            ..UpdateGuardRails::default()
        };
        if guard_rails != UpdateGuardRails::default() {
            events.push(guard_rails.into());
        }
        if let Some(seconds) = self
            .expire_in
            .filter(|_| market.status != MarketStatus::Settlement)
        {
            let market_type = MarketKind::Perp;
            events.push(
                ExpireMarket {
                    market_index,
                    market_type,
                    seconds,
                }
                .into(),
            );
        }
    }
}

struct Planned {
    change: AdminChange,
    next: Option<i64>,
    left: u32,
}

struct Administrator {
    market: u16,
    plan: Vec<Planned>,
}

impl Administrator {
    fn earliest(&self) -> Option<i64> {
        self.plan.iter().filter_map(|planned| planned.next).min()
    }
}

impl Agent for Administrator {
    fn first_call(&self) -> Option<i64> {
        self.earliest()
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        for planned in &mut self.plan {
            let Some(second) = planned.next.filter(|second| *second <= view.now) else {
                continue;
            };
            if planned.change.applies(view, self.market) {
                planned.change.make(view, self.market, events);
                planned.left -= 1;
            }
            planned.next = (planned.left > 0).then_some(second + planned.change.every);
        }
        self.earliest()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Stand, recruit};
    use super::*;

    fn done(changes: Vec<AdminChange>, prices: &[(u32, u64)]) -> Vec<(i64, Kind)> {
        let stand = Stand::new(prices);
        stand
            .ask(&mut *recruit(&Admin { market: 0, changes }, 0).agent, 1_000)
            .0
    }

    #[test]
    fn a_schedule_is_kept() {
        let k = AdminChange {
            at: 100,
            every: 50,
            times: 3,
            k_factor: Some(0.5),
            ..AdminChange::default()
        };
        let spread = AdminChange {
            at: 150,
            base_spread: Some(250),
            ..AdminChange::default()
        };
        let done = done(vec![k, spread], &[(0, 20_000_000)]);
        // Of the stand's thousand; nothing is carried out.
        let update_k = Kind::from(UpdateK {
            sqrt_k: 500_000_000_000,
            market_index: 0,
        });
        let spread = UpdatePerpMarket {
            base_spread: Some(250),
            ..UpdatePerpMarket::default()
        };
        let expected = [
            (100, update_k.clone()),
            (150, update_k.clone()),
            (150, spread.into()),
            (200, update_k),
        ];
        assert_eq!(done, expected);
    }

    #[test]
    fn a_peg_moves_a_step_toward_the_oracle() {
        let change = |peg_step| AdminChange {
            peg_step: Some(peg_step),
            ..AdminChange::default()
        };
        let peg = |peg: u128| vec![(0, Kind::from(Repeg { peg, market_index: 0 }))];
        assert_eq!(done(vec![change(0.02)], &[(0, 24_000_000)]), peg(20_400_000));
        assert_eq!(done(vec![change(0.02)], &[(0, 19_900_000)]), peg(19_900_000));
        assert_eq!(done(vec![change(0.02)], &[(0, 20_000_000)]), []);
    }

    #[test]
    fn a_rule_waits_until_it_holds() {
        let rule = AdminChange {
            every: 10,
            times: 2,
            gap_above: Some(0.05),
            oracle_twap_5min_divergence: Some(7),
            ..AdminChange::default()
        };
        let done = done(
            vec![rule],
            &[(0, 20_000_000), (100, 20_900_000), (205, 21_200_000)],
        );
        let wider = UpdateGuardRails {
            oracle_twap_5min_divergence: Some(7),
            ..UpdateGuardRails::default()
        };
        assert_eq!(done, [(210, wider.clone().into()), (220, wider.into())]);
    }

    #[test]
    fn rules_look_at_insurance_and_imbalance() {
        let poor = AdminChange {
            insurance_below: Some(1.0),
            expire_in: Some(60),
            ..AdminChange::default()
        };
        let market_type = MarketKind::Perp;
        let expire = ExpireMarket {
            market_index: 0,
            market_type,
            seconds: 60,
        };
        assert_eq!(done(vec![poor], &[(0, 20_000_000)]), [(0, expire.into())]);
        let leaning = AdminChange {
            imbalance_above: Some(0.1),
            base_spread: Some(9),
            ..AdminChange::default()
        };
        assert_eq!(done(vec![leaning], &[(0, 20_000_000)]), []);
    }
}
