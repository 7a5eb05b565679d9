//! How markets and users fare during a replay, on both sides: the time lines of a report.

use crate::divergence::{Timeline, rounded};
use crate::event::Event;
use crate::trial::equity;
use crate::world::{AtPrices, Prices, Role, World};
use drift::accounts::{Account, PerpMarket};
use drift::ledger::Ledger;

/// Moments that are kept at least once there were as many, and half of those that are kept at most: a picture shows no
/// more.
const MOMENTS: usize = 120;

/// What is followed of a perpetual market, with its unit.
const MARKET: [(&str, &str); 7] = [
    ("oracle price", "USD"),
    ("mark price", "USD"),
    ("peg multiplier", "USD"),
    ("base reserve", "base"),
    ("quote reserve", "quote before the peg"),
    ("net position", "base"),
    ("cumulative funding rate", "USD per base"),
];

/// Of a user: balances and positions at oracle prices.
const USER: (&str, &str) = ("collateral", "USD");

/// Both sides after an event. Values are those of all markets, then of the users in the order in which they came; not a
/// number where there is none.
#[derive(Clone, Debug)]
struct Moment {
    event: u64,
    second: i64,
    sides: [Vec<f64>; 2],
}

/// What a report's time lines are made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Timelines {
    perps: u16,
    users: Vec<u32>,
    /// Every how many events one is kept.
    stride: u64,
    events: u64,
    moments: Vec<Moment>,
}

impl Timelines {
    /// Of an exchange with so many perpetual markets.
    pub fn new(perps: u16) -> Self {
        Self {
            perps,
            users: Vec::new(),
            stride: 1,
            events: 0,
            moments: Vec::new(),
        }
    }

    /// Takes in how things stand after `event`; `right` is none where it stands as the left side does.
    pub fn after<L: Ledger, R: Ledger>(
        &mut self,
        event: &Event,
        left: (&World, &L),
        right: Option<(&World, &R)>,
    ) {
        if let Some(user) = event.kind.user()
            && !self.users.contains(&user)
        {
            self.users.push(user);
        }
        let number = self.events;
        self.events += 1;
        if !number.is_multiple_of(self.stride) {
            return;
        }
        if self.moments.len() == 2 * MOMENTS {
            self.stride *= 2;
            let stride = self.stride;
            self.moments.retain(|moment| moment.event.is_multiple_of(stride));
            if !number.is_multiple_of(stride) {
                return;
            }
        }
        self.keep(number, event.timestamp, left, right);
    }

    /// Takes in how things stand at the end, `second` being that of the last event.
    pub fn end<L: Ledger, R: Ledger>(&mut self, second: i64, left: (&World, &L), right: (&World, &R)) {
        let Some(last) = self.events.checked_sub(1) else {
            return;
        };
        if self.moments.last().is_none_or(|moment| moment.event < last) {
            self.keep(last, second, left, Some(right));
        }
    }

    fn keep<L: Ledger, R: Ledger>(
        &mut self,
        event: u64,
        second: i64,
        (left_world, left): (&World, &L),
        right: Option<(&World, &R)>,
    ) {
        let left = self.values(left_world, left);
        let right = right.map_or_else(|| left.clone(), |(world, right)| self.values(world, right));
        self.moments.push(Moment {
            event,
            second,
            sides: [left, right],
        });
    }

    fn values<L: Ledger>(&self, world: &World, ledger: &L) -> Vec<f64> {
        let price = |role: Role| shown(ledger.account(&role.address()));
        let perps: Vec<f64> = (0..self.perps)
            .map(|index| price(Role::PerpOracle(index)))
            .collect();
        let spots: Vec<f64> = (1..world.spot_count())
            .map(|index| price(Role::SpotOracle(index)))
            .collect();
        let micros = |prices: &[f64]| -> Vec<u64> {
            let prices = prices.iter();
            prices.map(|price| (price * 1e6).round() as u64).collect()
        };
        let (perp_micros, spot_micros) = (micros(&perps), micros(&spots));
        let prices = Prices {
            perps: &perp_micros,
            spots: &spot_micros,
        };
        let markets = (0..self.perps).zip(perps).flat_map(|(index, oracle)| {
            let market = world.perp(ledger, index);
            market.map_or([f64::NAN; MARKET.len()], |market| of_market(market, oracle))
        });
        let users = self.users.iter().map(|number| {
            let user = world.user(ledger, *number);
            let mut markets = AtPrices {
                world,
                ledger,
                prices,
            };
            let owned = user.and_then(|user| equity(user, &mut markets).ok());
            owned.map_or(f64::NAN, |owned| owned as f64 / 1e6)
        });
        markets.chain(users).collect()
    }

    /// The time lines.
    pub fn finish(self) -> Vec<Timeline> {
        let markets = (0..self.perps)
            .flat_map(|index| MARKET.map(|(what, unit)| (format!("perp_market_{index}"), what, unit)));
        let users = self
            .users
            .iter()
            .map(|number| (format!("user_{number}"), USER.0, USER.1));
        let series = markets.chain(users).enumerate();
        series
            .map(|(place, (account, what, unit))| self.timeline(place, account, what, unit))
            .collect()
    }

