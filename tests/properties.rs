//! What must hold whatever happens: random events in a small exchange, every sum checked after each.

use drift::accounts::{Account, PerpMarket, Pubkey, SpotBalanceType};
use drift::error::ErrorCode;
use drift::instruction::Call;
use drift::ledger::{Ledger, MemoryLedger};
use drift::math::perp_margin::settled_with_pnl;
use harness::event::{
    AddIfStake, AddLiquidity, ClosePosition, DepositCollateral, Direction, Event, InitIfStake, Kind,
    Liquidate, MidSimDeposit, OpenPosition, OraclePrice, PerpOraclePrice, Portion, RemoveIfStake,
    RemoveLiquidity, Repeg, SettleLp, SettlePnl, SettleRevenue, SpotOraclePrice, UpdateK, WithdrawCollateral,
};
use harness::experiment::{MarketInit, PerpRules, SpotMarketInit, SpotRules};
use harness::trial::{Conservation, InterestDust, broken};
use harness::world::{Exchange, Genesis, World};
use proptest::prelude::*;
use std::collections::BTreeMap;

const USERS: u32 = 4;
const MARKETS: u16 = 2;

/// A ledger that watches each instruction: a refused one may change nothing, an accepted one only what it may write.
struct Watched {
    ledger: MemoryLedger,
    /// Tokens that came from outside.
    minted: u128,
}

impl Ledger for Watched {
    drift::forward! { self => self.ledger; clock, set_clock, account }

    fn set_account(&mut self, key: Pubkey, account: Account) {
        let tokens = |account: Option<&Account>| match account {
            Some(Account::Token(held)) => u128::from(held.amount),
            _ => 0,
        };
        self.minted += tokens(Some(&account)) - tokens(self.ledger.account(&key));
        self.ledger.set_account(key, account);
    }

    fn execute(&mut self, call: &Call) -> Result<(), ErrorCode> {
        let before = snapshot(&self.ledger);
        let outcome = self.ledger.execute(call);
        let after = snapshot(&self.ledger);
        let writable = |key: &[u8; 32]| {
            call.accounts
                .iter()
                .any(|meta| meta.key.0 == *key && meta.writable)
        };
        for (key, bytes) in &after {
            let unchanged = before.get(key) == Some(bytes);
            if outcome.is_err() || !writable(key) {
                assert!(
                    unchanged,
                    "{} ({outcome:?}) changed {key:?}",
                    call.instruction.name()
                );
            }
        }
        assert!(before.keys().all(|key| after.contains_key(key)));
        outcome
    }
}

/// Every account that is not merely there, as bytes.
fn snapshot(ledger: &MemoryLedger) -> BTreeMap<[u8; 32], Vec<u8>> {
    let accounts = ledger.accounts();
    accounts.map(|(key, account)| (key.0, account.encode())).collect()
}

/// Two perpetual markets, one with spreads and curve updates, one as plain as can be, and a spot market to borrow in.
fn genesis(curve_update_intensity: u8) -> Genesis {
    let plain = MarketInit::new(0, 10_000_000_000_000, 20_000_000).unwrap();
    let lively = MarketInit {
        market_index: 1,
        funding_period: 60,
        base_spread: 500,
        rules: PerpRules {
            curve_update_intensity,
            liquidator_fee: 10_000,
            if_liquidation_fee: 10_000,
            ..PerpRules::default()
        },
        ..MarketInit::new(1, 2_000_000_000_000, 100_000_000).unwrap()
    };
    Genesis {
        exchange: Exchange::default(),
        quote: SpotRules {
            if_total_factor: 100_000,
            revenue_settle_period: 3_600,
            ..SpotRules::quote()
        },
        spots: vec![SpotMarketInit::new(1, OraclePrice::from_dollars(5.0).unwrap())],
        perps: vec![plain, lively],
    }
}

/// Something that somebody does, in shares of what there is.
#[derive(Clone, Debug)]
enum Act {
    Wait(i64),
    Open(u32, u16, bool, u64),
    Close(u32, u16),
    Add(u32, u16, u64),
    Remove(u32, u16, Option<u64>),
    SettlePnl(u32, u16),
    SettleLp(u32, u16),
    Deposit(u32, u16, u64, bool),
    Withdraw(u32, u16, u64),
    /// Thousandths of the last price.
    Oracle(u16, u64),
    SpotOracle(u64),
    /// Ten-thousandths of the sqrt_k there is.
    UpdateK(u16, u128),
    /// Thousandths of the peg there is.
    Repeg(u16, u128),
    Liquidate(u32),
    Stake(u32, u16, u64),
    Unstake(u32, u16),
    Revenue(u16),
}

