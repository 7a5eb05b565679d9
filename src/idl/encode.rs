//! Instructions by name: JSON in, Borsh out.

use super::{Definition, Field, Idl, IdlError, Type, discriminator};
use serde_json::Value;

/// An instruction's bytes, and where the interface took something else than was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// Discriminator and arguments.
    pub data: Vec<u8>,
    /// Arguments that were given and that the interface does not take.
    pub dropped: Vec<String>,
    /// Arguments that the interface takes and that were not given; they are zero, false, none, empty or an
    /// enumeration's first variant.
    pub defaulted: Vec<String>,
}

impl Idl {
    /// The bytes of instruction `name` with `arguments` by name, as
    /// [`Instruction::arguments`](drift::instruction::Instruction::arguments) gives them.
    ///
    /// # Errors
    /// An instruction or a variant that the interface does not have, and values out of range.
    pub fn encode(&self, name: &str, arguments: &Value) -> Result<Encoded, IdlError> {
        let instruction = self.instruction(name)?;
        let mut encoded = Encoded {
            data: discriminator("global", name).to_vec(),
            dropped: Vec::new(),
            defaulted: Vec::new(),
        };
        self.fields(&instruction.arguments, arguments, "", &mut encoded)?;
        Ok(encoded)
    }

    fn fields(&self, fields: &[Field], given: &Value, path: &str, out: &mut Encoded) -> Result<(), IdlError> {
        let members = given.as_object();
        if members.is_none() && !given.is_null() {
            return Err(wrong(path, given, "object"));
        }
        let below = |name: &str| {
            if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            }
        };
        for field in fields {
            let path = below(&field.name);
            let value = members.and_then(|members| members.get(&field.name));
            if value.is_none() && !given.is_null() {
                out.defaulted.push(path.clone());
            }
            self.value(&field.kind, value.unwrap_or(&Value::Null), &path, out)?;
        }
        let known = |name: &str| fields.iter().any(|field| field.name == name);
        let extra = members.into_iter().flatten().filter(|(name, _)| !known(name));
        out.dropped.extend(extra.map(|(name, _)| below(name)));
        Ok(())
    }

    /// Writes a value; null is the type's default.
    fn value(&self, kind: &Type, given: &Value, path: &str, out: &mut Encoded) -> Result<(), IdlError> {
        match kind {
            Type::Bool => match given {
                Value::Null => out.data.push(0),
                Value::Bool(flag) => out.data.push((*flag).into()),
                _ => return Err(wrong(path, given, "flag")),
            },
            Type::Unsigned(bytes) => {
                let number: u128 = number(given, path)?;
                if *bytes < 16 && number >> (8 * bytes) != 0 {
                    return Err(wrong(path, given, &format!("unsigned integer of {bytes} bytes")));
                }
                out.data.extend(&number.to_le_bytes()[..*bytes]);
            }
            Type::Signed(bytes) => {
                let number: i128 = number(given, path)?;
                let spare = 128 - 8 * *bytes as u32;
                if (number << spare) >> spare != number {
                    return Err(wrong(path, given, &format!("signed integer of {bytes} bytes")));
                }
                out.data.extend(&number.to_le_bytes()[..*bytes]);
            }
            Type::Key => match given {
                Value::Null => out.data.extend([0; 32]),
                Value::String(text) => {
                    let key: drift::key::Pubkey = text.parse().map_err(|_| wrong(path, given, "address"))?;
                    out.data.extend(key.0);
                }
                _ => return Err(wrong(path, given, "address")),
            },
            Type::Text => {
                let text = match given {
                    Value::Null => "",
                    other => other.as_str().ok_or_else(|| wrong(path, given, "text"))?,
                };
                length(text.len(), path, out)?;
                out.data.extend(text.as_bytes());
            }
            Type::Option(inner) => {
                out.data.push((!given.is_null()).into());
                if !given.is_null() {
                    self.value(inner, given, path, out)?;
                }
            }
            Type::List(inner) => {
                let items = items(given, path)?;
                length(items.len(), path, out)?;
                self.each(inner, items, path, out)?;
            }
            Type::Array(inner, wanted) => {
                if given.is_null() {
                    return self.each(inner, &vec![Value::Null; *wanted], path, out);
                }
                let items = items(given, path)?;
                if items.len() != *wanted {
                    return Err(wrong(path, given, &format!("list of {wanted}")));
                }
                self.each(inner, items, path, out)?;
            }
            Type::Named(name) => match self.definition(name)? {
                Definition::Struct(fields) => self.fields(fields, given, path, out)?,
                Definition::Enum(variants) => self.variant(name, variants, given, path, out)?,
            },
        }
        Ok(())
    }

    fn each(&self, kind: &Type, items: &[Value], path: &str, out: &mut Encoded) -> Result<(), IdlError> {
        for (place, item) in items.iter().enumerate() {
            self.value(kind, item, &format!("{path}.{place}"), out)?;
        }
        Ok(())
    }

    fn variant(
        &self,
        name: &str,
        variants: &[(String, Vec<Field>)],
        given: &Value,
        path: &str,
        out: &mut Encoded,
    ) -> Result<(), IdlError> {
        let (place, inner) = match given {
            Value::Null => (Some(0), &Value::Null),
            Value::String(text) => (variants.iter().position(|(name, _)| name == text), &Value::Null),
            Value::Object(one) if one.len() == 1 => {
                let found = one.iter().next().and_then(|(text, inner)| {
                    Some((variants.iter().position(|(name, _)| name == text)?, inner))
                });
                found.map_or((None, &Value::Null), |(place, inner)| (Some(place), inner))
            }
            _ => (None, &Value::Null),
        };
        let found = place.and_then(|place| Some((u8::try_from(place).ok()?, variants.get(place)?)));
        let (tag, (_, fields)) = found.ok_or_else(|| {
            let known: Vec<_> = variants.iter().map(|(name, _)| name.as_str()).collect();
            wrong(
                path,
                given,
                &format!("{name}, of which there are {}", known.join(", ")),
            )
        })?;
        out.data.push(tag);
        self.fields(fields, inner, path, out)
    }
}

fn items<'a>(given: &'a Value, path: &str) -> Result<&'a [Value], IdlError> {
    match given {
        Value::Null => Ok(&[]),
        Value::Array(items) => Ok(items),
        _ => Err(wrong(path, given, "list")),
    }
}

fn length(length: usize, path: &str, out: &mut Encoded) -> Result<(), IdlError> {
    let length = u32::try_from(length).map_err(|_| wrong(path, &Value::from(length), "length"))?;
    out.data.extend(length.to_le_bytes());
    Ok(())
}

/// A number, or a text of one; null is 0.
fn number<T: std::str::FromStr + From<u8>>(given: &Value, path: &str) -> Result<T, IdlError> {
    match given {
        Value::Null => Ok(T::from(0)),
        Value::Number(number) => number
            .to_string()
            .parse()
            .map_err(|_| wrong(path, given, "integer in range")),
        Value::String(text) => text.parse().map_err(|_| wrong(path, given, "integer in range")),
        _ => Err(wrong(path, given, "integer")),
    }
}

fn wrong(path: &str, value: &Value, wanted: &str) -> IdlError {
    IdlError::Value {
        place: path.to_owned(),
        value: value.to_string(),
        wanted: wanted.to_owned(),
    }
}
