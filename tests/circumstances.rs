//! Recorded instructions of liquidity providers under changed circumstances: every refusal the recordings lack, and
//! the settlement of an expired market.

use drift::accounts::{
    Account, ExchangeOperation, MarketStatus, MarketType, Order, OrderStatus, PerpMarket, PerpOperation,
    Pubkey, SpotBalanceType, SpotMarket, State, TokenAccount, User, UserStatus,
};
use drift::clock::Clock;
use drift::engine::Switches;
use drift::error::ErrorCode;
use drift::instruction::{AccountMeta, Instruction, RemovePerpLpShares};
use drift::ledger::run_atomic;
use harness::verify::Fixtures;
use std::path::Path;

fn recorded(name: &str, wanted: impl Fn(&Scene) -> bool) -> Scene {
    for file in ["fuzz_04", "fuzz_08", "fuzz_10", "fuzz_13"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{file}.jsonl.gz"));
        for line in Fixtures::open(&path).unwrap() {
            let fixture = line.unwrap().1;
            let scene = Scene {
                data: fixture.data,
                clock: fixture.clock,
                metas: fixture.metas,
                before: fixture.before,
            };
            if fixture.instruction == name && scene.clone().run() == Ok(()) && wanted(&scene) {
                return scene;
            }
        }
    }
    panic!("no such {name} is recorded");
}

/// A recorded instruction and the accounts before it.
#[derive(Clone)]
struct Scene {
    data: Vec<u8>,
    clock: Clock,
    metas: Vec<AccountMeta>,
    before: Vec<Account>,
}

macro_rules! reach {
    ($($name:ident: $variant:ident($kind:ident);)*) => {$(
        fn $name(&mut self) -> &mut $kind {
            self.before
                .iter_mut()
                .find_map(|account| match account {
                    Account::$variant(value) => Some(&mut **value),
                    _ => None,
                })
                .unwrap()
        }
    )*};
}

impl Scene {
    reach! {
        state: State(State);
        user: User(User);
        perp: PerpMarket(PerpMarket);
        spot: SpotMarket(SpotMarket);
        vault: Token(TokenAccount);
    }

    fn run(&mut self) -> Result<(), ErrorCode> {
        let instruction = Instruction::decode(&self.data)?;
        self.run_as(&instruction)
    }

    fn run_as(&mut self, instruction: &Instruction) -> Result<(), ErrorCode> {
        run_atomic(
            self.clock,
            Switches::default(),
            instruction,
            &self.metas,
            &mut self.before,
        )
    }

    /// What the instruction answers after `change`.
    fn after(&self, change: impl FnOnce(&mut Self)) -> Result<(), ErrorCode> {
        let mut scene = self.clone();
        change(&mut scene);
        let before = scene.before.clone();
        let outcome = scene.run();
        assert!(
            outcome.is_ok() || scene.before == before,
            "a refusal changed accounts"
        );
        outcome
    }

    fn now(&self) -> i64 {
        self.clock.unix_timestamp
    }

    fn market_index(&self) -> u16 {
        match Instruction::decode(&self.data).unwrap() {
            Instruction::AddPerpLpShares(arguments) => arguments.market_index,
            Instruction::RemovePerpLpShares(arguments) => arguments.market_index,
            Instruction::SettlePnl(arguments) => arguments.market_index,
            other => panic!("{other:?}"),
        }
    }

    /// Whether the first market named is the one meant.
    fn is_first_market(&self) -> bool {
        let mut scene = self.clone();
        scene.perp().market_index == scene.market_index()
    }

    fn make_read_only(&mut self, is_it: impl Fn(&Account) -> bool) {
        let place = self.before.iter().position(is_it).unwrap();
        let key = self.metas[place].key;
        for meta in self.metas.iter_mut().filter(|meta| meta.key == key) {
            meta.writable = false;
        }
    }
}

fn elsewhere() -> Pubkey {
    Pubkey::derive(&[b"elsewhere"], &Pubkey::default()).0
}

type Change = fn(&mut Scene);

fn expect(scene: &Scene, cases: &[(&str, Change, ErrorCode)]) {
    for (what, change, refusal) in cases {
        assert_eq!(scene.after(change), Err(*refusal), "{what}");
    }
}

