//! Events in a small world: what they are lowered to, and when they cannot be.

use super::*;
use crate::event::{
    AddLiquidity, ClosePosition, DepositCollateral, Direction, MidSimDeposit, OpenPosition, OraclePrice,
    PerpOraclePrice, Portion, RemoveLiquidity, SpotOraclePrice, UpdateK, WithdrawCollateral,
};
use crate::experiment::{MarketInit, PerpRules, SpotMarketInit, SpotRules};
use drift::accounts::{Account, SpotBalanceType};
use drift::instruction::{AccountMeta, Address, Call, Instruction};
use drift::ledger::MemoryLedger;

mod life;

const DOLLAR: u64 = 1_000_000;

/// Two perpetual markets at 20 dollars, and a spot market whose token is worth a dollar.
fn genesis() -> Genesis {
    let perp = |index| MarketInit::new(index, 1_000_000_000_000, 20_000_000).unwrap();
    Genesis {
        exchange: Exchange::default(),
        quote: SpotRules::quote(),
        spots: vec![SpotMarketInit::new(1, OraclePrice::from_micros(DOLLAR).unwrap())],
        perps: vec![perp(0), perp(1)],
    }
}

/// The base of a user's position in market 0.
fn base(scene: &Scene, user: u32) -> i64 {
    let position = scene.world.position(&scene.ledger, user, 0);
    position.map_or(0, |held| held.base_asset_amount)
}

struct Scene {
    world: World,
    ledger: MemoryLedger,
}

impl Scene {
    /// Users 0 and 1 with a thousand dollars; user 1 with a thousand of the other token, too.
    fn new() -> Self {
        let mut ledger = MemoryLedger::default();
        let world = genesis().open(&mut ledger).unwrap();
        let mut scene = Self { world, ledger };
        for (user, spot) in [(0, 0), (1, 0), (1, 1)] {
            scene.happen(0, deposit(user, spot, 1_000 * DOLLAR));
        }
        scene
    }

    fn apply(&mut self, second: i64, kind: impl Into<Kind>) -> Result<Vec<Executed>, LowerError> {
        self.world.apply(&mut self.ledger, &Event::new(second, kind))
    }

    /// Carries out what must succeed, and answers the instructions.
    fn happen(&mut self, second: i64, kind: impl Into<Kind>) -> Vec<Call> {
        let executed = self.apply(second, kind).unwrap();
        let call = |done: Executed| {
            assert_eq!(done.outcome, Ok(()), "{}", done.call.instruction.name());
            done.call
        };
        executed.into_iter().map(call).collect()
    }

    fn wallet(&self, user: u32, spot: u16) -> u64 {
        match self.ledger.account(&Role::Wallet(user, spot).address()) {
            Some(Account::Token(wallet)) => wallet.amount,
            _ => 0,
        }
    }
}

fn deposit(user_index: u32, spot_market_index: u16, deposit_amount: u64) -> DepositCollateral {
    DepositCollateral {
        user_index,
        deposit_amount,
        spot_market_index,
        mint_amount: 0,
        username: String::new(),
    }
}

fn open(user_index: u32, market_index: u16) -> OpenPosition {
    OpenPosition {
        user_index,
        direction: Direction::Short,
        quote_amount: 200 * DOLLAR,
        market_index,
    }
}

fn names(calls: &[Call]) -> Vec<&str> {
    calls.iter().map(|call| call.instruction.name()).collect()
}

#[test]
fn the_first_deposit_opens_the_account() {
    let mut scene = Scene::new();
    let mut first = deposit(7, 0, 5 * DOLLAR);
    first.mint_amount = 3 * DOLLAR;
    let calls = scene.happen(1, first);
    assert_eq!(
        names(&calls),
        ["initialize_user_stats", "initialize_user", "deposit"]
    );
    // What is minted besides stays in the wallet.
    assert_eq!(scene.wallet(7, 0), 3 * DOLLAR);
    assert_eq!(names(&scene.happen(2, deposit(7, 0, 5 * DOLLAR))), ["deposit"]);
    assert_eq!(
        names(&scene.happen(3, deposit(8, 0, 0))),
        ["initialize_user_stats", "initialize_user"]
    );
}

