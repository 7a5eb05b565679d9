//! The plan as a spec that stands alone, and its fingerprint.

use sha2::{Digest, Sha256};

use super::super::tree::{self, Key, Kind, Node, Number};
use super::Plan;
use super::overrides::key;

/// Raised whenever the same spec comes to mean other trials: another numbering, another way to draw.
const FORMAT: i128 = 1;

impl Plan {
    /// A spec with this very plan and no other file: the scenario written out with its defaults, `--set` and other
    /// overrides applied, tables included. The limit is not part of it.
    ///
    /// # Errors
    /// None in practice; see [`tree::to_yaml`].
    pub fn resolved_spec(&self) -> Result<String, String> {
        let mut entries = vec![(key("name"), Node::new(Kind::Text(self.name.clone())))];
        if let Some(description) = &self.description {
            entries.push((key("description"), Node::new(Kind::Text(description.clone()))));
        }
        entries.extend(self.meaning(self.base.clone()));
        tree::to_yaml(&Node::new(Kind::Map(entries)))
    }

    /// SHA-256, in hexadecimal, over what decides the trials and their numbers: seed, replicates, the scenario with
    /// its defaults and the parameter blocks as JSON. Name, description and limit do not enter; neither does the
    /// order of keys within the scenario, while that of paths within a block numbers the points and does.
    pub fn fingerprint(&self) -> String {
        let mut entries = vec![(key("format"), integer(FORMAT))];
        entries.extend(self.meaning(sorted(self.base.clone())));
        let json = tree::to_json(&Node::new(Kind::Map(entries))).to_string();
        Sha256::digest(json)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn meaning(&self, scenario: Node) -> Vec<(Key, Node)> {
        let blocks = self.designs.iter().map(|design| design.block().written.clone());
        vec![
            (key("seed"), integer(self.seed.into())),
            (key("replicates"), integer(self.replicates.into())),
            (key("scenario"), scenario),
            (key("parameters"), Node::new(Kind::List(blocks.collect()))),
        ]
    }
}

fn integer(n: i128) -> Node {
    Node::new(Kind::Number(Number::Integer(n)))
}

fn sorted(mut node: Node) -> Node {
    node.kind = match node.kind {
        Kind::List(items) => Kind::List(items.into_iter().map(sorted).collect()),
        Kind::Map(entries) => {
            let mut entries: Vec<_> = entries
                .into_iter()
                .map(|(key, value)| (key, sorted(value)))
                .collect();
            entries.sort_by(|a, b| a.0.name.cmp(&b.0.name));
            Kind::Map(entries)
        }
        kind => kind,
    };
    node
}
