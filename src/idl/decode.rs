//! Accounts and events by name: bytes in, fields out.
//!
//! Either starts with a discriminator that names its type. Accounts that the program maps into memory follow in C layout,
//! with 16-byte integers aligned to 8 as on the program's machine; all else is Borsh.

use super::generics::unbound;
use super::memory::Memory;
use super::shape::{Argument, Field, Serialization, Shape, Type, recognise};
use super::{DEEPEST, Idl, IdlError};
use drift::accounts::Pubkey;
use drift::accounts::layout::Value;

/// Types of Drift's that are mapped into memory, for interfaces that do not tell.
const MAPPED: &[&str] = &[
    "InsuranceFundStake",
    "PerpMarket",
    "PhoenixV1FulfillmentConfig",
    "PrelaunchOracle",
    "ProtocolIfSharesTransferConfig",
    "ReferrerName",
    "SerumV3FulfillmentConfig",
    "SpotMarket",
    "User",
    "UserStats",
];

/// A type's name and its fields by path, in the order of the layout.
pub type Decoded = (String, Vec<(String, Value)>);

struct Reader<'a> {
    idl: &'a Idl,
    kind: &'a str,
    data: &'a [u8],
    at: usize,
    /// Where types in memory may begin; `None` for Borsh.
    memory: Option<Memory>,
    deep: usize,
    path: String,
    fields: Vec<(String, Value)>,
}

impl Idl {
    /// The account's type and its fields by path, in the order of the layout.
    ///
    /// # Errors
    /// Bytes that are no account of this interface, or end early.
    pub fn decode(&self, data: &[u8]) -> Result<Decoded, IdlError> {
        let (found, body) = recognise(&self.accounts, data).ok_or(IdlError::NotAnAccount)?;
        let memory = self.is_mapped(&found.kind).then(Memory::default);
        self.fields(&found.name, &found.kind, memory, body)
    }

    /// The same for an event, as the program logs it: the bytes that stand in base 64 after `Program data:`.
    ///
    /// # Errors
    /// Bytes that are no event of this interface, or end early.
    pub fn decode_event(&self, data: &[u8]) -> Result<Decoded, IdlError> {
        let (found, body) = recognise(&self.events, data).ok_or(IdlError::NotAnEvent)?;
        self.fields(&found.name, &found.kind, None, body)
    }

    fn fields(
        &self,
        name: &str,
        kind: &str,
        memory: Option<Memory>,
        data: &[u8],
    ) -> Result<Decoded, IdlError> {
        let mut reader = Reader {
            idl: self,
            kind: name,
            data,
            at: 0,
            memory,
            deep: 0,
            path: String::new(),
            fields: Vec::new(),
        };
        reader.named(kind, &[])?;
        Ok((name.to_owned(), reader.fields))
    }

    fn is_mapped(&self, kind: &str) -> bool {
        match self
            .types
            .get(kind)
            .and_then(|found| found.serialization.as_ref())
        {
            Some(told) => *told == Serialization::Mapped,
            None => !self.tells_layouts && MAPPED.contains(&kind),
        }
    }
}

