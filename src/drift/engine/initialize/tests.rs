use crate::accounts::*;
use crate::clock::Clock;
use crate::error::{ErrorCode, Result};
use crate::instruction::*;
use crate::key::{
    RENT_SYSVAR as rent, SYSTEM_PROGRAM as system_program, TOKEN_PROGRAM as token_program, pda,
};
use crate::ledger::{Ledger, MemoryLedger};

pub(in crate::engine) const ADMIN: Pubkey = Pubkey([1; 32]);
const MINT: Pubkey = Pubkey([2; 32]);
const FEED: Pubkey = Pubkey([3; 32]);
const ALICE: Pubkey = Pubkey([4; 32]);
const BOB: Pubkey = Pubkey([5; 32]);
const UNIT: u128 = 1_000_000_000;

/// An exchange at slot 100 and second 1,000 with a feed at 25 dollars of slot 90.
pub(in crate::engine) struct World(pub(in crate::engine) MemoryLedger);

impl World {
    fn empty() -> Self {
        let mut ledger = MemoryLedger::default();
        ledger.set_clock(Clock {
            slot: 100,
            unix_timestamp: 1_000,
        });
        let mint = Mint {
            decimals: 6,
            is_initialized: true.into(),
            ..Mint::default()
        };
        ledger.set_account(MINT, Account::Mint(Box::new(mint)));
        let feed = PriceFeed::new(250_000_000, 100_000, -7, 90);
        ledger.set_account(FEED, Account::Oracle(Box::new(feed), Box::default()));
        Self(ledger)
    }

    pub(in crate::engine) fn open() -> Self {
        let mut world = Self::empty();
        world.0.execute(&initialize()).unwrap();
        world
    }

    pub(in crate::engine) fn with_perp_market() -> Self {
        let mut world = Self::open();
        world.0.execute(&perp_market(|_| ())).unwrap();
        world
    }

    fn with_users() -> Self {
        let mut world = Self::open();
        for authority in [ALICE, BOB] {
            world.0.execute(&user_stats(authority)).unwrap();
        }
        world.0.execute(&user(ALICE, 0, &[])).unwrap();
        world
    }

    pub(in crate::engine) fn get<T: Stored + Clone>(&self, key: Pubkey) -> T {
        *T::peek(self.0.account(&key).unwrap()).unwrap()
    }

    pub(in crate::engine) fn edit<T: Stored + Clone>(&mut self, key: Pubkey, change: impl FnOnce(&mut T)) {
        let mut value = self.get::<T>(key);
        change(&mut value);
        self.0.set_account(key, T::wrap(Box::new(value)));
    }

    /// Executes `call`, which must fail and change nothing.
    fn refusal(&mut self, call: &Call) -> ErrorCode {
        let before: Vec<Option<Account>> = call
            .accounts
            .iter()
            .map(|meta| self.0.account(&meta.key).cloned())
            .collect();
        let code = self.0.execute(call).unwrap_err();
        let after: Vec<Option<Account>> = call
            .accounts
            .iter()
            .map(|meta| self.0.account(&meta.key).cloned())
            .collect();
        assert_eq!(before, after);
        code
    }
}

fn initialize() -> Call {
    let drift_signer = pda::signer().0;
    let (state, admin, quote_asset_mint) = (pda::state(), ADMIN, MINT);
    let accounts = InitializeAccounts {
        admin,
        state,
        quote_asset_mint,
        drift_signer,
        rent,
        system_program,
        token_program,
    };
    Initialize {}.call(accounts, [])
}

fn spot_market(index: u16, change: impl FnOnce(&mut InitializeSpotMarket)) -> Call {
    let quote = index == 0;
    let mut arguments = InitializeSpotMarket {
        optimal_utilization: 800_000,
        optimal_borrow_rate: 100_000,
        max_borrow_rate: 1_000_000,
        oracle_source: if quote {
            OracleSource::QuoteAsset
        } else {
            OracleSource::Pyth
        },
        initial_asset_weight: if quote { 10_000 } else { 8_000 },
        maintenance_asset_weight: if quote { 10_000 } else { 9_000 },
        initial_liability_weight: if quote { 10_000 } else { 12_000 },
        maintenance_liability_weight: if quote { 10_000 } else { 11_000 },
        imf_factor: 0,
        liquidator_fee: 0,
        if_liquidation_fee: 0,
        active_status: true,
        asset_tier: AssetTier::Collateral,
        scale_initial_asset_weight_start: 0,
        withdraw_guard_threshold: 0,
        order_tick_size: 1,
        order_step_size: 7,
        if_total_factor: 5,
        name: [0; 32],
    };
    change(&mut arguments);
    let accounts = InitializeSpotMarketAccounts {
        spot_market: pda::spot_market(index),
        spot_market_mint: MINT,
        spot_market_vault: pda::spot_vault(index),
        insurance_fund_vault: pda::insurance_vault(index),
        drift_signer: pda::signer().0,
        state: pda::state(),
        oracle: if quote { Pubkey::default() } else { FEED },
        admin: ADMIN,
        rent,
        system_program,
        token_program,
    };
    arguments.call(accounts, [])
}

