//! How a value spreads over time: quantiles of many trials as bands around the median.

use maud::{Markup, Render, html};

use super::super::number::short;
use super::frame::{Frame, Key, figure, stroke};
use super::scale::Axis;
use super::svg::{band, path};

/// A fan chart.
#[derive(Clone, Debug)]
pub struct Fan {
    /// What is shown.
    pub title: String,
    /// The unit of the values; may be empty.
    pub unit: String,
    /// What the moments count.
    pub axis: Axis,
    /// The spread at each moment, in order.
    pub moments: Vec<Spread>,
}

/// How values are spread at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// When.
    pub at: f64,
    /// The quantiles 5 %, 25 %, 50 %, 75 % and 95 %.
    pub quantiles: [f64; 5],
}

impl Fan {
    fn words(&self) -> String {
        let told = |name: &str, moment: Option<&Spread>| {
            moment.map(|Spread { quantiles: q, .. }| {
                format!(
                    "{name} the median is {}, and nine in ten trials are between {} and {}.",
                    short(q[2]),
                    short(q[0]),
                    short(q[4])
                )
            })
        };
        let first = told("At the start", self.moments.first());
        let last = told("At the end", self.moments.last());
        match first.into_iter().chain(last).collect::<Vec<_>>() {
            none if none.is_empty() => "No values.".to_owned(),
            told => told.join(" "),
        }
    }
}

impl Render for Fan {
    fn render(&self) -> Markup {
        let frame = Frame::new(
            self.moments.iter().map(|moment| moment.at),
            &self.axis,
            self.moments.iter().flat_map(|moment| moment.quantiles),
            230.0,
        );
        let at = |quantile: usize| -> Vec<(f64, f64)> {
            let placed = |moment: &Spread| (frame.x.at(moment.at), frame.y.at(moment.quantiles[quantile]));
            self.moments.iter().map(placed).collect()
        };
        let key = |name: &str, class: &str, sample| Key {
            name: name.to_owned(),
            class: class.to_owned(),
            sample,
        };
        let keys = [
            key("median", "c1", ""),
            key("middle half", "c1 half", "block"),
            key("nine in ten", "c1 most", "block"),
        ];
        let body = html! {
            (frame.axes())
            g.c1 {
                (stroke("paint most", &band(&at(4), &at(0))))
                (stroke("paint half", &band(&at(3), &at(1))))
                (stroke("path", &path(&at(2), false)))
            }
        };
        figure(&self.title, &self.unit, &keys, &self.words(), frame.size, &body)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::well_formed;
    use super::*;

    #[test]
    fn bands_lie_around_the_median() {
        let moment = |at: f64, low: f64| Spread {
            at,
            quantiles: [low, low + 1.0, low + 2.0, low + 3.0, low + 4.0],
        };
        let html = well_formed(&Fan {
            title: "Mark".into(),
            unit: "USD".into(),
            axis: Axis::Seconds,
            moments: vec![moment(0.0, 10.0), moment(3_600.0, 6.0)],
        });
        assert!(html.contains(
            "At the start the median is 12, and nine in ten trials are between 10 and 14. At the end the median is 8,"
        ));
        assert_eq!(html.matches("class=\"paint").count(), 2);
        assert_eq!(html.matches("class=\"path\"").count(), 1);
    }

    #[test]
    fn a_fan_of_nothing_says_so() {
        let html = well_formed(&Fan {
            title: String::new(),
            unit: String::new(),
            axis: Axis::Seconds,
            moments: Vec::new(),
        });
        assert!(html.contains("No values.") && !html.contains("class=\"paint"));
    }
}
