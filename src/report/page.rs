//! A page that stands alone: one file, no request, readable on a phone and on paper.

use std::fs;
use std::io;
use std::path::Path;

use maud::{DOCTYPE, Markup, PreEscaped, Render, html};

use super::theme;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Nothing is fetched, whatever a text on the page may hold.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/// An empty icon, so that no browser asks for one.
const ICON: &str = "data:,";

/// A page under construction.
#[derive(Clone, Debug)]
pub struct Page {
    title: String,
    about: Option<Markup>,
    verdict: Option<Verdict>,
    sections: Vec<Section>,
}

/// The one sentence that a reader takes away.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Good or bad.
    pub state: State,
    /// The sentence.
    pub sentence: String,
    /// What it rests on: names and values, in order.
    pub facts: Vec<(String, Markup)>,
}

/// How things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Ok,
    /// To be looked at.
    Warn,
    /// Wrong.
    Bad,
}

#[derive(Clone, Debug)]
struct Section {
    id: String,
    title: String,
    body: Markup,
}

impl State {
    /// The class that colours it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Ok => "✓",
            Self::Warn => "!",
            Self::Bad => "✕",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Ok => "Good: ",
            Self::Warn => "Caution: ",
            Self::Bad => "Bad: ",
        }
    }
}

impl Page {
    /// An empty page.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            about: None,
            verdict: None,
            sections: Vec::new(),
        }
    }

    /// Says under the title what the page is about.
    #[must_use]
    pub fn about(mut self, about: Markup) -> Self {
        self.about = Some(about);
        self
    }

    /// Puts the verdict on top.
    #[must_use]
    pub fn verdict(mut self, verdict: Verdict) -> Self {
        self.verdict = Some(verdict);
        self
    }

    /// Adds a section. The id is its anchor; the title its heading and its line in the table of contents.
    pub fn section(&mut self, id: impl Into<String>, title: impl Into<String>, body: Markup) {
        self.sections.push(Section {
            id: id.into(),
            title: title.into(),
            body,
        });
    }

    /// Writes the page; the file has its name only once it is complete.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut temporary = path.to_owned().into_os_string();
        temporary.push(".tmp");
        let written =
            fs::write(&temporary, self.render().into_string()).and_then(|()| fs::rename(&temporary, path));
        if written.is_err() {
            // What is left of it does no harm.
            fs::remove_file(&temporary).ok();
        }
        written
    }
}

impl Render for Page {
    fn render(&self) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    link rel="icon" href=(ICON);
                    title { (self.title) }
                    style { (PreEscaped(theme::css())) (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        div {
                            h1 { (self.title) }
                            @if let Some(about) = &self.about { p.about { (about) } }
                        }
                        button #theme type="button" hidden { "Dark" }
                    }
                    @if let Some(verdict) = &self.verdict { (verdict) }
                    div.columns {
                        @if self.sections.len() > 1 {
                            nav aria-label="Contents" { ul {
                                @for section in &self.sections {
                                    li { a href=(format!("#{}", section.id)) { (section.title) } }
                                }
                            } }
                        }
                        main {
                            @for section in &self.sections {
                                section id=(section.id) { h2 { (section.title) } (section.body) }
                            }
                        }
                    }
                    footer { "harness " (env!("CARGO_PKG_VERSION")) }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }
}

impl Render for Verdict {
    fn render(&self) -> Markup {
        html! {
            div #verdict class=(self.state.class()) {
                p {
                    span.sign aria-hidden="true" { (self.state.sign()) }
                    span.hidden { (self.state.word()) }
                    strong { (self.sentence) }
                }
                @if !self.facts.is_empty() {
                    dl { @for (name, value) in &self.facts { div { dt { (name) } dd { (value) } } } }
                }
            }
        }
    }
}

/// Pictures side by side, as many as fit.
pub fn gallery(pictures: impl IntoIterator<Item = Markup>) -> Markup {
    html! { div.gallery { @for picture in pictures { (picture) } } }
}

/// A remark, such as what was left out.
pub fn note(text: impl AsRef<str>) -> Markup {
    html! { p.note { (text.as_ref()) } }
}

/// Something long that opens at a click.
pub fn folded(summary: impl AsRef<str>, body: &Markup) -> Markup {
    html! { details { summary { (summary.as_ref()) } (body) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let mut page = Page::new("a < b").verdict(Verdict {
            state: State::Bad,
            sentence: "<script>alert(1)</script>".into(),
            facts: vec![("program".into(), html! { code { "x&y" } })],
        });
        page.section("one", "First & last", note("</section>"));
        page.section("two", "Second", folded("more", &gallery([html! { "picture" }])));
        page
    }

    #[test]
    fn texts_are_escaped_and_sections_linked() {
        let html = page().render().into_string();
        for piece in [
            "<title>a &lt; b</title>",
            "&lt;script&gt;alert(1)",
            "<section id=\"one\"><h2>First &amp; last</h2>",
            "<a href=\"#two\">Second</a>",
            "<p class=\"note\">&lt;/section&gt;</p>",
            "id=\"verdict\" class=\"bad\"",
        ] {
            assert!(html.contains(piece), "{piece}");
        }
        assert_eq!(html.matches("<script").count(), 1);
    }

    #[test]
    fn nothing_outside_is_named() {
        let html = page().render().into_string();
        for outside in [
            "http://",
            "https://",
            "src=",
            "@import",
            "url(",
            "localStorage",
            "//cdn",
        ] {
            assert!(!html.contains(outside), "{outside}");
        }
    }

    #[test]
    fn a_file_is_written_whole_or_not_at_all() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("report.html");
        page().write(&path).unwrap();
        assert!(fs::read_to_string(&path).unwrap().ends_with("</html>"));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
        assert!(page().write(&place.path().join("no/report.html")).is_err());
    }
}
