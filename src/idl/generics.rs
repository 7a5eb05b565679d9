//! Definitions with parameters: the definition that stands for some arguments.

use super::shape::{Argument, Definition, Field, Length, Shape, Type};
use super::{Idl, IdlError};
use std::borrow::Cow;

/// The longest array, in elements: no account or transaction has more bytes.
const LONGEST: usize = 10 * 1024 * 1024;

impl Idl {
    /// The definition `name`, with `arguments` in place of its parameters.
    pub(super) fn definition(
        &self,
        name: &str,
        arguments: &[Argument],
    ) -> Result<Cow<'_, Definition>, IdlError> {
        let generic = self
            .types
            .get(name)
            .ok_or_else(|| IdlError::NoType(name.to_owned()))?;
        if generic.parameters.len() != arguments.len() {
            return Err(IdlError::Arguments {
                name: name.to_owned(),
                takes: generic.parameters.len(),
                given: arguments.len(),
            });
        }
        if arguments.is_empty() {
            return Ok(Cow::Borrowed(generic));
        }
        let bound = Bound {
            name,
            parameters: &generic.parameters,
            arguments,
        };
        let shape = match &generic.shape {
            Shape::Struct(fields) => Shape::Struct(bound.fields(fields)?),
            Shape::Enum(variants) => {
                let each = variants
                    .iter()
                    .map(|(name, fields)| Ok((name.clone(), bound.fields(fields)?)));
                Shape::Enum(each.collect::<Result<_, IdlError>>()?)
            }
            Shape::Alias(of) => Shape::Alias(bound.kind(of)?),
        };
        Ok(Cow::Owned(Definition {
            shape,
            parameters: Vec::new(),
            ..generic.clone()
        }))
    }
}

impl Length {
    /// In elements.
    pub(super) fn elements(&self) -> Result<usize, IdlError> {
        match self {
            Self::Fixed(length) if *length <= LONGEST => Ok(*length),
            Self::Fixed(length) => Err(IdlError::Form(format!(
                "an array of {length} elements is longer than any account"
            ))),
            Self::Parameter(name) => Err(unbound(name)),
        }
    }
}

pub(super) fn unbound(name: &str) -> IdlError {
    IdlError::Form(format!("`{name}` stands where no such parameter is declared"))
}

/// Parameters of the definition `name`, and what they stand for.
struct Bound<'a> {
    name: &'a str,
    parameters: &'a [String],
    arguments: &'a [Argument],
}

