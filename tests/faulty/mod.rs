//! A side that goes wrong on purpose, and what it does with a few events.

use drift::accounts::{Account, Pubkey};
use drift::clock::Clock;
use drift::engine::Switches;
use drift::error::ErrorCode;
use drift::instruction::{Call, Instruction};
use drift::key::pda;
use drift::ledger::{Ledger, MemoryLedger};
use harness::divergence::{History, Names, Observed, RecordingLedger, Step};
use harness::event::{
    AddLiquidity, ClosePosition, DepositCollateral, Direction, Event, OpenPosition, OraclePrice,
    PerpOraclePrice, SettlePnl,
};
use harness::experiment::{MarketInit, SpotRules};
use harness::world::{Exchange, Genesis, Role};

pub const DOLLAR: u64 = 1_000_000;
/// The event in which most faults are planted: the second trade.
pub const PLANTED: usize = 5;

/// What goes wrong on one side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Nothing.
    None,
    /// The market counts one unit of fee too much, in one trade.
    FeeOnce,
    /// The same in every trade from then on.
    FeeAlways,
    /// A trader's quote amount is rounded the other way, in one trade.
    Rounding,
    /// The clock is a second late from then on.
    Clock,
    /// The oracle is not refreshed from then on.
    StaleOracle,
    /// The instruction is not executed.
    Dropped,
    /// The time of the last trade is never written.
    NeverWritten,
    /// The instruction is refused for want of collateral.
    Refused,
    /// The instruction is refused for breaching a price band.
    PriceBand,
}

/// A side with a fault in it.
struct Faulty<L> {
    ledger: L,
    fault: Fault,
    event: usize,
    planted: bool,
}

impl<L: Ledger> Faulty<L> {
    /// Alters the account at `key`.
    fn alter(&mut self, key: Pubkey, change: impl FnOnce(&mut Account)) {
        let mut account = self.ledger.account(&key).cloned().unwrap();
        change(&mut account);
        self.ledger.set_account(key, account);
    }

    fn after_trade(&mut self, market: Pubkey, user: Pubkey, last_trade: i64) {
        let once = !std::mem::replace(&mut self.planted, true);
        match self.fault {
            Fault::FeeOnce | Fault::FeeAlways if once || self.fault == Fault::FeeAlways => {
                self.alter(market, |account| match account {
                    Account::PerpMarket(market) => market.amm.total_fee += 1,
                    other => panic!("{other:?}"),
                });
            }
            Fault::Rounding if once => self.alter(user, |account| match account {
                Account::User(user) => user.perp_positions[0].quote_asset_amount += 1,
                other => panic!("{other:?}"),
            }),
            Fault::NeverWritten => self.alter(market, |account| match account {
                Account::PerpMarket(market) => market.amm.last_trade_ts = last_trade,
                other => panic!("{other:?}"),
            }),
            _ => {}
        }
    }
}

impl<L: Ledger> Ledger for Faulty<L> {
    drift::forward! { self => self.ledger; clock, account, open_wallet }

    fn set_clock(&mut self, mut clock: Clock) {
        if self.fault == Fault::Clock && self.event >= PLANTED {
            clock.unix_timestamp += 1;
        }
        self.ledger.set_clock(clock);
    }

    fn set_account(&mut self, key: Pubkey, account: Account) {
        let stale = self.fault == Fault::StaleOracle && self.event >= PLANTED;
        if !(stale && key == Role::PerpOracle(0).address()) {
            self.ledger.set_account(key, account);
        }
    }

    fn execute(&mut self, call: &Call) -> Result<(), ErrorCode> {
        let planted = self.event == PLANTED;
        let market = pda::perp_market(0);
        let last_trade = match self.ledger.account(&market) {
            Some(Account::PerpMarket(market)) => market.amm.last_trade_ts,
            _ => 0,
        };
        match self.fault {
            Fault::Refused if planted => return Err(ErrorCode::InsufficientCollateral),
            Fault::PriceBand if planted => return Err(ErrorCode::PriceBandsBreached),
            _ => self.ledger.execute(call)?,
        }
        let trade = matches!(call.instruction, Instruction::PlaceAndTakePerpOrder(_));
        if trade && (self.event >= PLANTED || self.fault == Fault::NeverWritten) {
            let user = call.accounts[1].key;
            self.after_trade(market, user, last_trade);
        }
        Ok(())
    }
}

impl<L: Observed> Observed for Faulty<L> {}

fn genesis() -> Genesis {
    Genesis {
        exchange: Exchange::default(),
        quote: SpotRules::quote(),
        spots: Vec::new(),
        perps: vec![MarketInit::new(0, 1_000_000_000_000, 20_000_000).unwrap()],
    }
}

/// Three users: one provides liquidity, two trade; the price moves in between.
pub fn events() -> Vec<Event> {
    let deposit = |user_index: u32| DepositCollateral {
        user_index,
        deposit_amount: 10_000 * DOLLAR,
        spot_market_index: 0,
        mint_amount: 0,
        username: format!("user{user_index}"),
    };
    let open = |user_index, direction| OpenPosition {
        user_index,
        direction,
        quote_amount: 500 * DOLLAR,
        market_index: 0,
    };
    let price = |micros| PerpOraclePrice {
        market_index: 0,
        price: OraclePrice::from_micros(micros).unwrap(),
        conf: OraclePrice::default(),
        ..PerpOraclePrice::default()
    };
    vec![
        Event::new(0, deposit(0)),
        Event::new(0, deposit(1)),
        Event::new(0, deposit(2)),
        Event::new(
            30,
            AddLiquidity {
                user_index: 0,
                token_amount: 100_000_000_000,
                market_index: 0,
            },
        ),
        Event::new(60, open(1, Direction::Long)),
        Event::new(120, open(2, Direction::Short)),
        Event::new(180, price(20_100_000)),
        Event::new(240, open(1, Direction::Long)),
        Event::new(300, open(2, Direction::Long)),
        Event::new(
            360,
            ClosePosition {
                user_index: 1,
                market_index: 0,
            },
        ),
        Event::new(
            420,
            SettlePnl {
                user_index: 1,
                market_index: 0,
            },
        ),
    ]
}

/// What the engine does with a fault in it.
pub fn history(fault: Fault, switches: Switches) -> History {
    history_on(MemoryLedger::new(switches), fault)
}

pub fn history_on(ledger: impl Observed, fault: Fault) -> History {
    let mut ledger = Faulty {
        ledger,
        fault,
        event: 0,
        planted: false,
    };
    let genesis = genesis();
    let mut names = Names::new(1, 1);
    let mut opening = RecordingLedger::new(&mut ledger, &mut names, None, Step::OPENING);
    let mut world = genesis.open(&mut opening).unwrap();
    let mut steps = opening.finish();
    for (place, event) in events().iter().enumerate() {
        ledger.event = place;
        names.extend(event.kind.user());
        let mut recording_ledger =
            RecordingLedger::new(&mut ledger, &mut names, Some(place), event.kind.name());
        world.apply(&mut recording_ledger, event).unwrap();
        let dropped = fault == Fault::Dropped && place == PLANTED;
        let done = recording_ledger.finish();
        steps.extend(
            done.into_iter()
                .filter(|step| !dropped || step.instruction == Step::OUTSIDE),
        );
    }
    History {
        who: "one".to_owned(),
        steps,
    }
}

pub fn sound() -> History {
    history(Fault::None, Switches::default())
}
