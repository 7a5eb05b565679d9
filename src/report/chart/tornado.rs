//! What moves a value most: bars to both sides of zero, the longest on top.

use maud::{Markup, Render, html};

use super::frame::figure;
use super::rows::Rows;
use super::svg::px;

/// A tornado chart of correlations.
#[derive(Clone, Debug)]
pub struct Tornado {
    /// What is shown.
    pub title: String,
    /// What the bars are, such as `rank correlation`.
    pub unit: String,
    /// Names with values from -1 to 1, in any order.
    pub bars: Vec<(String, f64)>,
}

/// Most bars that are drawn.
const MOST: usize = 20;

/// Half the height of a bar.
const HALF: f64 = 6.5;

impl Tornado {
    /// The bars that are drawn, the longest first; equals stay as they came.
    fn drawn(&self) -> Vec<&(String, f64)> {
        let mut bars: Vec<_> = self.bars.iter().filter(|bar| bar.1.is_finite()).collect();
        bars.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        bars.truncate(MOST);
        bars
    }

    fn words(&self) -> String {
        let told = |(name, value): &(String, f64)| format!("{name} {}", signed(*value));
        match self.drawn()[..] {
            [] => "No values.".to_owned(),
            ref bars => {
                let told: Vec<String> = bars.iter().copied().map(told).collect();
                format!("{}, from the strongest: {}.", self.unit, told.join(", "))
            }
        }
    }
}

/// A correlation as it is written.
pub fn signed(value: f64) -> String {
    let text = format!("{:.2}", value.abs());
    match value {
        _ if text == "0.00" => "0".to_owned(),
        below if below < 0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

impl Render for Tornado {
    fn render(&self) -> Markup {
        let bars = self.drawn();
        let names = bars.iter().map(|(name, _)| name.as_str());
        let rows = Rows::new("", names, [-1.0, 1.0], &self.unit);
        let body = html! {
            (rows.axes())
            @for (row, (name, value)) in bars.iter().enumerate() {
                @let (from, to, y) = (rows.x.at(0.0), rows.x.at(value.clamp(-1.0, 1.0)), rows.y(row));
                g class=(if *value < 0.0 { "low" } else { "high" }) {
                    title { (name) ": " (signed(*value)) }
                    rect.paint x=(px(from.min(to))) y=(px(y - HALF)) width=(px((to - from).abs())) height=(px(2.0 * HALF)) {}
                }
                // Beside the bar, or at the other side of zero where the bar leaves no room.
                @let (at, class) = match (*value < 0.0, value.abs() > 0.7) {
                    (true, false) => (to - 4.0, "end strong"),
                    (true, true) => (from + 4.0, "strong"),
                    (false, false) => (to + 4.0, "strong"),
                    (false, true) => (from - 4.0, "end strong"),
                };
                text class=(class) x=(px(at)) y=(px(y + 4.5)) { (signed(*value)) }
            }
        };
        figure(&self.title, "", &[], &self.words(), rows.size, &body)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::well_formed;
    use super::*;

    fn chart(bars: &[(&str, f64)]) -> Tornado {
        Tornado {
            title: "profit".into(),
            unit: "rank correlation".into(),
            bars: bars
                .iter()
                .map(|(name, value)| ((*name).to_owned(), *value))
                .collect(),
        }
    }

    #[test]
    fn the_strongest_is_on_top_whatever_its_sign() {
        let html = well_formed(&chart(&[
            ("weak", 0.1),
            ("<strong>", -0.9),
            ("none", f64::NAN),
            ("some", 0.5),
        ]));
        assert!(html.contains("from the strongest: &lt;strong&gt; −0.90, some +0.50, weak +0.10."));
        assert_eq!(html.matches("<rect").count(), 3);
        assert_eq!(
            (
                html.matches("class=\"low\"").count(),
                html.matches("class=\"high\"").count()
            ),
            (1, 2)
        );
    }

    #[test]
    fn bars_are_as_long_as_their_values() {
        let html = well_formed(&chart(&[("a", 0.5), ("b", -0.25)]));
        let widths: Vec<f64> = html
            .split("<rect")
            .skip(1)
            .filter_map(|rect| rect.split("width=\"").nth(1)?.split('"').next()?.parse().ok())
            .collect();
        assert!((widths[0] / widths[1] - 2.0).abs() < 0.01, "{widths:?}");
    }

    #[test]
    fn values_have_signs() {
        for (value, text) in [(0.256, "+0.26"), (-0.5, "−0.50"), (-0.001, "0"), (1.0, "+1.00")] {
            assert_eq!(signed(value), text);
        }
        assert!(well_formed(&chart(&[])).contains("No values."));
    }
}
