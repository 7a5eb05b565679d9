//! Drift's interfaces as Anchor has written them since 0.30: the same bytes as by the form that they were published in.
//!
//! The descriptions are not part of the repository; where they are not found beside it, the tests say so and pass.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use drift::instruction::Instruction;
use drift::key::{DRIFT, Pubkey};
use harness::idl::{Idl, Translator};
use harness::verify::Fixtures;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;

/// Whom the description may come from: Anchor's own conversion, which knows no layouts and splits no digits off a word, or
/// a build of today, whose names are those of the source.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Origin {
    Conversion,
    Build,
    /// The same, with discriminators that are no hashes.
    OddBuild,
}

const ALL: [Origin; 3] = [Origin::Conversion, Origin::Build, Origin::OddBuild];

impl Origin {
    fn name(self, camel: &str) -> String {
        let mut out = String::new();
        let mut before = '_';
        for letter in camel.chars() {
            let number = self != Self::Conversion && letter.is_ascii_digit() && before.is_ascii_lowercase();
            if letter.is_ascii_uppercase() || number {
                out.push('_');
            }
            out.extend(letter.to_lowercase());
            before = letter;
        }
        out
    }

    fn discriminator(self, space: &str, name: &str) -> Vec<u8> {
        let hash = Sha256::digest(format!("{space}:{name}"));
        match self {
            Self::OddBuild => [&[0xff][..], &hash[..2]].concat(),
            _ => hash[..8].to_vec(),
        }
    }

    fn kind(self, of: &Value) -> Value {
        match of {
            Value::String(name) if name == "publicKey" => json!("pubkey"),
            Value::Object(members) => match members.iter().next().unwrap() {
                (key, Value::String(name)) if key == "defined" => json!({"defined": {"name": name}}),
                (key, Value::Array(both)) => json!({key: [self.kind(&both[0]), both[1]]}),
                (key, inner) => json!({key: self.kind(inner)}),
            },
            other => other.clone(),
        }
    }

    fn fields(self, of: &Value) -> Value {
        let each = of.as_array().unwrap().iter().map(|field| {
            if field.get("name").is_none() {
                return self.kind(field);
            }
            let mut told = json!({"name": self.name(field["name"].as_str().unwrap()), "type": self.kind(&field["type"])});
            if let Some(docs) = field.get("docs") {
                told["docs"] = docs.clone();
            }
            told
        });
        each.collect()
    }

    fn roles(self, of: &Value) -> Value {
        let each = of.as_array().unwrap().iter().map(|role| {
            let mut told = json!({"name": self.name(role["name"].as_str().unwrap())});
            for (now, before) in [("writable", "isMut"), ("signer", "isSigner")] {
                if role[before] == true {
                    told[now] = json!(true);
                }
            }
            told
        });
        each.collect()
    }

    /// The type `of`; `mapped` for an account in C layout.
    fn definition(self, of: &Value, mapped: bool) -> Value {
        let mut kind = of["type"].clone();
        if let Some(fields) = kind.get("fields") {
            kind["fields"] = self.fields(&fields.clone());
        }
        for variant in kind
            .get_mut("variants")
            .into_iter()
            .flat_map(|all| all.as_array_mut().unwrap())
        {
            if let Some(fields) = variant.get("fields") {
                variant["fields"] = self.fields(&fields.clone());
            }
        }
        let mut told = json!({"name": of["name"], "type": kind});
        if mapped && self != Self::Conversion {
            told["serialization"] = json!("bytemuckunsafe");
            told["repr"] = json!({"kind": "c"});
        }
        told
    }

    fn description(self, old: &Value) -> String {
        let list = |name: &str| old[name].as_array().unwrap();
        let tagged = |name: &str, space: &str| -> Value {
            let each = list(name).iter().map(|one| {
                let name = one["name"].as_str().unwrap();
                json!({"name": name, "discriminator": self.discriminator(space, name)})
            });
            each.collect()
        };
        let instructions = list("instructions").iter().map(|one| {
            let name = self.name(one["name"].as_str().unwrap());
            json!({
                "discriminator": self.discriminator("global", &name),
                "accounts": self.roles(&one["accounts"]),
                "args": self.fields(&one["args"]),
                "name": name,
            })
        });
        let types = list("types").iter().map(|one| self.definition(one, false));
        let accounts = list("accounts")
            .iter()
            .map(|one| self.definition(one, one["name"] != "State"));
        let events = list("events").iter().map(|one| {
            json!({"name": one["name"], "type": {"kind": "struct", "fields": self.fields(&one["fields"])}})
        });
        let whole = json!({
            "address": DRIFT.to_string(),
            "metadata": {"name": old["name"], "version": old["version"], "spec": "0.1.0"},
            "instructions": instructions.collect::<Value>(),
            "accounts": tagged("accounts", "account"),
            "events": tagged("events", "event"),
            "types": types.chain(accounts).chain(events).collect::<Value>(),
        });
        whole.to_string()
    }
}

