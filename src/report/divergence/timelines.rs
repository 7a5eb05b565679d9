//! How markets and users fared in a trial.

use maud::{Markup, html};

use super::series::{Charts, MARKS, differs, gap, is_hidden, range};
use crate::divergence::{DivergenceReport, Timeline, TrialReport};
use crate::report::number::{counted, grouped};
use crate::report::page::{folded, gallery, note};

/// What users' timelines tell.
const COLLATERAL: &str = "collateral";
/// Timelines that are read together.
const TOGETHER: [&str; 2] = ["mark price", "oracle price"];
/// Most users with a chart each.
const USERS: usize = 12;
/// Most users in one chart: as many as have a colour.
const OTHERS: usize = 8;
/// Most charts of differences in a trial.
const DIFFERENCES: usize = 6;
/// Most points of a market's curve, and of a user's.
const POINTS: [usize; 2] = [400, 200];

/// The charts of a trial; none without timelines.
pub fn timelines(report: &DivergenceReport, trial: &TrialReport) -> Option<Markup> {
    if trial.timelines.is_empty() {
        return None;
    }
    let charts = Charts {
        names: [&report.left.name, &report.right.name],
        causes: trial.causes().collect(),
    };
    let (users, markets): (Vec<&Timeline>, Vec<&Timeline>) = trial
        .timelines
        .iter()
        .partition(|timeline| timeline.what == COLLATERAL);
    let markets = markets.chunk_by(|a, b| a.account == b.account);
    let mut differences = DIFFERENCES;
    let marked = charts.causes.len().min(MARKS) as u64;
    Some(html! {
        @for market in markets {
            @if let [first, ..] = market {
                h4 { code { (first.account) } }
                (gallery(market_charts(&charts, market, &mut differences)))
            }
        }
        @if !users.is_empty() { (user_charts(&charts, users)) }
        @if charts.causes.len() > MARKS {
            (note(format!("Of {} the {marked} worst are marked.", counted(charts.causes.len() as u64, "cause"))))
        }
    })
}

fn market_charts(charts: &Charts, market: &[&Timeline], differences: &mut usize) -> Vec<Markup> {
    let together: Vec<&Timeline> = market
        .iter()
        .copied()
        .filter(|timeline| TOGETHER.contains(&timeline.what.as_str()))
        .collect();
    let mut drawn = Vec::new();
    // Only what shares a unit shares an axis.
    let joined = together.len() > 1 && together.iter().all(|timeline| timeline.unit == together[0].unit);
    if joined {
        drawn.push(charts.line(&together, POINTS[0]));
    }
    for timeline in market {
        if !(joined && TOGETHER.contains(&timeline.what.as_str())) {
            drawn.push(charts.line(&[timeline], POINTS[0]));
        }
        if is_hidden(timeline) && *differences > 0 {
            *differences -= 1;
            drawn.push(charts.difference(timeline, POINTS[0]));
        }
    }
    drawn
}

fn user_charts(charts: &Charts, mut users: Vec<&Timeline>) -> Markup {
    // Those that differ first, the most first; then the largest changes.
    users.sort_by(|a, b| {
        let by_gap = gap(b).total_cmp(&gap(a));
        let by_range = range(b).total_cmp(&range(a));
        differs(b).cmp(&differs(a)).then(by_gap).then(by_range)
    });
    let (shown, others) = users.split_at(users.len().min(USERS));
    let drawn = &others[..others.len().min(OTHERS)];
    let differing = others.iter().filter(|timeline| differs(timeline)).count() as u64;
    html! {
        h4 { "Users" }
        (gallery(shown.iter().map(|user| {
            let named = Timeline { what: format!("{} {}", user.account, user.what), ..(*user).clone() };
            charts.line(&[&named], POINTS[1])
        })))
        @if !others.is_empty() {
            (folded(counted(others.len() as u64, "other user"), &html! {
                (gallery([charts.together(format!("{COLLATERAL} in {}", charts.names[0]), drawn, POINTS[1])]))
                @if differing > 0 { (note(format!("The sides differ in {} of them by less than above.", grouped(differing)))) }
                @if drawn.len() < others.len() {
                    (note(format!("The {OTHERS} with the largest changes are drawn; all are in the report’s data.")))
                }
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{report_of, trial};
    use super::*;

    fn timeline(account: &str, what: &str, right: Option<f64>) -> Timeline {
        Timeline {
            account: account.into(),
            what: what.into(),
            unit: "USD".into(),
            events: vec![0, 1],
            times: vec![0, 60],
            left: vec![Some(1.0), Some(2.0)],
            right: right.map(|last| vec![Some(1.0), Some(last)]),
        }
    }

    fn html(timelines_of: Vec<Timeline>) -> String {
        let mut of = trial(0, vec![]);
        of.timelines = timelines_of;
        let report = report_of(vec![of]);
        timelines(&report, &report.trials[0])
            .map(|html| html.0)
            .unwrap_or_default()
    }

    #[test]
    fn mark_and_oracle_share_a_chart() {
        let html = html(vec![
            timeline("perp_market_0", "mark price", Some(3.0)),
            timeline("perp_market_0", "oracle price", None),
            timeline("perp_market_0", "net position", None),
        ]);
        assert_eq!(html.matches("<figure").count(), 2);
        assert!(
            html.contains("mark price and oracle price: up to 1 apart"),
            "{html}"
        );
        assert!(html.contains("<span>oracle price, both</span>"));
    }

    #[test]
    fn a_difference_too_small_to_see_has_a_chart_of_its_own() {
        let html = html(vec![timeline("perp_market_0", "peg multiplier", Some(2.001))]);
        assert_eq!(html.matches("<figure").count(), 2);
        assert!(html.contains("peg multiplier: Drift 2.83 less simulator"));
    }

    #[test]
    fn users_that_differ_come_first_and_the_rest_is_folded() {
        let mut users: Vec<Timeline> = (0..30)
            .map(|user| timeline(&format!("user_{user}"), COLLATERAL, None))
            .collect();
        users[29].right = Some(vec![Some(1.0), Some(5.0)]);
        let html = html(users);
        assert_eq!(html.matches("<figure").count(), USERS + 1);
        assert!(html.contains("<summary>18 other users</summary>"));
        let first = html
            .find("<figcaption>")
            .map(|place| &html[place..place + 40])
            .unwrap();
        assert!(first.starts_with("<figcaption>user_29 collateral"), "{first}");
    }
}
