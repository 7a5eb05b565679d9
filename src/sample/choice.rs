//! A trial that a method has chosen, before it is known by number.

/// A trial and why it was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Its place among the finished trials.
    pub place: u64,
    /// The metric it was chosen by, if it was by one.
    pub metric: Option<String>,
    /// What to show for the metric where it is no column.
    pub value: Option<f64>,
    /// How many trials it stands for.
    pub weight: f64,
    /// Why.
    pub reason: String,
}

impl Choice {
    /// A trial that stands for itself.
    pub fn new(place: u64, reason: String) -> Self {
        Self {
            place,
            metric: None,
            value: None,
            weight: 1.0,
            reason,
        }
    }

    /// A trial chosen by a metric.
    pub fn by(metric: &str, place: u64, reason: String) -> Self {
        Self {
            metric: Some(metric.to_owned()),
            ..Self::new(place, reason)
        }
    }
}
