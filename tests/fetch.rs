//! `harness program fetch` against a server in this process.
#![cfg(feature = "bank")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::bank::{Program, RELEASES};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const LOADER: &str = "BPFLoaderUpgradeab1e11111111111111111111111";
const DRIFT: &str = "dRiftyHA39MWEi3m9aunc5MzRF1JYuBsbn6VPcn33UH";

/// A small program: a header, 100 bytes of text, and a table of one section.
fn elf() -> Vec<u8> {
    let mut elf = vec![0; 64];
    elf[..6].copy_from_slice(&[0x7f, b'E', b'L', b'F', 2, 1]);
    elf[18] = 247;
    (elf[40], elf[58], elf[60]) = (164, 64, 1);
    elf.extend((0..100).map(|byte: u8| byte | 1));
    let mut section = [0; 64];
    (section[4], section[24], section[32]) = (1, 64, 100);
    elf.extend_from_slice(&section);
    elf
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Answers every request with what `answer` makes of its method and body; the address to ask.
fn serve(answer: impl Fn(&str, &[u8]) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = converse(stream, &answer);
        }
    });
    format!("http://{address}")
}

fn converse(mut stream: TcpStream, answer: &impl Fn(&str, &[u8]) -> Vec<u8>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().unwrap();
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    stream.write_all(&answer(first.split(' ').next().unwrap(), &body))
}

/// An HTTP answer that says to be `length` bytes long.
fn response(status: &str, body: &[u8], length: usize) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn whole(status: &str, body: &[u8]) -> Vec<u8> {
    response(status, body, body.len())
}

/// A server with one file, as plain ones are: it knows nothing but GET.
fn file_server(status: &'static str, body: Vec<u8>) -> String {
    serve(move |method, _| match method {
        "GET" => whole(status, &body),
        _ => whole("405 Method Not Allowed", b"no"),
    })
}

