//! What every kind of event can do, and the macro that gives it to a struct.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::{FieldError, Fields};

/// The parameters of one kind of event.
pub trait Parameters: Sized {
    /// The event's name in a file.
    const NAME: &'static str;

    /// Names that older files use for the same event.
    const OLDER_NAMES: &'static [&'static str];

    /// The names of the parameters.
    const FIELDS: &'static [&'static str];

    /// Takes the parameters out of `fields`.
    ///
    /// # Errors
    /// [`FieldError`] for the first parameter, in the struct's order, that is missing or means nothing.
    fn read(fields: &mut Fields) -> Result<Self, FieldError>;

    /// The parameters as JSON, in the order of their names as drift-sim sorts them, without those that are not given.
    fn write(&self) -> BTreeMap<&'static str, Value>;

    /// Whose account the event acts for.
    fn user(&self) -> Option<u32>;
}

/// A struct of named parameters that is [`Parameters`]:
/// `"name" or "older_name" => Struct { field: Type, field: Type = default, ... }`, each field with its documentation.
/// Where every field has a default, so has the struct.
macro_rules! parameters {
    (
        $(#[$about:meta])*
        $name:literal $(or $older:literal)* => $type:ident {
            $( $(#[$field_about:meta])* $field:ident: $kind:ty $(= $default:expr)? ),* $(,)?
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $type {
            $( $(#[$field_about])* pub $field: $kind, )*
        }

        impl $crate::event::Parameters for $type {
            const NAME: &'static str = $name;
            const OLDER_NAMES: &'static [&'static str] = &[$($older),*];
            const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn read(
                #[allow(unused_variables)] fields: &mut $crate::event::Fields,
            ) -> Result<Self, $crate::event::FieldError> {
                Ok(Self { $( $field: parameters!(@take fields $field $kind $(= $default)?)?, )* })
            }

            fn write(&self) -> std::collections::BTreeMap<&'static str, serde_json::Value> {
                let all: [(&'static str, serde_json::Value); Self::FIELDS.len()] = [$( (stringify!($field), $crate::event::Field::write(&self.$field)), )*];
                all.into_iter().filter(|(_, value)| !value.is_null()).collect()
            }

            fn user(&self) -> Option<u32> {
                $( if stringify!($field) == "user_index" {
                    return $crate::event::Field::index(&self.$field);
                } )*
                None
            }
        }

        parameters!(@default $type $( $field $(= $default)? ),*);
    };
    (@default $type:ident $( $field:ident = $default:expr ),+) => {
        impl Default for $type {
            fn default() -> Self {
                Self { $( $field: $default, )* }
            }
        }
    };
    (@default $type:ident $($rest:tt)*) => {};
    (@take $fields:ident $field:ident $kind:ty) => {
        $fields.required::<$kind>(stringify!($field))
    };
    (@take $fields:ident $field:ident $kind:ty = $default:expr) => {
        $fields.optional::<$kind>(stringify!($field), $default)
    };
}

pub(crate) use parameters;

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::json;

    use super::*;

    // The example of the module's documentation.
    parameters! {
        /// The admin sets a market's base spread.
        "update_base_spread" or "base_spread" => UpdateBaseSpread {
            /// The new spread (1e6).
            base_spread: u32,
            /// The perp market.
            market_index: u16 = 0,
            /// Why.
            note: Option<String> = None,
        }
    }

    fn read(json: Value) -> Result<UpdateBaseSpread, FieldError> {
        let fields = json.as_object().cloned().unwrap_or_default();
        UpdateBaseSpread::read(&mut Fields::new(UpdateBaseSpread::NAME, fields))
    }

    #[test]
    fn a_struct_of_fields_is_all_that_an_event_needs() {
        let event = UpdateBaseSpread {
            base_spread: 250,
            market_index: 0,
            note: None,
        };
        assert_eq!(read(json!({"base_spread": 250.0})), Ok(event.clone()));
        assert_eq!(
            json!(event.write()),
            json!({"base_spread": 250, "market_index": 0})
        );
        let noted = UpdateBaseSpread {
            note: Some("wide".to_owned()),
            ..event.clone()
        };
        assert_eq!(read(json!(noted.write())), Ok(noted));
        assert_eq!(UpdateBaseSpread::OLDER_NAMES, ["base_spread"]);
        assert_eq!(UpdateBaseSpread::FIELDS, ["base_spread", "market_index", "note"]);
        assert_eq!(event.user(), None);
        assert_snapshot!(
            read(json!({"base_sprd": 250})).unwrap_err(),
            @"`update_base_spread` needs `base_spread`, found `base_sprd`"
        );
    }
}
