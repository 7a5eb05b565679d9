//! A file's rows, made into prices or trades.

use super::cell::Row;
use super::error::RecordingError;
use super::form::Form;
use super::moment::written;
use super::opened::{Opened, open};
use super::plan::{Known, Plan};
use super::series::{MICROS, PriceSeries};
use super::source::{Repeated, Source, Unreadable, Unsorted};
use super::tidy;
use super::time_unit::TimeUnit;
use super::trades::{Trade, Trades};
use super::{csv_rows, json_rows};
use std::path::Path;

/// What a file turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// What it records.
    pub form: Form,
    /// Rows that were taken.
    pub rows: u64,
    /// Rows that could not be read and were left out, as asked.
    pub skipped: u64,
    /// Rows of a time that another row had, too.
    pub repeated: u64,
    /// Whether rows had to be put in order.
    pub sorted: bool,
    /// The unit of the times; none where they are ISO 8601 or typed.
    pub unit: Option<TimeUnit>,
    /// Whether that unit was told by the size of the first time.
    pub guessed: bool,
    /// Microseconds from row to row, where nine of ten are as far from each other.
    pub spacing: Option<i64>,
    /// The median of the times from row to row, in microseconds; 0 for one row.
    pub median_step: i64,
    /// How many times rows are missing between two rows.
    pub gaps: u64,
    /// The longest of these, in microseconds from row to row.
    pub longest_gap: i64,
    /// First and last time, in microseconds since 1970.
    pub span: (i64, i64),
}

/// What a file's rows are handed to.
pub(super) trait Sink {
    /// The columns' plain names, where there are any; before all rows.
    fn header(&mut self, names: Vec<String>);
    /// A row, or what is wrong with it.
    fn row(&mut self, row: &dyn Row) -> Result<(), String>;
}

/// Hands the rows of `file` on, whatever its form.
pub(super) fn read_into(file: &Path, sink: &mut dyn Sink) -> Result<(), RecordingError> {
    match open(file)? {
        Opened::Text(text) => csv_rows::read(file, text, sink),
        Opened::Json(text) => json_rows::read(file, text, sink),
        #[cfg(feature = "tables")]
        Opened::Parquet(opened) => super::parquet_rows::read(file, opened, sink),
        #[cfg(not(feature = "tables"))]
        Opened::Parquet(_) => Err(RecordingError::File {
            file: file.to_owned(),
            problem: "is Parquet, which this build cannot read: build it with the feature `tables`".into(),
        }),
    }
}

/// Rows on their way in.
pub(super) struct Rows<'a> {
    source: &'a Source,
    names: Option<Vec<String>>,
    plan: Option<Plan>,
    wants_trades: bool,
    /// The unit that the first time was in.
    unit: Option<TimeUnit>,
    taken: Vec<Trade>,
    skipped: u64,
    repeated: u64,
    sorted: bool,
}

impl<'a> Rows<'a> {
    fn of(source: &'a Source, wants_trades: bool) -> Self {
        Self {
            source,
            names: None,
            plan: None,
            wants_trades,
            unit: source.unit,
            taken: Vec::new(),
            skipped: 0,
            repeated: 0,
            sorted: true,
        }
    }

    fn add(&mut self, trade: Trade) -> Result<(), String> {
        let form = self.plan.as_ref().map_or(Form::Prices, |plan| plan.form);
        let Some(before) = self.taken.last_mut().filter(|_| self.sorted) else {
            self.taken.push(trade);
            return Ok(());
        };
        let (now, then) = (trade.micros, before.micros);
        if self.source.unit.is_none() && !form.counts_from_1970() && then > 0 && now / 100 > then {
            return Err(format!(
                "the time is a hundred times as large as in the row above ({now} and {then} microseconds): mend the file, or name the `unit` of all"
            ));
        }
        if now < then {
            if self.source.unsorted == Unsorted::Refuse {
                return Err(format!(
                    "the time, {}, is before that of the row above, {}: sort the file, or have it done with `unsorted: sort`",
                    written(now),
                    written(then)
                ));
            }
            self.sorted = false;
        }
        if now == then && !self.wants_trades {
            self.repeated += 1;
            match tidy::repeated(self.source, form) {
                Repeated::Refuse => {
                    let time = written(now);
                    return Err(format!(
                        "the time, {time}, is that of the row above: say `repeated: first` or `repeated: last`"
                    ));
                }
                // An average is over all of them.
                _ if tidy::averages(self.source, form) => {}
                Repeated::First => return Ok(()),
                Repeated::Last => {
                    *before = trade;
                    return Ok(());
                }
            }
        }
        self.taken.push(trade);
        Ok(())
    }
}

impl Sink for Rows<'_> {
    fn header(&mut self, names: Vec<String>) {
        // One header row, whatever it says, may stand above two columns.
        let known = names.len() != 2
            || names
                .iter()
                .any(|name| super::form::TIME.contains(&name.as_str()));
        self.names = known.then_some(names);
    }

    fn row(&mut self, row: &dyn Row) -> Result<(), String> {
        let plan = match &self.plan {
            Some(plan) => plan,
            None => self
                .plan
                .insert(Plan::of(self.source, self.names.as_deref(), row)?),
        };
        if !plan.wants(row) {
            return Ok(());
        }
        match entry(plan, row, self.source, &mut self.unit, self.wants_trades) {
            Ok(Some(trade)) => self.add(trade),
            Ok(None) => Ok(()),
            Err(_) if self.source.unreadable == Unreadable::Skip => {
                self.skipped += 1;
                Ok(())
            }
            Err(problem) => Err(format!(
                "{problem}: mend the row, or leave such rows out with `unreadable: skip`"
            )),
        }
    }
}

