//! Pages looked at in a real browser: headless Chromium, where there is one.
//!
//! The page stays as it is and opens from its file, in a frame of the width wanted, since a window cannot be as narrow as
//! a phone. A script outside the frame does what a reader would, and leaves what it finds in the document that
//! Chromium prints.

use serde_json::Value;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Names that Chromium goes by.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Far longer than any page takes; a browser that hangs should not hold up the checks for ever.
const PATIENCE: Duration = Duration::from_secs(120);

const DRIVER: &str = include_str!("driver.html");
const CHECK: &str = include_str!("check.js");

/// A browser.
pub struct Browser {
    program: PathBuf,
}

/// What came of opening a page.
#[derive(Debug)]
pub struct Visit {
    /// What the script returned.
    pub found: Value,
    /// What the page asked for beside itself.
    pub requests: Vec<String>,
    /// Lines of the console: errors, warnings, what the page's security policy refused.
    pub console: Vec<String>,
}

impl Browser {
    /// The browser of this machine. Says that a test skips where there is none.
    pub fn find() -> Option<Self> {
        let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
        let places = NAMES
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        let program = places.into_iter().find(|path| path.is_file());
        if program.is_none() {
            eprintln!("skipped: there is no {} in PATH", NAMES.join(", "));
        }
        Some(Self { program: program? })
    }

    /// Opens a page so many pixels wide. `script` is the body of an asynchronous JavaScript function of the page's
    /// `page` (its window) and `document`; what it returns goes through JSON.
    ///
    /// # Panics
    /// If the browser does not start or the script fails.
    pub fn visit(&self, page: &Path, width: u32, script: &str) -> Visit {
        let place = tempfile::tempdir().unwrap();
        let driver = place.path().join("driver.html");
        let page = format!("file://{}", page.canonicalize().unwrap().display());
        let text = DRIVER
            .replace("PAGE", &page)
            .replace("WIDTH", &width.to_string())
            .replace("SCRIPT", script);
        fs::write(&driver, text).unwrap();
        let (printed, log) = self.run(place.path(), &driver);
        let report = printed
            .split_once("<pre id=\"report\">")
            .and_then(|(_, rest)| rest.split_once("</pre>"))
            .unwrap_or_else(|| panic!("no report from {}:\n{log}", self.program.display()));
        let report: Value = serde_json::from_str(report.0).unwrap();
        assert!(report["failure"].is_null(), "{}", report["failure"]);
        let requests = report["requests"].as_array().unwrap().iter();
        Visit {
            found: report["found"].clone(),
            requests: requests.map(|url| url.as_str().unwrap().to_owned()).collect(),
            console: log
                .lines()
                .filter(|line| line.contains(":CONSOLE"))
                .map(str::to_owned)
                .collect(),
        }
    }

    /// What every page must do, at the width of a desk and of a phone: open without a word on the console and without
    /// a request, fit the width, sort every table by every number, switch between light and dark.
    ///
    /// # Panics
    /// If it does not.
    pub fn check(&self, page: &Path) {
        for width in [1_280, 390] {
            let visit = self.visit(page, width, CHECK);
            assert_eq!(visit.console, Vec::<String>::new(), "at {width} pixels");
            assert_eq!(visit.requests, Vec::<String>::new(), "at {width} pixels");
            assert_eq!(visit.found, serde_json::json!([]), "at {width} pixels");
        }
    }

    /// Runs until the page has settled; returns its document and the browser's log.
    fn run(&self, place: &Path, driver: &Path) -> (String, String) {
        // Into files: a pipe that no one reads would fill up.
        let (out, log) = (place.join("out"), place.join("log"));
        let mut child = Command::new(&self.program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-dev-shm-usage"])
            // As on a phone, where they take no room.
            .arg("--hide-scrollbars")
            // Otherwise the driver may not look into the frame.
            .arg("--allow-file-access-from-files")
            .arg(format!("--user-data-dir={}", place.join("profile").display()))
            .args(["--enable-logging=stderr", "--v=0"])
            .args([
                "--virtual-time-budget=10000",
                "--window-size=1400,1000",
                "--dump-dom",
            ])
            .arg(format!("file://{}", driver.display()))
            .stdin(Stdio::null())
            .stdout(fs::File::create(&out).unwrap())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let started = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if started.elapsed() > PATIENCE {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("{} does not end", self.program.display());
            }
            thread::sleep(Duration::from_millis(20));
        }
        let read = |path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        (read(&out), read(&log))
    }
}
