//! From values to places in a picture, and the round numbers that its axes name.

use super::super::number::Format;

/// What an axis counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Seconds, shown in the unit that suits their span.
    Seconds,
    /// Numbers of a unit, which may be empty.
    Number(String),
}

impl Axis {
    /// Numbers of a unit.
    pub fn number(unit: impl Into<String>) -> Self {
        Self::Number(unit.into())
    }
}

/// A linear scale from values to pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

/// A named place on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// The value.
    pub value: f64,
    /// How it is written.
    pub label: String,
}

impl Scale {
    /// From the span of the finite values to the pixels between `from` and `to`. A span of nothing is widened.
    pub fn new(values: impl IntoIterator<Item = f64>, (from, to): (f64, f64)) -> Self {
        let (mut low, mut high) = values
            .into_iter()
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        // Less than a rounding apart: what there is to see is one value.
        if high - low <= low.abs().max(high.abs()) * 1e-12 {
            let around = if low == 0.0 { 1.0 } else { low.abs() * 0.05 };
            (low, high) = (low - around, high + around);
        }
        Self { low, high, from, to }
    }

    /// The same with a little room at both ends.
    #[must_use]
    pub fn padded(self) -> Self {
        let room = (self.high - self.low) * 0.04;
        Self {
            low: self.low - room,
            high: self.high + room,
            ..self
        }
    }

    /// Where a value is.
    pub fn at(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// Whether a value is between the ends.
    pub fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// About so many round values between the ends, and the name of their unit.
    pub fn ticks(&self, axis: &Axis, about: usize) -> (Vec<Tick>, String) {
        match axis {
            Axis::Number(unit) => {
                let step = round_step((self.high - self.low) / about.max(1) as f64);
                (self.multiples(step, 1.0), unit.clone())
            }
            Axis::Seconds => self.times(about),
        }
    }

    fn times(&self, about: usize) -> (Vec<Tick>, String) {
        const STEPS: [f64; 21] = [
            1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0,
            10_800.0, 21_600.0, 43_200.0, 86_400.0, 172_800.0, 432_000.0, 864_000.0,
        ];
        let span = self.high - self.low;
        let least = span / about.max(1) as f64;
        let (unit, name) = match span {
            days if days >= 172_800.0 => (86_400.0, "days"),
            hours if hours >= 7_200.0 => (3_600.0, "hours"),
            minutes if minutes >= 120.0 => (60.0, "minutes"),
            _ => (1.0, "seconds"),
        };
        let step = STEPS.into_iter().find(|step| *step >= least * 0.99);
        let step = step.unwrap_or_else(|| round_step(least / 86_400.0) * 86_400.0);
        (self.multiples(step, unit), name.to_owned())
    }

    fn multiples(&self, step: f64, unit: f64) -> Vec<Tick> {
        let largest = self.low.abs().max(self.high.abs()) / unit;
        let format = Format::new(largest, step / unit);
        // The slack lets ends that are multiples themselves have their tick.
        let (first, last) = ((self.low / step - 1e-9).ceil(), (self.high / step + 1e-9).floor());
        // At most a few dozen, since a step is a share of the span.
        let count = (last - first).clamp(-1.0, 100.0) as i64;
        (0..=count)
            .map(|place| {
                let value = (first + place as f64) * step;
                Tick {
                    value,
                    label: format.write(value / unit),
                }
            })
            .collect()
    }
}

/// The least of 1, 2, 2.5 and 5 times a power of ten that is no smaller.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    let rounds = [1.0, 2.0, 2.5, 5.0, 10.0];
    let round = rounds
        .into_iter()
        .find(|round| round * power >= least * (1.0 - 1e-9));
    round.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(values: [f64; 2], axis: &Axis) -> (Vec<String>, String) {
        let (ticks, unit) = Scale::new(values, (0.0, 100.0)).ticks(axis, 5);
        (ticks.into_iter().map(|tick| tick.label).collect(), unit)
    }

    #[test]
    fn values_go_to_their_places() {
        let scale = Scale::new([10.0, f64::NAN, 20.0], (200.0, 0.0));
        assert_eq!(
            (scale.at(10.0), scale.at(20.0), scale.at(12.5)),
            (200.0, 0.0, 150.0)
        );
        assert!(scale.holds(15.0) && !scale.holds(21.0));
        let padded = scale.padded();
        assert!((padded.at(9.6) - 200.0).abs() < 1e-9 && (padded.at(20.4)).abs() < 1e-9);
    }

    #[test]
    fn steps_are_round() {
        for (least, step) in [
            (0.9, 1.0),
            (1.0, 1.0),
            (1.1, 2.0),
            (2.1, 2.5),
            (3.0, 5.0),
            (6.0, 10.0),
            (0.03, 0.05),
        ] {
            assert!((round_step(least) - step).abs() < 1e-12, "{least}");
        }
    }

    #[test]
    fn ticks_are_round_values_within() {
        let usd = Axis::number("USD");
        for (values, expected) in [
            ([0.0, 1.0], &["0", "0.2", "0.4", "0.6", "0.8", "1.0"][..]),
            ([0.0, 12.0], &["0", "2.5", "5.0", "7.5", "10.0"]),
            ([-20_000.0, 20_000.0], &["−20k", "−10k", "0", "10k", "20k"]),
            ([29.81, 30.02], &["29.85", "29.90", "29.95", "30.00"]),
            ([7.0, 7.0], &["6.8", "7.0", "7.2"]),
        ] {
            assert_eq!(
                labels(values, &usd),
                (
                    expected.iter().map(|&label| label.to_owned()).collect(),
                    "USD".to_owned()
                )
            );
        }
    }

    #[test]
    fn times_have_units_people_use() {
        for (seconds, expected, unit) in [
            (14_400.0, &["0", "1", "2", "3", "4"][..], "hours"),
            (10_000.0, &["0", "1", "2"], "hours"),
            (600.0, &["0", "2", "4", "6", "8", "10"], "minutes"),
            (60.0, &["0", "15", "30", "45", "60"], "seconds"),
            (864_000.0, &["0", "2", "4", "6", "8", "10"], "days"),
        ] {
            let (found, name) = labels([0.0, seconds], &Axis::Seconds);
            assert_eq!(
                (found, &*name),
                (expected.iter().map(|&label| label.to_owned()).collect(), unit)
            );
        }
    }

    #[test]
    fn nothing_to_show_has_an_axis_all_the_same() {
        assert_eq!(labels([f64::NAN, f64::INFINITY], &Axis::number("")).0.len(), 6);
        let (ticks, _) = Scale::new([0.0, 0.0], (0.0, 1.0)).ticks(&Axis::number(""), 4);
        assert_eq!(ticks.first().map(|tick| tick.value), Some(-1.0));
    }
}
