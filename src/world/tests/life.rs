//! Events of borrowing, liquidation, insurance, administration and expiry.

use super::*;
use crate::event::{
    AddIfStake, CloseExpiredMarket, ExpelLiquidity, ExpireMarket, FundFeePool, FundRevenuePool, InitIfStake,
    Liquidate, MarketKind, PerpOraclePrice, RemoveIfStake, ResolvePerpPnlDeficit, SettleExpiredMarket,
    SettleFundingPayment, SettleRevenue, UpdateExchange, UpdateFundingRate, UpdateGuardRails,
    UpdatePerpMarket, UpdateSpotMarket,
};
use drift::accounts::{ContractTier, MarketStatus, TokenAccount};
use drift::error::ErrorCode;

fn withdraw(user_index: u32, spot_market_index: u16, withdraw_amount: u64) -> WithdrawCollateral {
    WithdrawCollateral {
        user_index,
        spot_market_index,
        withdraw_amount,
        reduce_only: false,
        username: String::new(),
    }
}

fn liquidate(user_index: u32) -> Liquidate {
    Liquidate {
        user_index,
        target: None,
        max_quote: None,
        keep: None,
    }
}

fn price(dollars: f64) -> PerpOraclePrice {
    PerpOraclePrice {
        market_index: 0,
        price: OraclePrice::from_dollars(dollars).unwrap(),
        conf: OraclePrice::default(),
        ..PerpOraclePrice::default()
    }
}

impl Scene {
    /// Instructions of an event with what became of each.
    fn outcomes(&mut self, second: i64, kind: impl Into<Kind>) -> Vec<(&'static str, Result<(), ErrorCode>)> {
        let executed = self.apply(second, kind).unwrap();
        let outcome = |done: Executed| (done.call.instruction.name(), done.outcome);
        executed.into_iter().map(outcome).collect()
    }

    /// User 0 is short 600 dollars with 210 dollars to cover it, in a market whose price rises by three twentieths; user 2
    /// liquidates.
    fn short_at_the_brink() -> Self {
        let mut scene = Self::new();
        scene.happen(0, deposit(2, 0, 10_000 * DOLLAR));
        scene.happen(1, withdraw(0, 0, 790 * DOLLAR));
        scene.happen(
            2,
            OpenPosition {
                quote_amount: 600 * DOLLAR,
                ..open(0, 0)
            },
        );
        assert!(base(&scene, 0) < 0);
        scene.happen(3, price(23.0));
        scene
    }
}

#[test]
fn what_is_withdrawn_beyond_the_deposit_is_borrowed() {
    let mut scene = Scene::new();
    scene.happen(1, withdraw(0, 1, 100 * DOLLAR));
    let held = scene.world.user(&scene.ledger, 0).unwrap().spot(1).unwrap();
    assert_eq!(held.balance_type, SpotBalanceType::Borrow);
    assert_eq!(scene.wallet(0, 1), 100 * DOLLAR);
    let reducing = WithdrawCollateral {
        reduce_only: true,
        ..withdraw(0, 1, DOLLAR)
    };
    let refused = Err(ErrorCode::ReduceOnlyWithdrawIncreasedRisk);
    assert_eq!(scene.outcomes(2, reducing), [("withdraw", refused)]);
}

#[test]
fn a_stake_goes_into_the_fund_and_out_again() {
    let mut scene = Scene::new();
    let mut first = deposit(0, 0, 0);
    first.mint_amount = 50 * DOLLAR;
    scene.happen(1, first);
    let (user_index, market_index) = (0, 0);
    scene.happen(
        1,
        InitIfStake {
            user_index,
            market_index,
        },
    );
    scene.happen(
        2,
        AddIfStake {
            user_index,
            market_index,
            amount: 50 * DOLLAR,
        },
    );
    assert_eq!(scene.world.insured(&scene.ledger, 0), Some(50 * DOLLAR));
    let worth = |scene: &Scene| scene.world.insurance_stake_value(&scene.ledger, 0, 0);
    assert_eq!(worth(&scene), 50 * DOLLAR);
    let remove = |amount| RemoveIfStake {
        user_index,
        market_index,
        amount,
    };
    let calls = scene.happen(3, remove(Portion::Exactly(20 * DOLLAR)));
    // Interfaces call the spot market read only: it is named again, writable.
    for call in &calls {
        let own = call.instruction.roles().len();
        let market = AccountMeta::writable(scene.world.spots[0].market);
        assert_eq!(call.accounts[own..], [market]);
    }
    assert_eq!(
        names(&calls),
        [
            "request_remove_insurance_fund_stake",
            "remove_insurance_fund_stake"
        ]
    );
    assert_eq!(scene.wallet(0, 0), 20 * DOLLAR);
    scene.happen(4, remove(Portion::All));
    assert_eq!(worth(&scene), 0);
    // A stake of nothing is not asked for.
    assert_eq!(names(&scene.happen(5, remove(Portion::All))), [""; 0]);
}

