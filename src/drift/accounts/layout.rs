//! Plain-old-data accounts, laid out as the program lays them out, that can name their fields.

use super::{Bool, Pubkey};
use std::borrow::Cow;

/// A decoded leaf of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A signed integer in the field's own scale.
    Int(i128),
    /// An unsigned integer in the field's own scale.
    Uint(u128),
    /// An address.
    Key(Pubkey),
    /// A flag.
    Flag(bool),
    /// A variant of an enumeration, by name.
    Name(Cow<'static, str>),
    /// Bytes without further meaning, such as a name.
    Bytes(Vec<u8>),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Int(v) => write!(f, "{v}"),
            Value::Uint(v) => write!(f, "{v}"),
            Value::Key(v) => write!(f, "{v}"),
            Value::Flag(v) => write!(f, "{v}"),
            Value::Name(v) => f.write_str(v),
            Value::Bytes(v) => v.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

/// Receives each leaf with its dotted path (`amm.sqrt_k`, `perp_positions.0.lp_shares`).
pub type Visit<'a> = dyn FnMut(&str, Value) + 'a;

/// A value that can walk through its own fields.
pub trait Describe {
    /// Calls `visit` for every leaf below `path`, in layout order.
    fn describe(&self, path: &mut String, visit: &mut Visit);
}

/// Answers the value for a leaf's path, where there is one.
pub type ValueOf<'a> = dyn FnMut(&str) -> Option<Value> + 'a;

/// A value whose leaves can be set by path: what [`Describe`] shows, the other way round.
pub trait Fill {
    /// Sets every leaf below `path` for which `value_of` has a value that fits; others stay.
    fn fill(&mut self, path: &mut String, value_of: &mut ValueOf);
}

/// Runs `inner` with `name` appended to `path`.
pub(super) fn below(path: &mut String, name: &str, inner: impl FnOnce(&mut String)) {
    let length = path.len();
    if length > 0 {
        path.push('.');
    }
    path.push_str(name);
    inner(path);
    path.truncate(length);
}

macro_rules! describe_integers {
    ($($int:ty => $variant:ident),*) => {$(
        impl Describe for $int {
            fn describe(&self, path: &mut String, visit: &mut Visit) {
                visit(path, Value::$variant((*self).into()));
            }
        }

        impl Fill for $int {
            fn fill(&mut self, path: &mut String, value_of: &mut ValueOf) {
                let fitting = match value_of(path) {
                    Some(Value::Int(value)) => value.try_into().ok(),
                    Some(Value::Uint(value)) => value.try_into().ok(),
                    _ => None,
                };
                *self = fitting.unwrap_or(*self);
            }
        }
    )*};
}
describe_integers!(u8 => Uint, u16 => Uint, u32 => Uint, u64 => Uint, u128 => Uint);
describe_integers!(i8 => Int, i16 => Int, i32 => Int, i64 => Int, i128 => Int);

impl Describe for Bool {
    fn describe(&self, path: &mut String, visit: &mut Visit) {
        visit(path, Value::Flag(self.is_set()));
    }
}

impl Describe for Pubkey {
    fn describe(&self, path: &mut String, visit: &mut Visit) {
        visit(path, Value::Key(*self));
    }
}

impl<T: Describe + 'static, const N: usize> Describe for [T; N] {
    fn describe(&self, path: &mut String, visit: &mut Visit) {
        if let Some(bytes) = (self as &dyn std::any::Any).downcast_ref::<[u8; N]>() {
            return visit(path, Value::Bytes(bytes.to_vec()));
        }
        for (index, item) in self.iter().enumerate() {
            below(path, &index.to_string(), |path| item.describe(path, visit));
        }
    }
}

impl Fill for Bool {
    fn fill(&mut self, path: &mut String, value_of: &mut ValueOf) {
        if let Some(Value::Flag(flag)) = value_of(path) {
            *self = flag.into();
        }
    }
}

impl Fill for Pubkey {
    fn fill(&mut self, path: &mut String, value_of: &mut ValueOf) {
        if let Some(Value::Key(key)) = value_of(path) {
            *self = key;
        }
    }
}

impl<T: Fill + 'static, const N: usize> Fill for [T; N] {
    fn fill(&mut self, path: &mut String, value_of: &mut ValueOf) {
        if let Some(bytes) = (self as &mut dyn std::any::Any).downcast_mut::<[u8; N]>() {
            if let Some(Value::Bytes(given)) = value_of(path)
                && let Ok(given) = given.try_into()
            {
                *bytes = given;
            }
            return;
        }
        for (index, item) in self.iter_mut().enumerate() {
            below(path, &index.to_string(), |path| item.fill(path, value_of));
        }
    }
}

/// Declares account structs: name, alignment, fields. `packed(8)` gives 16-byte integers the alignment of 8 that
/// the program's target has; `packed(1)` is a fixed-size Borsh layout.
macro_rules! layout {
    ($( $(#[$note:meta])* $name:ident: $align:literal { $( $(#[$about:meta])* $field:ident: $kind:ty ),* $(,)? } )*) => {$(
        $(#[$note])*
        #[derive(Clone, Copy, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
        #[repr(C, packed($align))]
        #[allow(missing_docs)]
        pub struct $name { $( $(#[$about])* pub $field: $kind, )* }

        impl Default for $name {
            fn default() -> Self {
                bytemuck::Zeroable::zeroed()
            }
        }

        impl $crate::accounts::layout::Describe for $name {
            fn describe(&self, path: &mut String, visit: &mut $crate::accounts::layout::Visit) {
                $({
                    let field = self.$field;
                    $crate::accounts::layout::below(path, stringify!($field), |path| {
                        $crate::accounts::layout::Describe::describe(&field, path, visit)
                    });
                })*
            }
        }

        impl $crate::accounts::layout::Fill for $name {
            fn fill(&mut self, path: &mut String, value_of: &mut $crate::accounts::layout::ValueOf) {
                $({
                    let mut field = self.$field;
                    $crate::accounts::layout::below(path, stringify!($field), |path| {
                        $crate::accounts::layout::Fill::fill(&mut field, path, value_of)
                    });
                    self.$field = field;
                })*
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)) $( .field(stringify!($field), &{ self.$field }) )* .finish()
            }
        }
    )*};
}
pub(super) use layout;