/// An RPC endpoint: `account` gives an account's owner and data by its address.
fn endpoint(account: impl Fn(&str) -> Option<(&'static str, Vec<u8>)> + Send + 'static) -> String {
    serve(move |method, body| {
        if method != "POST" {
            return whole("405 Method Not Allowed", b"Used HTTP Method is not allowed");
        }
        let request: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(request["method"], "getAccountInfo");
        let value = account(request["params"][0].as_str().unwrap()).map(|(owner, data)| {
            json!({
                "owner": owner, "data": [STANDARD.encode(data), "base64"],
                "lamports": 1, "executable": true, "rentEpoch": 0, "space": 0,
            })
        });
        let answer = json!({"jsonrpc": "2.0", "id": request["id"], "result": {"context": {"slot": 1}, "value": value}});
        whole("200 OK", answer.to_string().as_bytes())
    })
}

/// The address of the program-data account, in base 58 and bytes: the one of 32 bytes that are all 1.
const HOLDER: (&str, [u8; 32]) = ("4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi", [1; 32]);

fn program_account() -> Vec<u8> {
    [&2u32.to_le_bytes()[..], &HOLDER.1].concat()
}

/// A program-data account: mark, slot, authority, then `elf`.
fn program_data(elf: &[u8]) -> Vec<u8> {
    [&3u32.to_le_bytes()[..], &77u64.to_le_bytes(), &[1], &[9; 32], elf].concat()
}

fn harness(cache: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_harness"))
        .args(arguments)
        .env("XDG_CACHE_HOME", cache)
        .env("NO_PROXY", "*")
        .output()
        .unwrap()
}

/// Runs `program fetch`, and answers where.
fn fetch(arguments: &[&str]) -> (TempDir, Output) {
    let cache = tempfile::tempdir().unwrap();
    let done = harness(cache.path(), &[&["program", "fetch"], arguments].concat());
    (cache, done)
}

/// The words of a message, however it was wrapped.
fn words(done: &Output) -> String {
    let text = String::from_utf8_lossy(&done.stderr).replace('│', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every file under `folder`, by its name.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    found
}

/// It ends with status 2, says `said`, and leaves nothing behind.
fn refused(arguments: &[&str], said: &[&str]) {
    let (cache, done) = fetch(arguments);
    let told = words(&done);
    assert_eq!(done.status.code(), Some(2), "{arguments:?}: {told}");
    for said in said {
        assert!(told.contains(said), "`{said}` in {told}");
    }
    assert_eq!(files(cache.path()), [""; 0], "{arguments:?}");
}

/// It ends with status 0, and `elf` is in the cache.
fn fetched(arguments: &[&str], elf: &[u8]) {
    let (cache, done) = fetch(arguments);
    assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", words(&done));
    let name = format!("program-{}.so", &sha256(elf)[..12]);
    assert_eq!(files(cache.path()), [name.as_str()]);
    let written = std::fs::read(cache.path().join("harness/programs").join(name)).unwrap();
    assert_eq!(written, elf);
    assert!(String::from_utf8_lossy(&done.stdout).contains(&sha256(elf)));
}

#[test]
fn a_file_is_fetched_from_a_server() {
    let url = file_server("200 OK", elf());
    let hash = sha256(&elf());
    fetched(&["--url", &url, "--sha256", &hash], &elf());
    fetched(
        &["--url", &url, "--sha256", &hash.to_uppercase(), "--from", "file"],
        &elf(),
    );
}

#[test]
fn a_file_is_fetched_from_a_folder() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a program.so");
    std::fs::write(&path, elf()).unwrap();
    let url = format!("file://{}", path.display().to_string().replace(' ', "%20"));
    fetched(&["--url", &url, "--sha256", &sha256(&elf())], &elf());
    refused(
        &["--url", &format!("{url}.gone"), "--sha256", &sha256(&elf())],
        &["cannot read", "No such file"],
    );
    refused(
        &["--url", "file:///", "--sha256", &sha256(&elf())],
        &["cannot read"],
    );
}

#[test]
fn a_program_is_fetched_from_a_cluster() {
    let url = endpoint(|key| match key {
        DRIFT => Some((LOADER, program_account())),
        _ if key == HOLDER.0 => Some((LOADER, program_data(&elf()))),
        _ => None,
    });
    let hash = sha256(&elf());
    fetched(&["--url", &url, "--sha256", &hash], &elf());
    fetched(&["--url", &url, "--sha256", &hash, "--from", "rpc"], &elf());
    refused(
        &["--url", &url, "--sha256", &hash, "--program-id", LOADER],
        &["no account", LOADER, "--program-id"],
    );
}

#[test]
fn room_after_the_elf_may_be_part_of_the_hash_or_not() {
    let padded = [&elf()[..], &[0; 1000]].concat();
    let held = program_data(&padded);
    let url = endpoint(move |key| match key {
        DRIFT => Some((LOADER, program_account())),
        _ => Some((LOADER, held.clone())),
    });
    fetched(&["--url", &url, "--sha256", &sha256(&elf())], &elf());
    fetched(&["--url", &url, "--sha256", &sha256(&padded)], &padded);
}

#[test]
fn an_account_or_a_verifiable_hash_stands_for_its_program() {
    let account = program_data(&[&elf()[..], &[0; 1000]].concat());
    let url = file_server("200 OK", account);
    fetched(&["--url", &url, "--sha256", &sha256(&elf())], &elf());
    let account = program_data(&[&elf()[..], &[0; 1000]].concat());
    fetched(&["--url", &url, "--sha256", &sha256(&account)], &account);
    // The last byte of the table that is not zero is the section's length, 32 bytes before its end.
    let stripped = &elf()[..elf().len() - 31];
    let (cache, done) = fetch(&["--url", &url, "--sha256", &sha256(stripped)]);
    assert_eq!(done.status.code(), Some(0), "{}", words(&done));
    let name = format!("program-{}.so", &sha256(stripped)[..12]);
    let written = std::fs::read(cache.path().join("harness/programs").join(name)).unwrap();
    assert_eq!(written, elf());
    // It is there now, by either hash.
    for hash in [sha256(stripped), sha256(&elf())] {
        let out = cache
            .path()
            .join("harness/programs")
            .join(format!("program-{}.so", &sha256(stripped)[..12]));
        let again = [
            "program",
            "fetch",
            "--sha256",
            &hash,
            "--out",
            out.to_str().unwrap(),
        ];
        let done = harness(cache.path(), &again);
        assert_eq!(done.status.code(), Some(0), "{}", words(&done));
    }
}

#[test]
fn what_is_not_the_program_is_refused() {
    let good = sha256(&elf());
    let other = "ab".repeat(32);
    let url = file_server("200 OK", elf());
    refused(
        &["--url", &url, "--sha256", &other],
        &["another program", &good, &other, "--sha256"],
    );
    // A known release has its hash already.
    refused(&["2.31", "--url", &url], &["another program", RELEASES[1].sha256]);

    let cut = file_server("200 OK", elf()[..150].to_vec());
    refused(&["--url", &cut, "--sha256", &good], &["not a program", "cut off"]);

    let page = file_server("200 OK", b"<html>welcome</html>".to_vec());
    refused(
        &["--url", &page, "--sha256", &good],
        &["no program", "no RPC endpoint", "405"],
    );
    refused(
        &["--url", &page, "--sha256", &good, "--from", "file"],
        &["not a program"],
    );
    refused(
        &["--url", &page, "--sha256", &good, "--from", "rpc"],
        &["does not answer as an RPC endpoint"],
    );

    let mut foreign = elf();
    // x86-64.
    foreign[18] = 62;
    let url = file_server("200 OK", foreign);
    refused(&["--url", &url, "--sha256", &good], &["another machine"]);
}

#[test]
fn a_server_that_fails_is_named() {
    let good = sha256(&elf());
    let url = file_server("404 Not Found", b"gone".to_vec());
    refused(
        &["--url", &url, "--sha256", &good],
        &["404 Not Found", "check the address"],
    );
    refused(
        &["--url", &url, "--sha256", &good, "--from", "file"],
        &["404 Not Found"],
    );

    // Promises all of it and hangs up in the middle.
    let url = serve(|_, _| response("200 OK", &elf()[..100], elf().len()));
    refused(&["--url", &url, "--sha256", &good], &["cut off after 100 bytes"]);

    let url = serve(|_, _| response("200 OK", b"", 11 << 20));
    refused(&["--url", &url, "--sha256", &good], &["which no program has"]);

    // Bound, then closed: nobody listens there.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://user:password@{gone}/?key=secret");
    for from in ["file", "rpc"] {
        refused(
            &["--url", &url, "--sha256", &good, "--from", from],
            &["cannot reach", "refused"],
        );
    }
    let (_, done) = fetch(&["--url", &url, "--sha256", &good]);
    assert!(!words(&done).contains("secret") && !words(&done).contains("password"));
}

#[test]
fn an_endpoint_that_has_no_program_is_refused() {
    let good = sha256(&elf());
    let check = |url: &str, said: &[&str]| refused(&["--url", url, "--sha256", &good], said);

    let error = json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32005, "message": "Node is behind"}});
    let answer = whole("200 OK", error.to_string().as_bytes());
    check(
        &serve(move |_, _| answer.clone()),
        &["Node is behind", "-32005", "another one"],
    );
    // Some endpoints give the reason beside a status.
    let answer = whole("403 Forbidden", error.to_string().as_bytes());
    check(&serve(move |_, _| answer.clone()), &["Node is behind"]);

    check(&endpoint(|_| None), &["no account", DRIFT, "which cluster"]);
    let old = "BPFLoader2111111111111111111111111111111111";
    check(
        &endpoint(move |_| Some((old, elf()))),
        &["not an upgradeable program", old],
    );
    // A buffer, and a program that was closed.
    check(
        &endpoint(|_| Some((LOADER, vec![1, 0, 0, 0]))),
        &["no program data"],
    );
    check(
        &endpoint(|key| (key == DRIFT).then(|| (LOADER, program_account()))),
        &["no program data"],
    );
    let answer = whole(
        "200 OK",
        br#"{"result":{"value":{"owner":"x","data":["?","base64"]}}}"#,
    );
    check(&serve(move |_, _| answer.clone()), &["no RPC endpoint"]);
    let cut = program_data(&elf()[..150]);
    let url = endpoint(move |key| match key {
        DRIFT => Some((LOADER, program_account())),
        _ => Some((LOADER, cut.clone())),
    });
    check(&url, &["not a program", "cut off"]);
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_asked() {
    let good = sha256(&elf());
    refused(&[], &["--url", "no host is trusted"]);
    refused(
        &["2.84", "--url", "http://127.0.0.1:1"],
        &["no release `2.84`", "2.83 and 2.31", "--sha256"],
    );
    refused(
        &["2.83", "--sha256", &good],
        &["another sha256", RELEASES[0].sha256],
    );
    refused(&["--sha256", "abc"], &["64 hexadecimal digits"]);
    refused(&["--sha256", &good, "--program-id", "abc"], &["not an address"]);
    for url in [
        "drift.so",
        "ftp://127.0.0.1/drift.so",
        "file://elsewhere/drift.so",
    ] {
        refused(&["--sha256", &good, "--url", url], &["no address to fetch from"]);
    }
    refused(
        &["--sha256", &good, "--url", "file:///x", "--from", "rpc"],
        &["no address to fetch from"],
    );
}

