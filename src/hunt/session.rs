//! What happens in a session, in a form that can be kept, run again and made shorter.

use super::action::SHOCKS;
use drift::instruction::Instruction;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A session: an exchange, and what is done in it. Both follow from seeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Where markets, parameters and users come from.
    pub seed: u64,
    /// What is done, one after another.
    pub actions: Vec<Action>,
}

/// An instruction or a shock. Who, where and how much follow from its seed and from the accounts as they stand, so that an
/// action still makes sense where those before it are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// An instruction's name, or a shock's.
    pub what: &'static str,
    /// Where the rest comes from.
    pub seed: u64,
}

/// Why a file is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// It cannot be read or written.
    #[error("{file}: {source}")]
    File {
        /// Which.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is not a session's JSON.
    #[error("{file}: not a session that `harness hunt` wrote: {reason}")]
    Form {
        /// Which.
        file: String,
        /// What is wrong.
        reason: String,
    },
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnDisk {
    format: u32,
    seed: u64,
    actions: Vec<(String, u64)>,
}

/// Raised when the same file would mean something else: when what follows from a seed changes.
const FORMAT: u32 = 1;

impl Session {
    /// Reads a file that [`Session::to_json`] made.
    ///
    /// # Errors
    /// [`SessionError`].
    pub fn read(path: &Path) -> Result<Self, SessionError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| SessionError::File {
            file: file.clone(),
            source,
        })?;
        Self::from_json(&text).map_err(|reason| SessionError::Form { file, reason })
    }

    fn from_json(text: &str) -> Result<Self, String> {
        let stored: OnDisk = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if stored.format != FORMAT {
            return Err(format!(
                "its format is {}, this harness has {FORMAT}",
                stored.format
            ));
        }
        let action = |(name, seed): (String, u64)| {
            let known = Instruction::NAMES.iter().chain(&SHOCKS);
            let what = known.copied().find(|known| *known == name);
            let what = what.ok_or_else(|| format!("nobody knows the action `{name}`"))?;
            Ok(Action { what, seed })
        };
        let actions: Result<_, String> = stored.actions.into_iter().map(action).collect();
        Ok(Self {
            seed: stored.seed,
            actions: actions?,
        })
    }

    /// The session as JSON: one action a line.
    pub fn to_json(&self) -> String {
        let actions: Vec<String> = self
            .actions
            .iter()
            .map(|action| format!("    [\"{}\", {}]", action.what, action.seed))
            .collect();
        format!(
            "{{\n  \"format\": {FORMAT},\n  \"seed\": {},\n  \"actions\": [\n{}\n  ]\n}}\n",
            self.seed,
            actions.join(",\n")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_survives_its_file() {
        let session = Session {
            seed: u64::MAX,
            actions: vec![
                Action {
                    what: "liquidate_perp",
                    seed: 7,
                },
                Action {
                    what: SHOCKS[0],
                    seed: 0,
                },
            ],
        };
        assert_eq!(Session::from_json(&session.to_json()), Ok(session));
        let empty = Session {
            seed: 1,
            actions: Vec::new(),
        };
        assert_eq!(Session::from_json(&empty.to_json()), Ok(empty));
        let newer = r#"{"format": 9, "seed": 1, "actions": []}"#;
        assert_eq!(
            Session::from_json(newer),
            Err("its format is 9, this harness has 1".to_owned())
        );
        let odd = r#"{"format": 1, "seed": 1, "actions": [["fly", 1]]}"#;
        assert_eq!(
            Session::from_json(odd),
            Err("nobody knows the action `fly`".to_owned())
        );
    }
}
