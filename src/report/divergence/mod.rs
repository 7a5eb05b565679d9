//! The page of a divergence report: whether two sides agree, where they do not and why, how markets and users fared.

mod compute;
mod findings;
mod how;
mod layouts;
mod matrix;
mod series;
mod timelines;
mod trial;
mod trials;
mod verdict;
mod words;

#[cfg(test)]
mod testing;

use maud::{Markup, html};

use super::page::{Page, note};
use crate::divergence::DivergenceReport;

/// The page of a report.
pub fn page(report: &DivergenceReport) -> Page {
    let causes = report.causes();
    let title = format!(
        "{}: {} against {}",
        report.subject, report.left.name, report.right.name
    );
    let mut page = Page::new(title)
        .about(html! { "What differs between two executions of the same events, since when, by how much and why." })
        .verdict(verdict::verdict(report));
    page.section("sample", "What the sample says", sample(report));
    page.section("trials", "Trials", trials::table(report));
    page.section("findings", "Findings", findings::findings(report, &causes));
    if let Some(layouts) = layouts::layouts(report) {
        page.section("layouts", "Layouts", layouts);
    }
    if let Some(matrix) = matrix::matrix(report) {
        page.section("outcomes", "Outcomes by instruction", matrix);
    }
    if !report.trials.is_empty() {
        page.section("courses", "Trial by trial", trial::trials(report, &causes));
    }
    page.section("compute", "Compute units", compute::compute(report));
    page.section("how", "How to read this", how::how(report));
    page
}

fn sample(report: &DivergenceReport) -> Markup {
    let statements = &report.statistics.statements;
    html! {
        @for statement in statements { p { (statement) } }
        @if statements.is_empty() { (note("Nothing was counted.")) }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{large, report};
    use super::*;
    use maud::Render;

    #[test]
    fn every_section_is_there_and_texts_are_escaped() {
        let html = page(&report()).render().into_string();
        for section in [
            "sample", "trials", "findings", "outcomes", "courses", "compute", "how",
        ] {
            assert!(html.contains(&format!("<section id=\"{section}\">")), "{section}");
        }
        assert!(html.contains("&lt;script&gt;"));
        assert_eq!(html.matches("<script").count(), 1);
    }

    #[test]
    fn every_link_has_its_place() {
        let html = page(&report()).render().into_string();
        let links: Vec<&str> = html
            .split("href=\"#")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(links.iter().any(|link| link.starts_with("trial-")));
        assert!(links.iter().any(|link| link.starts_with("cause-")));
        for link in links {
            let places = html.matches(&format!(" id=\"{link}\"")).count();
            assert_eq!(places, 1, "{link}");
        }
    }

    #[test]
    fn a_large_report_is_a_page_that_loads() {
        // Everything differs from the start, so that every curve is drawn twice.
        let html = page(&large()).render().into_string();
        assert!(html.len() < 3_000_000, "{} bytes", html.len());
        assert!(html.matches("<figure").count() > 12 * 20);
    }
}