fn act() -> impl Strategy<Value = Act> {
    let (user, market) = (0..USERS, 0..MARKETS);
    let (dollar, base) = (1_000_000u64, 1_000_000_000u64);
    prop_oneof![
        3 => (0i64..5_000).prop_map(Act::Wait),
        8 => (user.clone(), market.clone(), any::<bool>(), 0..30_000 * dollar)
            .prop_map(|(user, market, long, quote)| Act::Open(user, market, long, quote)),
        3 => (user.clone(), market.clone()).prop_map(|(user, market)| Act::Close(user, market)),
        4 => (user.clone(), market.clone(), 0..1_000 * base)
            .prop_map(|(user, market, shares)| Act::Add(user, market, shares)),
        2 => (user.clone(), market.clone(), proptest::option::of(0..500 * base))
            .prop_map(|(user, market, shares)| Act::Remove(user, market, shares)),
        3 => (user.clone(), market.clone()).prop_map(|(user, market)| Act::SettlePnl(user, market)),
        2 => (user.clone(), market.clone()).prop_map(|(user, market)| Act::SettleLp(user, market)),
        2 => (user.clone(), 0u16..2, 0..10_000 * dollar, any::<bool>())
            .prop_map(|(user, spot, amount, reduce)| Act::Deposit(user, spot, amount, reduce)),
        3 => (user.clone(), 0u16..2, 0..20_000 * dollar)
            .prop_map(|(user, spot, amount)| Act::Withdraw(user, spot, amount)),
        4 => (market.clone(), 900u64..1_100).prop_map(|(market, factor)| Act::Oracle(market, factor)),
        1 => (900u64..1_100).prop_map(Act::SpotOracle),
        1 => (market.clone(), 500u64..2_000).prop_map(|(market, factor)| Act::Oracle(market, factor)),
        1 => (500u64..2_000).prop_map(Act::SpotOracle),
        3 => user.clone().prop_map(Act::Liquidate),
        1 => (user.clone(), 0u16..2, 0..2_000 * dollar)
            .prop_map(|(user, spot, amount)| Act::Stake(user, spot, amount)),
        1 => (user, 0u16..2).prop_map(|(user, spot)| Act::Unstake(user, spot)),
        1 => (0u16..2).prop_map(Act::Revenue),
        1 => (market.clone(), 9_800u128..10_300).prop_map(|(market, factor)| Act::UpdateK(market, factor)),
        1 => (market, 950u128..1_050).prop_map(|(market, factor)| Act::Repeg(market, factor)),
    ]
}

struct Small {
    world: World,
    ledger: Watched,
    second: i64,
    /// What the oracles show: spot market 1, then the perpetual markets.
    prices: [u64; 3],
    accepted: usize,
    interest: InterestDust,
}

impl Small {
    fn open(curve_update_intensity: u8) -> Self {
        let mut ledger = Watched {
            ledger: MemoryLedger::default(),
            minted: 0,
        };
        let world = genesis(curve_update_intensity).open(&mut ledger).unwrap();
        let mut small = Self {
            world,
            ledger,
            second: 0,
            prices: [5_000_000, 20_000_000, 100_000_000],
            accepted: 0,
            interest: InterestDust::default(),
        };
        for user_index in 0..USERS {
            // The last one lends the second token, the others bring quote.
            for (spot_market_index, deposit_amount) in [(0, 50_000_000_000), (1, 2_000_000_000)] {
                small.event(
                    DepositCollateral {
                        user_index,
                        deposit_amount: if spot_market_index == 0 || user_index == 3 {
                            deposit_amount
                        } else {
                            0
                        },
                        spot_market_index,
                        mint_amount: 1_000_000_000,
                        username: String::new(),
                    }
                    .into(),
                );
            }
        }
        small
    }

    fn market(&self, index: u16) -> &PerpMarket {
        self.world.perp(&self.ledger, index).unwrap()
    }