    fn timeline(&self, place: usize, account: String, what: &str, unit: &str) -> Timeline {
        let side = |side: usize| -> Vec<Option<f64>> {
            let values = self.moments.iter().map(|moment| moment.sides[side].get(place));
            values
                .map(|value| value.copied().filter(|value| value.is_finite()))
                .collect()
        };
        let (left, right) = (side(0), side(1));
        // Before they are rounded: what differs in the last unit is not to look alike.
        let same = left == right;
        let round = |values: Vec<Option<f64>>| values.into_iter().map(|value| value.map(rounded)).collect();
        Timeline {
            account,
            what: what.to_owned(),
            unit: unit.to_owned(),
            events: self.moments.iter().map(|moment| moment.event).collect(),
            times: self.moments.iter().map(|moment| moment.second).collect(),
            left: round(left),
            right: (!same).then(|| round(right)),
        }
    }
}

/// The price that an oracle's account shows, in USD.
fn shown(account: Option<&Account>) -> f64 {
    match account {
        Some(Account::Oracle(feed, _)) => feed.price as f64 * 10f64.powi(feed.exponent),
        _ => f64::NAN,
    }
}

fn of_market(market: &PerpMarket, oracle: f64) -> [f64; MARKET.len()] {
    let amm = &market.amm;
    let [base, quote] =
        [{ amm.base_asset_reserve }, { amm.quote_asset_reserve }].map(|reserve| reserve as f64 / 1e9);
    let peg = { amm.peg_multiplier } as f64 / 1e6;
    [
        oracle,
        // Not rounded to the program's price, so that sides whose reserves differ do not look alike.
        quote / base * peg,
        peg,
        base,
        quote,
        { amm.base_asset_amount_with_amm } as f64 / 1e9,
        { amm.cumulative_funding_rate_long } as f64 / 1e9,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{DepositCollateral, Direction, OpenPosition, OraclePrice, PerpOraclePrice};
    use crate::experiment::MarketInit;
    use crate::experiment::SpotRules;
    use crate::scenario::ExchangeSpec;
    use crate::world::{Exchange, Genesis};
    use drift::engine::Switches;
    use drift::ledger::MemoryLedger;

    const DOLLAR: u64 = 1_000_000;

    fn opened() -> (World, MemoryLedger) {
        let exchange: Exchange = ExchangeSpec::default().build();
        let genesis = Genesis {
            exchange,
            quote: SpotRules::quote(),
            spots: Vec::new(),
            perps: vec![MarketInit::new(0, 1_000_000_000_000_000, 20_000_000).unwrap()],
        };
        let mut ledger = MemoryLedger::new(Switches::default());
        (genesis.open(&mut ledger).unwrap(), ledger)
    }

    fn price(second: i64, dollars: u64) -> Event {
        let shown = PerpOraclePrice {
            market_index: 0,
            price: OraclePrice::from_micros(dollars * DOLLAR).unwrap(),
            conf: OraclePrice::default(),
            ..PerpOraclePrice::default()
        };
        Event::new(second, shown)
    }

    fn line<'a>(lines: &'a [Timeline], account: &str, what: &str) -> &'a Timeline {
        let wanted = |line: &&Timeline| line.account == account && line.what == what;
        lines.iter().find(wanted).unwrap()
    }

    #[test]
    fn both_sides_are_followed_and_told_apart_where_they_part() {
        let (mut world, mut ledger) = opened();
        let (mut other_world, mut other) = opened();
        let mut timelines = Timelines::new(1);
        let deposit = DepositCollateral {
            user_index: 4,
            deposit_amount: 1_000 * DOLLAR,
            spot_market_index: 0,
            mint_amount: 0,
            username: "four".to_owned(),
        };
        let trade = OpenPosition {
            user_index: 4,
            direction: Direction::Long,
            quote_amount: 100 * DOLLAR,
            market_index: 0,
        };
        let events = [Event::new(0, deposit), price(60, 21), Event::new(90, trade)];
        for (place, event) in events.iter().enumerate() {
            world.apply(&mut ledger, event).unwrap();
            // The right side never trades.
            if place < 2 {
                other_world.apply(&mut other, event).unwrap();
            }
            timelines.after(event, (&world, &ledger), Some((&other_world, &other)));
        }
        timelines.end(90, (&world, &ledger), (&other_world, &other));
        let lines = timelines.finish();
        assert_eq!(lines.len(), MARKET.len() + 1);
        let oracle = line(&lines, "perp_market_0", "oracle price");
        assert_eq!(
            (&oracle.events[..], &oracle.times[..]),
            (&[0, 1, 2][..], &[0, 60, 90][..])
        );
        assert_eq!((oracle.left[1], &oracle.right), (Some(21.0), &None));
        let collateral = line(&lines, "user_4", "collateral");
        assert_eq!(collateral.left[0], Some(1_000.0));
        assert_eq!(collateral.right.as_ref().unwrap()[2], Some(1_000.0));
        let net = line(&lines, "perp_market_0", "net position");
        assert!(net.left[2].unwrap() > 0.0);
        assert_eq!(net.right.as_ref().unwrap()[2], Some(0.0));
    }

    #[test]
    fn long_replays_are_thinned_and_keep_their_end() {
        let (mut world, mut ledger) = opened();
        let mut timelines = Timelines::new(1);
        let count = 10 * MOMENTS as i64 + 7;
        for second in 0..count {
            let event = price(second, 20);
            world.apply(&mut ledger, &event).unwrap();
            timelines.after(&event, (&world, &ledger), None::<(&World, &MemoryLedger)>);
        }
        timelines.end(count - 1, (&world, &ledger), (&world, &ledger));
        let lines = timelines.finish();
        let times = &lines[0].times;
        assert!(
            (MOMENTS..=2 * MOMENTS + 1).contains(&times.len()),
            "{}",
            times.len()
        );
        assert_eq!((times[0], *times.last().unwrap()), (0, count - 1));
        assert!(times.is_sorted());
    }
}
