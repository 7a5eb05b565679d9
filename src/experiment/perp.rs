//! A perp market as an experiment starts it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::error::ExperimentErrorKind;
use super::rules::PerpRules;
use crate::event::{Field, FieldError, Fields, OraclePrice, Parameters};

/// From here on a file's reserves are in drift-sim's older precision, 1e13.
const OLDER_RESERVES: u128 = 100_000_000_000_000_000;
/// 1e13 over 1e9.
const OLDER_RESERVES_OVER_OURS: u128 = 10_000;
/// The peg's 1e6 over drift-sim's older 1e3.
const OUR_PEG_OVER_OLDER: u128 = 1_000;

/// What a perp market starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketInit {
    /// The market's number: its place in the file.
    pub market_index: u16,
    /// The AMM's base and quote reserve, which start equal, and its sqrt_k (1e9).
    pub reserve: u128,
    /// The peg multiplier (1e6).
    pub peg_multiplier: u128,
    /// Seconds between funding updates.
    pub funding_period: i64,
    /// The AMM's base spread (1e6).
    pub base_spread: u32,
    /// drift-sim's switches for its Python AMM, such as `PrePeg`, joined by underscores; empty for none.
    pub strategies: String,
    /// What the oracle shows at the start. drift-sim's replay starts it at the peg.
    pub oracle_price: OraclePrice,
    /// Everything else.
    pub rules: PerpRules,
}

impl MarketInit {
    /// A market as drift-sim's replay makes it: `reserve` (1e9) on both sides, `peg_multiplier` (1e6) also the oracle's first price,
    /// funding every hour, no spread. `None` where the peg does not fit an oracle.
    pub fn new(market_index: u16, reserve: u128, peg_multiplier: u128) -> Option<Self> {
        Some(Self {
            market_index,
            reserve,
            peg_multiplier,
            funding_period: 3_600,
            base_spread: 0,
            strategies: String::new(),
            oracle_price: oracle_at(peg_multiplier)?,
            rules: PerpRules::default(),
        })
    }

    /// The market at `place` of a file, from its JSON.
    pub(super) fn read(place: usize, json: Map<String, Value>) -> Result<Self, ExperimentErrorKind> {
        let mut fields = Fields::new(PerpRules::NAME, json);
        let wrong = |reason| ExperimentErrorKind::Field {
            market: place,
            reason,
        };
        let odd = |reason: String| ExperimentErrorKind::Market {
            market: place,
            reason,
        };

        // What we wrote ourselves is in the protocol's precisions, however deep the market.
        let ours = fields.has(super::RULES);
        let market_index = super::number(place)?;
        let declared = fields.optional("market_index", market_index).map_err(wrong)?;
        if declared != market_index {
            return Err(odd(format!(
                "`market_index` is {declared}, but the place in the file is {market_index}"
            )));
        }
        let base: u128 = fields.required("base_asset_reserve").map_err(wrong)?;
        let quote: u128 = fields.optional("quote_asset_reserve", base).map_err(wrong)?;
        let peg: u128 = fields.required("peg_multiplier").map_err(wrong)?;
        let mark = fields
            .optional("mark_price", OraclePrice::default())
            .map_err(wrong)?;
        if base != quote {
            return Err(odd(format!(
                "a market starts balanced, but its reserves are {base} and {quote}"
            )));
        }
        let reserve = if !ours && base > OLDER_RESERVES {
            base / OLDER_RESERVES_OVER_OURS
        } else {
            base
        };
        let peg_multiplier = if ours { peg } else { rescaled_peg(peg, mark) };
        if reserve == 0 || peg_multiplier == 0 {
            return Err(odd("reserves and peg multiplier must be above 0".to_owned()));
        }
        let at_peg = oracle_at(peg_multiplier)
            .ok_or_else(|| odd(format!("peg multiplier {peg_multiplier} is too large")))?;
        let funding_period: i64 = fields.optional("funding_period", 3_600).map_err(wrong)?;
        if funding_period < 0 {
            return Err(odd(format!(
                "`funding_period` must not be negative, found {funding_period}"
            )));
        }
        let base_spread = fields.optional("base_spread", 0).map_err(wrong)?;
        let strategies = fields.optional("strategies", String::new()).map_err(wrong)?;
        let (oracle_price, rules) = Self::rules(fields, at_peg).map_err(wrong)?;
        Ok(Self {
            market_index,
            reserve,
            peg_multiplier,
            funding_period,
            base_spread,
            strategies,
            oracle_price,
            rules,
        })
    }

