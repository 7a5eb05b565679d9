//! What happens to an exchange from outside: time, prices, and an administrator who lets everything go on.

use super::action::Deed;
use super::dice::Dice;
use super::focus::user;
use super::scene::Scene;
use crate::world::Role;
use drift::accounts::{Account, MarketStatus, PerpMarket, PriceFeed, Pubkey, Stored, User};
use drift::clock::Clock;
use drift::instruction::{
    RecenterPerpMarketAmm, RecenterPerpMarketAmmAccounts, UpdateExchangeStatus, UpdateExchangeStatusAccounts,
    UpdatePerpMarketPausedOperations, UpdatePerpMarketPausedOperationsAccounts, UpdatePerpMarketStatus,
    UpdatePerpMarketStatusAccounts, UpdateSpotMarketPausedOperations,
    UpdateSpotMarketPausedOperationsAccounts, UpdateSpotMarketStatus, UpdateSpotMarketStatusAccounts,
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

/// The prices of a user's positions move against him, and everything is published.
pub(super) fn squeeze(dice: &mut Dice, scene: &Scene, ledger: &dyn Ledger) -> Vec<Deed> {
    let strained = (0..scene.users).filter(|number| user(ledger, *number).is_some_and(is_strained));
    let strained: Vec<u32> = strained.collect();
    if strained.is_empty() {
        return Vec::new();
    }
    let Some(user) = user(ledger, dice.pick(&strained)) else {
        return Vec::new();
    };
    let perps = user.perp_positions.iter().filter(|held| held.is_open());
    let perps = perps.map(|held| {
        (
            Role::PerpOracle(held.market_index).address(),
            held.base_asset_amount > 0,
        )
    });
    let spots = user
        .spot_positions
        .iter()
        .filter(|held| held.scaled_balance > 0 && held.market_index > 0);
    let spots = spots.map(|held| (Role::SpotOracle(held.market_index).address(), !held.is_borrow()));
    let against: Vec<(Pubkey, bool)> = perps.chain(spots).collect();
    let percent = dice.pick(&[5, 10, 25, 25, 40, 90]);
    let mut deeds = publish_oracles(scene, ledger);
    for deed in &mut deeds {
        let Deed::Set(key, Account::Oracle(shown, _)) = deed else {
            continue;
        };
        let Some((_, falls)) = against.iter().find(|(oracle, _)| oracle == key) else {
            continue;
        };
        **shown = match falls {
            true => scaled(shown, 100 - percent, 100),
            false => scaled(shown, 100, 100 - percent),
        };
    }
    deeds
}

/// A feed that shows its price times a ratio, surely.
fn scaled(feed: &PriceFeed, times: i128, over: i128) -> PriceFeed {
    let price = (i128::from(feed.price) * times / over).clamp(100, 10_i128.pow(13)) as i64;
    PriceFeed::new(price, 0, feed.exponent, feed.publish_slot)
}

/// The feed at `key` shows its price times a ratio.
pub(super) fn repriced(ledger: &dyn Ledger, key: Pubkey, times: i128, over: i128) -> Option<Deed> {
    Some(shown(
        key,
        published(scaled(&feed(ledger, &key)?, times, over), ledger.clock().slot),
    ))
}

/// Whether prices can hurt.
fn is_strained(user: &User) -> bool {
    user.perp_positions.iter().any(|held| held.is_open())
        || user.spot_positions.iter().any(|held| held.is_borrow())
}

/// A market's curve is put around its oracle's price.
pub(super) fn recentre(dice: &mut Dice, scene: &Scene, ledger: &dyn Ledger) -> Vec<Deed> {
    let index = dice.below(scene.perps.into()) as u16;
    let perp_market = pda::perp_market(index);
    let market = ledger.account(&perp_market).and_then(PerpMarket::peek);
    let shown = feed(ledger, &Role::PerpOracle(index).address());
    let (Some(market), Some(shown)) = (market, shown) else {
        return Vec::new();
    };
    let recenter = RecenterPerpMarketAmm {
        // The feeds are in 1e-7 dollars.
        peg_multiplier: (shown.price.unsigned_abs() / 10).max(1).into(),
        sqrt_k: market.amm.sqrt_k,
    };
    let accounts = RecenterPerpMarketAmmAccounts {
        admin: Role::Admin.address(),
        state: pda::state(),
        perp_market,
    };
    vec![Deed::Call(recenter.call(accounts, []))]
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
