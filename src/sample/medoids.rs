//! k-medoids: the so many items with the least total distance from each item to the nearest of them.
//!
//! BUILD takes medoids greedily (Kaufman and Rousseeuw, "Finding Groups in Data", 1990), then medoids are swapped for
//! other items as long as that brings the total down, reckoning all swaps with one item at once: the FasterPAM of
//! Schubert and Rousseeuw, "Fast and eager k-medoids clustering", 2021.

/// The distance between any two of some items.
pub struct Distances {
    size: usize,
    values: Vec<f64>,
}

impl Distances {
    /// The distances that a function says, symmetric in its arguments.
    pub fn new(size: usize, between: impl Fn(usize, usize) -> f64) -> Self {
        let mut values = vec![0.0; size * size];
        for one in 0..size {
            for other in 0..one {
                let distance = between(one, other);
                values[one * size + other] = distance;
                values[other * size + one] = distance;
            }
        }
        Self { size, values }
    }

    fn from(&self, item: usize) -> &[f64] {
        &self.values[item * self.size..(item + 1) * self.size]
    }
}

/// The medoids, in no particular order; all items where there are no more than `count`. Ties go to the first item.
pub fn medoids(distances: &Distances, count: usize) -> Vec<usize> {
    if distances.size <= count {
        return (0..distances.size).collect();
    }
    let mut medoids = build(distances, count);
    // A single medoid is already the best there is.
    if count > 1 {
        swap(distances, &mut medoids);
    }
    medoids
}

fn build(distances: &Distances, count: usize) -> Vec<usize> {
    let mut medoids = Vec::with_capacity(count);
    let mut nearest = vec![f64::INFINITY; distances.size];
    for _ in 0..count {
        let others = (0..distances.size).filter(|item| !medoids.contains(item));
        let totals = others.map(|item| {
            let each = distances.from(item).iter().zip(&nearest);
            (each.map(|(new, old)| new.min(*old)).sum::<f64>(), item)
        });
        let Some((_, best)) = totals.min_by(|a, b| a.0.total_cmp(&b.0)) else {
            break;
        };
        medoids.push(best);
        for (old, new) in nearest.iter_mut().zip(distances.from(best)) {
            *old = old.min(*new);
        }
    }
    medoids
}

/// What an item's nearest medoids are.
#[derive(Clone, Copy)]
struct Near {
    /// The nearest, by its place among the medoids.
    first: usize,
    to_first: f64,
    to_second: f64,
}

fn swap(distances: &Distances, medoids: &mut [usize]) {
    let mut near = nearest_two(distances, medoids);
    let mut removal = removal_costs(&near, medoids.len());
    // Rounds end by themselves: the total falls with every swap. The bound is for rounding.
    let mut unchanged = 0;
    for candidate in (0..distances.size).cycle().take(distances.size * MOST_ROUNDS) {
        if unchanged == distances.size {
            return;
        }
        unchanged += 1;
        if medoids.contains(&candidate) {
            continue;
        }
        let mut change = removal.clone();
        let mut gain = 0.0;
        for (distance, near) in distances.from(candidate).iter().zip(&near) {
            if *distance < near.to_first {
                gain += distance - near.to_first;
                change[near.first] += near.to_first - near.to_second;
            } else if *distance < near.to_second {
                change[near.first] += distance - near.to_second;
            }
        }
        let best = (0..medoids.len()).min_by(|a, b| change[*a].total_cmp(&change[*b]));
        let scale = near.iter().map(|near| near.to_first).sum::<f64>();
        if let Some(best) = best.filter(|best| change[*best] + gain < -ROUNDING * scale) {
            medoids[best] = candidate;
            near = nearest_two(distances, medoids);
            removal = removal_costs(&near, medoids.len());
            unchanged = 0;
        }
    }
}

const MOST_ROUNDS: usize = 100;

/// A change that is less than this share of the total may be none.
const ROUNDING: f64 = 1e-12;

fn nearest_two(distances: &Distances, medoids: &[usize]) -> Vec<Near> {
    let nearest = |item: usize| {
        let from = distances.from(item);
        let mut near = Near {
            first: 0,
            to_first: f64::INFINITY,
            to_second: f64::INFINITY,
        };
        for (place, medoid) in medoids.iter().enumerate() {
            let distance = from[*medoid];
            if distance < near.to_first {
                (near.first, near.to_second, near.to_first) = (place, near.to_first, distance);
            } else if distance < near.to_second {
                near.to_second = distance;
            }
        }
        near
    };
    (0..distances.size).map(nearest).collect()
}

/// What it would cost to leave out each medoid.
fn removal_costs(near: &[Near], medoids: usize) -> Vec<f64> {
    let mut costs = vec![0.0; medoids];
    for near in near {
        costs[near.first] += near.to_second - near.to_first;
    }
    costs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn on_a_line(points: &[f64]) -> Distances {
        Distances::new(points.len(), |a, b| (points[a] - points[b]).abs())
    }

    fn total(distances: &Distances, medoids: &[usize]) -> f64 {
        let near = nearest_two(distances, medoids);
        near.iter().map(|near| near.to_first).sum()
    }

    #[test]
    fn planted_clusters_are_found_at_their_middles() {
        // Around 0, 10 and 100; the middles are items 1, 4 and 7.
        let distances = on_a_line(&[-1.0, 0.0, 1.5, 9.0, 10.0, 11.0, 98.0, 100.0, 101.0]);
        let mut found = medoids(&distances, 3);
        found.sort_unstable();
        assert_eq!(found, [1, 4, 7]);
    }

    #[test]
    fn swapping_mends_a_greedy_start() {
        // The median, 5, is the best single medoid, but in no best pair; 1 and 9 leave 1 + 0 + 1 + 4 + 1 + 0 + 1.
        let distances = on_a_line(&[0.0, 1.0, 2.0, 5.0, 8.0, 9.0, 10.0]);
        assert_eq!(medoids(&distances, 1), [3]);
        assert!(build(&distances, 2).contains(&3));
        let mut found = medoids(&distances, 2);
        found.sort_unstable();
        assert_eq!(total(&distances, &found), 8.0);
    }

    #[test]
    fn equal_items_and_few_items_are_no_trouble() {
        assert_eq!(medoids(&on_a_line(&[3.0; 5]), 2), [0, 1]);
        assert_eq!(medoids(&on_a_line(&[3.0, 1.0]), 4), [0, 1]);
        assert!(medoids(&on_a_line(&[]), 1).is_empty());
    }

    proptest! {
        #[test]
        fn no_single_swap_is_better(points in prop::collection::vec(-50.0..50.0f64, 3..25), count in 2usize..6) {
            let distances = on_a_line(&points);
            let found = medoids(&distances, count);
            let least = total(&distances, &found);
            for place in 0..found.len() {
                for item in 0..points.len() {
                    let mut other = found.clone();
                    other[place] = item;
                    prop_assert!(total(&distances, &other) >= least - 1e-9);
                }
            }
        }
    }
}
