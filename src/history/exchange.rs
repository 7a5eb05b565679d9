//! An exchange of one perpetual market that can be set to any recorded state: its market as recorded, a trader without a position, and a
//! provider who holds all shares of liquidity.

use super::HistoryError;
use super::recording::State;
use crate::event::{DepositCollateral, Event, Kind};
use crate::experiment::{MarketInit, SpotRules};
use crate::world::{Exchange as Settings, Genesis, Role, World, user_keys};
use drift::accounts::{
    Account, MarketType, OracleSource, OrderType, PerpMarket, PositionDirection, PriceFeed, Pubkey, Stored,
    User,
};
use drift::clock::Clock;
use drift::engine::Switches;
use drift::error::ErrorCode;
use drift::instruction::*;
use drift::key::pda;
use drift::ledger::{Ledger, MemoryLedger};
use drift::num::Narrow;
use std::collections::BTreeMap;

/// The market's number here, whatever it was where it was recorded.
const MARKET: u16 = 0;
const TRADER: u32 = 0;
const PROVIDER: u32 = 1;
/// What each of the two has: a thousand million dollars (1e6).
const COLLATERAL: u64 = 1_000_000_000_000_000;
/// Decimal places of the oracle: those of the program's prices.
const EXPONENT: i32 = -6;
/// Stands for no market in `update_amms`.
const NO_MARKET: u16 = 100;

/// Refused instructions: how often each was, by its name and the reason's.
pub type Refusals = BTreeMap<(&'static str, &'static str), u64>;

/// What the oracle shows. Price and confidence at 1e6, the delay in slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The price.
    pub price: i64,
    /// Half the width of its confidence interval.
    pub confidence: u64,
    /// Slots since it was published.
    pub delay: u64,
}

/// An exchange under the engine.
pub struct Exchange {
    ledger: MemoryLedger,
    /// Accounts as they were before any trade.
    fresh: Vec<(Pubkey, Account)>,
    /// The market as it was opened: its addresses and numbers.
    opened: PerpMarket,
    /// What was refused since the exchange was made.
    pub refusals: Refusals,
}

impl Exchange {
    /// An exchange with a trader and a provider, for a market as `state` has it.
    ///
    /// # Errors
    /// [`HistoryError::Setup`].
    pub fn new(state: &State) -> Result<Self, HistoryError> {
        let refused = |what: String, code| HistoryError::Setup {
            row: state.row,
            what,
            code,
        };
        let clock = state.clock();
        let settings = Settings {
            unix_start: clock.unix_timestamp,
            first_slot: clock.slot,
            ..Settings::default()
        };
        let market = MarketInit::new(MARKET, 1_000_000_000_000_000, 1_000_000);
        let genesis = Genesis {
            exchange: settings,
            quote: SpotRules::quote(),
            spots: Vec::new(),
            perps: market.into_iter().collect(),
        };
        let mut ledger = MemoryLedger::new(Switches::default());
        let mut world = genesis
            .open(&mut ledger)
            .map_err(|error| refused(error.instruction.to_owned(), error.code))?;
        for user_index in [TRADER, PROVIDER] {
            deposit(&mut world, &mut ledger, user_index).map_err(|(what, code)| refused(what, code))?;
        }
        let opened = world.perp(&ledger, MARKET).copied().unwrap_or_default();
        let mut fresh = Vec::new();
        for number in [TRADER, PROVIDER] {
            let keys = user_keys(number);
            for key in [keys.user, keys.stats] {
                fresh.extend(ledger.account(&key).map(|account| (key, account.clone())));
            }
        }
        Ok(Self {
            ledger,
            fresh,
            opened,
            refusals: Refusals::new(),
        })
    }

    /// Sets the market to a recorded state: the trader has no position, and the provider all shares, settled.
    ///
    /// # Errors
    /// [`HistoryError::Setup`].
    pub fn restart(&mut self, state: &State) -> Result<(), HistoryError> {
        let refused = |what: &str, code| HistoryError::Setup {
            row: state.row,
            what: what.to_owned(),
            code,
        };
        for (key, account) in &self.fresh {
            self.ledger.set_account(*key, account.clone());
        }
        let mut market = state.market;
        market.pubkey = self.opened.pubkey;
        market.name = self.opened.name;
        market.market_index = self.opened.market_index;
        market.quote_spot_market_index = self.opened.quote_spot_market_index;
        market.amm.oracle = self.opened.amm.oracle;
        market.amm.oracle_source = OracleSource::Pyth;
        // One trader stands for all of them, and what he adds to open interest is not what they added.
        market.amm.max_open_interest = 0;
        let shares: u64 = { market.amm.user_lp_shares }
            .to()
            .map_err(|code| refused("the number of LP shares", code))?;
        let key = user_keys(PROVIDER).user;
        let mut provider = self.user(PROVIDER).copied().unwrap_or_default();
        if shares > 0 {
            let position = &mut provider.perp_positions[0];
            position.market_index = MARKET;
            position.lp_shares = shares;
            position.per_lp_base = market.amm.per_lp_base;
            position
                .mark_lp_settled(&market.amm)
                .map_err(|code| refused("the providers' earnings per share", code))?;
        }
        self.ledger.set_account(key, User::wrap(Box::new(provider)));
        self.ledger
            .set_account(pda::perp_market(MARKET), PerpMarket::wrap(Box::new(market)));
        self.ledger.set_clock(state.clock());
        Ok(())
    }

