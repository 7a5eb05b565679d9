//! From the description's JSON.
//!
//! The form before Anchor 0.30 and the one since tell the same things by other names, so each part is read as it stands:
//! where an instruction, account or event states its discriminator that holds, and otherwise the hash of its name.

use super::definition::{definition, fields};
use super::names::{anchor_snake, snake};
use super::shape::{Definition, Instruction, Role, Shape, Tagged};
use super::{Idl, IdlError, hash};
use drift::accounts::Pubkey;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// A list that must be there.
pub(super) fn list<'a>(of: &'a Value, name: &str) -> Result<&'a [Value], IdlError> {
    let found = of.get(name).and_then(Value::as_array);
    found
        .map(Vec::as_slice)
        .ok_or_else(|| IdlError::Form(format!("there is no list `{name}`")))
}

/// A list that may be left out when it is empty.
pub(super) fn some<'a>(of: &'a Value, name: &str) -> Result<&'a [Value], IdlError> {
    match of.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(_) => list(of, name),
    }
}

pub(super) fn text<'a>(of: &'a Value, name: &str) -> Result<&'a str, IdlError> {
    of.get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| IdlError::Form(format!("there is no text `{name}` in {}", shortened(of))))
}

/// A part of the description as a message shows it.
pub(super) fn shortened(of: &Value) -> String {
    const SHOWN: usize = 120;
    let whole = of.to_string();
    match whole.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &whole[..end]),
        None => whole,
    }
}

pub(super) fn idl(source: &str) -> Result<Idl, IdlError> {
    let json: Value = serde_json::from_str(source)?;
    let mut instructions = HashMap::new();
    for item in list(&json, "instructions")? {
        let instruction = instruction(item)?;
        instructions.insert(instruction.name.clone(), instruction);
    }
    let mut types = HashMap::new();
    for item in some(&json, "types")? {
        types.insert(text(item, "name")?.to_owned(), definition(item)?);
    }
    // Accounts since 0.30, and all events of that form, have their definitions among the types.
    let accounts = tagged(&json, "accounts", "account", |name, item| {
        if item.get("type").is_some() {
            types.insert(name.to_owned(), definition(item)?);
        }
        Ok(name.to_owned())
    })?;
    let events = tagged(&json, "events", "event", |name, item| {
        if item.get("fields").is_none() {
            return Ok(name.to_owned());
        }
        // Not a name that a type could have: the two are apart in that form.
        let kind = format!("event {name}");
        let shape = Shape::Struct(fields(some(item, "fields")?)?);
        types.insert(kind.clone(), Definition::plain(shape));
        Ok(kind)
    })?;
    let about = match json.get("metadata") {
        Some(metadata) if metadata.get("name").is_some() => metadata,
        _ => &json,
    };
    let address = json
        .get("address")
        .or_else(|| json.get("metadata")?.get("address"))
        .filter(|address| !address.is_null());
    Ok(Idl {
        name: text(about, "name")?.to_owned(),
        version: text(about, "version")?.to_owned(),
        sha256: Sha256::digest(source)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        address: address.map(key).transpose()?,
        tells_layouts: types.values().any(|one| one.serialization.is_some())
            || some(&json, "types")?
                .iter()
                .any(|item| item.get("repr").is_some()),
        instructions,
        types,
        accounts,
        events,
    })
}

/// What the list `name` tells apart by discriminators; `kind` answers the name of a definition.
fn tagged(
    json: &Value,
    name: &str,
    space: &str,
    mut kind: impl FnMut(&str, &Value) -> Result<String, IdlError>,
) -> Result<Vec<Tagged>, IdlError> {
    let mut all: Vec<Tagged> = Vec::new();
    for item in some(json, name)? {
        let name = text(item, "name")?;
        let one = Tagged {
            name: name.to_owned(),
            discriminator: discriminator(item, space, name)?,
            kind: kind(name, item)?,
        };
        if let Some(other) = all.iter().find(|other| other.discriminator == one.discriminator) {
            return Err(IdlError::Form(format!(
                "nothing tells the {space}s `{}` and `{name}` apart: both have the discriminator {:?}",
                other.name, one.discriminator
            )));
        }
        all.push(one);
    }
    Ok(all)
}

/// The one that `item` states, or else the first eight bytes of the SHA-256 of its name.
fn discriminator(item: &Value, space: &str, name: &str) -> Result<Vec<u8>, IdlError> {
    if item.get("discriminator").is_none() {
        return Ok(hash(space, name).to_vec());
    }
    let byte = |value: &Value| {
        let byte = value.as_u64().and_then(|number| u8::try_from(number).ok());
        byte.ok_or_else(|| IdlError::Form(format!("{value} in the discriminator of `{name}` is no byte")))
    };
    list(item, "discriminator")?.iter().map(byte).collect()
}

fn instruction(item: &Value) -> Result<Instruction, IdlError> {
    let mut accounts = Vec::new();
    roles(list(item, "accounts")?, &mut accounts)?;
    let name = anchor_snake(text(item, "name")?);
    Ok(Instruction {
        discriminator: discriminator(item, "global", &name)?,
        arguments: fields(list(item, "args")?)?,
        accounts,
        name,
    })
}

/// Accounts in their order, those of a group in its place.
fn roles(items: &[Value], out: &mut Vec<Role>) -> Result<(), IdlError> {
    for item in items {
        if item.get("accounts").is_some() {
            roles(list(item, "accounts")?, out)?;
            continue;
        }
        let flag = |now, before| {
            let found = item.get(now).or_else(|| item.get(before));
            found.and_then(Value::as_bool).unwrap_or_default()
        };
        out.push(Role {
            name: snake(text(item, "name")?),
            signer: flag("signer", "isSigner"),
            writable: flag("writable", "isMut"),
            optional: flag("optional", "isOptional"),
            address: item.get("address").map(key).transpose()?,
        });
    }
    Ok(())
}

fn key(item: &Value) -> Result<Pubkey, IdlError> {
    let key = item.as_str().and_then(|text| text.parse().ok());
    key.ok_or_else(|| IdlError::Form(format!("{} is no address", shortened(item))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_interface_is_refused() {
        assert!(matches!(idl("{"), Err(IdlError::Json(_))));
        for (source, told) in [
            ("{}", "instructions"),
            (r#"{"instructions": []}"#, "`name`"),
            (r#"{"instructions": [{"name": "a", "accounts": []}]}"#, "args"),
            (
                r#"{"instructions": [], "accounts": [{"name": "A", "type": {"kind": "union"}}]}"#,
                "union",
            ),
            (
                r#"{"instructions": [{"name": "a", "accounts": [], "args": [{"name": "b", "type": "u7"}]}]}"#,
                "u7",
            ),
            (
                r#"{"instructions": [{"name": "a", "accounts": [], "args": [], "discriminator": [1, 256]}]}"#,
                "256 in the discriminator of `a`",
            ),
            (
                r#"{"instructions": [], "accounts": [
                    {"name": "A", "discriminator": [1]}, {"name": "B", "discriminator": [1]}]}"#,
                "the accounts `A` and `B` apart",
            ),
            (
                r#"{"instructions": [], "address": "x", "name": "a", "version": "1"}"#,
                "no address",
            ),
        ] {
            let refusal = idl(source).unwrap_err().to_string();
            assert!(refusal.contains(told), "{refusal}");
        }
    }

    #[test]
    fn messages_show_the_beginning_of_what_is_long() {
        let long = Value::String("é".repeat(500));
        assert_eq!(shortened(&long).chars().count(), 121);
        assert_eq!(shortened(&Value::Bool(true)), "true");
    }
}
