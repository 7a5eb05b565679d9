//! The parameters of one event, taken out field by field.

use serde_json::{Map, Value};
use thiserror::Error;

use super::field::Field;
use super::nearest::nearest;

/// Parameters still to be read. What is left at the end was not asked for.
pub struct Fields {
    owner: &'static str,
    left: Map<String, Value>,
}

/// A parameter that is not there or not what it must be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FieldError {
    /// There is no such parameter and it has no default.
    #[error("`{owner}` needs `{field}`{}", near.as_ref().map(|name| format!(", found `{name}`")).unwrap_or_default())]
    Missing {
        /// The event.
        owner: &'static str,
        /// The parameter.
        field: &'static str,
        /// A parameter of a like name that nothing asks for.
        near: Option<String>,
    },
    /// The parameter is there and means nothing.
    #[error("`{field}` of `{owner}` must be {wanted}, found `{found}`")]
    Wrong {
        /// The event.
        owner: &'static str,
        /// The parameter.
        field: &'static str,
        /// What it must be.
        wanted: &'static str,
        /// What stands there, as JSON.
        found: String,
    },
    /// There is a parameter that nothing asks for, where that is not allowed.
    #[error("`{owner}` has no `{field}`{}", near.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default())]
    Unknown {
        /// The event.
        owner: &'static str,
        /// The parameter.
        field: String,
        /// The nearest that it has.
        near: Option<&'static str>,
    },
}

impl Fields {
    /// The parameters `left` of `owner`, an event's name.
    pub fn new(owner: &'static str, left: Map<String, Value>) -> Self {
        Self { owner, left }
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// [`FieldError`] when it is missing or not a `T`.
    pub fn required<T: Field>(&mut self, field: &'static str) -> Result<T, FieldError> {
        match self.take(field)? {
            Some(value) => Ok(value),
            None => Err(FieldError::Missing {
                owner: self.owner,
                field,
                near: nearest(field, self.left.keys().map(String::as_str)).map(str::to_owned),
            }),
        }
    }

    /// A parameter that may be absent.
    ///
    /// # Errors
    /// [`FieldError::Wrong`] when it is there and not a `T`.
    pub fn optional<T: Field>(&mut self, field: &'static str, default: T) -> Result<T, FieldError> {
        Ok(self.take(field)?.unwrap_or(default))
    }

    /// Whether there is such a parameter, not yet asked for.
    pub fn has(&self, field: &str) -> bool {
        self.left.contains_key(field)
    }

    /// The names that nothing asked for, in the file's order.
    pub fn unread(self) -> impl Iterator<Item = String> {
        self.left.into_iter().map(|(name, _)| name)
    }

    /// Refuses what nothing asked for; `known` are the names that were.
    ///
    /// # Errors
    /// [`FieldError::Unknown`] for the first one left.
    pub fn all_known(self, known: &'static [&'static str]) -> Result<(), FieldError> {
        let owner = self.owner;
        match self.unread().next() {
            None => Ok(()),
            Some(field) => {
                let near = nearest(&field, known.iter().copied());
                Err(FieldError::Unknown { owner, field, near })
            }
        }
    }

    fn take<T: Field>(&mut self, field: &'static str) -> Result<Option<T>, FieldError> {
        let Some(json) = self.left.shift_remove(field) else {
            return Ok(None);
        };
        match T::read(&json) {
            Some(value) => Ok(Some(value)),
            None => Err(FieldError::Wrong {
                owner: self.owner,
                field,
                wanted: T::WANTED,
                found: shown(&json),
            }),
        }
    }
}

/// A value as the file has it: a number that was left as text without quotes.
fn shown(json: &Value) -> String {
    match json.as_str() {
        Some(text) if text.parse::<f64>().is_ok() => text.to_owned(),
        _ => json.to_string(),
    }
}
