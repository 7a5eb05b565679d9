//! A spot market as an experiment starts it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::error::ExperimentErrorKind;
use super::rules::SpotRules;
use crate::event::{Field, Fields, OraclePrice, Parameters};

/// What a spot market starts with. The quote market, number 0, is in no file: [`SpotRules::quote`] are its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpotMarketInit {
    /// The market's number: its place in the file, from 1.
    pub market_index: u16,
    /// What the oracle shows at the start.
    pub oracle_price: OraclePrice,
    /// Everything else.
    pub rules: SpotRules,
}

impl SpotMarketInit {
    /// A market as drift-sim's replay makes it, of a mint with 6 decimals.
    pub fn new(market_index: u16, oracle_price: OraclePrice) -> Self {
        Self {
            market_index,
            oracle_price,
            rules: SpotRules::default(),
        }
    }

    /// The market at `place` of a file, from its JSON.
    pub(super) fn read(place: usize, json: Map<String, Value>) -> Result<Self, ExperimentErrorKind> {
        let wrong = |reason| ExperimentErrorKind::Field {
            market: place,
            reason,
        };
        let mut fields = Fields::new(SpotRules::NAME, json);
        let oracle_price = fields.required("init_price").map_err(wrong)?;
        let mut inner = Fields::new(
            SpotRules::NAME,
            fields.optional(super::RULES, Map::new()).map_err(wrong)?,
        );
        let rules = SpotRules::read(&mut inner).map_err(wrong)?;
        inner.all_known(SpotRules::FIELDS).map_err(wrong)?;
        Ok(Self {
            market_index: super::number(place.saturating_add(1))?,
            oracle_price,
            rules,
        })
    }

    /// The market with drift-sim's one field, and our own under [`super::RULES`].
    pub(super) fn write(&self) -> Value {
        json!(BTreeMap::from([
            ("init_price", self.oracle_price.write()),
            (super::RULES, json!(self.rules.write())),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn read(json: Value) -> Result<SpotMarketInit, ExperimentErrorKind> {
        SpotMarketInit::read(0, json.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn the_first_in_the_file_is_market_1() {
        let market = read(json!({"init_price": 25})).unwrap();
        assert_eq!(
            market,
            SpotMarketInit::new(1, OraclePrice::from_micros(25_000_000).unwrap())
        );
        assert_eq!(
            (
                market.rules.initial_asset_weight,
                market.rules.maintenance_liability_weight
            ),
            (8_000, 11_000)
        );
    }

    #[test]
    fn a_market_that_cannot_start_is_refused() {
        assert_snapshot!(read(json!({"price": 1})).unwrap_err(), @"market 0: `spot market` needs `init_price`");
        assert_snapshot!(read(json!({"init_price": "cheap"})).unwrap_err(), @r#"market 0: `init_price` of `spot market` must be a price in dollars, not below 0, found `"cheap"`"#);
        assert_snapshot!(read(json!({"init_price": 1, "rules": {"imf": 1}})).unwrap_err(), @"market 0: `spot market` has no `imf`");
        assert_snapshot!(read(json!({"init_price": 1, "rules": 3})).unwrap_err(), @"market 0: `rules` of `spot market` must be an object, found `3`");
    }
}
