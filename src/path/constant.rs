//! A price that never moves.

use super::{
    error::{FieldError, Fields, PathError},
    price::PricePath,
    recorder::Recorder,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One price for good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// The price, in dollars.
    pub price: f64,
}

impl Constant {
    pub(super) const MODEL: &str = "constant";

    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut fields = Fields::of(Self::MODEL);
        fields.price("price", self.price);
        fields.finish()
    }

    pub(super) fn build(&self, horizon_seconds: u32) -> Result<PricePath, PathError> {
        let mut recorder = Recorder::new(Self::MODEL, self.price, 1)?;
        recorder.record(0, self.price)?;
        Ok(recorder.finish(horizon_seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays() {
        let path = Constant { price: 1.000_001 }.build(1000).unwrap();
        assert_eq!(path.iter().collect::<Vec<_>>(), [(0, 1_000_001)]);
    }
}
