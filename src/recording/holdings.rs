//! What users of an exchange hold, from a table of their positions.

use super::cell::{Cell, Row};
use super::error::RecordingError;
use super::read::{Sink, read_into};
use std::collections::BTreeMap;
use std::path::Path;

/// What a user holds of the quote asset and in perpetual markets, before unpaid funding and interest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Holding {
    /// The user, as the table numbers or names him.
    pub user: String,
    /// Dollars deposited in spot market 0, below 0 where borrowed.
    pub quote: f64,
    /// Units of base, below 0 where short, and the dollars that belong to them, by perpetual market.
    pub positions: BTreeMap<u16, (f64, f64)>,
}

/// What each user of a table holds, in the order in which users are first named.
pub type Holdings = Vec<Holding>;

/// The columns that are needed, by their plain names: the program's own, in its integers.
const COLUMNS: [&str; 7] = [
    "user",
    "kind",
    "marketindex",
    "balancetype",
    "scaledbalance",
    "baseassetamount",
    "quoteassetamount",
];

#[derive(Default)]
struct Table {
    places: Option<[usize; 7]>,
    users: BTreeMap<String, usize>,
    holdings: Holdings,
}

impl Sink for Table {
    fn header(&mut self, names: Vec<String>) {
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        let found: Vec<usize> = COLUMNS.iter().filter_map(|wanted| place(wanted)).collect();
        self.places = found.try_into().ok();
    }

    fn row(&mut self, row: &dyn Row) -> Result<(), String> {
        let places = self.places.ok_or_else(|| {
            "a table of positions has a header with user, kind, market_index, balance_type, scaled_balance, base_asset_amount and \
             quote_asset_amount"
                .to_owned()
        })?;
        let [user, kind, market, balance_type, scaled, base, quote] = places.map(|place| row.cell(place));
        let user = user.shown().into_owned();
        let number = |cell: Cell, what: &str| match cell {
            Cell::Missing => Ok(0.0),
            cell => cell
                .number()
                .ok_or_else(|| format!("{what} `{}` is not a number", cell.shown())),
        };
        let index = number(market, "market_index")?;
        if !(0.0..=65_535.0).contains(&index) || index.fract() != 0.0 {
            return Err(format!("market_index `{}` is no market's number", market.shown()));
        }
        let holdings = &mut self.holdings;
        let place = *self.users.entry(user.clone()).or_insert_with(|| {
            holdings.push(Holding {
                user,
                ..Holding::default()
            });
            holdings.len() - 1
        });
        let holding = &mut holdings[place];
        match kind.shown().as_ref() {
            "perp" => {
                let held = holding.positions.entry(index as u16).or_default();
                held.0 += number(base, "base_asset_amount")? / 1e9;
                held.1 += number(quote, "quote_asset_amount")? / 1e6;
            }
            "spot" if index == 0.0 => {
                let owed = balance_type.shown().contains("Borrow");
                let tokens = number(scaled, "scaled_balance")? / 1e9;
                holding.quote += if owed { -tokens } else { tokens };
            }
            "spot" => {}
            other => return Err(format!("kind is `{other}`: `spot` or `perp` is expected")),
        }
        Ok(())
    }
}

/// The holdings in `file`.
pub(super) fn holdings(file: &Path) -> Result<Holdings, RecordingError> {
    let mut table = Table::default();
    read_into(file, &mut table)?;
    match table.holdings.is_empty() {
        true => Err(RecordingError::File {
            file: file.to_owned(),
            problem: "has no rows".into(),
        }),
        false => Ok(table.holdings),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_rows_make_one_holding() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("p.csv");
        let header =
            "user,kind,market_index,balance_type,scaled_balance,base_asset_amount,quote_asset_amount\n";
        let rows = "7,spot,0.0,SpotBalanceType.Deposit(),2500000000.0,,\n\
            7,perp,1,,,-3000000000,61000000\n\
            8,spot,0,SpotBalanceType.Borrow(),1000000000,,\n\
            8,spot,1,SpotBalanceType.Deposit(),99,,\n\
            7,perp,1,,,1000000000,-20000000\n";
        std::fs::write(&file, format!("{header}{rows}")).unwrap();
        let found = holdings(&file).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].user.as_str(), found[0].quote), ("7", 2.5));
        assert_eq!(found[0].positions, BTreeMap::from([(1, (-2.0, 41.0))]));
        assert_eq!((found[1].quote, found[1].positions.len()), (-1.0, 0));
        for (wrong, said) in [
            (
                "user,kind\n1,spot\n",
                ":2: a table of positions has a header with user",
            ),
            (&format!("{header}1,stock,0,,,,\n"), ":2: kind is `stock`"),
            (
                &format!("{header}1,perp,0,,,x,\n"),
                ":2: base_asset_amount `x` is not a number",
            ),
            (
                &format!("{header}1,perp,-1,,,,\n"),
                ":2: market_index `-1` is no market's number",
            ),
        ] {
            std::fs::write(&file, wrong).unwrap();
            let error = holdings(&file).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    /// The positions that stand beside a working copy; users and sums were counted with pyarrow.
    #[cfg(feature = "tables")]
    #[test]
    fn mainnets_users_are_read() {
        let file = Path::new("../shared/market/positions.parquet");
        if !file.exists() {
            println!("skipped: no {}", file.display());
            return;
        }
        let found = holdings(file).unwrap();
        let positions: usize = found.iter().map(|holding| holding.positions.len()).sum();
        assert_eq!((found.len(), positions), (1_972, 663));
    }
}