/// What `row` says; none where it says that nothing was traded.
fn entry(
    plan: &Plan,
    row: &dyn Row,
    source: &Source,
    unit: &mut Option<TimeUnit>,
    wants_trades: bool,
) -> Result<Option<Trade>, String> {
    let cell = plan.time(row);
    let asked = match plan.form.counts_from_1970() {
        true => source.unit,
        false => *unit,
    };
    let time = cell.micros(asked);
    let (mut micros, told) = time.ok_or_else(|| match cell {
        super::cell::Cell::Missing => "the time is missing".to_owned(),
        cell => format!("the time `{}` is neither a number nor ISO 8601", cell.shown()),
    })?;
    if let Known::After(_) = plan.known() {
        // The interval's last moment; the price is known from the next on.
        micros += told.map_or(1, |unit| (MICROS / unit.in_a_second()).max(1));
    }
    let Some(price) = plan.price(row)? else {
        return Ok(None);
    };
    let mut size = plan.size(row, price)?;
    if wants_trades {
        size *= plan.sign(row)?;
    }
    *unit = unit.or(told);
    Ok(Some(Trade { micros, price, size }))
}

/// Reads `file` as `source` says.
fn rows<'a>(file: &Path, source: &'a Source, wants_trades: bool) -> Result<Rows<'a>, RecordingError> {
    let refuse = |problem: String| RecordingError::File {
        file: file.to_owned(),
        problem,
    };
    if let Some((field, problem)) = source.problems().into_iter().next() {
        return Err(refuse(format!("`{field}` {problem}")));
    }
    let mut rows = Rows::of(source, wants_trades);
    read_into(file, &mut rows)?;
    if rows.taken.is_empty() {
        return Err(refuse(match (rows.skipped, source.only.is_empty()) {
            (0, true) => "has no rows".into(),
            (0, false) => "has no rows that `only` wants".into(),
            (skipped, _) => format!("has no row that can be read; {skipped} were left out"),
        }));
    }
    Ok(rows)
}

/// The prices of `file`, and what it turned out to be.
pub(super) fn prices(file: &Path, source: &Source) -> Result<(PriceSeries, Facts), RecordingError> {
    let rows = rows(file, source, false)?;
    let refuse = |problem| RecordingError::File {
        file: file.to_owned(),
        problem,
    };
    let (form, known) = rows
        .plan
        .as_ref()
        .map_or((Form::Prices, Known::AtOnce), |plan| (plan.form, plan.known()));
    let mut facts = rows.facts(form);
    let mut taken = rows.taken;
    facts.repeated += tidy::order(&mut taken, source, form, facts.sorted).map_err(refuse)?;
    (facts.median_step, facts.spacing) = tidy::spacing(&taken);
    if known == Known::AtEnd {
        let Some(step) = facts.spacing else {
            return Err(refuse(
                "has candles at no regular times, so it is not known when they end: give `columns` with the time of their end as `time`, or `price: open`".into(),
            ));
        };
        taken.iter_mut().for_each(|row| row.micros += step);
    }
    let taken = tidy::window(&taken, source);
    let (Some(first), Some(last)) = (taken.first(), taken.last()) else {
        return Err(refuse("has no rows between `from` and `to`".into()));
    };
    facts.span = (first.micros, last.micros);
    facts.rows = taken.len() as u64;
    (facts.gaps, facts.longest_gap) = tidy::gaps(taken, facts.spacing);
    let series = tidy::series(taken, source, form, facts.spacing).map_err(refuse)?;
    Ok((series, facts))
}

/// The trades of `file`, and what it turned out to be.
pub(super) fn trades(file: &Path, source: &Source) -> Result<(Trades, Facts), RecordingError> {
    let rows = rows(file, source, true)?;
    let refuse = |problem: &str| RecordingError::File {
        file: file.to_owned(),
        problem: problem.to_owned(),
    };
    let plan = rows.plan.as_ref();
    if !plan.is_some_and(|plan| plan.has_sizes() && plan.has_sides()) {
        return Err(refuse(
            "has no trades: no column is known as `size`; say in `columns` which is",
        ));
    }
    let mut facts = rows.facts(plan.map_or(Form::Trades, |plan| plan.form));
    let mut taken = rows.taken;
    if !facts.sorted {
        taken.sort_by_key(|trade| trade.micros);
    }
    let taken = tidy::window(&taken, source).to_vec();
    let (Some(first), Some(last)) = (taken.first(), taken.last()) else {
        return Err(refuse("has no rows between `from` and `to`"));
    };
    facts.span = (first.micros, last.micros);
    facts.rows = taken.len() as u64;
    Ok((Trades(taken), facts))
}

impl Rows<'_> {
    fn facts(&self, form: Form) -> Facts {
        Facts {
            form,
            rows: 0,
            skipped: self.skipped,
            repeated: self.repeated,
            sorted: self.sorted,
            unit: self.unit,
            guessed: self.source.unit.is_none(),
            spacing: None,
            median_step: 0,
            gaps: 0,
            longest_gap: 0,
            span: (0, 0),
        }
    }
}
