//! Instructions by name: JSON in, Borsh out.

use super::generics::unbound;
use super::shape::{Argument, Field, Serialization, Shape, Type};
use super::{DEEPEST, Idl, IdlError};
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
        let mut writer = Writer {
            idl: self,
            deep: 0,
            out: Encoded {
                data: instruction.discriminator.clone(),
                dropped: Vec::new(),
                defaulted: Vec::new(),
            },
        };
        writer.fields(&instruction.arguments, arguments, "")?;
        Ok(writer.out)
    }
}

struct Writer<'a> {
    idl: &'a Idl,
    deep: usize,
    out: Encoded,
}

impl Writer<'_> {
    fn fields(&mut self, fields: &[Field], given: &Value, path: &str) -> Result<(), IdlError> {
        let by_name = |name: &str| match given {
            Value::Array(items) => items.get(name.parse::<usize>().ok()?),
            _ => given.get(name),
        };
        // A tuple may be a list.
        let is_list = given.is_array() && fields.iter().all(|field| field.name.parse::<usize>().is_ok());
        if !(given.is_object() || given.is_null() || is_list) {
            return Err(wrong(path, given, "object"));
        }
        for field in fields {
            let path = below(path, &field.name);
            let value = by_name(&field.name);
            if value.is_none() && !given.is_null() {
                self.out.defaulted.push(path.clone());
            }
            self.value(&field.kind, value.unwrap_or(&Value::Null), &path)?;
        }
        let known = |name: &str| fields.iter().any(|field| field.name == name);
        let names = given
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone());
        let places = given
            .as_array()
            .map_or(0..0, |items| 0..items.len())
            .map(|place| place.to_string());
        let extra = names.chain(places).filter(|name| !known(name));
        self.out.dropped.extend(extra.map(|name| below(path, &name)));
        Ok(())
    }

    /// Writes a value; null is the type's default.
    fn value(&mut self, kind: &Type, given: &Value, path: &str) -> Result<(), IdlError> {
        match kind {
            Type::Bool => match given {
                Value::Null => self.out.data.push(0),
                Value::Bool(flag) => self.out.data.push((*flag).into()),
                _ => return Err(wrong(path, given, "flag")),
            },
            Type::Unsigned(bytes) => {
                let number: u128 = number(given, path)?;
                if *bytes < 16 && number >> (8 * bytes) != 0 {
                    return Err(wrong(path, given, &format!("unsigned integer of {bytes} bytes")));
                }
                self.out.data.extend(&number.to_le_bytes()[..*bytes]);
            }
            Type::Signed(bytes) => {
                let number: i128 = number(given, path)?;
                let spare = 128 - 8 * *bytes as u32;
                if (number << spare) >> spare != number {
                    return Err(wrong(path, given, &format!("signed integer of {bytes} bytes")));
                }
                self.out.data.extend(&number.to_le_bytes()[..*bytes]);
            }
            Type::Float(bytes) => {
                let number = match given {
                    Value::Null => 0.0,
                    other => other.as_f64().ok_or_else(|| wrong(path, given, "number"))?,
                };
                match bytes {
                    4 => self.out.data.extend((number as f32).to_le_bytes()),
                    _ => self.out.data.extend(number.to_le_bytes()),
                }
            }
            Type::Key => match given {
                Value::Null => self.out.data.extend([0; 32]),
                Value::String(text) => {
                    let key: drift::key::Pubkey = text.parse().map_err(|_| wrong(path, given, "address"))?;
                    self.out.data.extend(key.0);
                }
                _ => return Err(wrong(path, given, "address")),
            },
            Type::Text => {
                let text = match given {
                    Value::Null => "",
                    other => other.as_str().ok_or_else(|| wrong(path, given, "text"))?,
                };
                self.length(text.len(), path)?;
                self.out.data.extend(text.as_bytes());
            }
            Type::Option(inner) => {
                self.out.data.push((!given.is_null()).into());
                if !given.is_null() {
                    self.value(inner, given, path)?;
                }
            }
            Type::COption(inner) => {
                self.out.data.extend(u32::from(!given.is_null()).to_le_bytes());
                self.value(inner, given, path)?;
            }
            Type::List(inner) => {
                let items = items(given, path)?;
                self.length(items.len(), path)?;
                self.each(inner, items, path)?;
            }
            Type::Array(inner, length) => {
                let wanted = length.elements()?;
                if given.is_null() {
                    return (0..wanted).try_for_each(|_| self.value(inner, given, path));
                }
                let items = items(given, path)?;
                if items.len() != wanted {
                    return Err(wrong(path, given, &format!("list of {wanted}")));
                }
                self.each(inner, items, path)?;
            }
            Type::Named(name, arguments) => self.named(name, arguments, given, path)?,
            Type::Parameter(name) => return Err(unbound(name)),
        }
        Ok(())
    }

    fn each(&mut self, kind: &Type, items: &[Value], path: &str) -> Result<(), IdlError> {
        for (place, item) in items.iter().enumerate() {
            self.value(kind, item, &below(path, &place.to_string()))?;
        }
        Ok(())
    }

    fn named(
        &mut self,
        name: &str,
        arguments: &[Argument],
        given: &Value,
        path: &str,
    ) -> Result<(), IdlError> {
        let definition = self.idl.definition(name, arguments)?;
        if let Some(Serialization::Custom(by)) = &definition.serialization {
            return Err(IdlError::Layout {
                kind: name.to_owned(),
                serialization: by.clone(),
            });
        }
        if self.deep == DEEPEST {
            return Err(IdlError::Deep(name.to_owned()));
        }
        self.deep += 1;
        match &definition.shape {
            Shape::Struct(fields) => self.fields(fields, given, path)?,
            Shape::Enum(variants) => self.variant(name, variants, given, path)?,
            Shape::Alias(of) => self.value(of, given, path)?,
        }
        self.deep -= 1;
        Ok(())
    }

    fn variant(
        &mut self,
        name: &str,
        variants: &[(String, Vec<Field>)],
        given: &Value,
        path: &str,
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
        self.out.data.push(tag);
        self.fields(fields, inner, path)
    }

    fn length(&mut self, length: usize, path: &str) -> Result<(), IdlError> {
        let length = u32::try_from(length).map_err(|_| wrong(path, &Value::from(length), "length"))?;
        self.out.data.extend(length.to_le_bytes());
        Ok(())
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn items<'a>(given: &'a Value, path: &str) -> Result<&'a [Value], IdlError> {
    match given {
        Value::Null => Ok(&[]),
        Value::Array(items) => Ok(items),
        _ => Err(wrong(path, given, "list")),
    }
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
