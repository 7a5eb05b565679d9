//! From the description's JSON.

use super::names::{anchor_snake, snake};
use super::{Definition, Field, Idl, IdlError, Instruction, Role, Type, discriminator};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Lists in the description, and its names, must be there.
fn list<'a>(of: &'a Value, name: &str) -> Result<&'a [Value], IdlError> {
    let found = of.get(name).and_then(Value::as_array);
    found
        .map(Vec::as_slice)
        .ok_or_else(|| IdlError::Form(format!("there is no list `{name}`")))
}

fn text<'a>(of: &'a Value, name: &str) -> Result<&'a str, IdlError> {
    of.get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| IdlError::Form(format!("there is no text `{name}` in {of}")))
}

pub(super) fn idl(source: &str) -> Result<Idl, IdlError> {
    let json: Value = serde_json::from_str(source)?;
    let mut instructions = HashMap::new();
    for item in list(&json, "instructions")? {
        let instruction = instruction(item)?;
        instructions.insert(instruction.name.clone(), instruction);
    }
    let (mut types, mut accounts) = (HashMap::new(), HashMap::new());
    let none = Vec::new();
    let named = json.get("types").and_then(Value::as_array).unwrap_or(&none);
    for item in named {
        types.insert(text(item, "name")?.to_owned(), definition(item)?);
    }
    for item in list(&json, "accounts")? {
        let name = text(item, "name")?;
        types.insert(name.to_owned(), definition(item)?);
        accounts.insert(discriminator("account", name), name.to_owned());
    }
    Ok(Idl {
        name: text(&json, "name")?.to_owned(),
        version: text(&json, "version")?.to_owned(),
        sha256: Sha256::digest(source)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        instructions,
        types,
        accounts,
    })
}

fn instruction(item: &Value) -> Result<Instruction, IdlError> {
    let mut accounts = Vec::new();
    roles(list(item, "accounts")?, &mut accounts)?;
    Ok(Instruction {
        name: anchor_snake(text(item, "name")?),
        arguments: list(item, "args")?.iter().map(field).collect::<Result<_, _>>()?,
        accounts,
    })
}

/// Accounts in their order, those of a group in its place.
fn roles(items: &[Value], out: &mut Vec<Role>) -> Result<(), IdlError> {
    for item in items {
        if item.get("accounts").is_some() {
            roles(list(item, "accounts")?, out)?;
            continue;
        }
        let flag = |name| item.get(name).and_then(Value::as_bool).unwrap_or_default();
        let name = snake(text(item, "name")?);
        out.push(Role {
            name,
            signer: flag("isSigner"),
            writable: flag("isMut"),
        });
    }
    Ok(())
}

fn definition(item: &Value) -> Result<Definition, IdlError> {
    let of = item.get("type").unwrap_or(&Value::Null);
    match text(of, "kind")? {
        "struct" => Ok(Definition::Struct(
            list(of, "fields")?.iter().map(field).collect::<Result<_, _>>()?,
        )),
        "enum" => {
            let variant = |item: &Value| {
                let none = Vec::new();
                let fields = item.get("fields").and_then(Value::as_array).unwrap_or(&none);
                let fields = fields
                    .iter()
                    .enumerate()
                    .map(|(place, item)| match item.get("name") {
                        Some(_) => field(item),
                        None => Ok(Field {
                            name: place.to_string(),
                            kind: kind(item)?,
                            docs: Vec::new(),
                        }),
                    });
                Ok((
                    text(item, "name")?.to_owned(),
                    fields.collect::<Result<_, IdlError>>()?,
                ))
            };
            Ok(Definition::Enum(
                list(of, "variants")?
                    .iter()
                    .map(variant)
                    .collect::<Result<_, IdlError>>()?,
            ))
        }
        other => Err(IdlError::Form(format!("`{other}` is neither struct nor enum"))),
    }
}

fn field(item: &Value) -> Result<Field, IdlError> {
    let docs = item.get("docs").and_then(Value::as_array).into_iter().flatten();
    Ok(Field {
        name: snake(text(item, "name")?),
        kind: kind(item.get("type").unwrap_or(&Value::Null))?,
        docs: docs.filter_map(|line| line.as_str().map(str::to_owned)).collect(),
    })
}

fn kind(item: &Value) -> Result<Type, IdlError> {
    let unknown = || IdlError::Form(format!("{item} is no type"));
    if let Some(name) = item.as_str() {
        return Ok(match name {
            "bool" => Type::Bool,
            "u8" => Type::Unsigned(1),
            "u16" => Type::Unsigned(2),
            "u32" => Type::Unsigned(4),
            "u64" => Type::Unsigned(8),
            "u128" => Type::Unsigned(16),
            "i8" => Type::Signed(1),
            "i16" => Type::Signed(2),
            "i32" => Type::Signed(4),
            "i64" => Type::Signed(8),
            "i128" => Type::Signed(16),
            "publicKey" => Type::Key,
            "string" => Type::Text,
            "bytes" => Type::List(Box::new(Type::Unsigned(1))),
            _ => return Err(unknown()),
        });
    }
    let (name, inner) = item
        .as_object()
        .and_then(|object| object.iter().next())
        .ok_or_else(unknown)?;
    Ok(match name.as_str() {
        "defined" => Type::Named(inner.as_str().ok_or_else(unknown)?.to_owned()),
        "option" => Type::Option(Box::new(kind(inner)?)),
        "vec" => Type::List(Box::new(kind(inner)?)),
        "array" => match inner.as_array().map(Vec::as_slice) {
            Some([element, length]) => {
                let length = length.as_u64().ok_or_else(unknown)?;
                Type::Array(
                    Box::new(kind(element)?),
                    usize::try_from(length).map_err(|_| unknown())?,
                )
            }
            _ => return Err(unknown()),
        },
        _ => return Err(unknown()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_interface_is_refused() {
        assert!(matches!(idl("{"), Err(IdlError::Json(_))));
        for (source, told) in [
            ("{}", "instructions"),
            (r#"{"instructions": [{"name": "a", "accounts": []}]}"#, "args"),
            (
                r#"{"instructions": [], "accounts": [{"name": "A", "type": {"kind": "union"}}]}"#,
                "union",
            ),
            (
                r#"{"instructions": [{"name": "a", "accounts": [], "args": [{"name": "b", "type": "f64"}]}]}"#,
                "f64",
            ),
        ] {
            let refusal = idl(source).unwrap_err().to_string();
            assert!(refusal.contains(told), "{refusal}");
        }
    }
}