#[test]
fn a_trade_names_every_market_its_user_holds_something_in() {
    let mut scene = Scene::new();
    scene.happen(1, open(1, 1));
    let calls = scene.happen(2, open(1, 0));
    // Both oracles of the perpetual markets and the token's; both spot markets; the traded market alone is writable.
    let writable = |place: Address| AccountMeta::writable(place);
    let readonly = |place: Address| AccountMeta::readonly(place);
    let (perps, spots) = (&scene.world.perps, &scene.world.spots);
    let expected = [
        readonly(Role::SpotOracle(1).address().into()),
        readonly(Role::PerpOracle(0).address().into()),
        readonly(Role::PerpOracle(1).address().into()),
        readonly(spots[0].market),
        readonly(spots[1].market),
        writable(perps[0].market),
        readonly(perps[1].market),
    ];
    let own = calls[0].instruction.roles().len();
    assert_eq!(calls[0].accounts[own..], expected);
}

#[test]
fn liquidity_is_removed_as_far_as_there_is_any() {
    let mut scene = Scene::new();
    let remove = |lp_token_amount| RemoveLiquidity {
        market_index: 0,
        user_index: 0,
        lp_token_amount,
    };
    assert_eq!(scene.happen(1, remove(Portion::All)).len(), 0);
    let add = AddLiquidity {
        market_index: 0,
        user_index: 0,
        token_amount: 10_000_000_000,
    };
    scene.happen(2, add);
    for (asked, burnt) in [
        (Portion::Exactly(4_000_000_000), 4_000_000_000),
        (Portion::Exactly(9_000_000_000), 6_000_000_000),
    ] {
        let calls = scene.happen(3, remove(asked));
        let [
            Call {
                instruction: Instruction::RemovePerpLpShares(sent),
                ..
            },
        ] = &calls[..]
        else {
            panic!("{:?}", names(&calls));
        };
        assert_eq!(sent.shares_to_burn, burnt);
    }
}

#[test]
fn a_position_is_closed_whole_and_reduce_only() {
    let mut scene = Scene::new();
    let close = ClosePosition {
        user_index: 0,
        market_index: 0,
    };
    assert_eq!(scene.happen(1, close.clone()).len(), 0);
    scene.happen(1, open(0, 0));
    let calls = scene.happen(2, close);
    let [
        Call {
            instruction: Instruction::PlaceAndTakePerpOrder(order),
            ..
        },
    ] = &calls[..]
    else {
        panic!("{:?}", names(&calls));
    };
    // 200 dollars at 20, bought back.
    let params = &order.params;
    assert_eq!(
        (params.base_asset_amount, params.reduce_only),
        (10_000_000_000, true)
    );
    assert_eq!(params.direction, drift::accounts::PositionDirection::Long);
    assert!(
        scene
            .world
            .position(&scene.ledger, 0, 0)
            .is_none_or(|held| held.base_asset_amount == 0)
    );
    // For no money, nothing is traded.
    let nothing = OpenPosition {
        quote_amount: 0,
        ..open(0, 0)
    };
    assert_eq!(scene.happen(3, nothing).len(), 0);
}

