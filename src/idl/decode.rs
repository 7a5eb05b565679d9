//! Accounts by name: bytes in, fields out.
//!
//! An account starts with eight bytes that name its type. Those that Drift maps into memory follow in C layout, with
//! 16-byte integers aligned to 8 as on the program's machine; all others are Borsh.

use super::{Definition, Field, Idl, IdlError, Type};
use drift::accounts::Pubkey;
use drift::accounts::layout::Value;

/// Types that are mapped into memory, which the old form of a description does not tell.
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

struct Reader<'a> {
    idl: &'a Idl,
    kind: &'a str,
    data: &'a [u8],
    at: usize,
    mapped: bool,
    path: String,
    fields: Vec<(String, Value)>,
}

impl Idl {
    /// The account's type and its fields by path, in the order of the layout.
    ///
    /// # Errors
    /// Bytes that are no account of this interface, or end early.
    pub fn decode(&self, data: &[u8]) -> Result<(String, Vec<(String, Value)>), IdlError> {
        let (tag, body) = data.split_at_checked(8).ok_or(IdlError::NotAnAccount)?;
        let kind = <[u8; 8]>::try_from(tag)
            .ok()
            .and_then(|tag| self.accounts.get(&tag))
            .ok_or(IdlError::NotAnAccount)?;
        let mut reader = Reader {
            idl: self,
            kind,
            data: body,
            at: 0,
            mapped: MAPPED.contains(&kind.as_str()),
            path: String::new(),
            fields: Vec::new(),
        };
        reader.named(kind)?;
        Ok((kind.clone(), reader.fields))
    }
}

impl Reader<'_> {
    fn take(&mut self, bytes: usize) -> Result<&[u8], IdlError> {
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
        if self.mapped {
            self.at = self.at.next_multiple_of(alignment);
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
            Type::Key => {
                let mut key = [0; 32];
                key.copy_from_slice(self.take(32)?);
                self.leaf(Value::Key(Pubkey(key)));
            }
            Type::Text => {
                let length = self.unsigned(4)? as usize;
                let text = String::from_utf8_lossy(self.take(length)?).into_owned();
                self.leaf(Value::Name(text));
            }
            Type::Option(inner) => match self.unsigned(1)? {
                0 => self.leaf(Value::Name("None".to_owned())),
                _ => self.value(inner)?,
            },
            Type::List(inner) => {
                let length = self.unsigned(4)? as usize;
                self.items(inner, length)?;
            }
            Type::Array(inner, length) => self.items(inner, *length)?,
            Type::Named(name) => self.named(name)?,
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

    fn named(&mut self, name: &str) -> Result<(), IdlError> {
        let idl = self.idl;
        match idl.definition(name)? {
            Definition::Struct(fields) => {
                let alignment = if self.mapped { self.alignment(fields)? } else { 1 };
                self.align(alignment);
                self.each(fields)?;
                self.align(alignment);
            }
            Definition::Enum(variants) => {
                let tag = self.unsigned(1)?;
                match usize::try_from(tag).ok().and_then(|tag| variants.get(tag)) {
                    Some((variant, fields)) => {
                        self.leaf(Value::Name(variant.clone()));
                        self.each(fields)?;
                    }
                    None => self.leaf(Value::Name(format!("{name}({tag})"))),
                }
            }
        }
        Ok(())
    }

    fn each(&mut self, fields: &[Field]) -> Result<(), IdlError> {
        fields
            .iter()
            .try_for_each(|field| self.below(&field.name, |reader| reader.value(&field.kind)))
    }

    fn alignment(&self, fields: &[Field]) -> Result<usize, IdlError> {
        let mut most = 1;
        for field in fields {
            let mut kind = &field.kind;
            while let Type::Array(inner, _) = kind {
                kind = inner;
            }
            most = most.max(match kind {
                Type::Unsigned(bytes) | Type::Signed(bytes) => (*bytes).min(8),
                Type::Named(name) => match self.idl.definition(name)? {
                    Definition::Struct(fields) => self.alignment(fields)?,
                    Definition::Enum(_) => 1,
                },
                _ => 1,
            });
        }
        Ok(most)
    }
}
