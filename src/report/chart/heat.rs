//! A value over two parameters: coloured cells with the value in them.

use maud::{Markup, Render, html};

use super::super::number::{Format, short};
use super::frame::{WIDTH, figure};
use super::shade::Shades;
use super::svg::{fit, px, text_width};

/// A heat map.
#[derive(Clone, Debug)]
pub struct Heat {
    /// What is shown.
    pub title: String,
    /// The unit of the values; may be empty.
    pub unit: String,
    /// Along.
    pub x: Side,
    /// Up.
    pub y: Side,
    /// The values: for each place up from the bottom, those along.
    pub cells: Vec<Vec<Option<f64>>>,
    /// The ends of the colours, for maps that are to be compared; without them the ends of the values.
    pub ends: Option<[f64; 2]>,
}

/// A side of a heat map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side {
    /// What it counts.
    pub name: String,
    /// Its places, in order.
    pub places: Vec<String>,
}

/// The most that the names of places take of the width.
const NAMES: f64 = 160.0;

/// Between cells.
const GAP: f64 = 1.5;

struct Plan {
    left: f64,
    width: f64,
    height: f64,
    bottom: f64,
}

impl Heat {
    fn values(&self) -> impl Iterator<Item = f64> + '_ {
        let all = self.cells.iter().flatten().flatten().copied();
        all.filter(|value| value.is_finite())
    }

    fn plan(&self) -> Plan {
        let names = self.y.places.iter().map(|name| text_width(&fit(name, NAMES)));
        let left = names.fold(0.0, f64::max) + 12.0;
        let top = 20.0;
        let width = (WIDTH - 8.0 - left) / self.x.places.len().max(1) as f64;
        let height = (width * 0.6).clamp(24.0, 34.0);
        Plan {
            left,
            width,
            height,
            bottom: top + height * self.y.places.len() as f64,
        }
    }

    /// Where the value of a cell is, in words.
    fn place(&self, up: usize, along: usize) -> String {
        let name = |side: &Side, place: usize| {
            let at = side.places.get(place).map_or("", String::as_str);
            format!("{} {at}", side.name)
        };
        format!("{}, {}", name(&self.x, along), name(&self.y, up))
    }

    fn words(&self) -> String {
        let cells = || {
            self.cells.iter().enumerate().flat_map(|(up, row)| {
                let row = row.iter().enumerate();
                row.filter_map(move |(along, value)| {
                    value
                        .filter(|value| value.is_finite())
                        .map(|value| (up, along, value))
                })
            })
        };
        let told = |(up, along, value): (usize, usize, f64)| {
            format!("{} at {}", short(value), self.place(up, along))
        };
        match (
            cells().min_by(|a, b| a.2.total_cmp(&b.2)),
            cells().max_by(|a, b| a.2.total_cmp(&b.2)),
        ) {
            (Some(low), Some(high)) => format!("The lowest is {}; the highest is {}.", told(low), told(high)),
            _ => "No values.".to_owned(),
        }
    }
}

impl Render for Heat {
    fn render(&self) -> Markup {
        let plan = self.plan();
        let ends = || self.values().chain(self.ends.into_iter().flatten());
        let shades = Shades::new(ends());
        let format = Format::for_values(ends());
        let widest = self.values().map(|value| text_width(&format.write(value)));
        let roomy = widest.fold(0.0, f64::max) <= plan.width - 4.0;
        let body = html! {
            text x="2" y="13" { "↑ " (fit(&self.y.name, WIDTH - 20.0)) }
            @for (up, row) in self.cells.iter().enumerate() {
                @let y = plan.bottom - plan.height * (up as f64 + 1.0);
                @if let Some(name) = self.y.places.get(up) {
                    text.end.strong x=(px(plan.left - 7.0)) y=(px(y + plan.height / 2.0 + 4.2)) { (fit(name, NAMES)) }
                }
                @for (along, value) in row.iter().enumerate() {
                    @let x = plan.left + plan.width * along as f64;
                    @let shade = value.and_then(|value| shades.of(value));
                    g class=[shade.map(|shade| shade.class)] {
                        title { (self.place(up, along)) ": " (value.map_or_else(|| "no value".to_owned(), short)) }
                        rect class=(if shade.is_some() { "paint" } else { "axis" }) x=(px(x)) y=(px(y))
                            width=(px(plan.width - GAP)) height=(px(plan.height - GAP)) rx="2"
                            fill-opacity=[shade.map(|shade| shade.opacity)] {}
                        @if let (true, Some(value)) = (roomy, value) {
                            text.mid.strong x=(px(x + (plan.width - GAP) / 2.0)) y=(px(y + plan.height / 2.0 + 3.9)) {
                                (format.write(*value))
                            }
                        }
                    }
                }
            }
            (self.along(&plan))
            (shades.legend(plan.bottom + 27.0, |value| format.write(value)))
        };
        let size = (WIDTH, plan.bottom + 44.0);
        figure(&self.title, &self.unit, &[], &self.words(), size, &body)
    }
}

