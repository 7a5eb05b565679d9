//! Statistics of numbers, as SQL defines them.

/// The sum; `None` of nothing.
pub fn sum(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| numbers.iter().sum())
}

/// The sum, 0 of nothing.
pub fn total(numbers: &[f64]) -> Option<f64> {
    Some(sum(numbers).unwrap_or(0.0))
}

/// The mean.
pub fn mean(numbers: &[f64]) -> Option<f64> {
    Some(sum(numbers)? / numbers.len() as f64)
}

/// The variance, estimated with n - 1 below.
pub fn variance(numbers: &[f64]) -> Option<f64> {
    let pairs: Vec<_> = numbers.iter().map(|number| (*number, *number)).collect();
    covar_samp(&pairs)
}

/// The standard deviation, with n - 1 below.
pub fn std_dev(numbers: &[f64]) -> Option<f64> {
    variance(numbers).map(f64::sqrt)
}

/// The sum of products of deviations from the means.
fn products(pairs: &[(f64, f64)]) -> f64 {
    let count = pairs.len() as f64;
    let left = pairs.iter().map(|pair| pair.0).sum::<f64>() / count;
    let right = pairs.iter().map(|pair| pair.1).sum::<f64>() / count;
    pairs.iter().map(|pair| (pair.0 - left) * (pair.1 - right)).sum()
}

/// The covariance of all there are.
pub fn covar_pop(pairs: &[(f64, f64)]) -> Option<f64> {
    (!pairs.is_empty()).then(|| products(pairs) / pairs.len() as f64)
}

/// The covariance, estimated with n - 1 below.
pub fn covar_samp(pairs: &[(f64, f64)]) -> Option<f64> {
    (pairs.len() > 1).then(|| products(pairs) / (pairs.len() - 1) as f64)
}

/// Pearson's correlation.
pub fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let of = |pick: fn(&(f64, f64)) -> f64| {
        let same: Vec<_> = pairs.iter().map(|pair| (pick(pair), pick(pair))).collect();
        products(&same)
    };
    (pairs.len() > 1).then(|| products(pairs) / (of(|pair| pair.0) * of(|pair| pair.1)).sqrt())
}

/// Of sorted numbers: interpolated at place (n - 1) p, or the first with at least the share p at or below it.
pub fn quantile(sorted: &[f64], share: f64, is_interpolated: bool) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    if !is_interpolated {
        let place = (sorted.len() as f64 * share).ceil() as usize;
        return sorted.get(place.saturating_sub(1).min(last)).copied();
    }
    let place = last as f64 * share;
    let below = sorted[(place.floor() as usize).min(last)];
    let above = sorted[(place.ceil() as usize).min(last)];
    Some(below + place.fract() * (above - below))
}