fn perp_market(change: impl FnOnce(&mut InitializePerpMarket)) -> Call {
    let mut arguments = InitializePerpMarket {
        market_index: 0,
        amm_base_asset_reserve: 1_000 * UNIT,
        amm_quote_asset_reserve: 1_000 * UNIT,
        amm_periodicity: 3_600,
        amm_peg_multiplier: 25_000_000,
        oracle_source: OracleSource::Pyth,
        contract_tier: ContractTier::C,
        margin_ratio_initial: 1_000,
        margin_ratio_maintenance: 500,
        liquidator_fee: 10_000,
        if_liquidation_fee: 0,
        imf_factor: 0,
        active_status: true,
        base_spread: 1_000,
        max_spread: 50_000,
        max_open_interest: 0,
        max_revenue_withdraw_per_period: 0,
        quote_max_insurance: 0,
        order_step_size: 1_000,
        order_tick_size: 1,
        min_order_size: 1_000,
        concentration_coef_scale: 2,
        curve_update_intensity: 100,
        amm_jit_intensity: 0,
        name: [0; 32],
    };
    change(&mut arguments);
    let perp_market = pda::perp_market(0);
    let (admin, state, oracle) = (ADMIN, pda::state(), FEED);
    arguments.call(
        InitializePerpMarketAccounts {
            admin,
            state,
            perp_market,
            oracle,
            rent,
            system_program,
        },
        [],
    )
}

fn user_stats(authority: Pubkey) -> Call {
    let (user_stats, state, payer) = (pda::user_stats(&authority), pda::state(), authority);
    InitializeUserStats {}.call(
        InitializeUserStatsAccounts {
            user_stats,
            state,
            authority,
            payer,
            rent,
            system_program,
        },
        [],
    )
}

fn user(authority: Pubkey, number: u16, remaining: &[AccountMeta]) -> Call {
    let accounts = InitializeUserAccounts {
        user: pda::user(&authority, number),
        user_stats: pda::user_stats(&authority),
        state: pda::state(),
        authority,
        payer: authority,
        rent,
        system_program,
    };
    InitializeUser {
        sub_account_id: number,
        name: [9; 32],
    }
    .call(accounts, remaining.iter().copied())
}

/// A user's account and its authority's statistics, as a referral names them.
fn referral(authority: Pubkey, number: u16) -> [AccountMeta; 2] {
    [pda::user(&authority, number), pda::user_stats(&authority)].map(AccountMeta::writable)
}

#[test]
fn an_exchange_opens_once_at_its_address() -> Result {
    let mut world = World::empty();
    let mut unsigned = initialize();
    unsigned.accounts[0].signer = false;
    assert_eq!(world.refusal(&unsigned), ErrorCode::AccountNotSigner);
    let mut elsewhere = initialize();
    elsewhere.accounts[1].key = BOB;
    assert_eq!(world.refusal(&elsewhere), ErrorCode::ConstraintSeeds);
    let mut wrong_program = elsewhere.clone();
    wrong_program.accounts[5].key = BOB;
    assert_eq!(
        world.refusal(&wrong_program),
        ErrorCode::InvalidProgramId,
        "types stand before addresses"
    );
    world.0.execute(&initialize())?;
    let state = world.get::<State>(pda::state());
    assert_eq!(
        (state.admin, state.signer, { state.number_of_markets }),
        (ADMIN, pda::signer().0, 0)
    );
    assert_eq!({ state.liquidation_margin_buffer_ratio }, 200);
    assert_eq!(world.refusal(&initialize()), ErrorCode::AccountAlreadyInUse);
    Ok(())
}