impl Bound<'_> {
    fn get(&self, parameter: &str) -> Option<&Argument> {
        let place = self.parameters.iter().position(|own| own == parameter)?;
        self.arguments.get(place)
    }

    fn fields(&self, fields: &[Field]) -> Result<Vec<Field>, IdlError> {
        let each = fields.iter().map(|field| {
            Ok(Field {
                kind: self.kind(&field.kind)?,
                ..field.clone()
            })
        });
        each.collect()
    }

    fn kind(&self, kind: &Type) -> Result<Type, IdlError> {
        let boxed = |inner: &Type| self.kind(inner).map(Box::new);
        Ok(match kind {
            Type::Parameter(name) => match self.get(name).ok_or_else(|| unbound(name))? {
                Argument::Type(kind) => kind.clone(),
                Argument::Constant(text) => return Err(self.wrong(name, text, "type")),
            },
            Type::Option(inner) => Type::Option(boxed(inner)?),
            Type::COption(inner) => Type::COption(boxed(inner)?),
            Type::List(inner) => Type::List(boxed(inner)?),
            Type::Array(inner, length) => Type::Array(boxed(inner)?, self.length(length)?),
            Type::Named(name, arguments) => {
                let each = arguments.iter().map(|argument| self.argument(argument));
                Type::Named(name.clone(), each.collect::<Result<_, _>>()?)
            }
            other => other.clone(),
        })
    }

    fn length(&self, length: &Length) -> Result<Length, IdlError> {
        let Length::Parameter(name) = length else {
            return Ok(length.clone());
        };
        match self.get(name).ok_or_else(|| unbound(name))? {
            Argument::Constant(text) => match text.parse() {
                Ok(length) => Ok(Length::Fixed(length)),
                Err(_) => Err(self.wrong(name, text, "length")),
            },
            Argument::Type(_) => Err(self.wrong(name, "a type", "length")),
        }
    }

    /// An argument that a field passes on: a bare parameter may stand for a type or a constant.
    fn argument(&self, argument: &Argument) -> Result<Argument, IdlError> {
        match argument {
            Argument::Type(Type::Parameter(name)) | Argument::Constant(name) if self.get(name).is_some() => {
                Ok(self.get(name).unwrap_or(argument).clone())
            }
            Argument::Type(kind) => Ok(Argument::Type(self.kind(kind)?)),
            Argument::Constant(_) => Ok(argument.clone()),
        }
    }

    fn wrong(&self, parameter: &str, given: &str, wanted: &str) -> IdlError {
        IdlError::Form(format!(
            "`{}` takes a {wanted} as `{parameter}`, and gets {given}",
            self.name
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drift::accounts::layout::Value;
    use serde_json::json;

    fn idl(types: serde_json::Value) -> Idl {
        let text = json!({
            "address": "dRiftyHA39MWEi3m9aunc5MzRF1JYuBsbn6VPcn33UH",
            "metadata": {"name": "small", "version": "0.1.0", "spec": "0.1.0"},
            "instructions": [],
            "accounts": [{"name": "Top", "discriminator": [7]}],
            "types": types,
        });
        Idl::parse(&text.to_string()).unwrap()
    }

    #[test]
    fn types_and_lengths_are_passed_on() {
        let idl = idl(json!([
            {"name": "Top", "type": {"kind": "struct", "fields": [
                {"name": "few", "type": {"defined": {"name": "Outer", "generics": [
                    {"kind": "type", "type": "u16"}, {"kind": "const", "value": "2"}]}}},
                {"name": "other", "type": {"defined": {"name": "Either", "generics": [
                    {"kind": "type", "type": "bool"}]}}},
            ]}},
            {"name": "Outer",
                "generics": [{"kind": "type", "name": "T"}, {"kind": "const", "name": "N", "type": "usize"}],
                "type": {"kind": "struct", "fields": [
                    {"name": "first", "type": {"generic": "T"}},
                    {"name": "inner", "type": {"defined": {"name": "Inner", "generics": [
                        {"kind": "type", "type": {"option": {"generic": "T"}}},
                        {"kind": "type", "type": {"generic": "N"}}]}}},
                ]}},
            {"name": "Inner",
                "generics": [{"kind": "type", "name": "U"}, {"kind": "const", "name": "M", "type": "usize"}],
                "type": {"kind": "struct", "fields": [
                    {"name": "items", "type": {"array": [{"generic": "U"}, {"generic": "M"}]}}]}},
            {"name": "Either", "generics": [{"kind": "type", "name": "T"}], "type": {"kind": "enum", "variants": [
                {"name": "Neither"}, {"name": "One", "fields": [{"generic": "T"}]}]}},
        ]));
        let (kind, fields) = idl.decode(&[7, 1, 2, 1, 5, 0, 0, 1, 1]).unwrap();
        let told: Vec<_> = fields
            .iter()
            .map(|(path, value)| format!("{path}={value}"))
            .collect();
        assert_eq!(kind, "Top");
        assert_eq!(
            told,
            [
                "few.first=513",
                "few.inner.items.0=5",
                "few.inner.items.1=None",
                "other=One",
                "other.0=true"
            ]
        );
    }

    #[test]
    fn arguments_that_do_not_fit_are_named() {
        let field = |generics: serde_json::Value| {
            idl(json!([
                {"name": "Top", "type": {"kind": "struct", "fields": [
                    {"name": "a", "type": {"defined": {"name": "Few", "generics": generics}}}]}},
                {"name": "Few", "generics": [{"kind": "const", "name": "N", "type": "usize"}],
                    "type": {"kind": "struct", "fields": [{"name": "b", "type": {"array": ["u8", {"generic": "N"}]}}]}},
            ]))
        };
        let constant = |text: &str| json!([{"kind": "const", "value": text}]);
        let three = field(constant("3")).decode(&[7, 1, 2, 3]).unwrap().1;
        assert_eq!(three, [("a.b".to_owned(), Value::Bytes(vec![1, 2, 3]))]);
        for (generics, told) in [
            (json!([]), "`Few` has 1 parameter"),
            (constant("SIZE"), "gets SIZE"),
            (json!([{"kind": "type", "type": "u8"}]), "gets a type"),
            (constant("1000000000000"), "longer than any account"),
        ] {
            let refusal = field(generics).decode(&[7, 1, 2, 3]).unwrap_err().to_string();
            assert!(refusal.contains(told), "{refusal}");
        }
    }
}
