//! Arguments by name, for people and for programs with another interface.
//!
//! Numbers are JSON numbers while they fit 64 bits, and text beyond, since JSON readers round long numbers. A variant of
//! an enumeration is its name; bytes are a list of numbers; what is not given is null.

use crate::accounts::layout::{self, Describe};
use crate::accounts::{
    AssetTier, ContractTier, FeeStructure, MarketStatus, MarketType, OracleGuardRails, OracleSource,
    OrderTriggerCondition, OrderType, PositionDirection, PostOnlyParam,
};
use serde_json::{Map, Value, json};

/// A value an instruction takes.
pub(super) trait Argument {
    /// The value with its parts by name.
    fn json(&self) -> Value;
}

macro_rules! as_json {
    ($($kind:ty),*) => {$(
        impl Argument for $kind {
            fn json(&self) -> Value {
                json!(self)
            }
        }
    )*};
}
as_json!(bool, u8, u16, u32, u64, i8, i16, i32, i64);

impl Argument for u128 {
    fn json(&self) -> Value {
        u64::try_from(*self).map_or_else(|_| json!(self.to_string()), |short| json!(short))
    }
}

macro_rules! by_variant {
    ($($kind:ty),*) => {$(
        impl Argument for $kind {
            fn json(&self) -> Value {
                json!(self.to_string())
            }
        }
    )*};
}
by_variant!(
    AssetTier,
    ContractTier,
    MarketStatus,
    MarketType,
    OracleSource,
    OrderTriggerCondition,
    OrderType,
    PositionDirection,
    PostOnlyParam
);

impl<T: Argument, const N: usize> Argument for [T; N] {
    fn json(&self) -> Value {
        self.iter().map(Argument::json).collect()
    }
}

impl<T: Argument> Argument for Vec<T> {
    fn json(&self) -> Value {
        self.iter().map(Argument::json).collect()
    }
}

impl<T: Argument> Argument for Option<T> {
    fn json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Argument::json)
    }
}

impl<T: Argument> Argument for Box<T> {
    fn json(&self) -> Value {
        (**self).json()
    }
}

impl Argument for OracleGuardRails {
    fn json(&self) -> Value {
        described(self)
    }
}

impl Argument for FeeStructure {
    fn json(&self) -> Value {
        described(self)
    }
}

/// A laid-out structure as nested objects and lists.
fn described(value: &impl Describe) -> Value {
    let mut root = Value::Null;
    value.describe(&mut String::new(), &mut |path, leaf| {
        let mut place = &mut root;
        for part in path.split('.') {
            place = match part.parse::<usize>() {
                Ok(index) => element(place, index),
                Err(_) => member(place, part),
            };
        }
        *place = match leaf {
            layout::Value::Uint(number) => number.json(),
            layout::Value::Int(number) => {
                i64::try_from(number).map_or_else(|_| json!(number.to_string()), |short| json!(short))
            }
            layout::Value::Flag(flag) => json!(flag),
            other => json!(other.to_string()),
        };
    });
    root
}

fn element(place: &mut Value, index: usize) -> &mut Value {
    if !place.is_array() {
        *place = Value::Array(Vec::new());
    }
    match place {
        Value::Array(list) => {
            if list.len() <= index {
                list.resize(index + 1, Value::Null);
            }
            &mut list[index]
        }
        _ => unreachable!("made a list above"),
    }
}

fn member<'a>(place: &'a mut Value, name: &str) -> &'a mut Value {
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    match place {
        Value::Object(members) => members.entry(name).or_insert(Value::Null),
        _ => unreachable!("made an object above"),
    }
}

#[cfg(test)]
mod tests {
    use crate::accounts::{FeeStructure, OracleGuardRails};
    use crate::instruction::*;

    #[test]
    fn arguments_have_names() {
        let order = PlaceAndTakePerpOrder {
            params: OrderParams {
                base_asset_amount: 5,
                max_ts: Some(-1),
                ..OrderParams::default()
            },
            maker_order_id: None,
        };
        let arguments = Instruction::from(order).arguments();
        assert_eq!(arguments["params"]["base_asset_amount"], 5);
        assert_eq!(arguments["params"]["max_ts"], -1);
        assert_eq!(arguments["params"]["direction"], "Long");
        assert!(arguments["maker_order_id"].is_null());
        let long = UpdateK { sqrt_k: u128::MAX };
        assert_eq!(
            Instruction::from(long).arguments()["sqrt_k"],
            u128::MAX.to_string()
        );
    }

    #[test]
    fn structures_nest() {
        let oracle_guard_rails = OracleGuardRails::INITIAL;
        let given = Instruction::from(UpdateOracleGuardRails { oracle_guard_rails }).arguments();
        let stale = oracle_guard_rails.validity.slots_before_stale_for_amm;
        assert_eq!(
            given["oracle_guard_rails"]["validity"]["slots_before_stale_for_amm"],
            stale
        );
        let fee_structure = Box::new(FeeStructure::initial_perp());
        let tiers = Instruction::from(UpdatePerpFeeStructure { fee_structure }).arguments();
        assert_eq!(
            tiers["fee_structure"]["fee_tiers"].as_array().map(Vec::len),
            Some(10)
        );
    }
}
