//! A row of named numbers as it is built.

use super::{Info, Metric, Unit};
use std::borrow::Cow;

/// A trial's row, from left to right.
pub(super) struct Row(pub Vec<(Info, Metric)>);

impl Default for Row {
    fn default() -> Self {
        Self(Vec::with_capacity(64))
    }
}

impl Row {
    pub fn add(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        unit: Unit,
        about: &'static str,
        value: Metric,
    ) {
        let info = Info {
            name: name.into(),
            unit,
            about: about.into(),
        };
        self.0.push((info, value));
    }

    pub fn dollars(&mut self, name: impl Into<Cow<'static, str>>, about: &'static str, micros: i128) {
        self.add(name, Unit::Dollars, about, Metric::Float(micros as f64 / 1e6));
    }

    pub fn count(&mut self, name: impl Into<Cow<'static, str>>, about: &'static str, value: u64) {
        self.add(name, Unit::Number, about, Metric::Count(value));
    }

    pub fn float(&mut self, name: impl Into<Cow<'static, str>>, unit: Unit, about: &'static str, value: f64) {
        self.add(name, unit, about, Metric::Float(value));
    }
}