#[test]
fn liquidity_is_added_only_where_it_is_wanted() {
    let scene = recorded("add_perp_lp_shares", Scene::is_first_market);
    let pause: Change = |scene| scene.state().exchange_status |= ExchangeOperation::Amm as u8;
    expect(
        &scene,
        &[
            ("paused", pause, ErrorCode::ExchangePaused),
            (
                "unsigned",
                |scene| scene.metas[2].signer = false,
                ErrorCode::AccountNotSigner,
            ),
            (
                "read-only user",
                |scene| scene.make_read_only(|account| matches!(account, Account::User(_))),
                ErrorCode::ConstraintMut,
            ),
            (
                "somebody else's",
                |scene| scene.user().authority = Default::default(),
                ErrorCode::ConstraintRaw,
            ),
            (
                "read-only market",
                |scene| scene.make_read_only(|account| matches!(account, Account::PerpMarket(_))),
                ErrorCode::MarketWrongMutability,
            ),
            (
                "bankrupt",
                |scene| scene.user().mark(UserStatus::Bankrupt, true),
                ErrorCode::UserBankrupt,
            ),
            (
                "winding down",
                |scene| scene.perp().status = MarketStatus::ReduceOnly,
                ErrorCode::MarketStatusInvalidForNewLP,
            ),
            (
                "fills paused",
                |scene| scene.perp().paused_operations = PerpOperation::AmmFill as u8,
                ErrorCode::MarketStatusInvalidForNewLP,
            ),
            (
                "too little",
                |scene| scene.perp().amm.order_step_size = u64::MAX,
                ErrorCode::NewLPSizeTooSmall,
            ),
        ],
    );
}

#[test]
fn liquidity_leaves_after_its_cooldown_in_whole_steps() {
    let scene = recorded("remove_perp_lp_shares", Scene::is_first_market);
    expect(
        &scene,
        &[
            (
                "too soon",
                |scene| {
                    scene.state().lp_cooldown_time = 10;
                    scene.user().last_add_perp_lp_shares_ts = scene.now() - 9;
                },
                ErrorCode::TryingToRemoveLiquidityTooFast,
            ),
            (
                "too much",
                |scene| {
                    let index = scene.market_index();
                    scene.user().perp_mut(index).unwrap().lp_shares = 1;
                },
                ErrorCode::InsufficientLPTokens,
            ),
            (
                "none at all",
                |scene| scene.user().perp_positions = Default::default(),
                ErrorCode::UserHasNoPositionInMarket,
            ),
            (
                "no oracle",
                |scene| scene.perp().amm.oracle = elsewhere(),
                ErrorCode::OracleNotFound,
            ),
        ],
    );
    // Less than a step is nothing: only the activity is noted.
    let mut scene = scene;
    let index = scene.market_index();
    let mut expected = *scene.user();
    scene.user().last_active_slot = 0;
    let slot = scene.clock.slot;
    expected.touch(slot);
    let less = RemovePerpLpShares {
        shares_to_burn: scene.perp().amm.order_step_size - 1,
        market_index: index,
    };
    scene.run_as(&less.into()).unwrap();
    assert_eq!(*scene.user(), expected);
}

#[test]
fn profits_settle_only_where_all_is_well() {
    let is_open = |scene: &Scene| {
        let mut scene = scene.clone();
        let index = scene.market_index();
        scene.is_first_market() && scene.user().perp(index).unwrap().is_open()
    };
    let scene = recorded("settle_pnl", is_open);
    expect(
        &scene,
        &[
            (
                "paused",
                |scene| scene.state().exchange_status |= ExchangeOperation::SettlePnl as u8,
                ErrorCode::ExchangePaused,
            ),
            (
                "bankrupt",
                |scene| scene.user().mark(UserStatus::Bankrupt, true),
                ErrorCode::UserBankrupt,
            ),
            (
                "read-only quote",
                |scene| scene.make_read_only(|account| matches!(account, Account::SpotMarket(_))),
                ErrorCode::SpotMarketWrongMutability,
            ),
            (
                "paused in the market",
                |scene| scene.perp().paused_operations = PerpOperation::SettlePnl as u8,
                ErrorCode::InvalidMarketStatusToSettlePnl,
            ),
            (
                "paused with a position",
                |scene| scene.perp().paused_operations = PerpOperation::SettlePnlWithPosition as u8,
                ErrorCode::InvalidMarketStatusToSettlePnl,
            ),
            (
                "winding down with a position",
                |scene| scene.perp().status = MarketStatus::ReduceOnly,
                ErrorCode::InvalidMarketStatusToSettlePnl,
            ),
            (
                "an empty vault",
                |scene| scene.vault().amount = 0,
                ErrorCode::SpotMarketVaultInvariantViolated,
            ),
            (
                "another vault",
                |scene| scene.metas[3].key = elsewhere(),
                ErrorCode::ConstraintSeeds,
            ),
            (
                "expired and paused",
                |scene| {
                    scene.perp().status = MarketStatus::Settlement;
                    scene.state().exchange_status |= ExchangeOperation::Amm as u8;
                },
                ErrorCode::ExchangePaused,
            ),
            (
                "expired just now",
                |scene| {
                    scene.perp().status = MarketStatus::Settlement;
                    scene.perp().expiry_ts = scene.now();
                },
                ErrorCode::PerpMarketSettlementBufferNotReached,
            ),
        ],
    );
}

