//! The results of a sweep as they lie on disk.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use arrow_schema::{DataType, Field, SchemaRef};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

use super::cells::Cells;
use super::error::SummaryError;
use super::kind::Kind;
use crate::sweep::manifest::Manifest;
use crate::sweep::store::{Folder, part_number};

/// A sweep's folder with at least one finished part.
#[derive(Clone, Debug)]
pub struct Results {
    /// The folder.
    pub folder: PathBuf,
    /// How many trials the sweep is to have in the end.
    pub planned: u64,
    /// What there is to know about the spec.
    pub notes: Vec<String>,
    /// The finished files of trials, in order.
    pub parts: Vec<PathBuf>,
    /// The swept parameters, in the order of the spec.
    pub parameters: Vec<Column>,
    /// What was measured, in the order of the table.
    pub metrics: Vec<Column>,
}

/// A column of the table of trials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name; a parameter's is its dotted path.
    pub name: String,
    /// What its cells are.
    pub kind: Kind,
    /// The unit in words; empty where there is none.
    pub unit: String,
    /// What a value says; may be empty.
    pub description: String,
}

/// What the cells of a column of this type are.
fn kind_of(data: &DataType) -> Kind {
    match (Cells::of_type(data), data) {
        (Some(cells), _) => cells.kind(),
        (None, DataType::List(_)) => Kind::Other("lists".to_owned()),
        (None, other) => Kind::Other(other.to_string()),
    }
}

/// Columns that every table of trials has.
const REQUIRED: [&str; 5] = ["trial", "point", "replicate", "seed", "outcome"];

impl Results {
    /// Finds the results in a sweep's folder and reads what their columns are.
    ///
    /// # Errors
    /// No folder, a folder that no sweep wrote, a sweep without a finished part, files that cannot be read.
    pub fn open(folder: &Path) -> Result<Self, SummaryError> {
        if !folder.is_dir() {
            return Err(SummaryError::NoFolder(folder.to_owned()));
        }
        if !is_sweep(folder) {
            return Err(SummaryError::NotASweep {
                path: folder.to_owned(),
                mend: sweep_nearby(folder),
            });
        }
        let layout = Folder::new(folder);
        let manifest = Manifest::load(&layout.manifest())?;
        let parts = parts(&layout.trials_folder())?;
        let Some(first) = parts.first() else {
            return Err(SummaryError::NothingFinished(folder.to_owned()));
        };
        let schema = schema(first)?;
        for column in REQUIRED {
            if schema.field_with_name(column).is_err() {
                return Err(SummaryError::NotTrials {
                    path: first.clone(),
                    column,
                });
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            planned: manifest.trials,
            notes: manifest.notes,
            parameters: columns(&schema, "parameter"),
            metrics: columns(&schema, "metric"),
            parts,
        })
    }

    /// Whether the trials say if they conserved money.
    pub fn has_conservation(&self) -> bool {
        self.metrics
            .iter()
            .any(|metric| metric.name == CONSERVED && metric.kind == Kind::Bool)
    }
}

/// The metric that says whether a trial conserved money.
pub(super) const CONSERVED: &str = "conserved";

fn parts(folder: &Path) -> Result<Vec<PathBuf>, SummaryError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(SummaryError::io("read", folder))?,
    };
    let mut parts = Vec::new();
    for entry in entries {
        let entry = entry.map_err(SummaryError::io("read", folder))?;
        let path = entry.path();
        // A part has its name only once it is complete.
        if let Some(number) = part_number(&path) {
            parts.push((number, path));
        }
    }
    parts.sort();
    Ok(parts.into_iter().map(|(_, path)| path).collect())
}

fn schema(part: &Path) -> Result<SchemaRef, SummaryError> {
    let file = File::open(part).map_err(SummaryError::io("read", part))?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        .map_err(SummaryError::table("read", part))?;
    Ok(metadata.schema().clone())
}

fn columns(schema: &SchemaRef, role: &str) -> Vec<Column> {
    let said = |field: &Field, key: &str| field.metadata().get(key).cloned().unwrap_or_default();
    let fields = schema.fields().iter().filter(|field| said(field, "role") == role);
    fields
        .map(|field| Column {
            name: field.name().clone(),
            kind: kind_of(field.data_type()),
            unit: said(field, "unit"),
            description: said(field, "description"),
        })
        .collect()
}

fn is_sweep(folder: &Path) -> bool {
    Folder::new(folder).manifest().is_file()
}

/// What a person who named a folder in or above a sweep's probably meant.
fn sweep_nearby(folder: &Path) -> String {
    let above = folder.ancestors().skip(1).take(2).find(|above| is_sweep(above));
    let mut below: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| is_sweep(path))
        .collect();
    below.sort();
    match above.or(below.first().map(PathBuf::as_path)) {
        Some(sweep) => format!("did you mean {}?", sweep.display()),
        None => "name the folder that `harness sweep` wrote".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_beyond_five_digits() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path());
        folder.create(false).unwrap();
        for number in [100_001, 99_999, 10_000, 100_000] {
            fs::write(folder.trials(number), "").unwrap();
        }
        for other in ["part-00007.parquet.tmp", "part-00007 (copy).parquet"] {
            fs::write(folder.trials_folder().join(other), "").unwrap();
        }
        let expected = [10_000, 99_999, 100_000, 100_001].map(|number| folder.trials(number));
        assert_eq!(parts(&folder.trials_folder()).unwrap(), expected);
    }
}
