//! Anchor interface descriptions (IDL), in the form before Anchor 0.30 and in the one since: another program's
//! instructions written, its accounts and events read, by name.
//!
//! Names are those of [`drift`]: `lastMarkPriceTwap5min` is `last_mark_price_twap_5min` here.

mod decode;
mod definition;
mod encode;
mod error;
mod generics;
mod memory;
mod names;
mod parse;
mod shape;
mod translate;

pub use decode::Decoded;
pub use encode::Encoded;
pub use error::IdlError;
pub use names::snake;
pub use translate::{Translator, Wire};

use drift::accounts::Pubkey;
use drift::instruction::AccountMeta;
use drift::key::DRIFT;
use sha2::{Digest, Sha256};
use shape::{Definition, Instruction, Role, Shape, Tagged, Type};
use std::collections::HashMap;
use std::path::Path;

/// How deep types may stand within each other: deeper than any program's, and no deeper than the stack.
const DEEPEST: usize = 64;

/// A program's interface.
#[derive(Clone, Debug)]
pub struct Idl {
    /// The program's name.
    pub name: String,
    /// The program's version, as the interface has it.
    pub version: String,
    /// The description's SHA-256.
    pub sha256: String,
    /// Where the program is, if the interface says so.
    pub address: Option<Pubkey>,
    instructions: HashMap<String, Instruction>,
    types: HashMap<String, Definition>,
    accounts: Vec<Tagged>,
    events: Vec<Tagged>,
    /// Whether it says which types are mapped into memory.
    tells_layouts: bool,
}

impl Idl {
    /// Reads a description from a file.
    ///
    /// # Errors
    /// [`IdlError`] for what is no description in either form.
    pub fn read(path: &Path) -> Result<Self, IdlError> {
        let text = std::fs::read_to_string(path).map_err(|source| IdlError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|source| IdlError::File {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// Reads a description.
    ///
    /// # Errors
    /// [`IdlError`] for what is no description in either form.
    pub fn parse(text: &str) -> Result<Self, IdlError> {
        parse::idl(text)
    }

    /// Whether the program has the instruction `name`.
    pub fn has(&self, name: &str) -> bool {
        self.instructions.contains_key(name)
    }

    /// What the interface says of the field at `path` of account or type `kind`.
    pub fn docs(&self, kind: &str, path: &str) -> Option<&[String]> {
        let (first, rest) = path
            .split_once('.')
            .map_or((path, None), |(first, rest)| (first, Some(rest)));
        let Shape::Struct(fields) = &self.types.get(kind)?.shape else {
            return None;
        };
        let field = fields.iter().find(|field| field.name == first)?;
        let Some(mut rest) = rest else {
            return Some(&field.docs);
        };
        let mut inner = &field.kind;
        while let Type::Array(element, _) = inner {
            rest = rest.split_once('.')?.1;
            inner = element;
        }
        match inner {
            Type::Named(name, _) => self.docs(name, rest),
            _ => None,
        }
    }

    /// The instruction's account list: the named accounts in its order, from those given by name, or from the interface
    /// where it knows their addresses. An optional account that is not given is the program itself, as Anchor has it.
    /// Accounts that this interface does not name are left out.
    ///
    /// # Errors
    /// An instruction that it does not have, or an account that is not given.
    pub fn metas(&self, name: &str, given: &[(&str, Pubkey)]) -> Result<Vec<AccountMeta>, IdlError> {
        let instruction = self.instruction(name)?;
        let meta = |role: &Role| {
            let found = given.iter().find(|(name, _)| *name == role.name);
            match found.map(|(_, key)| *key).or(role.address) {
                Some(key) => Ok(AccountMeta::new(key, role.signer, role.writable)),
                None if role.optional => Ok(AccountMeta::new(self.address.unwrap_or(DRIFT), false, false)),
                None => Err(IdlError::NoAccount {
                    instruction: name.to_owned(),
                    account: role.name.clone(),
                }),
            }
        };
        instruction.accounts.iter().map(meta).collect()
    }

    fn instruction(&self, name: &str) -> Result<&Instruction, IdlError> {
        self.instructions
            .get(name)
            .ok_or_else(|| IdlError::NoInstruction {
                name: name.to_owned(),
                nearest: nearest(name, self.instructions.keys().map(String::as_str)),
            })
    }
}

#[cfg(test)]
mod tests;

/// The name most like `name`, for messages.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let likeness = |other: &str| strsim::jaro_winkler(name, other);
    let best = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)).then(b.cmp(a)));
    best.unwrap_or_default().to_owned()
}

/// The first eight bytes of the SHA-256 of a name in its space, by which Anchor tells instructions, accounts and events apart.
fn hash(space: &str, name: &str) -> [u8; 8] {
    let mut tag = [0; 8];
    tag.copy_from_slice(&Sha256::digest(format!("{space}:{name}"))[..8]);
    tag
}
