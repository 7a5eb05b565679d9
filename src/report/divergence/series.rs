//! From timelines to line charts: the left side drawn through, the right one dashed over it, a mark where a cause begins.

use std::cmp::Reverse;

use maud::{Markup, Render};

use super::words;
use crate::divergence::{Finding, Timeline};
use crate::report::chart::{Axis, Line, Mark, Series, thin};
use crate::report::number::short;
use crate::report::summary::words::listed;

/// Most causes that are marked in a chart: a page holds many charts.
pub const MARKS: usize = 8;
/// Most signs of a mark's label.
const LABEL: usize = 80;
/// A gap below this share of a curve's range cannot be seen in its chart.
const VISIBLE: f64 = 0.02;

/// What the charts of a trial have in common.
pub struct Charts<'a> {
    /// The sides' names.
    pub names: [&'a str; 2],
    /// The trial's causes.
    pub causes: Vec<&'a Finding>,
}

/// What a chart runs along.
#[derive(Clone, Copy)]
enum Along {
    Seconds,
    Events,
}

impl Along {
    /// Time, where it runs forward in all timelines.
    fn of(timelines: &[&Timeline]) -> Self {
        let forward = timelines.iter().all(|timeline| timeline.times.is_sorted());
        let some = timelines.iter().any(|timeline| !timeline.times.is_empty());
        if forward && some {
            Self::Seconds
        } else {
            Self::Events
        }
    }

    fn axis(self) -> Axis {
        match self {
            Self::Seconds => Axis::Seconds,
            Self::Events => Axis::number("event"),
        }
    }

    /// Where the timeline's value at `place` stands.
    fn at(self, timeline: &Timeline, place: usize) -> Option<f64> {
        match self {
            Self::Seconds => timeline.times.get(place).map(|time| *time as f64),
            Self::Events => timeline.events.get(place).map(|event| *event as f64),
        }
    }

    fn points(self, timeline: &Timeline, values: &[Option<f64>]) -> Vec<(f64, f64)> {
        let placed = |(place, value): (usize, &Option<f64>)| {
            Some((self.at(timeline, place)?, value.unwrap_or(f64::NAN)))
        };
        values.iter().enumerate().filter_map(placed).collect()
    }

    /// Where an event stands: at the first value after it; at the start while the exchange is opened.
    fn moment(self, timeline: &Timeline, event: Option<usize>) -> Option<f64> {
        let event = event.map_or(0, |event| event as u64);
        let place = timeline.events.partition_point(|at| *at < event);
        self.at(timeline, place.min(timeline.events.len().checked_sub(1)?))
    }
}

/// Whether the sides' values differ anywhere.
pub fn differs(timeline: &Timeline) -> bool {
    timeline
        .right
        .as_ref()
        .is_some_and(|right| *right != timeline.left)
}

/// The largest distance between both sides; 0 where they are equal or one has no values.
pub fn gap(timeline: &Timeline) -> f64 {
    let pairs = timeline.left.iter().zip(timeline.right.iter().flatten());
    let gaps = pairs.filter_map(|(left, right)| Some((left.as_ref()? - right.as_ref()?).abs()));
    gaps.fold(0.0, f64::max)
}

/// From the lowest to the highest value of the left side.
pub fn range(timeline: &Timeline) -> f64 {
    let values = || {
        timeline
            .left
            .iter()
            .flatten()
            .copied()
            .filter(|value| value.is_finite())
    };
    let (low, high) = (
        values().fold(f64::INFINITY, f64::min),
        values().fold(f64::NEG_INFINITY, f64::max),
    );
    (high - low).max(0.0)
}

/// Whether the sides differ by less than their chart shows.
pub fn is_hidden(timeline: &Timeline) -> bool {
    differs(timeline) && (0.0..VISIBLE * range(timeline)).contains(&gap(timeline)) && gap(timeline) > 0.0
}