#[test]
fn a_file_is_replaced_only_by_the_right_one() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("folder").join("mine.so");
    let url = file_server("200 OK", elf());
    let (good, other) = (sha256(&elf()), "ab".repeat(32));
    let run = |hash: &str| {
        let out = out.to_str().unwrap();
        fetch(&["--url", &url, "--sha256", hash, "--out", out])
            .1
            .status
            .code()
    };
    assert_eq!(run(&other), Some(2));
    assert!(!out.parent().unwrap().exists());
    assert_eq!(run(&good), Some(0));
    std::fs::write(&out, "something else").unwrap();
    assert_eq!(run(&other), Some(2));
    assert_eq!(std::fs::read(&out).unwrap(), b"something else");
    assert_eq!(run(&good), Some(0));
    assert_eq!(std::fs::read(&out).unwrap(), elf());
    assert_eq!(files(place.path()), ["mine.so"]);
    // What is there already is not asked for again.
    let out = out.to_str().unwrap();
    let (_, done) = fetch(&["--sha256", &good, "--out", out]);
    assert_eq!(done.status.code(), Some(0), "{}", words(&done));
    // A folder in the way.
    let (_, done) = fetch(&[
        "--url",
        &url,
        "--sha256",
        &good,
        "--out",
        place.path().to_str().unwrap(),
    ]);
    assert_eq!(done.status.code(), Some(2));
    assert!(words(&done).contains("cannot write"), "{}", words(&done));
    assert_eq!(files(place.path()), ["mine.so"]);
}