#[test]
fn an_expired_position_closes_at_the_expiry_price() {
    let mut scene = recorded("settle_pnl", |scene| {
        let mut scene = scene.clone();
        let index = scene.market_index();
        let position = *scene.user().perp(index).unwrap();
        let loses =
            position.unrealized_pnl(scene.perp().amm.historical_oracle_data.last_oracle_price) < Ok(0);
        scene.is_first_market()
            && position.is_open()
            && loses
            && !position.is_lp()
            && !position.has_open_order()
    });
    let (index, now) = (scene.market_index(), scene.now());
    let position = *scene.user().perp(index).unwrap();
    let tier = scene.state().perp_fee_structure.fee_tiers[0];
    scene.state().settlement_duration = 100;
    let market = scene.perp();
    market.status = MarketStatus::Settlement;
    market.expiry_ts = now - 101;
    market.expiry_price = market.amm.historical_oracle_data.last_oracle_price;
    let value = i128::from(position.base_asset_amount) * i128::from(market.expiry_price) / 1_000_000_000;
    let value = i64::try_from(value).unwrap();
    // Funding is settled before, so its accumulators are brought level.
    let funding = position.last_cumulative_funding_rate;
    market.amm.cumulative_funding_rate_long = funding.into();
    market.amm.cumulative_funding_rate_short = funding.into();
    let fee = value.abs() * i64::from(tier.fee_numerator) / i64::from(tier.fee_denominator);
    let left = position.quote_asset_amount + value - fee;
    let users = market.number_of_users_with_base;
    let settled = { scene.user().settled_perp_pnl };
    let pools = |scene: &mut Scene| {
        let scaled = scene.perp().pnl_pool.scaled_balance;
        scene.spot().tokens(scaled, SpotBalanceType::Deposit).unwrap()
    };
    let pool = pools(&mut scene);
    assert!(left < 0, "a profit might not find enough in the pool");
    // An order still on the book is cancelled first.
    let user = scene.user();
    user.orders[0] = Order {
        base_asset_amount: 5,
        market_index: index,
        market_type: MarketType::Perp,
        status: OrderStatus::Open,
        ..Default::default()
    };
    user.open_orders = 1;
    let held = user.perp_mut(index).unwrap();
    (held.open_orders, held.open_bids) = (1, 5);

    scene.run().unwrap();
    assert_eq!(
        (scene.user().open_orders, scene.user().orders[0].status),
        (0, OrderStatus::Init)
    );
    assert!(scene.user().perp(index).is_err(), "the slot is free again");
    assert_eq!({ scene.user().settled_perp_pnl }, settled + left);
    assert_eq!({ scene.perp().number_of_users_with_base }, users - 1);
    let change = i128::try_from(pools(&mut scene)).unwrap() - i128::try_from(pool).unwrap();
    assert!((change + i128::from(left)).abs() <= 1, "{change} for {left}");
}

#[test]
fn a_profit_that_the_pool_holds_no_excess_for_is_the_owners_to_take() {
    let disown: Change = |scene| scene.user().authority = elsewhere();
    let scene = recorded("settle_pnl", |scene| {
        scene.after(disown) == Err(ErrorCode::UserMustSettleTheirOwnPositiveUnsettledPNL)
    });
    let by_delegate: Change = |scene| {
        scene.user().authority = elsewhere();
        scene.user().delegate = scene.metas[2].key;
    };
    assert_eq!(scene.after(by_delegate), Ok(()));
}