#[test]
fn a_stake_that_has_grown_is_taken_out_whole() {
    let mut scene = Scene::new();
    let (user_index, market_index) = (0, 0);
    let mut first = deposit(user_index, market_index, 0);
    first.mint_amount = 50 * DOLLAR;
    scene.happen(1, first);
    scene.happen(
        1,
        UpdateSpotMarket {
            if_total_factor: Some(1_000_000),
            if_user_factor: Some(1_000_000),
            revenue_settle_period: Some(60),
            ..UpdateSpotMarket::default()
        },
    );
    scene.happen(
        2,
        InitIfStake {
            user_index,
            market_index,
        },
    );
    scene.happen(
        3,
        AddIfStake {
            user_index,
            market_index,
            amount: 50 * DOLLAR,
        },
    );
    scene.happen(
        4,
        FundRevenuePool {
            market_index,
            amount: 40 * DOLLAR,
        },
    );
    scene.happen(100, SettleRevenue { market_index });
    // He who owns all shares asks for all tokens, and not for one more.
    let worth = scene
        .world
        .insurance_stake_value(&scene.ledger, user_index, market_index);
    assert!(worth > 50 * DOLLAR);
    scene.happen(
        101,
        RemoveIfStake {
            user_index,
            market_index,
            amount: Portion::All,
        },
    );
    assert_eq!(
        scene
            .world
            .insurance_stake_value(&scene.ledger, user_index, market_index),
        0
    );
}

#[test]
fn a_stake_that_waits_is_asked_for_once() {
    let mut scene = Scene::new();
    let mut first = deposit(0, 0, 0);
    first.mint_amount = 50 * DOLLAR;
    scene.happen(1, first);
    let (user_index, market_index) = (0, 0);
    scene.happen(
        1,
        InitIfStake {
            user_index,
            market_index,
        },
    );
    let amount = 50 * DOLLAR;
    scene.happen(
        2,
        AddIfStake {
            user_index,
            market_index,
            amount,
        },
    );
    scene.happen(
        3,
        UpdateSpotMarket {
            unstaking_period: Some(600),
            ..UpdateSpotMarket::default()
        },
    );
    let remove = RemoveIfStake {
        user_index,
        market_index,
        amount: Portion::All,
    };
    let early = Err(ErrorCode::TryingToRemoveLiquidityTooFast);
    assert_eq!(
        scene.outcomes(4, remove.clone()),
        [
            ("request_remove_insurance_fund_stake", Ok(())),
            ("remove_insurance_fund_stake", early)
        ]
    );
    assert_eq!(names(&scene.happen(604, remove)), ["remove_insurance_fund_stake"]);
}

#[test]
fn a_request_that_the_fund_cannot_pay_any_more_is_made_anew() {
    let mut scene = Scene::new();
    let mut first = deposit(0, 0, 0);
    first.mint_amount = 50 * DOLLAR;
    scene.happen(1, first);
    let (user_index, market_index) = (0, 0);
    let open = InitIfStake {
        user_index,
        market_index,
    };
    scene.happen(1, open);
    let amount = 50 * DOLLAR;
    let add = AddIfStake {
        user_index,
        market_index,
        amount,
    };
    scene.happen(2, add);
    let period = UpdateSpotMarket {
        unstaking_period: Some(600),
        ..UpdateSpotMarket::default()
    };
    scene.happen(3, period);
    let remove = RemoveIfStake {
        user_index,
        market_index,
        amount: Portion::All,
    };
    let early = Err(ErrorCode::TryingToRemoveLiquidityTooFast);
    assert_eq!(scene.outcomes(4, remove.clone())[1].1, early);
    // A loss takes thirty of the fifty.
    let vault = scene.world.spots[0].insurance_vault;
    let Some(Account::Token(tokens)) = scene.ledger.at(&vault).cloned() else {
        panic!("the insurance fund has a vault")
    };
    let left = TokenAccount {
        amount: 20 * DOLLAR,
        ..*tokens
    };
    scene.ledger.put(&vault, Account::Token(Box::new(left)));
    assert_eq!(
        scene.outcomes(700, remove.clone()),
        [
            ("cancel_request_remove_insurance_fund_stake", Ok(())),
            ("request_remove_insurance_fund_stake", Ok(())),
            ("remove_insurance_fund_stake", early),
        ]
    );
    assert_eq!(
        scene.outcomes(1_400, remove),
        [("remove_insurance_fund_stake", Ok(()))]
    );
    // The last unit stays in the fund.
    assert_eq!(scene.wallet(0, 0), 20 * DOLLAR - 1);
}

