//! Types from the description's JSON.

use super::IdlError;
use super::names::snake;
use super::parse::{list, shortened, some, text};
use super::shape::{Argument, Definition, Field, Length, Serialization, Shape, Type};
use serde_json::Value;

impl Definition {
    /// One of which nothing more is said.
    pub(super) fn plain(shape: Shape) -> Self {
        Self {
            shape,
            parameters: Vec::new(),
            serialization: None,
            packed: false,
            align: 1,
        }
    }
}

pub(super) fn definition(item: &Value) -> Result<Definition, IdlError> {
    let of = item.get("type").unwrap_or(&Value::Null);
    let shape = match text(of, "kind")? {
        "struct" => Shape::Struct(fields(some(of, "fields")?)?),
        "enum" => {
            let variant = |item: &Value| Ok((text(item, "name")?.to_owned(), fields(some(item, "fields")?)?));
            let variants = list(of, "variants")?.iter().map(variant);
            Shape::Enum(variants.collect::<Result<_, IdlError>>()?)
        }
        "type" => Shape::Alias(kind(of.get("alias").unwrap_or(&Value::Null))?),
        "alias" => Shape::Alias(kind(of.get("value").unwrap_or(&Value::Null))?),
        other => {
            return Err(IdlError::Form(format!(
                "`{other}` is neither struct, enum nor alias"
            )));
        }
    };
    // Names alone, before 0.30.
    let parameter = |item: &Value| match item.as_str() {
        Some(name) => Ok(name.to_owned()),
        None => text(item, "name").map(str::to_owned),
    };
    let repr = item.get("repr").unwrap_or(&Value::Null);
    let align = repr.get("align").and_then(Value::as_u64).unwrap_or(1);
    // Rust's largest; a program refuses to compile with more, or with what is no power of two.
    if !align.is_power_of_two() || align > 1 << 29 {
        return Err(IdlError::Form(format!("an alignment of {align} bytes is none")));
    }
    Ok(Definition {
        shape,
        parameters: some(item, "generics")?
            .iter()
            .map(parameter)
            .collect::<Result<_, _>>()?,
        serialization: item.get("serialization").map(serialization).transpose()?,
        packed: repr.get("packed").and_then(Value::as_bool).unwrap_or_default(),
        align: align as usize,
    })
}

fn serialization(item: &Value) -> Result<Serialization, IdlError> {
    match (item.as_str(), item.get("custom").and_then(Value::as_str)) {
        (Some("borsh"), _) => Ok(Serialization::Borsh),
        (Some("bytemuck" | "bytemuckunsafe"), _) => Ok(Serialization::Mapped),
        (Some(other), _) | (_, Some(other)) => Ok(Serialization::Custom(other.to_owned())),
        _ => Err(IdlError::Form(format!("{} is no serialization", shortened(item)))),
    }
}

/// Fields with names, or a tuple's types.
pub(super) fn fields(items: &[Value]) -> Result<Vec<Field>, IdlError> {
    let field = |(place, item): (usize, &Value)| {
        let Some(name) = item.get("name") else {
            return Ok(Field {
                name: place.to_string(),
                kind: kind(item)?,
                docs: Vec::new(),
            });
        };
        let name = name
            .as_str()
            .ok_or_else(|| IdlError::Form(format!("{name} is no field's name")))?;
        let docs = item.get("docs").and_then(Value::as_array).into_iter().flatten();
        Ok(Field {
            name: snake(name),
            kind: kind(item.get("type").unwrap_or(&Value::Null))?,
            docs: docs.filter_map(|line| line.as_str().map(str::to_owned)).collect(),
        })
    };
    items.iter().enumerate().map(field).collect()
}

fn kind(item: &Value) -> Result<Type, IdlError> {
    let unknown = || IdlError::Form(format!("{} is no type", shortened(item)));
    if let Some(name) = item.as_str() {
        return plain(name).ok_or_else(unknown);
    }
    let (name, inner) = item
        .as_object()
        .and_then(|object| object.iter().next())
        .ok_or_else(unknown)?;
    let boxed = |inner: &Value| kind(inner).map(Box::new);
    Ok(match name.as_str() {
        "defined" => match inner.as_str() {
            Some(name) => Type::Named(name.to_owned(), Vec::new()),
            None => named(inner, "generics")?,
        },
        "definedWithTypeArgs" => named(inner, "args")?,
        "option" => Type::Option(boxed(inner)?),
        "coption" => Type::COption(boxed(inner)?),
        "vec" => Type::List(boxed(inner)?),
        "array" | "genericLenArray" => match inner.as_array().map(Vec::as_slice) {
            Some([element, length]) => {
                Type::Array(boxed(element)?, self::length(length).ok_or_else(unknown)?)
            }
            _ => return Err(unknown()),
        },
        "generic" => Type::Parameter(inner.as_str().ok_or_else(unknown)?.to_owned()),
        _ => return Err(unknown()),
    })
}

