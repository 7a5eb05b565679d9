//! Of what kind a difference is, and how bad.

use super::track::{Key, Track};
use super::{Kind, Severity, Unit};
use drift::error::ErrorCode;

/// Rounding is at most this many units of a field's own integer: one each way.
const ROUNDING: u128 = 2;
/// The instruction before which a strategy reshapes the curve.
const TRADE: &str = "place_and_take_perp_order";

/// What a strategy before a trade sets.
const CURVE: &[&str] = &[
    "amm.peg_multiplier",
    "amm.sqrt_k",
    "amm.base_asset_reserve",
    "amm.quote_asset_reserve",
    "amm.terminal_quote_asset_reserve",
    "amm.min_base_asset_reserve",
    "amm.max_base_asset_reserve",
];

/// What somebody owns, by account type and the field's last name.
const OWNED: &[(&str, &[&str])] = &[
    ("TokenAccount", &["amount"]),
    (
        "User",
        &[
            "base_asset_amount",
            "quote_asset_amount",
            "lp_shares",
            "scaled_balance",
            "balance_type",
        ],
    ),
    (
        "SpotMarket",
        &["deposit_balance", "borrow_balance", "scaled_balance"],
    ),
];

/// Refusals that oracles and their limits cause.
fn by_oracle(code: ErrorCode) -> bool {
    use ErrorCode::*;
    matches!(
        code,
        PriceBandsBreached
            | UnableToLoadOracle
            | InvalidOracle
            | OracleNotFound
            | LiquidationsBlockedByOracle
            | OrderBreachesOraclePriceLimits
            | InvalidOracleForSettlePnl
            | AMMNotUpdatedInSameSlot
            | OracleNonPositive
            | OracleTooVolatile
            | OracleTooUncertain
            | OracleStaleForMargin
            | OracleInsufficientDataPoints
            | OracleStaleForAMM
            | SpotMarketInterestNotUpToDate
    )
}

/// The kind of the difference; `switch` says that one side runs a strategy.
pub(super) fn kind(track: &Track, switch: bool) -> Kind {
    match &track.key {
        Key::Outcome(_, left, right) => {
            let oracle = [left, right].into_iter().flatten().any(|code| by_oracle(*code));
            if oracle {
                Kind::OracleOrGuardRail
            } else {
                Kind::Refused
            }
        }
        Key::Missing(..) => Kind::MissingInstruction,
        Key::Arguments(_) => Kind::Arguments,
        Key::Slot | Key::Time => Kind::Clock,
        Key::Layout(..) => Kind::Layout,
        Key::Account(_) => Kind::MissingWrite,
        Key::Field(_, path) => field(track, path, switch),
    }
}

fn field(track: &Track, path: &str, switch: bool) -> Kind {
    let name = path.rsplit('.').next().unwrap_or(path);
    if switch && track.origin && track.first.instruction == TRADE && CURVE.contains(&path) {
        return Kind::ModelSwitch;
    }
    let feed = track.account_kind.as_deref() == Some("PriceFeed");
    if feed || path.contains("oracle") && name != "oracle_source" {
        return Kind::OracleOrGuardRail;
    }
    let ulps = track.largest_ulps();
    let [left, right] = track.changes;
    let one_sided = (left == 0) != (right == 0);
    // A single write that moves a number by a unit or two on one side only is rounding before it is forgetting.
    let hardly = left.max(right) < 2 && ulps.is_some_and(|ulps| ulps <= ROUNDING);
    if one_sided && !hardly {
        return Kind::MissingWrite;
    }
    if name.ends_with("_ts") || name == "slot" || name.ends_with("_slot") {
        return Kind::Clock;
    }
    // A count or a number of order that is off by one is not rounded.
    let amount = Unit::of(track.account_kind.as_deref().unwrap_or_default(), path).is_some();
    match ulps.filter(|_| amount) {
        Some(ulps) if ulps <= ROUNDING && track.largest.is_none() => Kind::Rounding,
        Some(ulps) if track.largest.is_some() && ulps <= ROUNDING.max(track.occurrences.into()) => {
            Kind::Accumulating
        }
        _ => Kind::Unknown,
    }
}

/// How bad a difference of this kind is by itself.
pub(super) fn severity(track: &Track, kind: Kind) -> Severity {
    if matches!(track.key, Key::Outcome(..) | Key::Missing(..)) {
        return Severity::Critical;
    }
    match kind {
        Kind::Layout | Kind::ModelSwitch => Severity::Info,
        Kind::Rounding | Kind::Arguments => Severity::Minor,
        _ if owned(track) => Severity::Critical,
        _ => Severity::Major,
    }
}

fn owned(track: &Track) -> bool {
    let Key::Field(_, path) = &track.key else {
        return matches!(track.key, Key::Account(_));
    };
    let name = path.rsplit('.').next().unwrap_or(path);
    let fields = OWNED
        .iter()
        .find(|(kind, _)| track.account_kind.as_deref() == Some(kind));
    fields.is_some_and(|(_, names)| names.contains(&name))
}

/// Which of the differences of one step names it best: the lowest.
pub(super) fn rank(track: &Track, kind: Kind) -> u8 {
    match (&track.key, kind) {
        (Key::Slot | Key::Time, _) => 0,
        (Key::Missing(..), _) => 1,
        (_, Kind::ModelSwitch) => 2,
        (Key::Outcome(..), _) => 3,
        (Key::Account(_), _) => 4,
        (_, Kind::OracleOrGuardRail) => 5,
        (_, Kind::Unknown) => 6,
        (_, Kind::Accumulating) => 7,
        (_, Kind::MissingWrite) => 8,
        (_, Kind::Clock) => 9,
        (_, Kind::Rounding) => 10,
        _ => 11,
    }
}