#[test]
fn a_liquidator_takes_over_closes_and_reads_in_between() {
    let mut scene = Scene::short_at_the_brink();
    let done = scene.outcomes(4, liquidate(2));
    let accepted: Vec<_> = done.iter().filter(|(_, outcome)| outcome.is_ok()).collect();
    // What he takes he closes, which a list made beforehand could not know.
    assert_eq!(
        accepted.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        ["liquidate_perp", "place_and_take_perp_order"]
    );
    assert_eq!(base(&scene, 2), 0);
}

#[test]
fn a_liquidator_may_keep_what_he_takes_or_take_less() {
    let mut scene = Scene::short_at_the_brink();
    let before = base(&scene, 0);
    let some = Liquidate {
        target: Some(0),
        max_quote: Some(46 * DOLLAR),
        keep: Some(true),
        ..liquidate(2)
    };
    assert_eq!(scene.outcomes(4, some), [("liquidate_perp", Ok(()))]);
    // 46 dollars at 23 a unit.
    assert_eq!(base(&scene, 0) - before, 2_000_000_000);
    assert_eq!(base(&scene, 2), -2_000_000_000);
    // Nobody else is looked at, and he not at himself.
    let nobody = Liquidate {
        target: Some(2),
        ..liquidate(2)
    };
    let closed = [("place_and_take_perp_order", Ok(()))];
    assert_eq!(scene.outcomes(5, nobody), closed);
}

#[test]
fn a_liquidation_names_the_markets_of_both() {
    let mut scene = Scene::short_at_the_brink();
    scene.happen(4, open(2, 1));
    let executed = scene
        .apply(
            5,
            Liquidate {
                keep: Some(true),
                target: Some(0),
                ..liquidate(2)
            },
        )
        .unwrap();
    let call = &executed[0].call;
    let own = call.instruction.roles().len();
    let (perps, spots) = (&scene.world.perps, &scene.world.spots);
    let expected = [
        AccountMeta::readonly(perps[0].feed.address),
        AccountMeta::readonly(perps[1].feed.address),
        AccountMeta::readonly(spots[0].market),
        AccountMeta::writable(perps[0].market),
        AccountMeta::readonly(perps[1].market),
    ];
    assert_eq!(call.accounts[own..], expected);
}

#[test]
fn a_debt_is_liquidated_against_a_deposit() {
    let mut scene = Scene::new();
    scene.happen(0, deposit(2, 0, 10_000 * DOLLAR));
    scene.happen(0, deposit(2, 1, 10_000 * DOLLAR));
    scene.happen(1, withdraw(0, 1, 800 * DOLLAR));
    scene.happen(
        2,
        SpotOraclePrice {
            market_index: 1,
            price: OraclePrice::from_dollars(1.2).unwrap(),
            conf: OraclePrice::default(),
            ..SpotOraclePrice::default()
        },
    );
    assert_eq!(scene.outcomes(3, liquidate(2)), [("liquidate_spot", Ok(()))]);
}

#[test]
fn the_administrator_changes_what_is_given_and_nothing_else() {
    let mut scene = Scene::new();
    let before = *scene.world.perp(&scene.ledger, 1).unwrap();
    let calls = scene.happen(
        1,
        UpdatePerpMarket {
            market_index: 1,
            base_spread: Some(500),
            margin_ratio_maintenance: Some(700),
            contract_tier: Some(ContractTier::B),
            status: Some(MarketStatus::ReduceOnly),
            ..UpdatePerpMarket::default()
        },
    );
    assert_eq!(
        names(&calls),
        [
            "update_perp_market_contract_tier",
            "update_perp_market_base_spread",
            "update_perp_market_margin_ratio",
            "update_perp_market_status"
        ]
    );
    let after = scene.world.perp(&scene.ledger, 1).unwrap();
    assert_eq!(after.amm.base_spread, 500);
    assert_eq!(
        (after.margin_ratio_initial, after.margin_ratio_maintenance),
        (before.margin_ratio_initial, 700)
    );
    assert_eq!(
        (after.contract_tier, after.status),
        (ContractTier::B, MarketStatus::ReduceOnly)
    );

    let calls = scene.happen(
        2,
        UpdateSpotMarket {
            market_index: 1,
            max_borrow_rate: Some(900_000),
            if_total_factor: Some(100_000),
            ..UpdateSpotMarket::default()
        },
    );
    assert_eq!(
        names(&calls),
        ["update_spot_market_borrow_rate", "update_spot_market_if_factor"]
    );
    let market = scene.world.spot(&scene.ledger, 1).unwrap();
    assert_eq!(
        (market.max_borrow_rate, market.optimal_utilization),
        (900_000, 5_000)
    );

    scene.happen(
        3,
        UpdateGuardRails {
            stale_for_margin_slots: Some(77),
            ..UpdateGuardRails::default()
        },
    );
    let rails = scene.world.state(&scene.ledger).unwrap().oracle_guard_rails;
    let validity = rails.validity;
    assert_eq!(
        (
            validity.slots_before_stale_for_margin,
            validity.slots_before_stale_for_amm
        ),
        (77, 10)
    );
    let calls = scene.happen(
        4,
        UpdateExchange {
            settlement_duration: Some(1),
            lp_cooldown_seconds: Some(60),
            ..UpdateExchange::default()
        },
    );
    assert_eq!(
        names(&calls),
        ["update_state_settlement_duration", "update_lp_cooldown_time"]
    );
    assert_eq!(names(&scene.happen(5, UpdatePerpMarket::default())), [""; 0]);
}

