//! How values are spread in several places: a box with whiskers for each.

use maud::{Markup, Render, html};

use super::super::number::{counted, short};
use super::frame::{Key, figure, stroke};
use super::rows::Rows;
use super::svg::px;

/// A chart of boxes with whiskers, one under the other.
#[derive(Clone, Debug)]
pub struct Boxes {
    /// What is shown.
    pub title: String,
    /// The unit of the values; may be empty.
    pub unit: String,
    /// What the names of the boxes are; may be empty.
    pub heading: String,
    /// The boxes, from the top.
    pub boxes: Vec<Whiskers>,
}

/// A box with whiskers.
#[derive(Clone, Debug, PartialEq)]
pub struct Whiskers {
    /// Its name.
    pub name: String,
    /// How many values it stands for.
    pub count: u64,
    /// Their quantiles 5 %, 25 %, 50 %, 75 % and 95 %.
    pub quantiles: [f64; 5],
    /// Their mean.
    pub mean: f64,
}

/// Half the height of a box.
const HALF: f64 = 5.5;

impl Boxes {
    fn words(&self) -> String {
        let by_median = |a: &&Whiskers, b: &&Whiskers| a.quantiles[2].total_cmp(&b.quantiles[2]);
        let (lowest, highest) = (
            self.boxes.iter().min_by(by_median),
            self.boxes.iter().max_by(by_median),
        );
        match (lowest, highest) {
            (Some(one), _) if self.boxes.len() == 1 => told(one),
            (Some(lowest), Some(highest)) => format!(
                "{}. The lowest median: {}. The highest median: {}.",
                counted(self.boxes.len() as u64, "distribution"),
                told(lowest),
                told(highest)
            ),
            _ => "No values.".to_owned(),
        }
    }
}

/// A box in words.
fn told(spread: &Whiskers) -> String {
    let [low, .., high] = spread.quantiles;
    format!(
        "{}: median {}, nine in ten from {} to {}, mean {}, of {}",
        spread.name,
        short(spread.quantiles[2]),
        short(low),
        short(high),
        short(spread.mean),
        counted(spread.count, "value")
    )
}

impl Render for Boxes {
    fn render(&self) -> Markup {
        let rows = Rows::new(
            &self.heading,
            self.boxes.iter().map(|spread| spread.name.as_str()),
            self.boxes
                .iter()
                .flat_map(|spread| spread.quantiles.into_iter().chain([spread.mean])),
            &self.unit,
        );
        let key = |name: &str, class: &str, sample| Key {
            name: name.to_owned(),
            class: class.to_owned(),
            sample,
        };
        let keys = [
            key("nine in ten", "c1", ""),
            key("middle half", "c1 half", "block"),
            key("median", "c1", "upright"),
            key("mean", "c2", "dot"),
        ];
        let body = html! {
            (rows.axes())
            @for (place, spread) in self.boxes.iter().enumerate() { (drawn(spread, &rows, rows.y(place))) }
        };
        figure(&self.title, &self.unit, &keys, &self.words(), rows.size, &body)
    }
}

fn drawn(spread: &Whiskers, rows: &Rows, y: f64) -> Markup {
    let [low, q1, median, q3, high] = spread.quantiles.map(|value| rows.x.at(value));
    let (top, bottom) = (px(y - HALF), px(y + HALF));
    let whiskers = format!(
        "M{} {y}H{}M{} {y}H{}",
        px(low),
        px(q1),
        px(q3),
        px(high),
        y = px(y)
    );
    html! {
        g.c1 {
            title { (told(spread)) }
            // A box of one value would be nothing to see.
            @if high - low >= 0.1 {
                (stroke("path", &whiskers))
                rect.paint.half x=(px(q1)) y=(top) width=(px(q3 - q1)) height=(px(2.0 * HALF)) {}
            }
            (stroke("path thick", &format!("M{} {top}V{bottom}", px(median))))
        }
        g.c2 { circle.paint cx=(px(rows.x.at(spread.mean))) cy=(px(y)) r="2.4" {} }
    }
}

#[cfg(test)]
mod tests {
    use super::super::svg::text_width;
    use super::super::testing::well_formed;
    use super::*;

    fn spread(name: &str, low: f64) -> Whiskers {
        Whiskers {
            name: name.into(),
            count: 40,
            quantiles: [low, low + 1.0, low + 2.0, low + 3.0, low + 4.0],
            mean: low + 2.5,
        }
    }

    fn chart(boxes: Vec<Whiskers>) -> Boxes {
        Boxes {
            title: "profit".into(),
            unit: "USD".into(),
            heading: "bias · share".into(),
            boxes,
        }
    }

    #[test]
    fn each_box_is_drawn_and_the_ends_are_told() {
        let html = well_formed(&chart(vec![spread("0 · <b>", 10.0), spread("1 · x", -3.0)]));
        assert_eq!(html.matches("<rect class=\"paint half\"").count(), 2);
        assert_eq!(html.matches("<circle").count(), 2);
        assert!(html.contains("The lowest median: 1 · x: median −1, nine in ten from −3 to 1, mean −0.5000"));
        assert!(html.contains(">0 · &lt;b&gt;</text>"));
    }

    #[test]
    fn a_box_reaches_from_quarter_to_quarter() {
        // From 0 to 100 with 4 % of room: 108 parts over the width between the name and the margin.
        let quantiles = [0.0, 25.0, 50.0, 75.0, 100.0];
        let html = well_formed(&chart(vec![Whiskers {
            quantiles,
            mean: 50.0,
            ..spread("abc", 0.0)
        }]));
        let (left, right) = (text_width("abc") + 12.0, 480.0 - 14.0);
        let at = |value: f64| left + (value + 4.0) / 108.0 * (right - left);
        let rect = format!("<rect class=\"paint half\" x=\"{}\"", px(at(25.0)));
        assert!(html.contains(&rect), "{rect} in {html}");
        let width = format!("width=\"{}\"", px(at(75.0) - at(25.0)));
        assert!(html.contains(&width), "{width} in {html}");
    }

    #[test]
    fn one_value_is_a_line_and_none_is_said() {
        let one = Whiskers {
            quantiles: [7.0; 5],
            mean: 7.0,
            ..spread("one", 0.0)
        };
        assert!(!well_formed(&chart(vec![one])).contains("<rect"));
        assert!(well_formed(&chart(Vec::new())).contains("No values."));
    }
}
