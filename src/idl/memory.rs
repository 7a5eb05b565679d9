//! Where a program's machine puts the fields of what lies in memory.

use super::shape::{Definition, Shape, Type};
use super::{DEEPEST, Idl, IdlError};

/// The structure that is being read: where it starts, and whether its fields follow each other without room.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Memory {
    pub start: usize,
    pub packed: bool,
}

impl Memory {
    /// Where a field of this alignment begins, from `at` on.
    pub(super) fn next(self, at: usize, alignment: usize) -> usize {
        if self.packed { at } else { self.end(at, alignment) }
    }

    /// Where a structure of this alignment ends, whose last field ends at `at`.
    pub(super) fn end(self, at: usize, alignment: usize) -> usize {
        self.start + (at - self.start).next_multiple_of(alignment)
    }
}

impl Idl {
    /// The alignment of `definition` in bytes.
    pub(super) fn alignment(&self, definition: &Definition) -> Result<usize, IdlError> {
        self.alignment_within(definition, DEEPEST)
    }

    fn alignment_within(&self, definition: &Definition, levels: usize) -> Result<usize, IdlError> {
        let of_fields = match &definition.shape {
            Shape::Struct(fields) if !definition.packed => {
                let mut most = 1;
                for field in fields {
                    most = most.max(self.alignment_of(&field.kind, levels)?);
                }
                most
            }
            Shape::Alias(of) => self.alignment_of(of, levels)?,
            _ => 1,
        };
        Ok(of_fields.max(definition.align))
    }

    fn alignment_of(&self, kind: &Type, levels: usize) -> Result<usize, IdlError> {
        Ok(match kind {
            Type::Unsigned(bytes) | Type::Signed(bytes) | Type::Float(bytes) => (*bytes).min(8),
            Type::Array(inner, _) => self.alignment_of(inner, levels)?,
            Type::Named(name, arguments) => {
                let levels = levels
                    .checked_sub(1)
                    .ok_or_else(|| IdlError::Deep(name.clone()))?;
                self.alignment_within(&*self.definition(name, arguments)?, levels)?
            }
            _ => 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// The fields of an account in memory: a byte, then `Inner`: a byte and eight bytes; then a byte.
    fn told(of_top: Value, of_inner: Value, bytes: usize) -> Vec<String> {
        let own = |name: &str, repr: Value, fields: Value| json!({"name": name, "serialization": "bytemuck", "repr": repr, "type": {"kind": "struct", "fields": fields}});
        let text = json!({
            "metadata": {"name": "small", "version": "0.1.0"},
            "instructions": [],
            "accounts": [{"name": "Top", "discriminator": [7]}],
            "types": [
                own("Top", of_top, json!([
                    {"name": "a", "type": "u8"}, {"name": "b", "type": {"defined": {"name": "Inner"}}},
                    {"name": "c", "type": "u8"}])),
                own("Inner", of_inner, json!([{"name": "d", "type": "u8"}, {"name": "e", "type": "i64"}])),
            ],
        });
        let data: Vec<u8> = [7].into_iter().chain(0..bytes as u8).collect();
        let idl = Idl::parse(&text.to_string()).unwrap();
        let (_, fields) = idl.decode(&data).unwrap();
        let each = fields
            .iter()
            .map(|(path, value)| format!("{path}={:x}", number(value)));
        each.collect()
    }

    fn number(value: &drift::accounts::layout::Value) -> u64 {
        value.to_string().parse().unwrap()
    }

    #[test]
    fn fields_lie_where_the_layout_has_them() {
        let (c, packed) = (json!({"kind": "c"}), json!({"kind": "c", "packed": true}));
        let seventeenth = "b.e=1716151413121110";
        assert_eq!(
            told(c.clone(), c.clone(), 25),
            ["a=0", "b.d=8", seventeenth, "c=18"]
        );
        // Room is counted from the start of the structure that has it.
        assert_eq!(
            told(packed.clone(), c.clone(), 18),
            ["a=0", "b.d=1", "b.e=100f0e0d0c0b0a09", "c=11"]
        );
        assert_eq!(
            told(c.clone(), packed.clone(), 11),
            ["a=0", "b.d=1", "b.e=908070605040302", "c=a"]
        );
        assert_eq!(
            told(packed.clone(), packed, 11),
            ["a=0", "b.d=1", "b.e=908070605040302", "c=a"]
        );
        let wide = json!({"kind": "c", "align": 16});
        let of_wide = told(c, wide, 33);
        assert_eq!(of_wide, ["a=0", "b.d=10", "b.e=1f1e1d1c1b1a1918", "c=20"]);
    }
}
