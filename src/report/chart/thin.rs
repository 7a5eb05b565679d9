//! Long series with the points that a picture cannot show left out.

/// The points that matter at so many columns of pixels: of each column the first, the lowest, the highest and the last,
/// so that no spike is lost. Points are in order of `x`; few are returned as they are.
pub fn thin(points: &[(f64, f64)], columns: usize) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Vec::new();
    };
    let columns = columns.max(1);
    if points.len() <= 4 * columns {
        return points.to_vec();
    }
    let span = (last.0 - first.0).max(f64::MIN_POSITIVE);
    let column = |x: f64| (((x - first.0) / span * columns as f64) as usize).min(columns - 1);
    let mut kept = Vec::new();
    for bucket in points.chunk_by(|a, b| column(a.0) == column(b.0)) {
        let by_height = |a: &usize, b: &usize| bucket[*a].1.total_cmp(&bucket[*b].1);
        let finite = || (0..bucket.len()).filter(|place| bucket[*place].1.is_finite());
        let mut places = vec![0, bucket.len() - 1];
        places.extend(finite().min_by(by_height));
        places.extend(finite().max_by(by_height));
        places.sort_unstable();
        places.dedup();
        kept.extend(places.into_iter().map(|place| bucket[place]));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_series_stay_as_they_are() {
        let points = [(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0)];
        assert_eq!(thin(&points, 1).len(), 3);
        assert!(thin(&[], 10).is_empty());
    }

    #[test]
    fn every_spike_survives() {
        let mut points: Vec<(f64, f64)> = (0..10_000).map(|x| (f64::from(x), f64::from(x % 7))).collect();
        points[1_234].1 = 1e6;
        points[8_765].1 = -1e6;
        let kept = thin(&points, 50);
        assert!(kept.len() <= 200, "{}", kept.len());
        for place in [0, 1_234, 8_765, 9_999] {
            assert!(kept.contains(&points[place]), "{place}");
        }
        assert!(kept.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn points_of_one_moment_are_no_trouble() {
        let points = vec![(5.0, 1.0); 100];
        assert_eq!(thin(&points, 10), [(5.0, 1.0); 2]);
    }
}
