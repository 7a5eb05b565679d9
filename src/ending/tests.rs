//! Exchanges in memory, ended: what matters is that nobody and nothing is left, and that the tokens are all there.

use super::*;
use crate::event::{
    AddIfStake, AddLiquidity, Direction, InitIfStake, OpenPosition, OraclePrice, PerpOraclePrice,
    SpotOraclePrice, UpdateFundingRate, WithdrawCollateral,
};
use crate::experiment::{MarketInit, SpotMarketInit, SpotRules};
use crate::trial::{Conservation, InterestDust};
use crate::world::{Exchange, Genesis};
use drift::accounts::Account;
use drift::ledger::MemoryLedger;

const DOLLAR: u64 = 1_000_000;

struct Scene {
    world: World,
    ledger: MemoryLedger,
    dust: InterestDust,
    cast: Cast,
    /// Instructions that were accepted, by name.
    accepted: Vec<&'static str>,
}

impl Side for Scene {
    type Ledger = MemoryLedger;

    fn side(&self) -> (&World, &MemoryLedger) {
        (&self.world, &self.ledger)
    }
}

impl Scene {
    /// A perpetual market at 20 dollars, of a million dollars' depth, and a spot market at 10 dollars.
    fn new() -> Self {
        let genesis = Genesis {
            exchange: Exchange::default(),
            quote: SpotRules::quote(),
            spots: vec![SpotMarketInit::new(
                1,
                OraclePrice::from_micros(10 * DOLLAR).unwrap(),
            )],
            perps: vec![MarketInit::new(0, 50_000_000_000_000, 20_000_000).unwrap()],
        };
        let mut ledger = MemoryLedger::default();
        let world = genesis.open(&mut ledger).unwrap();
        Self {
            world,
            ledger,
            dust: InterestDust::default(),
            cast: Cast::default(),
            accepted: Vec::new(),
        }
    }

    fn happen(&mut self, second: i64, kind: impl Into<Kind>) {
        self.carry_out(&Event::new(second, kind));
    }

    fn carry_out(&mut self, event: &Event) {
        self.cast.note(&event.kind);
        self.dust.before(&self.world, &self.ledger);
        let executed = self.world.apply(&mut self.ledger, event).unwrap();
        self.dust.after(&executed, &self.world, &self.ledger).unwrap();
        let accepted = executed.iter().filter(|done| done.outcome.is_ok());
        self.accepted
            .extend(accepted.map(|done| done.call.instruction.name()));
    }

    fn deposit(&mut self, user_index: u32, spot_market_index: u16, deposit_amount: u64) {
        self.happen(
            0,
            DepositCollateral {
                user_index,
                deposit_amount,
                spot_market_index,
                mint_amount: 0,
                username: String::new(),
            },
        );
    }

    fn trade(&mut self, second: i64, user_index: u32, direction: Direction, quote_amount: u64) {
        self.happen(
            second,
            OpenPosition {
                user_index,
                direction,
                quote_amount,
                market_index: 0,
            },
        );
    }

    fn price(&mut self, second: i64, dollars: u64) {
        self.happen(
            second,
            PerpOraclePrice {
                market_index: 0,
                price: OraclePrice::from_micros(dollars * DOLLAR).unwrap(),
                conf: OraclePrice::default(),
                ..PerpOraclePrice::default()
            },
        );
    }

    /// Ends it: nobody is left, every sum agrees, and the vaults hold what pools and funds have.
    fn end(&mut self, second: i64) {
        let mut cast = std::mem::take(&mut self.cast);
        let ended: Result<usize, std::convert::Infallible> = end(self, &mut cast, second, |scene, event| {
            scene.carry_out(event);
            Ok(())
        });
        let Ok(events) = ended;
        assert!(events > 0);
        assert_eq!(Left::of(&self.world, &self.ledger, &cast.users), Left::default());
        let users = cast.users.iter().max().map_or(0, |last| last + 1);
        let sums = Conservation::check(&self.world, &self.ledger, users, &self.dust).unwrap();
        assert!(sums.holds(self.accepted.len() as u64), "{sums:?}");
        self.cast = cast;
    }