    /// The market as it stands.
    pub fn market(&self) -> PerpMarket {
        let account = self.ledger.account(&pda::perp_market(MARKET));
        account.and_then(PerpMarket::peek).copied().unwrap_or_default()
    }

    /// Writes to the market directly, as an administrator's instruction would.
    pub fn set(&mut self, change: impl FnOnce(&mut PerpMarket)) {
        let mut market = self.market();
        change(&mut market);
        self.ledger
            .set_account(pda::perp_market(MARKET), PerpMarket::wrap(Box::new(market)));
    }

    /// Sets the clock and lets the oracle publish.
    pub fn at(&mut self, clock: Clock, shown: Shown) {
        self.ledger.set_clock(clock);
        let feed = PriceFeed::new(
            shown.price,
            shown.confidence,
            EXPONENT,
            clock.slot.saturating_sub(shown.delay),
        );
        let oracle = Role::PerpOracle(MARKET).address().into();
        self.ledger.publish(&oracle, &feed);
    }

    /// Trades `base` (1e9; below zero sells) at market.
    pub fn trade(&mut self, base: i64) -> Result<(), ErrorCode> {
        let keys = user_keys(TRADER);
        let accounts = PlaceAndTakePerpOrderAccounts {
            state: pda::state(),
            user: keys.user,
            user_stats: keys.stats,
            authority: keys.authority,
        };
        let direction = if base < 0 {
            PositionDirection::Short
        } else {
            PositionDirection::Long
        };
        let params = OrderParams {
            order_type: OrderType::Market,
            market_type: MarketType::Perp,
            direction,
            base_asset_amount: base.unsigned_abs(),
            market_index: MARKET,
            ..OrderParams::default()
        };
        let order = PlaceAndTakePerpOrder {
            params,
            maker_order_id: None,
        };
        let mut metas = vec![AccountMeta::readonly(Role::PerpOracle(MARKET).address())];
        metas.push(AccountMeta::readonly(pda::spot_market(0)));
        metas.push(AccountMeta::new(pda::perp_market(MARKET), false, true));
        self.execute(&order.call(accounts, metas))
    }

    /// Adds `shares` (1e9) of liquidity, or removes them where below zero.
    pub fn provide(&mut self, shares: i64) -> Result<(), ErrorCode> {
        let keys = user_keys(PROVIDER);
        let metas = [
            AccountMeta::readonly(Role::PerpOracle(MARKET).address()),
            AccountMeta::readonly(pda::spot_market(0)),
            AccountMeta::new(pda::perp_market(MARKET), false, true),
        ];
        let call = if shares > 0 {
            let accounts = AddPerpLpSharesAccounts {
                state: pda::state(),
                user: keys.user,
                authority: keys.authority,
            };
            let add = AddPerpLpShares {
                n_shares: shares.unsigned_abs(),
                market_index: MARKET,
            };
            add.call(accounts, metas)
        } else {
            let accounts = RemovePerpLpSharesAccounts {
                state: pda::state(),
                user: keys.user,
                authority: keys.authority,
            };
            let remove = RemovePerpLpShares {
                shares_to_burn: shares.unsigned_abs(),
                market_index: MARKET,
            };
            remove.call(accounts, metas)
        };
        self.execute(&call)
    }

    /// Sets the funding rate.
    pub fn fund(&mut self) -> Result<(), ErrorCode> {
        let accounts = UpdateFundingRateAccounts {
            state: pda::state(),
            perp_market: pda::perp_market(MARKET),
            oracle: Role::PerpOracle(MARKET).address(),
        };
        let update = UpdateFundingRate { market_index: MARKET };
        self.execute(&update.call(accounts, []))
    }

    /// Has the AMM take up its oracle's price.
    pub fn update(&mut self) -> Result<(), ErrorCode> {
        let accounts = UpdateAmmsAccounts {
            state: pda::state(),
            authority: user_keys(TRADER).authority,
        };
        let mut market_indexes = [NO_MARKET; 5];
        market_indexes[0] = MARKET;
        let metas = [
            AccountMeta::readonly(Role::PerpOracle(MARKET).address()),
            AccountMeta::new(pda::perp_market(MARKET), false, true),
        ];
        self.execute(&UpdateAmms { market_indexes }.call(accounts, metas))
    }

    fn execute(&mut self, call: &Call) -> Result<(), ErrorCode> {
        let outcome = self.ledger.execute(call);
        if let Err(code) = outcome {
            *self
                .refusals
                .entry((call.instruction.name(), code.name()))
                .or_default() += 1;
        }
        outcome
    }

    fn user(&self, number: u32) -> Option<&User> {
        User::peek(self.ledger.account(&user_keys(number).user)?)
    }
}

/// Opens user `user_index`, who deposits [`COLLATERAL`].
fn deposit(world: &mut World, ledger: &mut MemoryLedger, user_index: u32) -> Result<(), (String, ErrorCode)> {
    let deposit = DepositCollateral {
        user_index,
        deposit_amount: COLLATERAL,
        spot_market_index: 0,
        mint_amount: 0,
        username: "u".to_owned(),
    };
    let event = Event {
        timestamp: 0,
        kind: Kind::DepositCollateral(deposit),
    };
    // The quote market is there, so that nothing can be missing.
    let executed = world.apply(ledger, &event).unwrap_or_default();
    for done in executed {
        done.outcome
            .map_err(|code| (done.call.instruction.name().to_owned(), code))?;
    }
    Ok(())
}