/// The description as it was published, read and as JSON.
fn published(version: &str) -> Option<(Idl, Value)> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../shared/protocol/drift-{version}.idl.json"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return None;
    };
    Some((Idl::parse(&text).unwrap(), serde_json::from_str(&text).unwrap()))
}

/// Each release with each form of today: where from, today's, the published one, and that as JSON.
fn each(check: impl Fn(Origin, &Idl, &Idl, &Value)) {
    for (old, json) in ["2.83", "2.31"].into_iter().filter_map(published) {
        for origin in ALL {
            let new = Idl::parse(&origin.description(&json)).unwrap();
            assert_eq!((&new.name, &new.version), (&old.name, &old.version));
            check(origin, &new, &old, &json);
        }
    }
}

fn instruction_names(json: &Value) -> Vec<String> {
    let all = json["instructions"].as_array().unwrap().iter();
    all.map(|one| Origin::Build.name(one["name"].as_str().unwrap()))
        .collect()
}

#[test]
fn every_instruction_is_the_same_but_for_its_discriminator() {
    each(|origin, new, old, json| {
        let names = instruction_names(json);
        assert!(names.len() > 100);
        for name in &names {
            let (ours, theirs) = (
                old.encode(name, &json!({})).unwrap(),
                new.encode(name, &json!({})).unwrap(),
            );
            let own = origin.discriminator("global", name);
            assert_eq!(theirs.data, [&own, &ours.data[8..]].concat(), "{name}");
            assert_eq!(theirs.defaulted, ours.defaulted, "{name}");
        }
        // The accounts, each by its own key.
        for (name, one) in names.iter().zip(json["instructions"].as_array().unwrap()) {
            let roles: Vec<String> = one["accounts"]
                .as_array()
                .unwrap()
                .iter()
                .map(|role| harness::idl::snake(role["name"].as_str().unwrap()))
                .collect();
            let given: Vec<_> = (1..)
                .zip(&roles)
                .map(|(byte, role)| (role.as_str(), Pubkey([byte; 32])))
                .collect();
            assert_eq!(
                new.metas(name, &given).unwrap(),
                old.metas(name, &given).unwrap(),
                "{name}"
            );
        }
    });
}

#[test]
fn recorded_instructions_are_written_as_by_the_published_interface() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.to_string_lossy().ends_with(".jsonl.gz"));
    let recorded: Vec<Instruction> = files
        .flat_map(|path| Fixtures::open(&path).unwrap())
        .filter_map(|line| Instruction::decode(&line.unwrap().1.data).ok())
        .collect();
    assert!(recorded.len() > 100);
    each(|origin, new, old, _| {
        for instruction in &recorded {
            let (name, arguments) = (instruction.name(), instruction.arguments());
            // 2.31 lacks a few tiers.
            let Ok(ours) = old.encode(name, &arguments) else {
                continue;
            };
            let theirs = new.encode(name, &arguments).unwrap();
            assert_eq!(
                theirs.data[origin.discriminator("global", name).len()..],
                ours.data[8..],
                "{name}"
            );
            assert_eq!(
                (theirs.dropped, theirs.defaulted),
                (ours.dropped, ours.defaulted),
                "{name}"
            );
        }
    });
}