#[test]
fn a_debt_is_paid_whole_even_by_one_who_spent_it() {
    let mut scene = Scene::new();
    let borrow = WithdrawCollateral {
        user_index: 0,
        spot_market_index: 1,
        withdraw_amount: 100 * DOLLAR,
        reduce_only: false,
        username: String::new(),
    };
    scene.happen(1, borrow);
    assert_eq!(scene.wallet(0, 1), 100 * DOLLAR);
    let repay = MidSimDeposit {
        user_index: 0,
        deposit_amount: 1,
        spot_market_index: 1,
        mint_amount: 0,
        username: String::new(),
        reduce_only: true,
    };
    scene.happen(86_400, repay);
    let user = scene.world.user(&scene.ledger, 0).unwrap();
    let held = user
        .spot_positions
        .iter()
        .find(|held| held.market_index == 1 && !held.is_available());
    let tokens = |held: &drift::accounts::SpotPosition| {
        let market = scene.world.spot(&scene.ledger, 1).unwrap();
        assert_eq!(held.balance_type, SpotBalanceType::Borrow);
        market
            .tokens(held.scaled_balance.into(), SpotBalanceType::Borrow)
            .unwrap()
    };
    // A day's interest came after the amount was looked up; nothing else is left.
    let left = held.map_or(0, tokens);
    assert!(left < u128::from(DOLLAR), "{left}");
}

#[test]
fn what_cannot_be_lowered_says_why() {
    let mut scene = Scene::new();
    let mut refusal = |kind: Kind| scene.apply(1, kind).unwrap_err().to_string();
    assert_eq!(refusal(open(0, 2).into()), "there is no perp market 2");
    assert_eq!(refusal(deposit(0, 2, 1).into()), "there is no spot market 2");
    assert_eq!(
        refusal(open(9, 0).into()),
        "user 9 never deposited: a `deposit_collateral` must come first"
    );
    let quote = SpotOraclePrice::default();
    assert_eq!(
        refusal(quote.into()),
        "the quote market, spot market 0, has no oracle"
    );
    let k = UpdateK {
        sqrt_k: 1,
        market_index: 5,
    };
    assert_eq!(refusal(k.into()), "there is no perp market 5");
}

#[test]
fn the_clock_does_not_go_back() {
    let mut scene = Scene::new();
    scene.happen(100, open(0, 0));
    assert_eq!(scene.ledger.clock(), scene.world.clock(100));
    // 2.5 slots a second.
    assert_eq!(
        (scene.ledger.clock().slot, scene.ledger.clock().unix_timestamp),
        (1_250, 1_700_002_900)
    );
    scene.happen(40, open(0, 0));
    assert_eq!(scene.ledger.clock(), scene.world.clock(100));
}

#[test]
fn markets_that_the_program_does_not_take_are_refused_by_name() {
    let mut genesis = genesis();
    genesis.perps[1].rules = PerpRules {
        margin_ratio_initial: 100,
        margin_ratio_maintenance: 200,
        ..PerpRules::default()
    };
    let error = genesis.open(&mut MemoryLedger::default()).unwrap_err();
    assert_eq!((error.instruction, error.market), ("initialize_perp_market", 1));
    assert_eq!(error.code, ErrorCode::InvalidMarginRatio);
}

#[test]
fn positions_can_be_sized_by_free_collateral() {
    let mut scene = Scene::new();
    scene.world.exchange.drift_sim_compat.init_leverage = "0.5".parse().ok();
    // Half of 1,000 dollars, at 20 dollars, are 25; the event's 200 dollars are not asked.
    scene.happen(1, open(0, 0));
    assert_eq!(base(&scene, 0), -25_000_000_000);
    // The position's margin is not free any more, so the next trade is smaller.
    scene.happen(2, open(0, 0));
    let second = -25_000_000_000 - base(&scene, 0);
    assert!((1..25_000_000_000).contains(&second), "{second}");
    // Who has nothing free trades nothing.
    scene.happen(3, deposit(9, 0, 0));
    assert_eq!(names(&scene.happen(4, open(9, 0))), [""; 0]);
}