    fn rules(mut fields: Fields, at_peg: OraclePrice) -> Result<(OraclePrice, PerpRules), FieldError> {
        let mut inner = Fields::new(PerpRules::NAME, fields.optional(super::RULES, Map::new())?);
        let read = (
            inner.optional(super::ORACLE_PRICE, at_peg)?,
            PerpRules::read(&mut inner)?,
        );
        inner.all_known(PerpRules::FIELDS)?;
        Ok(read)
    }

    /// The market with the fields of drift-sim's that say how it starts, and our own under [`super::RULES`].
    pub(super) fn write(&self) -> Value {
        let mut rules = self.rules.write();
        rules.insert(super::ORACLE_PRICE, self.oracle_price.write());
        // Prices are doubles in drift-sim's files; ours are for its readers, and `rules` holds the exact one.
        let mark = self.peg_multiplier as f64 / 1e6;
        let all: BTreeMap<&str, Value> = BTreeMap::from([
            ("amm_lp_shares", self.reserve.write()),
            ("base_asset_reserve", json!(self.reserve.to_string())),
            ("base_spread", json!(self.base_spread)),
            ("funding_period", json!(self.funding_period)),
            ("initialized", json!(true)),
            ("margin_ratio_initial", json!(self.rules.margin_ratio_initial)),
            (
                "margin_ratio_maintenance",
                json!(self.rules.margin_ratio_maintenance),
            ),
            ("mark_price", json!(mark)),
            ("market_index", json!(self.market_index)),
            ("oracle_price", json!(self.oracle_price.dollars())),
            ("peg_multiplier", self.peg_multiplier.write()),
            ("quote_asset_reserve", json!(self.reserve.to_string())),
            ("sqrt_k", self.reserve.write()),
            ("strategies", json!(self.strategies)),
            ("total_lp_shares", self.reserve.write()),
            (super::RULES, json!(rules)),
        ]);
        json!(all)
    }
}

fn oracle_at(peg_multiplier: u128) -> Option<OraclePrice> {
    OraclePrice::from_micros(u64::try_from(peg_multiplier).ok()?)
}