fn plain(name: &str) -> Option<Type> {
    // Wider integers are told by their bytes, the least first: no value here is as wide.
    let wide = || Type::Array(Box::new(Type::Unsigned(1)), Length::Fixed(32));
    Some(match name {
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
        "f32" => Type::Float(4),
        "f64" => Type::Float(8),
        "u256" | "i256" => wide(),
        "pubkey" | "publicKey" => Type::Key,
        "string" => Type::Text,
        "bytes" => Type::List(Box::new(Type::Unsigned(1))),
        _ => return None,
    })
}

fn length(item: &Value) -> Option<Length> {
    let name = item.as_str().or_else(|| item.get("generic")?.as_str());
    match name {
        Some(name) => Some(Length::Parameter(name.to_owned())),
        None => Some(Length::Fixed(usize::try_from(item.as_u64()?).ok()?)),
    }
}

/// A type by its name, with what its parameters stand for in the list `arguments`.
fn named(item: &Value, arguments: &str) -> Result<Type, IdlError> {
    let argument = |item: &Value| {
        // Before 0.30 there was a third kind for what is passed on.
        let passed = item.get("generic").and_then(Value::as_str);
        match (
            item.get("type"),
            item.get("value").and_then(Value::as_str),
            passed,
        ) {
            (Some(of), ..) => Ok(Argument::Type(kind(of)?)),
            (_, Some(text), _) => Ok(Argument::Constant(text.to_owned())),
            (.., Some(name)) => Ok(Argument::Type(Type::Parameter(name.to_owned()))),
            _ => Err(IdlError::Form(format!(
                "{} is no argument of a type",
                shortened(item)
            ))),
        }
    };
    let each = some(item, arguments)?.iter().map(argument);
    Ok(Type::Named(
        text(item, "name")?.to_owned(),
        each.collect::<Result<_, _>>()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_forms_of_a_type_are_one() {
        let named = |arguments| Type::Named("A".to_owned(), arguments);
        let passed = Argument::Type(Type::Parameter("T".to_owned()));
        for (item, expected) in [
            (json!("publicKey"), Type::Key),
            (json!("pubkey"), Type::Key),
            (json!({"defined": "A"}), named(vec![])),
            (json!({"defined": {"name": "A"}}), named(vec![])),
            (
                json!({"definedWithTypeArgs": {"name": "A", "args": [{"generic": "T"}, {"value": "3"}]}}),
                named(vec![passed.clone(), Argument::Constant("3".to_owned())]),
            ),
            (
                json!({"defined": {"name": "A", "generics": [
                    {"kind": "type", "type": {"generic": "T"}}, {"kind": "const", "value": "3"}]}}),
                named(vec![passed, Argument::Constant("3".to_owned())]),
            ),
            (
                json!({"array": ["bool", {"generic": "N"}]}),
                Type::Array(Box::new(Type::Bool), Length::Parameter("N".to_owned())),
            ),
            (
                json!({"genericLenArray": ["bool", "N"]}),
                Type::Array(Box::new(Type::Bool), Length::Parameter("N".to_owned())),
            ),
        ] {
            assert_eq!(kind(&item).unwrap(), expected, "{item}");
        }
        for wrong in [
            json!("u7"),
            json!({}),
            json!({"array": ["u8"]}),
            json!({"array": ["u8", -1]}),
            json!({"hashMap": ["u8", "u8"]}),
            json!({"defined": {"name": "A", "generics": [{"kind": "const"}]}}),
        ] {
            assert!(matches!(kind(&wrong), Err(IdlError::Form(_))), "{wrong}");
        }
    }

    #[test]
    fn what_surrounds_a_type_is_kept() {
        let told = definition(&json!({
            "name": "A", "serialization": "bytemuckunsafe", "repr": {"kind": "c", "packed": true, "align": 4},
            "generics": [{"kind": "const", "name": "N", "type": "usize"}],
            "type": {"kind": "struct", "fields": ["u8", {"option": "u16"}]},
        }))
        .unwrap();
        let Shape::Struct(fields) = &told.shape else {
            panic!("{told:?}")
        };
        assert_eq!(
            fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(),
            ["0", "1"]
        );
        assert_eq!(told.serialization, Some(Serialization::Mapped));
        assert_eq!(
            (told.packed, told.align, &told.parameters[..]),
            (true, 4, &["N".to_owned()][..])
        );
        let unit = definition(&json!({"name": "B", "type": {"kind": "struct"}})).unwrap();
        assert_eq!(unit, Definition::plain(Shape::Struct(Vec::new())));
        let skewed = json!({"name": "C", "repr": {"kind": "c", "align": 3}, "type": {"kind": "struct"}});
        assert!(definition(&skewed).unwrap_err().to_string().contains("3 bytes"));
    }
}