    fn act(&mut self, act: &Act) {
        let username = String::new;
        let kind: Kind = match *act {
            Act::Wait(seconds) => {
                self.second += seconds;
                return;
            }
            Act::Open(user_index, market_index, long, quote_amount) => OpenPosition {
                user_index,
                direction: if long { Direction::Long } else { Direction::Short },
                quote_amount,
                market_index,
            }
            .into(),
            Act::Close(user_index, market_index) => ClosePosition {
                user_index,
                market_index,
            }
            .into(),
            Act::Add(user_index, market_index, token_amount) => AddLiquidity {
                market_index,
                user_index,
                token_amount,
            }
            .into(),
            Act::Remove(user_index, market_index, shares) => RemoveLiquidity {
                market_index,
                user_index,
                lp_token_amount: shares.map_or(Portion::All, Portion::Exactly),
            }
            .into(),
            Act::SettlePnl(user_index, market_index) => SettlePnl {
                user_index,
                market_index,
            }
            .into(),
            Act::SettleLp(user_index, market_index) => SettleLp {
                user_index,
                market_index,
            }
            .into(),
            Act::Deposit(user_index, spot_market_index, deposit_amount, reduce_only) => MidSimDeposit {
                user_index,
                deposit_amount,
                spot_market_index,
                mint_amount: 0,
                username: username(),
                reduce_only,
            }
            .into(),
            Act::Withdraw(user_index, spot_market_index, withdraw_amount) => WithdrawCollateral {
                user_index,
                spot_market_index,
                withdraw_amount,
                reduce_only: false,
                username: username(),
            }
            .into(),
            Act::Oracle(market_index, factor) => {
                let shown = &mut self.prices[1 + usize::from(market_index)];
                *shown = (*shown * factor / 1_000).max(1);
                PerpOraclePrice {
                    market_index,
                    price: OraclePrice::from_micros(*shown).unwrap(),
                    ..PerpOraclePrice::default()
                }
                .into()
            }
            Act::SpotOracle(factor) => {
                self.prices[0] = self.prices[0] * factor / 1_000;
                SpotOraclePrice {
                    market_index: 1,
                    price: OraclePrice::from_micros(self.prices[0]).unwrap(),
                    ..SpotOraclePrice::default()
                }
                .into()
            }
            Act::Liquidate(user_index) => Liquidate {
                user_index,
                target: None,
                max_quote: None,
                keep: None,
            }
            .into(),
            Act::Stake(user_index, market_index, amount) => {
                self.event(
                    InitIfStake {
                        user_index,
                        market_index,
                    }
                    .into(),
                );
                AddIfStake {
                    user_index,
                    market_index,
                    amount,
                }
                .into()
            }
            Act::Unstake(user_index, market_index) => RemoveIfStake {
                user_index,
                market_index,
                amount: Portion::All,
            }
            .into(),
            Act::Revenue(market_index) => SettleRevenue { market_index }.into(),
            Act::UpdateK(market_index, factor) => UpdateK {
                sqrt_k: { self.market(market_index).amm.sqrt_k } * factor / 10_000,
                market_index,
            }
            .into(),
            Act::Repeg(market_index, factor) => Repeg {
                peg: { self.market(market_index).amm.peg_multiplier } * factor / 1_000,
                market_index,
            }
            .into(),
        };
        self.event(kind);
    }

    fn event(&mut self, kind: Kind) {
        let event = Event::new(self.second, kind);
        self.interest.before(&self.world, &self.ledger);
        let executed = self.world.apply(&mut self.ledger, &event).unwrap();
        self.interest.after(&executed, &self.world, &self.ledger).unwrap();
        self.accepted += executed.iter().filter(|done| done.outcome.is_ok()).count();
    }