impl Heat {
    /// The names of the places along, as many as there is room for, and of the side.
    fn along(&self, plan: &Plan) -> Markup {
        let widest = self
            .x
            .places
            .iter()
            .map(|name| text_width(name))
            .fold(0.0, f64::max);
        let every = ((widest + 6.0) / plan.width).ceil().max(1.0) as usize;
        // A single name out of several would be cut at the edge of the picture.
        let room = plan.width * every as f64 - 4.0;
        html! {
            @for (along, name) in self.x.places.iter().enumerate().step_by(every) {
                text.mid.strong x=(px(plan.left + plan.width * (along as f64 + 0.5))) y=(px(plan.bottom + 15.0)) {
                    (fit(name, room))
                }
            }
            text x="2" y=(px(plan.bottom + 37.0)) { (fit(&self.x.name, WIDTH / 2.0)) " →" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::well_formed;
    use super::*;

    fn side(name: &str, places: &[&str]) -> Side {
        Side {
            name: name.into(),
            places: places.iter().map(|place| (*place).to_owned()).collect(),
        }
    }

    fn chart(cells: &[&[Option<f64>]]) -> Heat {
        Heat {
            title: "LP profit & loss".into(),
            unit: "USD".into(),
            x: side("bias", &["0", "0.5", "1"]),
            y: side("<share>", &["low", "high"]),
            cells: cells.iter().map(|row| row.to_vec()).collect(),
            ends: None,
        }
    }

    #[test]
    fn cells_are_where_they_belong_and_the_ends_are_told() {
        let html = well_formed(&chart(&[
            &[Some(-5.0), Some(0.0), Some(5.0)],
            &[Some(10.0), None, Some(f64::NAN)],
        ]));
        assert!(html.contains(
            "The lowest is −5 at bias 0, &lt;share&gt; low; the highest is 10 at bias 0, &lt;share&gt; high."
        ));
        assert_eq!(
            html.matches("class=\"paint\"").count(),
            4 + super::super::shade::STEPS
        );
        assert_eq!(html.matches("no value").count(), 1);
        // The first row is at the bottom: further down than the second.
        let y = |text: &str| -> f64 {
            let cell = html.split(text).nth(1).unwrap();
            cell.split("y=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .parse()
                .unwrap()
        };
        assert!(y("bias 0, &lt;share&gt; low: ") > y("bias 0, &lt;share&gt; high: "));
    }

    #[test]
    fn what_finds_no_room_is_left_to_the_title() {
        let mut wide = chart(&[&[Some(123_456.0); 40]]);
        wide.x.places = (0..40).map(|place| format!("{place}–{}", place + 1)).collect();
        wide.y.places.truncate(1);
        let html = well_formed(&wide);
        assert!(!html.contains(">123k<"));
        assert!(html.contains(": 123.5k</title>"));
        assert!(html.matches("<text class=\"mid strong\"").count() < 20);
    }

    #[test]
    fn given_ends_make_maps_comparable() {
        let mut small = chart(&[&[Some(0.1), Some(0.1), Some(0.1)]]);
        small.ends = Some([-1.0, 1.0]);
        // A tenth of the way from 0.06 to 0.6.
        assert!(
            well_formed(&small).contains("fill-opacity=\"0.11\"><text")
                || well_formed(&small).contains("fill-opacity=\"0.11\"></rect>")
        );
    }

    #[test]
    fn nothing_is_a_picture_too() {
        let mut none = chart(&[]);
        none.x.places.clear();
        assert!(well_formed(&none).contains("No values."));
    }
}
