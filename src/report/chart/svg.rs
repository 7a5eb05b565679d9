//! Small pieces of SVG.

use std::fmt::Write;

use super::thin::thin;

/// A coordinate with one decimal, without what says nothing.
pub fn px(value: f64) -> String {
    let tenths = (value * 10.0).round();
    // Written so that no -0 comes out.
    let value = if tenths == 0.0 { 0.0 } else { tenths / 10.0 };
    value.to_string()
}

/// The data of a path through points, in pixels, with gaps where one is not finite. `step` keeps the height of a point
/// until the next.
pub fn path(points: &[(f64, f64)], step: bool) -> String {
    let mut data = String::new();
    // In tenths of pixels, so that differences of rounded places add up without drift.
    let tenths = |value: f64| (value * 10.0).round();
    let mut pen: Option<(f64, f64)> = None;
    for &(x, y) in points {
        if !x.is_finite() || !y.is_finite() {
            pen = None;
            continue;
        }
        let (x, y) = (tenths(x), tenths(y));
        let written = match pen {
            None => write!(data, "M{} {}", x / 10.0, y / 10.0),
            Some((old_x, old_y)) => {
                let (dx, dy) = ((x - old_x) / 10.0, (y - old_y) / 10.0);
                match (step, dx == 0.0, dy == 0.0) {
                    (_, true, true) => Ok(()),
                    (_, false, true) => write!(data, "h{dx}"),
                    (_, true, false) => write!(data, "v{dy}"),
                    (true, false, false) => write!(data, "h{dx}v{dy}"),
                    (false, false, false) => write!(data, "l{dx} {dy}"),
                }
            }
        };
        debug_assert!(written.is_ok(), "a String takes everything");
        pen = Some((x, y));
    }
    data
}

/// A path through values over time: thinned to what a picture of so many pixels shows.
pub fn curve(
    points: &[(f64, f64)],
    x: impl Fn(f64) -> f64,
    y: impl Fn(f64) -> f64,
    width: f64,
    step: bool,
) -> String {
    // Two pixels a column: a page holds many pictures.
    let kept = thin(points, (width / 2.0) as usize);
    let placed: Vec<(f64, f64)> = kept.into_iter().map(|(at, value)| (x(at), y(value))).collect();
    path(&placed, step)
}

/// The outline of the area between two curves over the same places.
pub fn band(upper: &[(f64, f64)], lower: &[(f64, f64)]) -> String {
    let finite = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
        let points = points.iter().copied();
        points.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
    };
    let mut outline = finite(upper);
    outline.extend(finite(lower).into_iter().rev());
    match path(&outline, false) {
        empty if empty.is_empty() => empty,
        mut closed => {
            closed.push('Z');
            closed
        }
    }
}

/// About how wide a sign of a label is, in pixels.
const SIGN: f64 = 7.3;

/// About how wide a text of labels is, in pixels.
pub fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * SIGN
}

/// A text that is no wider than so many pixels: what is too much is cut off and marked.
pub fn fit(text: &str, width: f64) -> String {
    if text_width(text) <= width {
        return text.to_owned();
    }
    // Room for the mark itself is left.
    let mut kept: String = text
        .chars()
        .take(((width / SIGN) as usize).saturating_sub(1))
        .collect();
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_and_say_so() {
        assert_eq!(fit("short", 100.0), "short");
        // Ten signs: nine and the mark.
        assert_eq!(fit("größenordnung", 10.0 * SIGN + 0.1), "größenord…");
        assert_eq!(fit("abc", 0.0), "…");
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!([1.0, 0.25, -0.01, 12.345].map(px), ["1", "0.3", "0", "12.3"]);
    }

    #[test]
    fn paths_are_relative_and_break_at_gaps() {
        let points = [
            (0.0, 0.0),
            (1.0, 0.0),
            (2.0, 3.5),
            (3.0, f64::NAN),
            (4.0, 1.0),
            (4.0, 2.0),
        ];
        assert_eq!(path(&points, false), "M0 0h1l1 3.5M4 1v1");
        assert_eq!(path(&points[..3], true), "M0 0h1h1v3.5");
        assert_eq!(path(&[], false), "");
    }

    #[test]
    fn bands_close() {
        let upper = [(0.0, 0.0), (2.0, 0.0)];
        let lower = [(0.0, 1.0), (2.0, 2.0)];
        assert_eq!(band(&upper, &lower), "M0 0h2v2l-2 -1Z");
        assert_eq!(band(&[], &[]), "");
    }

    #[test]
    fn rounding_does_not_drift() {
        // A thousand steps of 0.04 pixels end at 40, however each of them is rounded.
        let points: Vec<(f64, f64)> = (0..=1_000).map(|x| (f64::from(x) * 0.04, 0.0)).collect();
        let sum: f64 = path(&points, false)[1..]
            .replace(" 0", "")
            .split('h')
            .map(|dx| dx.parse::<f64>().unwrap())
            .sum();
        assert!((sum - 40.0).abs() < 1e-9);
    }
}
