//! Several series over time or another number, and moments to look at.

use maud::{Markup, Render, html};

use super::super::number::{counted, short};
use super::super::page::State;
use super::frame::{Frame, Key, colour, figure, stroke};
use super::scale::Axis;
use super::svg::{curve, px};

/// A line chart.
#[derive(Clone, Debug)]
pub struct Line {
    /// What is shown.
    pub title: String,
    /// The unit of the values; may be empty.
    pub unit: String,
    /// What the series run along.
    pub axis: Axis,
    /// The series, told apart by colour in the order given.
    pub series: Vec<Series>,
    /// Moments to mark.
    pub marks: Vec<Mark>,
}

/// A series of a line chart.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Places along the axis, in order, with values; one that is not finite is a gap.
    pub points: Vec<(f64, f64)>,
    /// Whether a value holds until the next.
    pub step: bool,
    /// Whether it is dashed, to show a series that lies under it.
    pub dashed: bool,
}

/// A moment to look at.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Where along the axis.
    pub at: f64,
    /// What happened, for a reader who points at it.
    pub label: String,
    /// How bad it is.
    pub state: State,
}

/// Most marks that can be told apart.
const MARKS: usize = 60;

impl Line {
    /// A chart without series yet.
    pub fn new(title: impl Into<String>, unit: impl Into<String>, axis: Axis) -> Self {
        Self {
            title: title.into(),
            unit: unit.into(),
            axis,
            series: Vec::new(),
            marks: Vec::new(),
        }
    }

    fn words(&self) -> String {
        let series = self
            .series
            .iter()
            .map(|series| format!("{}: {}.", series.name, told(&series.points)));
        let marks = (!self.marks.is_empty()).then(|| {
            let labels: Vec<&str> = self
                .marks
                .iter()
                .take(5)
                .map(|mark| mark.label.as_str())
                .collect();
            let rest = if self.marks.len() > labels.len() {
                " and others"
            } else {
                ""
            };
            format!(
                "{}: {}{rest}.",
                counted(self.marks.len() as u64, "mark"),
                labels.join("; ")
            )
        });
        series.chain(marks).collect::<Vec<_>>().join(" ")
    }

    /// The marks that are drawn: of those that fall on the same place the worst.
    fn drawn(&self, frame: &Frame) -> Vec<&Mark> {
        let column = |mark: &Mark| (frame.x.at(mark.at) / frame.width() * MARKS as f64) as i64;
        let mut marks: Vec<&Mark> = self.marks.iter().filter(|mark| frame.x.holds(mark.at)).collect();
        marks.sort_by_key(|mark| (column(mark), std::cmp::Reverse(mark.state)));
        marks.dedup_by_key(|mark| column(mark));
        marks
    }
}

/// A series in words.
fn told(points: &[(f64, f64)]) -> String {
    let finite = || {
        points
            .iter()
            .map(|point| point.1)
            .filter(|value| value.is_finite())
    };
    let (Some(first), Some(last)) = (finite().next(), finite().next_back()) else {
        return "no values".to_owned();
    };
    let (low, high) = (finite().fold(first, f64::min), finite().fold(first, f64::max));
    match low == high {
        true => format!("always {}", short(first)),
        false => format!(
            "from {} to {}, between {} and {}",
            short(first),
            short(last),
            short(low),
            short(high)
        ),
    }
}

impl Render for Line {
    fn render(&self) -> Markup {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let frame = Frame::new(
            points().map(|point| point.0),
            &self.axis,
            points().map(|point| point.1),
            250.0,
        );
        let (top, bottom) = frame.ends();
        let mut keys: Vec<Key> = Vec::new();
        // One series is what the caption says.
        if self.series.len() > 1 {
            keys.extend(self.series.iter().enumerate().map(|(place, series)| Key {
                name: series.name.clone(),
                class: colour(place),
                sample: if series.dashed { "dashed" } else { "" },
            }));
        }
        let body = html! {
            (frame.axes())
            @for mark in self.drawn(&frame) {
                g class=(mark.state.class()) {
                    title { (mark.label) }
                    path.mark d=(format!("M{} {}V{}", px(frame.x.at(mark.at)), px(top), px(bottom))) {}
                    path.paint d=(format!("M{} {}l-3.5 -6h7Z", px(frame.x.at(mark.at)), px(top + 1.0))) {}
                }
            }
            @for (place, series) in self.series.iter().enumerate() {
                g class=(colour(place)) {
                    (stroke(
                        if series.dashed { "path dashed" } else { "path" },
                        &curve(&series.points, |x| frame.x.at(x), |y| frame.y.at(y), frame.width(), series.step),
                    ))
                }
            }
        };
        figure(&self.title, &self.unit, &keys, &self.words(), frame.size, &body)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::well_formed;
    use super::*;

    fn chart() -> Line {
        let mut chart = Line::new("Mark < oracle", "USD", Axis::Seconds);
        chart.series = vec![
            Series {
                name: "simulator".into(),
                points: vec![(0.0, 30.0), (1_800.0, 28.5), (7_200.0, 31.0)],
                ..Series::default()
            },
            Series {
                name: "program & co".into(),
                points: vec![(0.0, 30.0), (3_600.0, f64::NAN), (7_200.0, 30.0)],
                dashed: true,
                step: true,
            },
        ];
        chart.marks = [(3_600.0, State::Warn), (3_601.0, State::Bad), (1e6, State::Bad)]
            .map(|(at, state)| Mark {
                at,
                label: format!("event at {at}"),
                state,
            })
            .to_vec();
        chart
    }

    #[test]
    fn series_and_marks_are_drawn_and_told() {
        let html = well_formed(&chart());
        for piece in [
            "<desc>simulator: from 30 to 31, between 28.50 and 31. program &amp; co: always 30. 3 marks: event at 3600;",
            "<title>Mark &lt; oracle</title>",
            "<text class=\"end\" x=\"468\" y=\"245\">hours</text>",
            "path dashed",
            "<span>program &amp; co</span>",
        ] {
            assert!(html.contains(piece), "{piece} in {html}");
        }
        // Two marks fall on one place, the worse is drawn; the third is outside.
        assert!(html.contains("event at 3601</title>") && !html.contains("event at 3600</title>"));
        assert_eq!(html.matches("class=\"mark\"").count(), 1);
    }

    #[test]
    fn nothing_is_a_picture_too() {
        let html = well_formed(&Line::new("empty", "", Axis::number("x")));
        assert!(!html.contains("NaN"));
        let mut one = Line::new("one", "", Axis::Seconds);
        one.series = vec![Series {
            points: vec![(0.0, 1.0)],
            ..Series::default()
        }];
        assert!(!well_formed(&one).contains("NaN"));
    }

    #[test]
    fn long_series_make_small_pictures() {
        let mut chart = chart();
        chart.series[0].points = (0..200_000).map(|x| (f64::from(x), f64::from(x % 97))).collect();
        assert!(well_formed(&chart).len() < 20_000);
    }
}
