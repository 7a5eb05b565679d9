//! A summary as a person reads it.

use std::fmt;

use super::grid::{Digits, Grid};
use super::kind::Kind;
use super::names::short;
use super::read::Value;
use super::{Row, Statistics, Summary, Table};

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.overall_line(f)?;
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        for table in &self.metrics {
            writeln!(f)?;
            self.block(f, table)?;
        }
        self.legend(f)
    }
}

impl Summary {
    fn overall_line(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (run, points) = (self.overall.trials, counted(self.points as u64, "point"));
        write!(f, "{}: ", self.folder.display())?;
        match run < self.planned {
            true => write!(f, "{run} of {} so far", counted(self.planned, "trial"))?,
            false => write!(f, "{}", counted(run, "trial"))?,
        }
        write!(f, " at {points}, ")?;
        match self.overall.failed {
            0 => write!(f, "none failed")?,
            failed => write!(f, "{failed} failed and left out")?,
        }
        match self.overall.conservation {
            None => writeln!(f),
            Some(conservation) => match (conservation.broken, conservation.first) {
                (0, _) if self.overall.failed > 0 => writeln!(f, "; every finished trial conserved money"),
                (0, _) => writeln!(f, "; every trial conserved money"),
                (broken, first) => {
                    write!(f, "; MONEY WAS NOT CONSERVED in {}", counted(broken, "trial"))?;
                    match first {
                        Some(first) => writeln!(f, ", the first is trial {first}"),
                        None => writeln!(f),
                    }
                }
            },
        }
    }

    fn block(&self, f: &mut fmt::Formatter<'_>, table: &Table) -> fmt::Result {
        write!(f, "{}", table.metric.name)?;
        if !table.metric.unit.is_empty() {
            write!(f, " [{}]", table.metric.unit)?;
        }
        if let Some(point) = self.options.against {
            write!(f, ", less that of point {point} in the same replicate")?;
        }
        if !table.metric.description.is_empty() {
            write!(f, ": {}", table.metric.description)?;
        }
        writeln!(f)?;
        if let Some(value) = table.only_value() {
            let value = match table.metric.kind {
                // A difference of two flags is a number.
                Kind::Bool if self.options.against.is_none() => (value != 0.0).to_string(),
                _ if value == value.trunc() => value.to_string(),
                _ => Digits::for_numbers([value], []).write(value),
            };
            writeln!(f, "  {value} in every trial")?;
        } else if table.cells.iter().all(Option::is_none) {
            writeln!(f, "  no trial has a value")?;
        } else {
            write!(f, "{}", self.grid(table))?;
        }
        if table.missing > 0 {
            let missing = counted(table.missing, "value");
            let pairless = if self.options.against.is_some() {
                " or without a partner"
            } else {
                ""
            };
            writeln!(f, "  left out: {missing} missing, not finite{pairless}")?;
        }
        Ok(())
    }

    fn grid(&self, table: &Table) -> Grid {
        let cells = || table.cells.iter().flatten();
        let magnitudes = cells().flat_map(|cell| {
            let tails = cell.lower_tails.iter().chain(&cell.upper_tails).copied();
            [cell.mean].into_iter().chain(cell.quantiles.clone()).chain(tails)
        });
        let uncertainties = cells()
            .filter_map(|cell| cell.interval)
            .map(|i| (i.high - i.low) / 2.0);
        let digits = Digits::for_numbers(magnitudes, uncertainties);

        let mut grid = Grid::default();
        grid.line(self.header());
        for (row, cell) in self.rows.iter().zip(&table.cells) {
            let mut line = self.front(row, cell.as_ref());
            line.extend(match cell {
                Some(cell) => numbers(cell, digits),
                None => vec!["-".to_owned()],
            });
            grid.line(line);
        }
        grid
    }

    fn header(&self) -> Vec<String> {
        let mut header = vec![if self.pools() { "points" } else { "point" }.to_owned()];
        header.extend(
            self.parameters
                .iter()
                .map(|column| short(&column.name, &self.parameters).to_owned()),
        );
        header.push("trials".to_owned());
        let level = self.options.confidence.percent();
        header.extend([
            "mean".to_owned(),
            format!("{level} from"),
            format!("{level} to"),
            "std dev".to_owned(),
        ]);
        header.extend(self.options.quantiles.iter().map(|share| match share.get() {
            0.0 => "min".to_owned(),
            0.5 => "median".to_owned(),
            1.0 => "max".to_owned(),
            _ => format!("q {}", share.percent()),
        }));
        for end in ["lowest", "highest"] {
            header.extend(
                self.options
                    .tails
                    .iter()
                    .map(|share| format!("{end} {}", share.percent())),
            );
        }
        header
    }

    fn front(&self, row: &Row, cell: Option<&Statistics>) -> Vec<String> {
        let mut front = vec![row.point.unwrap_or(row.points).to_string()];
        front.extend(row.values.iter().map(Value::to_string));
        front.push(cell.map_or(0, |cell| cell.count).to_string());
        front
    }

    fn pools(&self) -> bool {
        self.rows.iter().any(|row| row.point.is_none())
    }

    fn legend(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_grid = |table: &Table| table.only_value().is_none() && table.cells.iter().any(Option::is_some);
        if !self.metrics.iter().any(is_grid) {
            return Ok(());
        }
        writeln!(f)?;
        for column in &self.parameters {
            let short = short(&column.name, &self.parameters);
            if short != column.name {
                writeln!(f, "{short}: {}", column.name)?;
            }
        }
        let level = self.options.confidence.percent();
        write!(f, "mean, with its {level} interval ")?;
        match self.options.bootstrap {
            None => write!(f, "(Student's t over replicates)")?,
            Some(resamples) => write!(f, "(percentiles of {resamples} resamplings of the replicates)")?,
        }
        if !self.options.quantiles.is_empty() {
            write!(f, "; q: quantile")?;
        }
        if !self.options.tails.is_empty() {
            write!(f, "; lowest, highest: mean of that share of the trials")?;
        }
        writeln!(f)
    }
}

impl Table {
    /// The value that all trials have, if it is the same.
    fn only_value(&self) -> Option<f64> {
        let mut cells = self.cells.iter().flatten();
        let value = cells.next()?.min;
        let same = self
            .cells
            .iter()
            .flatten()
            .all(|cell| cell.min == value && cell.max == value);
        (same && self.missing == 0).then_some(value)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("-"),
            Value::Bool(value) => value.fmt(f),
            Value::Int(value) => value.fmt(f),
            Value::Float(value) => value.fmt(f),
            Value::Text(text) => f.write_str(text),
        }
    }
}

fn numbers(cell: &Statistics, digits: Digits) -> Vec<String> {
    let write = |number: f64| digits.write(number);
    let maybe = |number: Option<f64>| number.map_or("-".to_owned(), write);
    let mut line = vec![
        write(cell.mean),
        maybe(cell.interval.map(|interval| interval.low)),
        maybe(cell.interval.map(|interval| interval.high)),
        maybe(cell.std_dev),
    ];
    let rest = cell
        .quantiles
        .iter()
        .chain(&cell.lower_tails)
        .chain(&cell.upper_tails);
    line.extend(rest.map(|number| write(*number)));
    line
}

fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
