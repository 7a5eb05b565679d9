//! The page kit in a browser: what it makes stands alone, and the checks of pages are able to fail.
#![cfg(feature = "tables")]

mod browser;

use browser::Browser;
use harness::report::page::{self, Page, State, Verdict};
use harness::report::table::{Cell, Table};
use maud::html;
use std::fs;

fn page() -> Page {
    let mut table = Table::new("Fees").text("name").number("fee");
    for (name, fee) in [
        ("ten", Some(10.0)),
        ("nine", Some(9.0)),
        ("none", None),
        ("minus", Some(-1.5)),
    ] {
        let fee = fee.map_or_else(Cell::none, |fee: f64| Cell::number(fee, fee.to_string()));
        table.row([Cell::text(name), fee]);
    }
    let mut page = Page::new("A page of 100 % & more").verdict(Verdict {
        state: State::Ok,
        sentence: "Nothing is wrong with an_identifier_that_is_so_long_that_it_does_not_fit_a_phone_at_all."
            .into(),
        facts: vec![("sha256".into(), html! { code { ("0123456789abcdef".repeat(4)) } })],
    });
    page.section("one", "A table", html! { (table) });
    page.section("two", "Folded", page::folded("more", &html! { (table) }));
    page
}

#[test]
fn a_page_stands_alone_sorts_and_turns_dark() {
    let Some(browser) = Browser::find() else { return };
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a page.html");
    page().write(&path).unwrap();
    browser.check(&path);
    // By hand: the first press on the fee sorts by value, not by text.
    let visit = browser.visit(
        &path,
        800,
        r#"document.querySelectorAll("th button")[1].click();
           return Array.from(document.querySelectorAll("table")[0].tBodies[0].rows, (row) => row.cells[0].textContent);"#,
    );
    assert_eq!(visit.found, serde_json::json!(["minus", "nine", "ten", "none"]));
}

#[test]
fn what_is_wrong_with_a_page_is_seen() {
    let Some(browser) = Browser::find() else { return };
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("page.html");
    page().write(&path).unwrap();
    let good = fs::read_to_string(&path).unwrap();
    let planted = |pieces: &[(&str, &str)]| {
        let mut text = good.clone();
        for (old, new) in pieces {
            assert!(text.contains(old), "{old}");
            text = text.replace(old, new);
        }
        fs::write(&path, text).unwrap();
        browser.visit(&path, 390, include_str!("browser/check.js"))
    };
    let footer = "<footer>";
    let picture = (footer, "<img src=\"other.png\"><footer>");
    let loud = planted(&[(footer, "<script>undefined_name</script><footer>")]);
    assert!(
        loud.console[0].contains("undefined_name is not defined"),
        "{loud:?}"
    );
    let refused = planted(&[picture]);
    assert!(
        refused.console[0].contains("Content Security Policy"),
        "{refused:?}"
    );
    let elsewhere = (footer, "<img src=\"http://127.0.0.1:9/other.png\"><footer>");
    let asking = planted(&[elsewhere, ("img-src data:", "img-src http:")]);
    assert_eq!(asking.requests, ["http://127.0.0.1:9/other.png"], "{asking:?}");
    let wide = planted(&[(footer, "<div style=\"width:600px\">wide</div><footer>")]);
    assert!(
        wide.found[0].as_str().unwrap().contains("pixels wide in 390"),
        "{wide:?}"
    );
    let unsorted = planted(&[("a - b", "b - a")]);
    assert!(
        unsorted.found[0]
            .as_str()
            .unwrap()
            .contains("fee is not ascending"),
        "{unsorted:?}"
    );
    let dull = planted(&[("root.dataset.theme = dark()", "root.dataset.other = dark()")]);
    assert_eq!(
        dull.found,
        serde_json::json!(["the button does not change the colours"])
    );
}
