//! A small exchange for the agents' tests, and someone to ask them.

use super::{Agent, Member, Recipe, Setting, View};
use crate::event::{DepositCollateral, Event, Kind, OraclePrice, PerpOraclePrice};
use crate::experiment::{MarketInit, SpotMarketInit, SpotRules};
use crate::path::PricePath;
use crate::random::{Purpose, stream};
use crate::watch::Watch;
use crate::world::{Exchange, Genesis, World};
use drift::accounts::{Account, PerpMarket, Stored};
use drift::ledger::{Ledger, MemoryLedger};

/// One market of a thousand units on both sides at twenty dollars, without spread, and a spot market at two dollars.
pub struct Stand {
    pub world: World,
    pub ledger: MemoryLedger,
    pub paths: Vec<PricePath>,
    pub spot_paths: Vec<PricePath>,
    pub watch: Option<Watch>,
}

/// A trial of a thousand seconds for groups of two.
pub const SETTING: Setting = Setting {
    horizon: 1_000,
    sqrt_k: 1_000_000_000_000,
    users: 2,
    place: 0,
    trades: None,
    holdings: None,
};

impl Stand {
    /// Users 0 and 1 have a hundred thousand dollars each; the oracle shows `prices` (1e6) from their seconds on.
    pub fn new(prices: &[(u32, u64)]) -> Self {
        let genesis = Genesis {
            exchange: Exchange::default(),
            quote: SpotRules::quote(),
            spots: vec![SpotMarketInit::new(
                1,
                OraclePrice::from_micros(2_000_000).unwrap(),
            )],
            perps: vec![MarketInit::new(0, SETTING.sqrt_k, 20_000_000).unwrap()],
        };
        let mut ledger = MemoryLedger::default();
        let world = genesis.open(&mut ledger).unwrap();
        let mut stand = Self {
            world,
            ledger,
            paths: vec![PricePath::from_points(prices.iter().copied()).unwrap()],
            spot_paths: vec![PricePath::constant(2_000_000).unwrap()],
            watch: None,
        };
        for user_index in 0..2 {
            let deposit = DepositCollateral {
                user_index,
                deposit_amount: 100_000_000_000,
                spot_market_index: 0,
                mint_amount: 0,
                username: String::new(),
            };
            stand.happen(0, deposit.into());
        }
        stand
    }

    /// Carries out an event that must succeed.
    pub fn happen(&mut self, second: i64, kind: Kind) {
        let event = Event::new(second, kind);
        for done in self.world.apply(&mut self.ledger, &event).unwrap() {
            assert_eq!(done.outcome, Ok(()), "{event:?}");
            self.watch.iter_mut().for_each(|watch| watch.executed(&done.call));
        }
    }

    /// Watches margins from here on.
    pub fn watched(mut self) -> Self {
        self.watch = Some(Watch::new(&self.world, 2, &self.paths, &self.spot_paths));
        self
    }

    /// Has the oracle show the path's price, and the watch look.
    pub fn look(&mut self, second: i64) {
        let price = OraclePrice::from_micros(self.paths[0].price_at(second)).unwrap();
        let conf = OraclePrice::default();
        self.happen(
            second,
            PerpOraclePrice {
                market_index: 0,
                price,
                conf,
                ..PerpOraclePrice::default()
            }
            .into(),
        );
        if let Some(watch) = &mut self.watch {
            watch.advance(&self.world, &self.ledger, second);
        }
    }

    pub fn market(&self) -> &PerpMarket {
        self.world.perp(&self.ledger, 0).unwrap()
    }

    /// Changes the market from outside.
    pub fn set(&mut self, change: impl FnOnce(&mut PerpMarket)) {
        let mut market = *self.market();
        change(&mut market);
        let (key, account): (_, Account) = (market.pubkey, PerpMarket::wrap(Box::new(market)));
        self.ledger.set_account(key, account);
    }

    /// Asks `agent` until `end`, when it wants to be asked, and answers what it did and how often it was asked.
    /// Nothing is carried out.
    pub fn ask(&self, agent: &mut dyn Agent, end: i64) -> (Vec<(i64, Kind)>, usize) {
        let (mut done, mut calls, mut due) = (Vec::new(), 0, agent.first_call());
        while let Some(now) = due.filter(|now| *now < end) {
            let mut events = Vec::new();
            due = agent.call(&self.view(now), &mut events);
            assert!(
                due.is_none_or(|next| next > now),
                "wants to be asked at {due:?}, at {now}"
            );
            done.extend(events.into_iter().map(|kind| (now, kind)));
            calls += 1;
        }
        (done, calls)
    }

    pub fn view(&self, now: i64) -> View<'_> {
        View {
            now,
            ledger: &self.ledger,
            world: &self.world,
            paths: &self.paths,
            spot_paths: &self.spot_paths,
            shown: &self.paths,
            spot_shown: &self.spot_paths,
            watch: self.watch.as_ref(),
        }
    }
}

/// The agent of user 0 in replicate `replicate`.
pub fn recruit(recipe: &impl Recipe, replicate: u64) -> Member {
    recipe.recruit(0, &mut stream(1, replicate, Purpose::Agent, 0), &SETTING)
}
