//! The fields that only one side's layout has: nothing that the sides could agree on.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::divergence::DivergenceReport;
use crate::report::page::note;
use crate::report::table::{Cell, Table};

/// The table of layouts that differ; none where all are the same.
pub fn layouts(report: &DivergenceReport) -> Option<Markup> {
    let layouts = report.layouts();
    if layouts.is_empty() {
        return None;
    }
    let mut table = Table::new("Fields that the sides do not share, by type of account")
        .text("type")
        .text(format!("only {}", report.left.name))
        .text(format!("only {}", report.right.name))
        .text("both, but not alike")
        .note("of another size or type");
    for (kind, [left, right]) in layouts {
        let both: BTreeSet<&str> = left.intersection(&right).copied().collect();
        let cells = [&left - &both, &right - &both, both].map(|fields| named(&fields));
        table.row([Cell::code(kind)].into_iter().chain(cells));
    }
    Some(html! {
        (table)
        (note("What one side has no place for is not compared and is no cause; everything else of these accounts is."))
    })
}

fn named(fields: &BTreeSet<&str>) -> Cell {
    if fields.is_empty() {
        return Cell::none();
    }
    let fields: Vec<&str> = fields.iter().copied().collect();
    Cell::code(fields.join(", ")).class("wrap")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{finding, report_of, trial};
    use super::*;
    use crate::divergence::{Kind, Severity};

    #[test]
    fn fields_stand_on_the_side_that_has_them() {
        let field = |id, name: &str, left: Option<&str>, right: Option<&str>| {
            let mut field = finding(id, Kind::Layout, Severity::Info, name);
            (field.left, field.right) = (left.map(str::to_owned), right.map(str::to_owned));
            field
        };
        let report = report_of(vec![trial(
            0,
            vec![
                field(0, "old", Some("u8"), None),
                field(1, "new", None, Some("u8")),
                field(2, "wider", Some("u8"), Some("u16")),
            ],
        )]);
        let html = layouts(&report).map(|html| html.0).unwrap_or_default();
        let cell = |field: &str| format!("<td class=\"wrap\"><code>{field}</code></td>");
        let row = format!(
            "<code>PerpMarket</code></td>{}{}{}",
            cell("old"),
            cell("new"),
            cell("wider")
        );
        assert!(html.contains(&row), "{html}");
        assert!(layouts(&report_of(vec![trial(0, vec![])])).is_none());
    }
}