#[test]
fn the_first_spot_market_is_the_quote_assets() -> Result {
    let invalid = ErrorCode::InvalidSpotMarketInitialization;
    let mut world = World::open();
    assert_eq!(
        world.refusal(&spot_market(0, |with| with.oracle_source = OracleSource::Pyth)),
        invalid
    );
    assert_eq!(
        world.refusal(&spot_market(0, |with| with.initial_asset_weight = 9_999)),
        invalid
    );
    assert_eq!(
        world.refusal(&spot_market(1, |_| ())),
        ErrorCode::ConstraintSeeds,
        "its turn has not come"
    );
    let mut stranger = spot_market(0, |_| ());
    stranger.accounts[7] = AccountMeta::new(BOB, true, true);
    assert_eq!(world.refusal(&stranger), ErrorCode::ConstraintHasOne);
    stranger.accounts[4].key = BOB;
    assert_eq!(
        world.refusal(&stranger),
        ErrorCode::ConstraintRaw,
        "the vaults' authority comes first"
    );
    world.0.execute(&spot_market(0, |_| ()))?;
    let market = world.get::<SpotMarket>(pda::spot_market(0));
    let history = market.historical_oracle_data;
    assert_eq!(
        ({ history.last_oracle_price }, { history.last_oracle_conf }),
        (1_000_000, 0)
    );
    assert_eq!(
        ({ market.insurance_fund.total_factor }, {
            market.insurance_fund.user_factor
        }),
        (5, 2)
    );
    let vault = world.get::<TokenAccount>(market.vault);
    assert_eq!(
        (vault.mint, vault.owner, { vault.amount }),
        (MINT, pda::signer().0, 0)
    );
    Ok(())
}

#[test]
fn other_spot_markets_start_at_their_oracles_price() -> Result {
    let mut world = World::open();
    world.0.execute(&spot_market(0, |_| ()))?;
    assert_eq!(
        world.refusal(&spot_market(1, |with| with.oracle_source = OracleSource::QuoteAsset)),
        ErrorCode::InvalidSpotMarketInitialization
    );
    world.0.execute(&spot_market(1, |_| ()))?;
    let market = world.get::<SpotMarket>(pda::spot_market(1));
    let (oracle, index) = (market.historical_oracle_data, market.historical_index_data);
    assert_eq!(
        ({ oracle.last_oracle_price_twap }, { oracle.last_oracle_conf }),
        (25_000_000, 10_000)
    );
    // Second 1,000 less slot 90: the program takes seconds for slots here.
    assert_eq!(
        ({ oracle.last_oracle_delay }, { index.last_index_ask_price }),
        (910, 25_000_000)
    );
    assert!(market.orders_enabled.is_set());
    assert_eq!({ world.get::<State>(pda::state()).number_of_spot_markets }, 2);
    Ok(())
}

#[test]
fn a_perp_market_starts_balanced_at_its_peg() -> Result {
    let world = World::with_perp_market();
    let amm = world.get::<PerpMarket>(pda::perp_market(0)).amm;
    assert_eq!(
        ({ amm.last_mark_price_twap }, {
            amm.historical_oracle_data.last_oracle_delay
        }),
        (25_000_000, 10)
    );
    // Half of the widest excess of 414,200.
    assert_eq!({ amm.concentration_coef }, 1_207_100);
    assert_eq!({ amm.max_base_asset_reserve }, 1_207_100_000_000);
    assert_eq!(
        { amm.min_base_asset_reserve },
        1_000 * UNIT * 1_000_000 / 1_207_100
    );
    // An AMM that has earned nothing yet asks for ten times its base spread.
    assert_eq!(amm.long_spread + amm.short_spread, 10_000);
    Ok(())
}

#[test]
fn a_perp_market_that_makes_no_sense_is_refused() {
    let mut world = World::open();
    let mut code = |change: fn(&mut InitializePerpMarket)| world.refusal(&perp_market(change));
    assert_eq!(
        code(|with| with.amm_quote_asset_reserve += 1),
        ErrorCode::InvalidInitialPeg
    );
    assert_eq!(
        code(|with| with.curve_update_intensity = 201),
        ErrorCode::DefaultError
    );
    assert_eq!(
        code(|with| with.amm_peg_multiplier = 1 << 64),
        ErrorCode::BnConversionError
    );
    assert_eq!(
        code(|with| with.oracle_source = OracleSource::QuoteAsset),
        ErrorCode::InvalidOracle
    );
    assert_eq!(
        code(|with| with.oracle_source = OracleSource::Switchboard),
        ErrorCode::NotModelled
    );
    assert_eq!(
        code(|with| with.max_spread = 100_000),
        ErrorCode::InvalidMarginRatio
    );
    assert_eq!(
        code(|with| with.market_index = 1),
        ErrorCode::MarketIndexAlreadyInitialized
    );
    assert_eq!(
        code(|with| with.concentration_coef_scale = 0),
        ErrorCode::InvalidConcentrationCoef
    );
    assert_eq!(
        code(|with| with.concentration_coef_scale = 414_201),
        ErrorCode::InvalidConcentrationCoef
    );
    let jump = PriceFeed {
        twap: 25_000_000,
        ..PriceFeed::new(250_000_000, 0, -7, 90)
    };
    world
        .0
        .set_account(FEED, Account::Oracle(Box::new(jump), Box::default()));
    assert_eq!(
        world.refusal(&perp_market(|_| ())),
        ErrorCode::ProgramFailedToComplete
    );
}