/// The peg in 1e6. A balanced market's mark price is its peg, so a file that shows both says which precision its peg is in.
fn rescaled_peg(peg: u128, mark: OraclePrice) -> u128 {
    let mark = u128::from(mark.micros());
    let older = peg.saturating_mul(OUR_PEG_OVER_OLDER);
    let away = |candidate: u128| candidate.max(mark) as f64 / candidate.min(mark) as f64;
    if mark > 0 && peg > 0 && away(older) < away(peg) {
        older
    } else {
        peg
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn read(json: Value) -> Result<MarketInit, ExperimentErrorKind> {
        MarketInit::read(1, json.as_object().cloned().unwrap_or_default())
    }

    fn refusal(json: Value) -> String {
        read(json).unwrap_err().to_string()
    }

    #[test]
    fn a_market_of_drift_sim_starts_as_its_replay_starts_it() {
        let market = read(json!({
            "mark_price": 1.470446, "oracle_price": 1.4704469166426009, "wouldbe_peg": 1470.446, "market_index": 1,
            "margin_ratio_initial": 1000, "margin_ratio_maintenance": 625, "last_oracle_price": 1.4704469166426009,
            "base_asset_reserve": "367621000000000", "quote_asset_reserve": "367621000000000", "sqrt_k": 367621000000000_u64,
            "peg_multiplier": 1470446, "funding_period": 60, "base_spread": 1e3, "strategies": "PrePeg",
        }))
        .unwrap();
        let mut expected = MarketInit::new(1, 367_621_000_000_000, 1_470_446).unwrap();
        expected.funding_period = 60;
        expected.base_spread = 1_000;
        expected.strategies = "PrePeg".into();
        assert_eq!(market, expected);
        assert_eq!(market.oracle_price.mantissa(), 14_704_460);
        assert_eq!(
            (
                market.rules.margin_ratio_initial,
                market.rules.margin_ratio_maintenance
            ),
            (2_000, 1_800)
        );
    }

    #[test]
    fn older_precisions_become_ours() {
        // 367,621 units at 1e13 with a peg of 18.5 at 1e3.
        let market = read(json!({
            "base_asset_reserve": 3_676_210_000_000_000_000_u64, "peg_multiplier": 18_500, "mark_price": 18.5
        }))
        .unwrap();
        assert_eq!(
            (market.reserve, market.peg_multiplier),
            (367_621_000_000_000, 18_500_000)
        );
        // The older reserves may stand beside today's peg.
        let market = read(json!({
            "base_asset_reserve": "3676210000000000000", "peg_multiplier": 18_500_000, "mark_price": 18.5
        }))
        .unwrap();
        assert_eq!(
            (market.reserve, market.peg_multiplier),
            (367_621_000_000_000, 18_500_000)
        );
        // Without a mark price the peg is taken at 1e6. 1e17 itself is 100 million units at 1e9.
        let market = read(json!({"base_asset_reserve": 1e17, "peg_multiplier": 18_500})).unwrap();
        assert_eq!(
            (market.reserve, market.peg_multiplier),
            (100_000_000_000_000_000, 18_500)
        );
    }

    #[test]
    fn a_market_that_cannot_start_is_refused() {
        assert_snapshot!(refusal(json!({"peg_multiplier": 1})), @"market 1: `perp market` needs `base_asset_reserve`");
        assert_snapshot!(refusal(json!({"base_asset_reserve": "many", "peg_multiplier": 1})), @r#"market 1: `base_asset_reserve` of `perp market` must be an amount not below 0 (as a string from 2^64 on), found `"many"`"#);
        assert_snapshot!(refusal(json!({"base_asset_reserve": 7, "quote_asset_reserve": 8, "peg_multiplier": 1})), @"market 1: a market starts balanced, but its reserves are 7 and 8");
        assert_snapshot!(refusal(json!({"base_asset_reserve": 7, "peg_multiplier": 0})), @"market 1: reserves and peg multiplier must be above 0");
        assert_snapshot!(refusal(json!({"base_asset_reserve": 7, "peg_multiplier": 1, "market_index": 0})), @"market 1: `market_index` is 0, but the place in the file is 1");
        assert_snapshot!(refusal(json!({"base_asset_reserve": 7, "peg_multiplier": 1e19})), @"market 1: peg multiplier 10000000000000000000 is too large");
        assert_snapshot!(refusal(json!({"base_asset_reserve": 7, "peg_multiplier": 1, "funding_period": -1})), @"market 1: `funding_period` must not be negative, found -1");
        assert_snapshot!(refusal(json!({"base_asset_reserve": 7, "peg_multiplier": 1, "rules": {"max_spread": "wide"}})), @r#"market 1: `max_spread` of `perp market` must be a whole number from 0 to 4294967295, found `"wide"`"#);
        assert_snapshot!(refusal(json!({"base_asset_reserve": 7, "peg_multiplier": 1, "rules": {"max_spred": 1}})), @"market 1: `perp market` has no `max_spred`, did you mean `max_spread`?");
    }
}
