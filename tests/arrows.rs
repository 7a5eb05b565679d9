//! The parts of the crate depend on each other in one direction, as ARCHITECTURE.md lists them.

use std::fs;
use std::path::{Path, PathBuf};

/// From below to above: a part uses only those before it.
const PARTS: [&str; 27] = [
    "complaint",
    "random",
    "staged",
    "event",
    "experiment",
    "recording",
    "path",
    "calibrate",
    "idl",
    "contents",
    "world",
    "ending",
    "watch",
    "agent",
    "scenario",
    "trial",
    "sweep",
    "summary",
    "sample",
    "verify",
    "divergence",
    "history",
    "report",
    "bank",
    "backtest",
    "hunt",
    "cli",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn files_under(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_under(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The source without tests and comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let own = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = own.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The parts that `code` names after `crate::`, alone or in braces.
fn used(code: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let part: String = name
                .trim_start()
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect();
            parts.push(part);
        }
    }
    parts
}

#[test]
fn every_part_uses_only_those_below_it() {
    let source = root().join("src");
    let mut files = Vec::new();
    files_under(&source, &mut files);
    let rank = |part: &str| PARTS.iter().position(|known| *known == part);
    let mut arrows = 0;
    let mut wrong = Vec::new();
    for file in &files {
        let within = file.strip_prefix(&source).unwrap();
        let top = within.components().next().unwrap().as_os_str().to_string_lossy();
        let part = top.trim_end_matches(".rs");
        let name = within.to_string_lossy();
        let is_test = name.ends_with("tests.rs") || name.ends_with("testing.rs") || name.contains("/tests/");
        if ["drift", "lib", "main"].contains(&part) || is_test {
            continue;
        }
        let own = rank(part).unwrap_or_else(|| panic!("{part} has no place among the parts"));
        for other in used(&code(file)) {
            let Some(other) = rank(&other) else { continue };
            arrows += usize::from(other < own);
            if other > own {
                wrong.push(format!("{name} uses {}", PARTS[other]));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    // Reading must have worked.
    assert!(arrows > 100, "{arrows}");
}

/// Within a part: the modules of a folder, each of which uses only those before it.
const FOLDERS: [(&str, &[&str]); 1] = [("bank/program", &["elf", "error", "download", "chain", "fetch"])];

#[test]
fn modules_of_a_folder_use_only_those_before_them() {
    for (folder, modules) in FOLDERS {
        for (place, module) in modules.iter().enumerate() {
            let code = code(&root().join("src").join(folder).join(format!("{module}.rs")));
            // What is not named after `super::` would be the folder's own file, which is above them all.
            for rest in code.split("super::").skip(1) {
                let used = modules[..place].iter().any(|other| rest.starts_with(other));
                let shown: String = rest.chars().take(20).collect();
                assert!(used, "{folder}/{module} uses {shown}");
            }
        }
    }
}

#[test]
fn the_page_lists_the_parts_in_their_order() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let places: Vec<_> = PARTS
        .iter()
        .map(|part| {
            page.find(&format!("| `{part}` |"))
                .unwrap_or_else(|| panic!("{part} is not on the page"))
        })
        .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn what_is_used_is_found() {
    let code = "use crate::event::{Event, Kind};\nuse crate::{path, world::World};\nlet x = crate::random::stream();";
    assert_eq!(used(code), ["event", "path", "world", "random"]);
}
