//! Sends what anybody may send to keep an exchange going.

use super::draw::interval_problem;
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{Kind, ResolvePerpPnlDeficit, SettleExpiredMarket, SettleRevenue, UpdateFundingRate};
use crate::random::Pcg64;
use drift::accounts::{MarketStatus, PerpMarket};
use drift::math::funding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A keeper, who has no account: sets funding rates when they are due, pays revenue into insurance funds, covers deficits of
/// profit pools from them, and has the price of an expired market fixed. In all markets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Keeper {
    /// Seconds between looks.
    pub every: i64,
    /// Whether funding rates are set.
    pub funding: bool,
    /// Whether revenue pools are paid into insurance funds.
    pub revenue: bool,
    /// Whether insurance funds pay for what profit pools lack, where the program lets them.
    pub deficits: bool,
    /// Whether expired markets get their price.
    pub expiry: bool,
}

impl Default for Keeper {
    fn default() -> Self {
        Self {
            every: 60,
            funding: true,
            revenue: true,
            deficits: false,
            expiry: true,
        }
    }
}

impl Recipe for Keeper {
    fn members(&self) -> Cast {
        Cast::Nobody
    }

    fn watches(&self) -> bool {
        true
    }

    fn recruit(&self, _: u32, _: &mut Pcg64, _: &Setting) -> Member {
        Member {
            deposit: 0,
            agent: Box::new(Hand { spec: self.clone() }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        interval_problem(self.every)
            .map(|why| ("every", why))
            .into_iter()
            .collect()
    }
}

struct Hand {
    spec: Keeper,
}

impl Hand {
    fn perp(&self, view: &View, market_index: u16, events: &mut Vec<Kind>) {
        let Some(market) = view.market(market_index) else {
            return;
        };
        let amm = &market.amm;
        let now = view.world.clock(view.now).unix_timestamp;
        let due =
            funding::wait(now, amm.last_funding_rate_ts, amm.funding_period).is_ok_and(|wait| wait == 0);
        let settled = market.status == MarketStatus::Settlement;
        if self.spec.funding && due && !settled {
            events.push(UpdateFundingRate { market_index }.into());
        }
        if self.spec.deficits
            && !settled
            && lacks_profits(market, amm.historical_oracle_data.last_oracle_price)
        {
            events.push(ResolvePerpPnlDeficit { market_index }.into());
        }
        let expired = market.expiry_ts != 0 && market.expiry_ts <= now;
        if self.spec.expiry && expired && market.status == MarketStatus::ReduceOnly {
            events.push(SettleExpiredMarket { market_index }.into());
        }
    }

    fn spot(&self, view: &View, market_index: u16, events: &mut Vec<Kind>) {
        let Some(market) = view.world.spot(view.ledger, market_index) else {
            return;
        };
        let fund = market.insurance_fund;
        let now = view.world.clock(view.now).unix_timestamp;
        let due =
            fund.revenue_settle_period > 0 && now - fund.last_revenue_settle_ts >= fund.revenue_settle_period;
        if self.spec.revenue && due && { market.revenue_pool }.scaled_balance > 0 {
            events.push(SettleRevenue { market_index }.into());
        }
    }
}

/// Whether the market's pool of profits is empty, its fees are spent and its users are owed more than it bears.
fn lacks_profits(market: &PerpMarket, price: i64) -> bool {
    let (amm, most) = (&market.amm, i128::from(market.unrealized_pnl_max_imbalance));
    let spent = { market.pnl_pool }.scaled_balance == 0 && amm.total_fee_minus_distributions < 0;
    spent && most > 0 && amm.users_profit(price).is_ok_and(|owed| owed > most)
}

impl Agent for Hand {
    fn first_call(&self) -> Option<i64> {
        Some(self.spec.every)
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        (0..view.world.perp_count()).for_each(|index| self.perp(view, index, events));
        (0..view.world.spot_count()).for_each(|index| self.spot(view, index, events));
        Some(view.now + self.spec.every)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Stand, recruit};
    use super::*;
    use crate::event::ExpireMarket;
    use crate::event::MarketKind;

    fn wishes(spec: &Keeper, stand: &Stand, now: i64) -> Vec<Kind> {
        let mut events = Vec::new();
        recruit(spec, 0).agent.call(&stand.view(now), &mut events);
        events
    }

    #[test]
    fn funding_is_set_when_the_hour_is_over() {
        let mut stand = Stand::new(&[(0, 20_000_000)]);
        let funding = Kind::from(UpdateFundingRate { market_index: 0 });
        assert_eq!(wishes(&Keeper::default(), &stand, 3_599), []);
        assert_eq!(
            wishes(&Keeper::default(), &stand, 3_600),
            std::slice::from_ref(&funding)
        );
        assert_eq!(
            wishes(
                &Keeper {
                    funding: false,
                    ..Keeper::default()
                },
                &stand,
                3_600
            ),
            []
        );
        stand.happen(3_600, funding);
        assert_eq!(wishes(&Keeper::default(), &stand, 3_660), []);
    }

    #[test]
    fn an_expired_market_gets_its_price_once() {
        let mut stand = Stand::new(&[(0, 20_000_000)]);
        let expire = ExpireMarket {
            market_index: 0,
            market_type: MarketKind::Perp,
            seconds: 100,
        };
        stand.happen(1, expire.into());
        let settle = Kind::from(SettleExpiredMarket { market_index: 0 });
        assert_eq!(wishes(&Keeper::default(), &stand, 100), []);
        assert_eq!(
            wishes(&Keeper::default(), &stand, 101),
            std::slice::from_ref(&settle)
        );
        stand.look(101);
        stand.happen(101, settle);
        assert_eq!(wishes(&Keeper::default(), &stand, 120), []);
    }

    #[test]
    fn a_deficit_is_covered_where_pools_are_empty_and_fees_spent() {
        let mut stand = Stand::new(&[(0, 20_000_000)]);
        let spec = Keeper {
            deficits: true,
            ..Keeper::default()
        };
        let deficit = Kind::from(ResolvePerpPnlDeficit { market_index: 0 });
        stand.set(|market| {
            market.unrealized_pnl_max_imbalance = 1_000_000;
            market.amm.quote_asset_amount = 1_000_001;
            market.amm.total_fee_minus_distributions = -1;
        });
        assert_eq!(wishes(&spec, &stand, 60), [deficit]);
        assert_eq!(wishes(&Keeper::default(), &stand, 60), []);
        stand.set(|market| market.amm.total_fee_minus_distributions = 0);
        assert_eq!(wishes(&spec, &stand, 60), []);
    }
}