#[test]
fn the_real_program_is_fetched_by_its_release() {
    let known = |path: &std::path::PathBuf| {
        Program::read(path)
            .ok()
            .filter(|program| program.release() == Some(&RELEASES[0]))
    };
    let Some(program) = harness::bank::cached_programs().iter().find_map(known) else {
        println!("skipped: Drift {} is not in the cache", RELEASES[0].version);
        return;
    };
    let elf = std::fs::read(&program.path).unwrap();
    // On chain there is room after it.
    let held = program_data(&[&elf[..], &[0; 4096]].concat());
    let rpc = endpoint(move |key| match key {
        DRIFT => Some((LOADER, program_account())),
        _ => Some((LOADER, held.clone())),
    });
    let file = format!("file://{}", program.path.display());
    for arguments in [["2.83", "--url", rpc.as_str()].as_slice(), &["--url", &file]] {
        let (cache, done) = fetch(arguments);
        assert_eq!(done.status.code(), Some(0), "{}", words(&done));
        assert_eq!(files(cache.path()), ["drift-2.83.so"]);
        let listed = harness(cache.path(), &["program", "list"]);
        let listed = String::from_utf8_lossy(&listed.stdout);
        assert!(
            listed.contains(RELEASES[0].sha256) && listed.contains("2.83"),
            "{listed}"
        );
    }
    // A verifiable build is stated without the zeros at the end.
    for release in [["2.83"].as_slice(), &[]] {
        let arguments = [
            release,
            &["--sha256", RELEASES[0].stripped_sha256, "--url", &file],
        ]
        .concat();
        let (cache, done) = fetch(&arguments);
        assert_eq!(done.status.code(), Some(0), "{}", words(&done));
        assert_eq!(files(cache.path()), ["drift-2.83.so"]);
    }
}