#[test]
fn a_market_expires_settles_and_is_closed() {
    let mut scene = Scene::new();
    let add = AddLiquidity {
        market_index: 0,
        user_index: 1,
        token_amount: 100_000_000_000,
    };
    scene.happen(1, add);
    let expel = ExpelLiquidity {
        user_index: 1,
        market_index: 0,
    };
    let refused = Err(ErrorCode::PerpMarketNotInReduceOnly);
    assert_eq!(
        scene.outcomes(2, expel.clone()),
        [("remove_perp_lp_shares_in_expiring_market", refused)]
    );
    scene.happen(
        3,
        UpdateExchange {
            settlement_duration: Some(1),
            ..UpdateExchange::default()
        },
    );
    let expire = |market_type, seconds| ExpireMarket {
        market_index: 0,
        market_type,
        seconds,
    };
    let past = [("update_perp_market_expiry", Err(ErrorCode::DefaultError))];
    assert_eq!(scene.outcomes(4, expire(MarketKind::Perp, 0)), past);
    scene.happen(4, expire(MarketKind::Perp, 5));
    scene.happen(4, expire(MarketKind::Spot, 5));
    scene.happen(5, expel);
    let settle = SettleExpiredMarket { market_index: 0 };
    let early = Err(ErrorCode::MarketSettlementAttemptTooEarly);
    assert_eq!(
        scene.outcomes(6, settle.clone()),
        [("settle_expired_market", early)]
    );
    scene.happen(9, settle);
    scene.happen(11, CloseExpiredMarket { market_index: 0 });
    let status = scene.world.perp(&scene.ledger, 0).unwrap().status;
    assert_eq!(status, MarketStatus::Delisted);
}

#[test]
fn pools_are_funded_from_the_treasury_and_revenue_reaches_the_fund() {
    let mut scene = Scene::new();
    let amount = 40 * DOLLAR;
    scene.happen(
        1,
        FundFeePool {
            market_index: 0,
            amount,
        },
    );
    scene.happen(
        1,
        FundRevenuePool {
            market_index: 0,
            amount,
        },
    );
    scene.happen(
        1,
        UpdateSpotMarket {
            if_total_factor: Some(1_000_000),
            if_user_factor: Some(1_000_000),
            revenue_settle_period: Some(60),
            ..UpdateSpotMarket::default()
        },
    );
    let calls = scene.happen(100, SettleRevenue { market_index: 0 });
    assert_eq!(names(&calls), ["settle_revenue_to_insurance_fund"]);
    assert!(scene.world.insured(&scene.ledger, 0) > Some(0));
}

#[test]
fn keepers_send_the_instructions_of_that_name() {
    let mut scene = Scene::new();
    scene.happen(1, open(1, 0));
    let calls = scene.happen(7_200, UpdateFundingRate { market_index: 0 });
    assert_eq!(names(&calls), ["update_funding_rate"]);
    let calls = scene.happen(7_201, SettleFundingPayment { user_index: 1 });
    assert_eq!(names(&calls), ["settle_funding_payment"]);
    let refused = Err(ErrorCode::NoAmmPerpPnlDeficit);
    assert_eq!(
        scene.outcomes(7_202, ResolvePerpPnlDeficit { market_index: 0 }),
        [("resolve_perp_pnl_deficit", refused)]
    );
}

#[test]
fn a_fund_may_be_there_from_the_start() {
    let mut genesis = genesis();
    genesis.quote.insurance_fund = 5_000 * DOLLAR;
    genesis.quote.revenue_settle_period = 3_600;
    genesis.quote.if_total_factor = 300_000;
    genesis.quote.if_user_factor = Some(100_000);
    let mut ledger = MemoryLedger::default();
    let world = genesis.open(&mut ledger).unwrap();
    assert_eq!(world.insured(&ledger, 0), Some(5_000 * DOLLAR));
    let fund = world.spot(&ledger, 0).unwrap().insurance_fund;
    assert_eq!(
        (fund.revenue_settle_period, fund.total_factor, fund.user_factor),
        (3_600, 300_000, 100_000)
    );
}