impl<'a> Reader<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], IdlError> {
        let end = self.at.saturating_add(bytes);
        let taken = self.data.get(self.at..end).ok_or_else(|| IdlError::Short {
            kind: self.kind.to_owned(),
            field: self.path.clone(),
        })?;
        self.at = end;
        Ok(taken)
    }

    fn unsigned(&mut self, bytes: usize) -> Result<u128, IdlError> {
        let mut whole = [0; 16];
        whole[..bytes].copy_from_slice(self.take(bytes)?);
        Ok(u128::from_le_bytes(whole))
    }

    /// Skips to where a type of this alignment begins.
    fn align(&mut self, alignment: usize) {
        if let Some(memory) = &self.memory {
            self.at = memory.next(self.at, alignment);
        }
    }

    fn leaf(&mut self, value: Value) {
        self.fields.push((self.path.clone(), value));
    }

    fn below(
        &mut self,
        name: &str,
        inner: impl FnOnce(&mut Self) -> Result<(), IdlError>,
    ) -> Result<(), IdlError> {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        inner(self)?;
        self.path.truncate(length);
        Ok(())
    }

    fn value(&mut self, kind: &Type) -> Result<(), IdlError> {
        match kind {
            Type::Bool => {
                let flag = self.unsigned(1)? != 0;
                self.leaf(Value::Flag(flag));
            }
            Type::Unsigned(bytes) => {
                self.align((*bytes).min(8));
                let number = self.unsigned(*bytes)?;
                self.leaf(Value::Uint(number));
            }
            Type::Signed(bytes) => {
                self.align((*bytes).min(8));
                let spare = 128 - 8 * *bytes as u32;
                let number = (self.unsigned(*bytes)?.cast_signed() << spare) >> spare;
                self.leaf(Value::Int(number));
            }
            Type::Float(bytes) => {
                self.align(*bytes);
                let bits = self.unsigned(*bytes)?;
                let text = match bytes {
                    4 => f32::from_bits(bits as u32).to_string(),
                    _ => f64::from_bits(bits as u64).to_string(),
                };
                self.leaf(Value::Name(text.into()));
            }
            Type::Key => {
                let mut key = [0; 32];
                key.copy_from_slice(self.take(32)?);
                self.leaf(Value::Key(Pubkey(key)));
            }
            Type::Text => {
                let length = self.unsigned(4)? as usize;
                let text = String::from_utf8_lossy(self.take(length)?).into_owned();
                self.leaf(Value::Name(text.into()));
            }
            Type::Option(inner) => match self.unsigned(1)? {
                0 => self.leaf(Value::Name("None".into())),
                _ => self.value(inner)?,
            },
            Type::COption(inner) => {
                let there = self.unsigned(4)? != 0;
                let before = self.fields.len();
                self.value(inner)?;
                if !there {
                    self.fields.truncate(before);
                    self.leaf(Value::Name("None".into()));
                }
            }
            Type::List(inner) => {
                let length = self.unsigned(4)? as usize;
                self.items(inner, length)?;
            }
            Type::Array(inner, length) => self.items(inner, length.elements()?)?,
            Type::Named(name, arguments) => self.named(name, arguments)?,
            Type::Parameter(name) => return Err(unbound(name)),
        }
        Ok(())
    }

    fn items(&mut self, kind: &Type, length: usize) -> Result<(), IdlError> {
        if *kind == Type::Unsigned(1) {
            let bytes = self.take(length)?.to_vec();
            self.leaf(Value::Bytes(bytes));
            return Ok(());
        }
        for place in 0..length {
            self.below(&place.to_string(), |reader| reader.value(kind))?;
        }
        Ok(())
    }

    fn named(&mut self, name: &str, arguments: &[Argument]) -> Result<(), IdlError> {
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
            Shape::Alias(of) => self.value(of)?,
            Shape::Struct(fields) => match self.memory.take() {
                None => self.each(fields)?,
                Some(outer) => {
                    let alignment = self.idl.alignment(&definition)?;
                    self.at = outer.next(self.at, alignment);
                    let inner = Memory {
                        start: self.at,
                        packed: definition.packed,
                    };
                    self.memory = Some(inner);
                    self.each(fields)?;
                    self.at = inner.end(self.at, alignment);
                    self.memory = Some(outer);
                }
            },
            Shape::Enum(variants) => {
                let tag = self.unsigned(1)?;
                match usize::try_from(tag).ok().and_then(|tag| variants.get(tag)) {
                    Some((variant, fields)) => {
                        self.leaf(Value::Name(variant.clone().into()));
                        self.each(fields)?;
                    }
                    None => self.leaf(Value::Name(format!("{name}({tag})").into())),
                }
            }
        }
        self.deep -= 1;
        Ok(())
    }

    fn each(&mut self, fields: &[Field]) -> Result<(), IdlError> {
        fields
            .iter()
            .try_for_each(|field| self.below(&field.name, |reader| reader.value(&field.kind)))
    }
}
