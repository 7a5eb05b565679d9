//! What the words of the page mean.

use maud::{Markup, html};

use super::words;
use crate::divergence::{DivergenceReport, Kind, Severity};
use crate::report::page::note;
use crate::report::table::{Cell, Table};

/// The section that explains.
pub fn how(report: &DivergenceReport) -> Markup {
    let mut severities = Table::new("Severities, the worst first")
        .text("severity")
        .text("means");
    for severity in Severity::ALL.into_iter().rev() {
        severities.row([
            Cell::markup(words::badge(severity)).sorted_by(f64::from(severity as u8)),
            Cell::text(words::severity_means(severity)).class("wrap"),
        ]);
    }
    let mut kinds = Table::new("Kinds").text("kind").text("means");
    for kind in Kind::ALL {
        kinds.row([
            Cell::text(kind.name()),
            Cell::text(words::kind_means(kind)).class("wrap"),
        ]);
    }
    html! {
        (note(
            "An instruction is a function of its accounts, the clock and its arguments. Where these are equal on both sides \
             and what comes of them is not, a difference begins: a cause. What differs later, in instructions that read an \
             account in which the sides already differ, is a knock-on and folded under it. A cause is as severe as the worst \
             that follows from it."
        ))
        (note(
            "An ulp is one unit of the field’s own integer: the smallest step in which the program counts. A difference heals \
             when both sides become equal again for good."
        ))
        (severities)
        (kinds)
        (note(format!(
            "In pictures {} is drawn through and {} dashed; where one curve is drawn, both are equal. Marks show where causes \
             begin. Pictures have their numbers in words for screen readers. Tables sort by their headings.",
            report.left.name, report.right.name
        )))
    }
}