#[test]
fn the_first_sub_account_may_name_a_referrer() -> Result {
    let mut world = World::with_users();
    world.0.execute(&user(BOB, 0, &referral(ALICE, 0)))?;
    let stats = world.get::<UserStats>(pda::user_stats(&BOB));
    assert_eq!((stats.referrer, { stats.number_of_sub_accounts }), (ALICE, 1));
    assert!(
        world
            .get::<UserStats>(pda::user_stats(&ALICE))
            .is_referrer
            .is_set()
    );
    let bob = world.get::<User>(pda::user(&BOB, 0));
    assert_eq!(
        (bob.authority, { bob.next_order_id }, bob.name),
        (BOB, 1, [9; 32])
    );
    assert_eq!({ world.get::<State>(pda::state()).number_of_sub_accounts }, 2);
    Ok(())
}

#[test]
fn a_referral_must_be_whole_and_of_a_first_sub_account() -> Result {
    let mut world = World::with_users();
    world.0.execute(&user(ALICE, 1, &[]))?;
    let [alice, alice_stats] = referral(ALICE, 0);
    let own_stats = referral(BOB, 0)[1];
    assert_eq!(
        world.refusal(&user(BOB, 0, &referral(ALICE, 1))),
        ErrorCode::InvalidReferrer
    );
    let readonly = AccountMeta::readonly(alice_stats.key);
    assert_eq!(
        world.refusal(&user(BOB, 0, &[alice, readonly])),
        ErrorCode::ReferrerMustBeWritable
    );
    assert_eq!(
        world.refusal(&user(BOB, 0, &[alice, own_stats])),
        ErrorCode::CouldNotDeserializeReferrerStats
    );
    assert_eq!(
        world.refusal(&user(BOB, 0, &referral(BOB, 0))),
        ErrorCode::CouldNotDeserializeReferrer
    );
    world.0.execute(&user(BOB, 0, &[alice]))?;
    assert_eq!(
        world.get::<UserStats>(pda::user_stats(&BOB)).referrer,
        Pubkey::default()
    );
    Ok(())
}

#[test]
fn sub_accounts_are_numbered_admitted_and_counted() {
    let mut world = World::with_users();
    assert_eq!(
        world.refusal(&user(ALICE, 0, &[])),
        ErrorCode::AccountAlreadyInUse
    );
    assert_eq!(
        world.refusal(&user(ALICE, 2, &[])),
        ErrorCode::InvalidUserSubAccountId
    );
    let mut others = user(BOB, 0, &[]);
    others.accounts[1].key = pda::user_stats(&ALICE);
    assert_eq!(world.refusal(&others), ErrorCode::ConstraintHasOne);

    world.edit::<State>(pda::state(), |state| state.whitelist_mint = MINT);
    assert_eq!(
        world.refusal(&user(BOB, 0, &[])),
        ErrorCode::InvalidWhitelistToken
    );
    let ticket = Pubkey([6; 32]);
    world
        .0
        .set_account(ticket, Account::Token(Box::new(TokenAccount::new(MINT, ALICE))));
    let ticket = [AccountMeta::readonly(ticket)];
    assert_eq!(
        world.refusal(&user(BOB, 0, &ticket)),
        ErrorCode::InvalidWhitelistToken
    );
    assert_eq!(world.0.execute(&user(ALICE, 1, &ticket)), Ok(()));

    world.edit::<State>(pda::state(), |state| state.max_number_of_sub_accounts = 2);
    assert_eq!(
        world.refusal(&user(ALICE, 2, &ticket)),
        ErrorCode::MaxNumberOfUsers
    );
    assert_eq!(world.refusal(&user_stats(ADMIN)), ErrorCode::MaxNumberOfUsers);
}