    fn wallet(&self, user: u32) -> u64 {
        match self.ledger.account(&crate::world::user_keys(user).wallet) {
            Some(Account::Token(wallet)) => wallet.amount,
            _ => 0,
        }
    }

    fn count(&self, name: &str) -> usize {
        self.accepted.iter().filter(|other| **other == name).count()
    }
}

#[test]
fn positions_and_liquidity_settle_at_the_expiry_price() {
    let mut scene = Scene::new();
    for user in 0..3 {
        scene.deposit(user, 0, 10_000 * DOLLAR);
    }
    scene.happen(
        1,
        AddLiquidity {
            market_index: 0,
            user_index: 2,
            token_amount: 5_000_000_000_000,
        },
    );
    scene.trade(2, 0, Direction::Long, 5_000 * DOLLAR);
    scene.trade(3, 1, Direction::Short, 8_000 * DOLLAR);
    scene.price(4, 21);
    scene.end(4_000);
    // The long gained, the short lost; nobody was liquidated, and nobody came from outside.
    assert!(scene.wallet(0) > 10_000 * DOLLAR && scene.wallet(1) < 10_000 * DOLLAR);
    assert_eq!(scene.count("liquidate_perp"), 0);
    assert_eq!(scene.cast.users, [0, 1, 2]);
    assert_eq!(scene.count("settle_expired_market"), 1);
}

#[test]
fn who_has_too_little_margin_is_liquidated_by_somebody_from_outside() {
    let mut scene = Scene::new();
    scene.deposit(0, 0, 10_000 * DOLLAR);
    scene.deposit(1, 0, 100_000 * DOLLAR);
    scene.trade(2, 0, Direction::Long, 30_000 * DOLLAR);
    scene.trade(3, 1, Direction::Short, 20_000 * DOLLAR);
    assert_eq!(scene.count("place_and_take_perp_order"), 2);
    // 30,000 dollars fall by two fifths: a loss of 12,000 with 10,000 to cover it. The average that the expiry price follows
    // moves by a tenth at most with each update.
    scene.price(4, 12);
    for hour in 1..=8 {
        scene.happen(3_600 * hour, UpdateFundingRate { market_index: 0 });
    }
    scene.end(40_000);
    assert!(scene.count("liquidate_perp") > 0);
    assert_eq!(scene.count("resolve_perp_bankruptcy"), 1);
    assert_eq!(scene.cast.users, [0, 1, 2]);
    assert_eq!(scene.wallet(0), 0);
}

#[test]
fn debts_are_repaid_by_who_spent_them_and_stakes_leave_the_fund() {
    let mut scene = Scene::new();
    scene.deposit(0, 0, 10_000 * DOLLAR);
    scene.deposit(1, 1, 1_000 * DOLLAR);
    scene.happen(
        1,
        DepositCollateral {
            user_index: 2,
            deposit_amount: 0,
            spot_market_index: 0,
            mint_amount: 500 * DOLLAR,
            username: String::new(),
        },
    );
    scene.happen(
        2,
        InitIfStake {
            user_index: 2,
            market_index: 0,
        },
    );
    scene.happen(
        3,
        AddIfStake {
            user_index: 2,
            market_index: 0,
            amount: 500 * DOLLAR,
        },
    );
    scene.happen(
        4,
        WithdrawCollateral {
            user_index: 0,
            spot_market_index: 1,
            withdraw_amount: 200 * DOLLAR,
            reduce_only: false,
            username: String::new(),
        },
    );
    scene.happen(
        5,
        SpotOraclePrice {
            market_index: 1,
            price: OraclePrice::from_micros(11 * DOLLAR).unwrap(),
            conf: OraclePrice::default(),
            ..SpotOraclePrice::default()
        },
    );
    // A year of interest.
    scene.end(31_536_000);
    assert_eq!(scene.wallet(0), 10_000 * DOLLAR);
    // The program leaves a unit in the fund.
    assert_eq!(scene.wallet(2), 500 * DOLLAR - 1);
}
