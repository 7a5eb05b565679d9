//! What a sweep runs, as far as the sweep needs to know: columns, and one row for every trial.

/// Something with numbered trials whose results are rows of a table.
///
/// A trial's outcome must depend on its [`TrialId`] and on nothing else: not on threads, clocks or the trials run
/// before it. The sweep runs trials on several threads, again after a failure, and alone.
pub trait Experiment: Sync {
    /// The metrics: one cell of every row each, in this order.
    fn columns(&self) -> Vec<Column>;

    /// The columns of the series: the state sampled over time within a trial.
    fn series_columns(&self) -> Vec<Column>;

    /// Runs one trial. `series` is the sampling interval in seconds of simulated time; without it no series is
    /// wanted.
    ///
    /// # Errors
    /// A trial that cannot be finished. It gets a row without metrics and an entry among the failures; the other
    /// trials run on. A panic is taken as a failure, too.
    fn run(&self, trial: TrialId, series: Option<u32>) -> Result<Output, Failure>;
}

/// What a trial is determined by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialId {
    /// The trial's number in the sweep.
    pub number: u64,
    /// The choice of parameters.
    pub point: u64,
    /// The random future: the same at every point.
    pub replicate: u32,
    /// The sweep's seed.
    pub seed: u64,
}

/// What a trial leaves behind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    /// One cell for each of [`Experiment::columns`].
    pub row: Vec<Cell>,
    /// Rows of one cell for each of [`Experiment::series_columns`], in order of time.
    pub series: Vec<Vec<Cell>>,
    /// Number of events that happened, for the progress display.
    pub events: u64,
}

/// Why a trial could not be finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// One word to group failures by, such as `setup`; `panic` and `table` are the sweep's own.
    pub kind: String,
    /// The whole story.
    pub text: String,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Unique within the table; by convention its unit is the last word, as in `fees_paid_usd`.
    pub name: String,
    /// What its cells are. Any cell may be [`Cell::Null`].
    pub kind: ColumnType,
    /// The unit in words, such as `1e-6 USD`; empty where there is none.
    pub unit: String,
    /// What a value of the column says.
    pub description: String,
}

impl Column {
    /// A column.
    pub fn new(name: &str, kind: ColumnType, unit: &str, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            unit: unit.to_owned(),
            description: description.to_owned(),
        }
    }
}

/// The type of a column's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// [`Cell::Int`].
    Int,
    /// [`Cell::Uint`].
    Uint,
    /// [`Cell::Float`].
    Float,
    /// [`Cell::Bool`].
    Bool,
    /// [`Cell::Text`].
    Text,
    /// [`Cell::Counts`].
    Counts,
}

impl ColumnType {
    /// The name of the type in manifests and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int => "i64",
            Self::Uint => "u64",
            Self::Float => "f64",
            Self::Bool => "bool",
            Self::Text => "utf8",
            Self::Counts => "list<struct<code: u32, count: u32>>",
        }
    }
}

/// A value in a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// A signed number.
    Int(i64),
    /// An unsigned number.
    Uint(u64),
    /// A floating-point number.
    Float(f64),
    /// A yes or no.
    Bool(bool),
    /// A text.
    Text(String),
    /// How often each code was met, such as refusals by error code.
    Counts(Vec<Count>),
}

impl Cell {
    /// The type of column it belongs in; `None` for [`Cell::Null`], which belongs in any.
    pub const fn kind(&self) -> Option<ColumnType> {
        match self {
            Self::Null => None,
            Self::Int(_) => Some(ColumnType::Int),
            Self::Uint(_) => Some(ColumnType::Uint),
            Self::Float(_) => Some(ColumnType::Float),
            Self::Bool(_) => Some(ColumnType::Bool),
            Self::Text(_) => Some(ColumnType::Text),
            Self::Counts(_) => Some(ColumnType::Counts),
        }
    }
}

/// A code and how often it was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The code.
    pub code: u32,
    /// How often.
    pub count: u32,
}
