//! Groups of agents, by name, in the order written.

use crate::agent::{AgentSpec, Cast, Multiple};
use crate::complaint::Complaint;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// Groups of agents, by name, in the order written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agents(Vec<(String, AgentSpec)>);

impl Agents {
    /// Every group with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &AgentSpec)> {
        self.0.iter().map(|(name, group)| (name.as_str(), group))
    }

    /// The group of this name.
    pub fn get(&self, name: &str) -> Option<&AgentSpec> {
        self.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, group)| group)
    }

    /// Whether somebody may have to be liquidated.
    pub fn watch(&self) -> bool {
        self.iter().any(|(_, group)| group.recipe().watches())
    }

    pub(super) fn validate(&self, markets: usize, spot_markets: usize) -> Result<(), Complaint> {
        for (place, (name, group)) in self.0.iter().enumerate() {
            let (mut group, mut path) = (group, format!("agents.{name}"));
            // What many agents on one user are is a group within the group.
            let recipe = loop {
                let recipe = group.recipe();
                if let Some((field, why)) = recipe.problems().into_iter().next() {
                    return Err(complain(&path, field, format!("`{field}` {why}")));
                }
                let AgentSpec::Multiple(Multiple { of, .. }) = group else {
                    break recipe;
                };
                (group, path) = (of, format!("{path}.of"));
            };
            let complain = |field: &str, message: String| complain(&path, field, message);
            if usize::from(recipe.market()) >= markets {
                let market = recipe.market();
                return Err(complain(
                    "market",
                    format!("there is no perpetual market {market}: there are {markets}"),
                ));
            }
            for (field, market) in recipe.spot_markets() {
                if usize::from(market) >= spot_markets {
                    let message = format!("there is no spot market {market}: there are {spot_markets}");
                    return Err(complain(field, message));
                }
            }
            if let Cast::UsersOf(other) = recipe.members() {
                let owner = self.0.iter().position(|(known, _)| *known == other);
                let Some(owner) = owner else {
                    return Err(complain(
                        "users_of",
                        format!("there is no group of agents `{other}`"),
                    ));
                };
                if owner >= place || !matches!(self.0[owner].1.recipe().members(), Cast::New(_)) {
                    let message = format!("`{other}` must come before `{name}` and have users of its own");
                    return Err(complain("users_of", message));
                }
            }
        }
        Ok(())
    }
}

fn complain(path: &str, field: &str, message: String) -> Complaint {
    Complaint {
        path: format!("{path}.{field}"),
        message,
        help: None,
    }
}

impl Serialize for Agents {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (name, group) in &self.0 {
            map.serialize_entry(name, group)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Agents {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Groups;

        impl<'de> Visitor<'de> for Groups {
            type Value = Agents;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("groups of agents by name")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Agents, M::Error> {
                let mut groups = Vec::new();
                while let Some(group) = map.next_entry()? {
                    groups.push(group);
                }
                Ok(Agents(groups))
            }
        }

        from.deserialize_map(Groups)
    }
}

impl JsonSchema for Agents {
    fn schema_name() -> Cow<'static, str> {
        "Agents".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        std::collections::BTreeMap::<String, AgentSpec>::json_schema(generator)
    }
}