/// `count` bytes that look like anything.
fn noise(count: usize) -> impl Iterator<Item = u8> {
    let step = |word: &u64| Some(word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    std::iter::successors(Some(7), step)
        .map(|word| (word >> 56) as u8)
        .take(count)
}

#[test]
fn every_account_and_event_is_read_the_same() {
    each(|origin, new, old, json| {
        for (list, space) in [("accounts", "account"), ("events", "event")] {
            for one in json[list].as_array().unwrap() {
                let name = one["name"].as_str().unwrap();
                let (own, other) = (
                    Origin::Build.discriminator(space, name),
                    origin.discriminator(space, name),
                );
                let read = |bytes: &[u8]| {
                    let (ours, theirs) = ([&own, bytes].concat(), [&other, bytes].concat());
                    match space {
                        "event" => (old.decode_event(&ours), new.decode_event(&theirs)),
                        _ => (old.decode(&ours), new.decode(&theirs)),
                    }
                };
                // Noise may be the length of a list that goes on for ever.
                let (ours, theirs) = read(&noise(8_192).collect::<Vec<_>>());
                let told = |error: harness::idl::IdlError| error.to_string();
                assert_eq!(theirs.map_err(told), ours.map_err(told), "{name} of {origin:?}");
                let (ours, theirs) = read(&[0; 8_192]);
                let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
                assert_eq!(ours.0, name);
                assert!(ours.1.len() > 1, "{name}");
                assert_eq!(theirs, ours, "{name} of {origin:?}");
                for (path, _) in ours.1.iter().filter(|_| space == "account") {
                    assert_eq!(new.docs(name, path), old.docs(name, path), "{name}.{path}");
                }
            }
        }
    });
}

#[test]
fn accounts_with_odd_discriminators_are_ours() {
    each(|origin, new, _, _| {
        let translator = Translator::new(new.clone());
        let market = drift::accounts::Account::filled("PerpMarket", &mut |path| {
            (path == "amm.base_spread").then_some(drift::accounts::layout::Value::Uint(250))
        });
        let market = market.unwrap();
        let tag = origin.discriminator("account", "PerpMarket");
        let data = [&tag, &market.encode()[8..]].concat();
        assert!(translator.account(DRIFT, &data) == market, "{origin:?}");
    });
}

#[test]
fn what_is_told_is_of_the_form_since_0_30() {
    let old = json!({
        "name": "small", "version": "1", "types": [], "events": [], "instructions": [],
        "accounts": [{"name": "User", "type": {"kind": "struct", "fields": [
            {"name": "twap5min", "type": {"array": [{"defined": "Other"}, 2]}}]}}],
    });
    let read =
        |origin: Origin| -> Map<String, Value> { serde_json::from_str(&origin.description(&old)).unwrap() };
    let field = |origin: Origin| read(origin)["types"][0]["type"]["fields"][0].clone();
    let kind = json!({"array": [{"defined": {"name": "Other"}}, 2]});
    assert_eq!(
        field(Origin::Conversion),
        json!({"name": "twap5min", "type": kind})
    );
    assert_eq!(field(Origin::Build), json!({"name": "twap_5min", "type": kind}));
    assert_eq!(
        read(Origin::OddBuild)["accounts"][0]["discriminator"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

/// What the program logged of an order that it then refused, and said so in words: `fill: 19996400 >= oracle: 12300000`.
const FILL: &str = "4DRDR8LtbQF0/1NlAAAAAAIGAAABAfX0FN+PNLq8F4rvQJ++CHmh8btnWgHOX3cWkxp7rMveAQAAAAAAAAAAAQsAAAAAAAAAAcC9mfgN\
    AAAAARrmhEcAAAAAARRPEgAAAAAAAAABAAAAAAAAAAAAAfX0FN+PNLq8F4rvQJ++CHmh8btnWgHOX3cWkxp7rMveAQYAAAABAAHAvZn4DQAAAAHA\
    vZn4DQAAAAEa5oRHAAAAAAAAAAAAAOCuuwAAAAAA";

#[test]
fn an_event_that_the_program_logged_is_read() {
    each(|origin, new, _, _| {
        let logged = STANDARD.decode(FILL).unwrap();
        let tag = origin.discriminator("event", "OrderActionRecord");
        let (name, fields) = new.decode_event(&[&tag, &logged[8..]].concat()).unwrap();
        assert_eq!(name, "OrderActionRecord");
        let told: HashMap<String, String> = fields
            .into_iter()
            .map(|(path, value)| (path, value.to_string()))
            .collect();
        assert_eq!(
            (told["action"].as_str(), told["market_type"].as_str()),
            ("Fill", "Perp")
        );
        assert_eq!(
            (told["maker"].as_str(), told["oracle_price"].as_str()),
            ("None", "12300000")
        );
        // Dollars at 1e6 over units of base at 1e9; the program rounds the price to its ticks of a hundredth of a cent.
        let number = |name: &str| told[name].parse::<u128>().unwrap();
        let price = number("quote_asset_amount_filled") * 1_000_000_000 / number("base_asset_amount_filled");
        assert_eq!(price / 100, 199_964);
    });
}
