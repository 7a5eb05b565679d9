//! Colours for values: blue above, orange below, deeper the further from the middle.

use maud::{Markup, html};

use super::frame::WIDTH;
use super::svg::{px, text_width};

/// The deepest and the palest colour: text over either can be read in light and dark.
const DEEPEST: f64 = 0.6;
const PALEST: f64 = 0.06;

/// Steps of the legend.
pub const STEPS: usize = 9;

/// The colours of values between two ends. Where the values lie on both sides of zero, zero is without colour; where all
/// are of one sign, the one nearest to zero is pale.
#[derive(Clone, Copy, Debug)]
pub struct Shades {
    low: f64,
    high: f64,
}

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shade {
    /// The class that colours it.
    pub class: &'static str,
    /// How deep it is, to two decimals.
    pub opacity: f64,
}

impl Shades {
    /// Colours for finite values.
    pub fn new(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = values
            .into_iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        Self { low, high }
    }

    /// The colour of a value; of one that is not finite none.
    pub fn of(&self, value: f64) -> Option<Shade> {
        if !value.is_finite() || self.low > self.high {
            return None;
        }
        let depth = |share: f64| {
            // Equal values have no order to show.
            let share = if share.is_finite() {
                share.clamp(0.0, 1.0)
            } else {
                0.5
            };
            ((PALEST + share * (DEEPEST - PALEST)) * 100.0).round() / 100.0
        };
        let span = self.high - self.low;
        let (class, share) = match (self.low < 0.0, self.high > 0.0) {
            (true, true) => {
                let class = if value < 0.0 { "low" } else { "high" };
                (class, value.abs() / self.high.max(-self.low))
            }
            (true, false) => ("low", (self.high - value) / span),
            (false, _) => ("high", (value - self.low) / span),
        };
        Some(Shade {
            class,
            opacity: depth(share),
        })
    }

    /// A bar of the colours with the values of its ends, at the right of the picture.
    pub fn legend(&self, y: f64, write: impl Fn(f64) -> String) -> Markup {
        const WIDE: f64 = 11.0;
        let (low, high) = (write(self.low), write(self.high));
        let right = WIDTH - 12.0 - text_width(&high);
        let left = right - WIDE * STEPS as f64;
        let value = |step: usize| self.low + (self.high - self.low) * step as f64 / (STEPS - 1) as f64;
        html! {
            @if self.low < self.high {
                text.end x=(px(left - 5.0)) y=(px(y + 9.5)) { (low) }
                @for step in 0..STEPS {
                    @if let Some(shade) = self.of(value(step)) {
                        g class=(shade.class) {
                            rect.paint x=(px(left + WIDE * step as f64)) y=(px(y)) width=(px(WIDE)) height="10"
                                fill-opacity=(shade.opacity) {}
                        }
                    }
                }
                text x=(px(right + 5.0)) y=(px(y + 9.5)) { (high) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ends: [f64; 2], values: &[f64]) -> Vec<(&'static str, f64)> {
        let shades = Shades::new(ends);
        let of = |value: &f64| shades.of(*value).map(|shade| (shade.class, shade.opacity));
        values.iter().filter_map(of).collect()
    }

    #[test]
    fn both_signs_have_a_colour_each_and_zero_is_pale() {
        // The scale is that of the larger side: -5 is half as deep as 10.
        assert_eq!(
            of([-5.0, 10.0], &[-5.0, 0.0, 5.0, 10.0]),
            [("low", 0.33), ("high", 0.06), ("high", 0.33), ("high", 0.6)]
        );
    }

    #[test]
    fn one_sign_deepens_away_from_zero() {
        assert_eq!(
            of([10.0, 20.0], &[10.0, 15.0, 20.0]),
            [("high", 0.06), ("high", 0.33), ("high", 0.6)]
        );
        assert_eq!(
            of([-20.0, -10.0], &[-20.0, -15.0, -10.0]),
            [("low", 0.6), ("low", 0.33), ("low", 0.06)]
        );
    }

    #[test]
    fn deeper_is_always_further() {
        let values: Vec<f64> = (-30..=70).map(f64::from).collect();
        let shades = of([-30.0, 70.0], &values);
        let depth: Vec<f64> = shades
            .iter()
            .map(|(class, opacity)| if *class == "low" { -opacity } else { *opacity })
            .collect();
        assert!(depth.windows(2).all(|pair| pair[0] <= pair[1]), "{depth:?}");
    }

    #[test]
    fn equal_values_share_a_colour_and_nothing_has_none() {
        assert_eq!(of([4.0, 4.0], &[4.0]), [("high", 0.33)]);
        assert_eq!(of([0.0, 0.0], &[0.0]), [("high", 0.33)]);
        assert!(of([1.0, 2.0], &[f64::NAN]).is_empty());
        assert!(Shades::new([]).of(1.0).is_none());
    }
}