impl Charts<'_> {
    /// Timelines of one account and unit in one chart, of at most so many points a curve.
    pub fn line(&self, timelines: &[&Timeline], most: usize) -> Markup {
        let what: Vec<&str> = timelines.iter().map(|timeline| timeline.what.as_str()).collect();
        let apart = timelines.iter().map(|timeline| gap(timeline)).fold(0.0, f64::max);
        let sides = match (timelines.iter().any(|timeline| differs(timeline)), apart) {
            (false, _) => "equal on both sides".to_owned(),
            (true, 0.0) => "the sides differ".to_owned(),
            (true, apart) => format!("up to {} apart", short(apart)),
        };
        let along = Along::of(timelines);
        let mut chart = self.chart(format!("{}: {sides}", listed(&what)), timelines, along);
        for timeline in timelines {
            let named = |side: &str| match timelines.len() {
                1 => side.to_owned(),
                _ => format!("{}, {side}", timeline.what),
            };
            let series = |name: &str, values: &[Option<f64>], dashed| Series {
                name: named(name),
                points: thin(&along.points(timeline, values), most / 4),
                step: true,
                dashed,
            };
            match timeline.right.as_deref().filter(|_| differs(timeline)) {
                None => chart.series.push(series("both", &timeline.left, false)),
                Some(right) => {
                    chart.series.push(series(self.names[0], &timeline.left, false));
                    chart.series.push(series(self.names[1], right, true));
                }
            }
        }
        chart.render()
    }

    /// What the right side has more than the left one.
    pub fn difference(&self, timeline: &Timeline, most: usize) -> Markup {
        let pairs = timeline.left.iter().zip(timeline.right.iter().flatten());
        let differences: Vec<Option<f64>> = pairs
            .map(|(left, right)| Some(right.as_ref()? - left.as_ref()?))
            .collect();
        let along = Along::of(&[timeline]);
        let title = format!("{}: {} less {}", timeline.what, self.names[1], self.names[0]);
        let mut chart = self.chart(title, &[timeline], along);
        chart.series.push(Series {
            name: "difference".to_owned(),
            points: thin(&along.points(timeline, &differences), most / 4),
            step: true,
            dashed: false,
        });
        chart.render()
    }

    /// Several accounts' values as the left side has them.
    pub fn together(&self, title: String, timelines: &[&Timeline], most: usize) -> Markup {
        let along = Along::of(timelines);
        let mut chart = self.chart(title, timelines, along);
        for timeline in timelines {
            chart.series.push(Series {
                name: timeline.account.clone(),
                points: thin(&along.points(timeline, &timeline.left), most / 4),
                step: true,
                dashed: false,
            });
        }
        chart.render()
    }

    /// A chart without series, with marks.
    fn chart(&self, title: String, timelines: &[&Timeline], along: Along) -> Line {
        let unit = timelines.first().map(|timeline| timeline.unit.clone());
        let mut chart = Line::new(title, unit.unwrap_or_default(), along.axis());
        let mut causes = self.causes.clone();
        causes.sort_by_key(|cause| Reverse(cause.severity));
        causes.truncate(MARKS);
        let mark = |cause: &Finding| {
            let timeline = timelines.first()?;
            Some(Mark {
                at: along.moment(timeline, cause.first.event)?,
                label: words::cut(&cause.statement(), LABEL),
                state: words::state(cause.severity),
            })
        };
        chart.marks = causes.into_iter().filter_map(mark).collect();
        chart
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::finding;
    use super::*;
    use crate::divergence::{Kind, Severity};

    fn timeline() -> Timeline {
        Timeline {
            account: "perp_market_0".into(),
            what: "mark price".into(),
            unit: "USD".into(),
            events: vec![0, 4, 8],
            times: vec![0, 600, 1_200],
            left: vec![Some(30.0), Some(31.0), None],
            right: None,
        }
    }

    fn charts(causes: Vec<&Finding>) -> Charts<'_> {
        Charts {
            names: ["simulator", "Drift 2.83"],
            causes,
        }
    }

    #[test]
    fn a_mark_stands_where_its_event_shows() {
        let timeline = timeline();
        let along = Along::of(&[&timeline]);
        for (event, at) in [
            (None, 0.0),
            (Some(0), 0.0),
            (Some(3), 600.0),
            (Some(4), 600.0),
            (Some(99), 1_200.0),
        ] {
            assert_eq!(along.moment(&timeline, event), Some(at), "{event:?}");
        }
        let mut cause = finding(0, Kind::Refused, Severity::Critical, "outcome");
        cause.first.event = Some(4);
        let html = charts(vec![&cause]).line(&[&timeline], 800).into_string();
        assert!(html.contains("<g class=\"bad\"><title>"), "{html}");
        assert_eq!(Along::of(&[]).moment(&Timeline::default(), Some(1)), None);
    }

    #[test]
    fn time_that_runs_back_gives_way_to_events() {
        let mut timeline = timeline();
        timeline.times = vec![0, 1_200, 600];
        let html = charts(vec![]).line(&[&timeline], 800).into_string();
        assert!(html.contains(">event</text>"), "{html}");
    }

    #[test]
    fn equal_sides_share_a_curve_and_others_are_told_apart() {
        let mut timeline = timeline();
        let html = charts(vec![]).line(&[&timeline], 800).into_string();
        assert!(html.contains("mark price: equal on both sides") && !html.contains("dashed"));
        timeline.right = Some(vec![Some(30.0), Some(30.5), None]);
        let html = charts(vec![]).line(&[&timeline], 800).into_string();
        assert!(
            html.contains("mark price: up to 0.5000 apart") && html.contains("path dashed"),
            "{html}"
        );
        assert!(html.contains("<span>Drift 2.83</span>"));
        assert!(!is_hidden(&timeline));
        timeline.right = Some(vec![Some(30.0), Some(31.001), None]);
        assert!(is_hidden(&timeline) && (gap(&timeline) - 0.001).abs() < 1e-9);
    }
}
