//! Rows put in order, and made into prices at the times that were asked for.

use super::form::Form;
use super::moment::written;
use super::series::{MICROS, PriceSeries};
use super::source::{Gaps, PriceOf, Repeated, Source};
use super::trades::Trade;

/// The most prices that are made of fewer rows.
const MOST_POINTS: u64 = 1 << 28;

/// What rows of one time mean.
pub(super) fn repeated(source: &Source, form: Form) -> Repeated {
    let usual = if form.is_trades() {
        Repeated::Last
    } else {
        Repeated::Refuse
    };
    source.repeated.unwrap_or(usual)
}

/// Whether prices are averages of the trades in an interval.
pub(super) fn averages(source: &Source, form: Form) -> bool {
    form.is_trades() && source.price == Some(PriceOf::Vwap)
}

/// Puts rows in order, one for each time; answers how many shared their time with another one.
pub(super) fn order(rows: &mut Vec<Trade>, source: &Source, form: Form, sorted: bool) -> Result<u64, String> {
    if sorted {
        return Ok(0);
    }
    rows.sort_by_key(|row| row.micros);
    if averages(source, form) {
        return Ok(0);
    }
    let before = rows.len();
    match repeated(source, form) {
        Repeated::Refuse => {
            if let Some(pair) = rows.windows(2).find(|pair| pair[0].micros == pair[1].micros) {
                let time = written(pair[0].micros);
                return Err(format!(
                    "two rows are of one time, {time}: say `repeated: first` or `repeated: last`"
                ));
            }
        }
        Repeated::First => rows.dedup_by_key(|row| row.micros),
        Repeated::Last => rows.dedup_by(|later, earlier| {
            let same = later.micros == earlier.micros;
            if same {
                *earlier = *later;
            }
            same
        }),
    }
    Ok((before - rows.len()) as u64)
}

/// The median of the microseconds from row to row; again where nine of ten rows are as far from the one before.
pub(super) fn spacing(rows: &[Trade]) -> (i64, Option<i64>) {
    let mut steps: Vec<i64> = rows
        .windows(2)
        .map(|pair| pair[1].micros - pair[0].micros)
        .collect();
    if steps.is_empty() {
        return (0, None);
    }
    let middle = steps.len() / 2;
    let (_, &mut usual, _) = steps.select_nth_unstable(middle);
    let regular = steps.iter().filter(|step| **step == usual).count();
    (
        usual,
        (usual > 0 && regular * 10 >= steps.len() * 9).then_some(usual),
    )
}

/// How many times rows are missing, and the longest time between two rows where some are, in microseconds.
pub(super) fn gaps(rows: &[Trade], spacing: Option<i64>) -> (u64, i64) {
    let Some(spacing) = spacing else {
        return (0, 0);
    };
    let steps = rows.windows(2).map(|pair| pair[1].micros - pair[0].micros);
    let gaps = steps.filter(|step| is_gap(*step, spacing));
    gaps.fold((0, 0), |(count, longest), gap| (count + 1, gap.max(longest)))
}

/// Whether so long a step passes over a row.
fn is_gap(step: i64, spacing: i64) -> bool {
    step > spacing + spacing / 2
}

/// The rows from `from` to before `to`.
pub(super) fn window<'a>(rows: &'a [Trade], source: &Source) -> &'a [Trade] {
    let place = |limit: i64| rows.partition_point(|row| row.micros < limit);
    let first = source.from.map_or(0, |from| place(from.0));
    let end = source.to.map_or(rows.len(), |to| place(to.0));
    &rows[first.min(end)..end]
}

/// The prices asked for.
pub(super) fn series(
    rows: &[Trade],
    source: &Source,
    form: Form,
    spacing: Option<i64>,
) -> Result<PriceSeries, String> {
    match source.resample {
        Some(seconds) => resampled(rows, source, form, i64::from(seconds) * MICROS, spacing),
        None => as_they_come(rows, source.gaps, spacing),
    }
}

fn as_they_come(rows: &[Trade], gaps: Gaps, spacing: Option<i64>) -> Result<PriceSeries, String> {
    let spacing = match (gaps, spacing) {
        (Gaps::Hold, _) => None,
        (_, None) => {
            return Err(
                "has rows at no regular times, so none can be missing: give `resample`, or `gaps: hold`"
                    .into(),
            );
        }
        (_, spacing) => spacing,
    };
    let mut series = PriceSeries::default();
    let mut before: Option<&Trade> = None;
    for row in rows {
        if let (Some(before), Some(spacing)) = (before, spacing)
            && is_gap(row.micros - before.micros, spacing)
        {
            if gaps == Gaps::Refuse {
                return Err(no_rows(before, row));
            }
            let mut micros = before.micros + spacing;
            while row.micros - micros >= spacing / 2 {
                series.push(micros, between(before, row, micros));
                micros += spacing;
            }
        }
        series.push(row.micros, row.price);
        before = Some(row);
    }
    Ok(series)
}

fn no_rows(before: &Trade, after: &Trade) -> String {
    format!(
        "has no rows between {} and {}: say `gaps: hold` or `gaps: interpolate`, or choose another span with `from` and `to`",
        written(before.micros),
        written(after.micros)
    )
}

/// The price at `micros` on the straight line from a row to a later one.
fn between(before: &Trade, after: &Trade, micros: i64) -> f64 {
    let part = (micros - before.micros) as f64 / (after.micros - before.micros) as f64;
    before.price + (after.price - before.price) * part
}

/// A price at each multiple of `step` microseconds that the rows reach.
fn resampled(
    rows: &[Trade],
    source: &Source,
    form: Form,
    step: i64,
    spacing: Option<i64>,
) -> Result<PriceSeries, String> {
    let mut series = PriceSeries::default();
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Ok(series);
    };
    let points = last.micros.abs_diff(first.micros) / step.unsigned_abs();
    if points > MOST_POINTS {
        let seconds = step / MICROS;
        return Err(format!(
            "spans {points} steps of {seconds} seconds, more than {MOST_POINTS}: give a larger `resample`, or a shorter span with `from` and `to`"
        ));
    }
    let averages = averages(source, form);
    // A row that comes seldom is not missing in between.
    let patience = step.max(spacing.unwrap_or(0));
    let mut next = 0;
    let mut average = first.price;
    let mut micros = first.micros.div_euclid(step) * step
        + if first.micros.rem_euclid(step) == 0 {
            0
        } else {
            step
        };
    while micros <= last.micros {
        let (mut sum, mut weight) = (0.0, 0.0);
        while rows.get(next).is_some_and(|row| row.micros <= micros) {
            sum += rows[next].price * rows[next].size;
            weight += rows[next].size;
            next += 1;
        }
        if weight > 0.0 {
            average = sum / weight;
        }
        let before = &rows[next - 1];
        let missing = micros - before.micros >= patience;
        let price = match (source.gaps, rows.get(next)) {
            (Gaps::Refuse, Some(after)) if missing => return Err(no_rows(before, after)),
            (Gaps::Interpolate, Some(after)) if missing => between(before, after, micros),
            _ if averages => average,
            _ => before.price,
        };
        series.push(micros, price);
        micros += step;
    }
    match series.is_empty() {
        true => Err(format!(
            "reaches no whole multiple of {} seconds: give a smaller `resample`",
            step / MICROS
        )),
        false => Ok(series),
    }
}
