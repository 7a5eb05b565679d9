//! What happens to an exchange from outside: time, prices, and an administrator who lets everything go on.

use super::action::Deed;
use super::dice::Dice;
use super::scene::Scene;
use crate::world::Role;
use drift::accounts::{Account, MarketStatus, PriceFeed, Pubkey};
use drift::clock::Clock;
use drift::instruction::{
    UpdateExchangeStatus, UpdateExchangeStatusAccounts, UpdatePerpMarketPausedOperations,
    UpdatePerpMarketPausedOperationsAccounts, UpdatePerpMarketStatus, UpdatePerpMarketStatusAccounts,
    UpdateSpotMarketPausedOperations, UpdateSpotMarketPausedOperationsAccounts, UpdateSpotMarketStatus,
    UpdateSpotMarketStatusAccounts,
};
use drift::key::pda;
use drift::ledger::Ledger;

/// The price feeds of all markets that have one.
fn feeds(scene: &Scene) -> impl Iterator<Item = Pubkey> + use<> {
    let spots = (1..scene.spots).map(|index| Role::SpotOracle(index).address());
    let perps = (0..scene.perps).map(|index| Role::PerpOracle(index).address());
    spots.chain(perps)
}

fn feed(ledger: &dyn Ledger, key: &Pubkey) -> Option<PriceFeed> {
    match ledger.account(key)? {
        Account::Oracle(feed, _) => Some(**feed),
        _ => None,
    }
}

fn shown(key: Pubkey, feed: PriceFeed) -> Deed {
    Deed::Set(key, Account::Oracle(Box::new(feed), Box::default()))
}

/// From no time to a month, after which most oracles publish again.
pub(super) fn pass_time(dice: &mut Dice, scene: &Scene, ledger: &dyn Ledger) -> Vec<Deed> {
    let seconds = dice.pick(&[0, 1, 5, 30, 61, 600, 3_601, 3_601, 86_401, 604_801, 2_592_001]);
    let now = ledger.clock();
    let clock = Clock {
        slot: now.slot + (seconds * 5 / 2) as u64,
        unix_timestamp: now.unix_timestamp + seconds,
    };
    let mut deeds = vec![Deed::Clock(clock)];
    let percent = if dice.happens(85) { 100 } else { 50 };
    for key in feeds(scene) {
        if let Some(old) = feed(ledger, &key).filter(|_| dice.happens(percent)) {
            deeds.push(shown(key, published(old, clock.slot)));
        }
    }
    deeds
}

fn published(feed: PriceFeed, slot: u64) -> PriceFeed {
    PriceFeed::new(feed.price, feed.confidence, feed.exponent, slot)
}

/// A step, a crash, a jump, a price of nothing, a wide confidence, an old price.
pub(super) fn move_oracle(dice: &mut Dice, scene: &Scene, ledger: &dyn Ledger) -> Vec<Deed> {
    let keys: Vec<Pubkey> = feeds(scene).collect();
    let key = dice.pick(&keys);
    let Some(old) = feed(ledger, &key) else {
        return Vec::new();
    };
    let thousandths = match dice.below(100) {
        0..40 => dice.between(980, 1_020),
        40..65 => dice.between(850, 1_150),
        65..80 => dice.between(400, 800),
        80..92 => dice.between(1_200, 2_500),
        92..96 => dice.between(10, 100),
        96..98 => 10_000,
        98 => 0,
        _ => -1_000,
    };
    let price = (i128::from(old.price) * thousandths / 1_000).clamp(-1_000_000, 10_i128.pow(13)) as i64;
    let price = if thousandths > 0 { price.max(100) } else { price };
    let spread = dice.pick(&[0, 0, 0, 0, 1, 30, 300]);
    let confidence = price.unsigned_abs() / 1_000 * spread;
    let slot = ledger.clock().slot;
    let age = dice.pick(&[0, 0, 0, 0, 0, 0, 11, 125, 2_000]);
    vec![shown(
        key,
        PriceFeed::new(price, confidence, old.exponent, slot.saturating_sub(age)),
    )]
}

/// Every oracle shows its price again, fresh and sure; one that shows none shows a dollar.
pub(super) fn publish_oracles(scene: &Scene, ledger: &dyn Ledger) -> Vec<Deed> {
    let slot = ledger.clock().slot;
    let fresh = feeds(scene).filter_map(|key| {
        let old = feed(ledger, &key)?;
        let price = if old.price > 0 { old.price } else { 10_000_000 };
        Some(shown(key, PriceFeed::new(price, 0, old.exponent, slot)))
    });
    fresh.collect()
}

/// The administrator lets everything go on that was paused.
pub(super) fn unpause(scene: &Scene) -> Vec<Deed> {
    let (admin, state) = (Role::Admin.address(), pda::state());
    let all = UpdateExchangeStatus { exchange_status: 0 };
    let mut calls = vec![all.call(UpdateExchangeStatusAccounts { admin, state }, [])];
    let status = MarketStatus::Active;
    for index in 0..scene.perps {
        let perp_market = pda::perp_market(index);
        let accounts = UpdatePerpMarketStatusAccounts {
            admin,
            state,
            perp_market,
        };
        calls.push(UpdatePerpMarketStatus { status }.call(accounts, []));
        let accounts = UpdatePerpMarketPausedOperationsAccounts {
            admin,
            state,
            perp_market,
        };
        calls.push(UpdatePerpMarketPausedOperations { paused_operations: 0 }.call(accounts, []));
    }
    for index in 0..scene.spots {
        let spot_market = pda::spot_market(index);
        let accounts = UpdateSpotMarketStatusAccounts {
            admin,
            state,
            spot_market,
        };
        calls.push(UpdateSpotMarketStatus { status }.call(accounts, []));
        let accounts = UpdateSpotMarketPausedOperationsAccounts {
            admin,
            state,
            spot_market,
        };
        calls.push(UpdateSpotMarketPausedOperations { paused_operations: 0 }.call(accounts, []));
    }
    calls.into_iter().map(Deed::Call).collect()
}