#[test]
fn the_oracle_can_follow_a_close() {
    let shown = |scene: &Scene| scene.world.perps[0].feed.price.micros();
    for follows in [false, true] {
        let mut scene = Scene::new();
        scene.world.exchange.drift_sim_compat.oracle_follows_trade = follows;
        // Somebody else stays short, so the mark stays below 20 dollars.
        scene.happen(1, open(0, 0));
        scene.happen(2, open(1, 0));
        assert_eq!(shown(&scene), 20 * DOLLAR);
        let close = ClosePosition {
            user_index: 0,
            market_index: 0,
        };
        scene.happen(3, close.clone());
        let mark = scene
            .world
            .perp(&scene.ledger, 0)
            .unwrap()
            .amm
            .reserve_price()
            .unwrap();
        assert!(mark < 20 * DOLLAR);
        assert_eq!(shown(&scene), if follows { mark } else { 20 * DOLLAR });
        // A close that sends nothing moves nothing.
        let before = shown(&scene);
        scene.happen(4, close);
        assert_eq!(shown(&scene), before);
    }
}

#[test]
fn any_time_and_order_is_taken() {
    let mut scene = Scene::new();
    // drift-sim's reach 1e13; a clock does not go back.
    for second in [10_000_000_000_227, 5, i64::MAX, i64::MIN, -1] {
        let before = scene.ledger.clock();
        scene.apply(second, crate::event::Null {}).unwrap();
        let after = scene.ledger.clock();
        assert!(after.slot >= before.slot && after.unix_timestamp >= before.unix_timestamp);
        scene.apply(second, open(0, 0)).unwrap();
    }
}

#[test]
fn an_oracle_can_be_late_and_out() {
    let mut scene = Scene::new();
    let show = |delay_slots, outage| PerpOraclePrice {
        price: OraclePrice::from_micros(21 * DOLLAR).unwrap(),
        conf: OraclePrice::from_micros(5_000).unwrap(),
        delay_slots,
        outage,
        ..PerpOraclePrice::default()
    };
    // The slot that the price in the account is of, seen from that of the clock.
    let mut age = |second, kind: Option<PerpOraclePrice>| {
        match kind {
            Some(kind) => scene.happen(second, kind),
            None => scene.happen(second, deposit(0, 0, DOLLAR)),
        };
        let key = Role::PerpOracle(0).address();
        let Some(Account::Oracle(feed, _)) = scene.ledger.account(&key) else {
            panic!("no oracle")
        };
        assert_eq!(feed.confidence, if second < 10 { 0 } else { 50_000 });
        (
            scene.ledger.clock().slot - feed.valid_slot,
            scene.world.freshened().len(),
        )
    };
    assert_eq!(age(5, None), (0, 0));
    assert_eq!(age(10, Some(show(Some(4), None))), (4, 1));
    assert_eq!(age(20, None), (4, 1));
    // Two and a half slots a second.
    assert_eq!(age(30, Some(show(Some(4), Some(true)))), (4, 1));
    assert_eq!(age(34, None), (14, 1));
    assert_eq!(age(50, None), (54, 1));
    assert_eq!(age(50, Some(show(None, None))), (0, 0));
    assert_eq!(age(60, None), (0, 0));
}

#[test]
fn the_program_sees_that_an_oracle_is_out() {
    let mut scene = Scene::new();
    let open = |quote| OpenPosition {
        user_index: 0,
        direction: Direction::Long,
        quote_amount: quote,
        market_index: 0,
    };
    scene.happen(
        10,
        PerpOraclePrice {
            price: OraclePrice::from_micros(20 * DOLLAR).unwrap(),
            outage: Some(true),
            ..PerpOraclePrice::default()
        },
    );
    // Ten slots are the limit for the AMM: four seconds.
    scene.happen(14, open(100 * DOLLAR));
    let held = base(&scene, 0);
    assert!(held > 0);
    // An order that the AMM does not fill is no error.
    scene.happen(15, open(100 * DOLLAR));
    assert_eq!(base(&scene, 0), held);
    for kind in scene.world.freshened() {
        scene.happen(16, kind);
    }
    scene.happen(16, open(100 * DOLLAR));
    assert!(base(&scene, 0) > held);
}