    /// Everything that must hold between events.
    fn check(&self) -> Result<(), TestCaseError> {
        let Self { world, ledger, .. } = self;
        let sums = Conservation::check(world, ledger, USERS, &self.interest).unwrap();
        prop_assert!(sums.holds(self.accepted as u64), "{sums:?}");
        let users: Vec<u32> = (0..USERS).collect();
        let broken = broken(world, ledger, &users).unwrap();
        let money: Vec<_> = broken
            .iter()
            .filter(|broken| !broken.invariant.is_count())
            .collect();
        prop_assert!(money.is_empty(), "{money:?}");

        let tokens = ledger.ledger.accounts().map(|(_, account)| match account {
            Account::Token(held) => u128::from(held.amount),
            _ => 0,
        });
        prop_assert_eq!(
            tokens.sum::<u128>(),
            ledger.minted,
            "tokens in vaults and wallets"
        );

        for index in 0..MARKETS {
            let amm = self.market(index).amm;
            let (base, quote, sqrt_k) = (amm.base_asset_reserve, amm.quote_asset_reserve, amm.sqrt_k);
            // Each reserve is rounded to a unit, so the root of their product is off by one at most where they are
            // of a size; a curve update rounds both.
            prop_assert!(
                (base * quote).isqrt().abs_diff(sqrt_k) <= 2,
                "{base} * {quote}, {sqrt_k}"
            );
            prop_assert!(base >= amm.min_base_asset_reserve && base <= amm.max_base_asset_reserve);
            let shares = (0..USERS).filter_map(|user| world.position(ledger, user, index));
            let shares: u128 = shares.map(|held| u128::from(held.lp_shares)).sum();
            prop_assert_eq!(shares, { amm.user_lp_shares });
            prop_assert!(shares <= sqrt_k);
        }
        Ok(())
    }

    /// What is left in the markets' pools once everybody has closed on the curve, less what the AMMs believe they
    /// have earned (1e6).
    fn unaccounted(&self) -> i128 {
        let quote = self.world.spot(&self.ledger, 0).unwrap();
        let pooled = |scaled| quote.tokens(scaled, SpotBalanceType::Deposit).unwrap() as i128;
        let mut unaccounted = 0;
        for index in 0..MARKETS {
            let market = self.market(index);
            let amm = &market.amm;
            let mut claims = 0;
            for user in 0..USERS {
                let Some(held) = self.world.position(&self.ledger, user, index) else {
                    continue;
                };
                let (_, pnl) = settled_with_pnl(held, market, 0).unwrap();
                assert_eq!({ amm.base_asset_amount_with_unsettled_lp }, 0, "no LPs here");
                claims += pnl;
            }
            let net = amm.base_asset_amount_with_amm;
            claims += net.signum() * amm.exit_value(net).unwrap() as i128;
            let pools = pooled(market.pnl_pool.scaled_balance) + pooled(amm.fee_pool.scaled_balance);
            unaccounted += pools - claims - amm.total_fee_minus_distributions;
        }
        unaccounted + pooled(quote.revenue_pool.scaled_balance)
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_sum_agrees_after_every_event(acts in proptest::collection::vec(act(), 1..60)) {
        let mut small = Small::open(100);
        small.check()?;
        for act in &acts {
            small.act(act);
            small.check()?;
        }
    }

    #[test]
    fn the_same_events_make_the_same_bytes(acts in proptest::collection::vec(act(), 1..40)) {
        let run = || {
            let mut small = Small::open(100);
            acts.iter().for_each(|act| small.act(act));
            (snapshot(&small.ledger.ledger), small.accepted)
        };
        prop_assert_eq!(run(), run());
    }
}

/// As many cases as take a second, or `PROPTEST_CASES`. What fails is shrunk and printed; nothing is kept in files.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig {
        cases: if asked { usual.cases } else { 48 },
        failure_persistence: None,
        ..usual
    }
}

fn trade() -> impl Strategy<Value = Act> {
    act().prop_filter("without LPs, liquidators and administrators", |act| {
        // A liquidation pays the insurance fund.
        !matches!(
            act,
            Act::Add(..) | Act::Liquidate(_) | Act::UpdateK(..) | Act::Repeg(..)
        )
    })
}

proptest! {
    #![proptest_config(config())]

    /// Traders' claims, if all of them closed on the curve, and what the AMM says it earned are what came in: nobody
    /// gains what nobody lost. The curve stays as it is: the program's own estimate of what a change of it costs is
    /// not exact.
    #[test]
    fn the_amms_earnings_are_what_traders_lost(acts in proptest::collection::vec(trade(), 1..60)) {
        let mut small = Small::open(0);
        for act in &acts {
            small.act(act);
            // Once somebody borrows, the pools earn interest too.
            if small.world.spot(&small.ledger, 0).unwrap().cumulative_deposit_interest > 10_000_000_000 {
                break;
            }
            // Each instruction rounds a handful of amounts by less than a unit.
            let (unaccounted, most) = (small.unaccounted(), 4 * small.accepted as u128);
            prop_assert!(unaccounted.unsigned_abs() <= most, "{unaccounted} after {act:?}");
        }
    }
}
