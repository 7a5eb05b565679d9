//! Files as they are found: every form in its exact format, and what is wrong with some of them. Times and prices were written down by hand.

use super::*;
use std::io::Write;

struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    fn with(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), bytes).unwrap();
        Self { dir }
    }

    fn load(&self, yaml: &str) -> Result<(Vec<(i64, f64)>, Facts), String> {
        let source: Source = serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
        let recordings = Recordings::new(self.dir.path());
        let found = recordings.load_with_facts(&source);
        // The folder's name is of no interest.
        let (series, facts) = found.map_err(|error| {
            error
                .to_string()
                .replace(&format!("{}/", self.dir.path().display()), "")
        })?;
        let pairs = series.times().iter().zip(series.prices());
        Ok((pairs.map(|(time, price)| (*time, *price)).collect(), facts))
    }

    fn trades(&self, yaml: &str) -> Result<Vec<Trade>, String> {
        let source: Source = serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
        let trades = Recordings::new(self.dir.path()).trades(&source);
        trades
            .map(|trades| trades.0.clone())
            .map_err(|error| error.to_string())
    }
}

fn seconds(pairs: &[(i64, f64)]) -> Vec<(i64, f64)> {
    pairs
        .iter()
        .map(|(micros, price)| (micros / MICROS, *price))
        .collect()
}

/// Two minutes of Binance's klines, in milliseconds as until 2024.
const KLINES: &str = "\
1672531200000,9.97,9.99,9.95,9.98,1200.5,1672531259999,11970.0,350,600.1,5985.0,0
1672531260000,9.98,10.05,9.98,10.04,800.0,1672531319999,8016.0,210,500.0,5010.0,0
";

#[test]
fn klines_close_when_their_minute_is_over() {
    let folder = Folder::with("k.csv", KLINES);
    let (prices, facts) = folder.load("file: k.csv").unwrap();
    assert_eq!(seconds(&prices), [(1_672_531_260, 9.98), (1_672_531_320, 10.04)]);
    assert_eq!(
        (facts.form, facts.unit, facts.rows),
        (Form::Klines, Some(TimeUnit::Milliseconds), 2)
    );
    assert_eq!(facts.spacing, Some(60 * MICROS));

    let (open, _) = folder.load("{file: k.csv, price: open}").unwrap();
    assert_eq!(seconds(&open), [(1_672_531_200, 9.97), (1_672_531_260, 9.98)]);
    let (middle, _) = folder.load("{file: k.csv, price: mid}").unwrap();
    assert!(
        (middle[0].1 - 9.97).abs() < 1e-12 && (middle[1].1 - 10.015).abs() < 1e-12,
        "{middle:?}"
    );
    let (average, _) = folder.load("{file: k.csv, price: vwap}").unwrap();
    assert_eq!(average[1], (1_672_531_320 * MICROS, 10.02));
}

#[test]
fn klines_may_turn_to_microseconds() {
    let both = format!("{KLINES}1672531320000000,10.04,10.1,10.0,10.08,1,1672531379999999,10.05,9,1,5.0,0\n");
    let (prices, _) = Folder::with("k.csv", both).load("file: k.csv").unwrap();
    assert_eq!(
        seconds(&prices)[1..],
        [(1_672_531_320, 10.04), (1_672_531_380, 10.08)]
    );
}

#[test]
fn a_header_says_the_same_of_klines() {
    let header = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n";
    let (prices, facts) = Folder::with("k.csv", format!("\u{feff}{header}{KLINES}"))
        .load("file: k.csv")
        .unwrap();
    assert_eq!((facts.form, prices.len()), (Form::Klines, 2));
    assert_eq!(seconds(&prices)[0], (1_672_531_260, 9.98));
}

#[test]
fn compressed_files_are_the_same_files() {
    let plain = Folder::with("k.csv", KLINES).load("file: k.csv").unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(KLINES.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    assert_eq!(
        Folder::with("k.csv.gz", &gz).load("file: k.csv.gz").unwrap(),
        plain
    );
    // Cut off in the middle.
    let cut = Folder::with("k.csv.gz", &gz[..gz.len() / 2])
        .load("file: k.csv.gz")
        .unwrap_err();
    assert!(cut.starts_with("cannot read k.csv.gz"), "{cut}");

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("SOLUSDT-1m-2023-01.csv", zip::write::SimpleFileOptions::default())
        .unwrap();
    zip.write_all(KLINES.as_bytes()).unwrap();
    let one = zip.finish().unwrap().into_inner();
    assert_eq!(Folder::with("k.zip", one).load("file: k.zip").unwrap(), plain);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["a.csv", "b.csv"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
    }
    let two = zip.finish().unwrap().into_inner();
    let refused = Folder::with("k.zip", two).load("file: k.zip").unwrap_err();
    assert_eq!(
        refused,
        "k.zip: holds 2 files where one is expected: unpack the one you want"
    );
}

#[cfg(feature = "tables")]
#[test]
fn zstd_is_read_too() {
    let bytes = zstd::encode_all(KLINES.as_bytes(), 1).unwrap();
    let plain = Folder::with("k.csv", KLINES).load("file: k.csv").unwrap();
    assert_eq!(
        Folder::with("k.csv.zst", bytes).load("file: k.csv.zst").unwrap(),
        plain
    );
}

#[test]
fn candles_of_other_venues_end_a_step_later() {
    let text = "Time;Open;High;Low;Close;Volume\n\
        2022-11-08T15:00:00Z;30;31;29;30.5;10\n\
        2022-11-08T15:15:00Z;30.5;30.5;25;26;100\n\
        2022-11-08T15:30:00Z;26;28;26;27;50\n";
    let (prices, facts) = Folder::with("c.csv", text.replace('\n', "\r\n"))
        .load("file: c.csv")
        .unwrap();
    // 15:15, 15:30, 15:45.
    assert_eq!(
        seconds(&prices),
        [
            (1_667_920_500, 30.5),
            (1_667_921_400, 26.0),
            (1_667_922_300, 27.0)
        ]
    );
    assert_eq!((facts.form, facts.unit), (Form::Candles, None));
    let one = Folder::with("c.csv", "time,open,high,low,close\n2022-11-08,1,2,1,2\n")
        .load("file: c.csv")
        .unwrap_err();
    assert!(one.contains("it is not known when they end"), "{one}");
}

#[test]
fn aggregated_trades_are_prices_and_trades() {
    let text = "\
100,30.10,2.0,200,201,1667920500000,True,True
101,30.20,1.0,202,202,1667920500000,False,True
102,30.40,4.0,203,205,1667920501500,False,True
";
    let folder = Folder::with("a.csv", text);
    let (prices, facts) = folder.load("file: a.csv").unwrap();
    assert_eq!((facts.form, facts.repeated), (Form::AggTrades, 1));
    assert_eq!(
        prices,
        [(1_667_920_500_000_000, 30.2), (1_667_920_501_500_000, 30.4)]
    );
    let trades = folder.trades("file: a.csv").unwrap();
    let sizes: Vec<f64> = trades.iter().map(|trade| trade.size).collect();
    // The buyer made the first: its taker sold.
    assert_eq!(sizes, [-2.0, 1.0, 4.0]);
    // (2 * 30.1 + 30.2) / 3 until 15:15:00, 30.4 until 15:15:02.
    let (average, _) = folder.load("{file: a.csv, price: vwap, resample: 2}").unwrap();
    assert_eq!(
        seconds(&average),
        [(1_667_920_500, 90.4 / 3.0), (1_667_920_502, 30.4)][..1]
    );
    let asked = folder.load("{file: a.csv, price: vwap}").unwrap_err();
    assert!(asked.contains("give `resample`"), "{asked}");
}

/// Drift's trade records, with their columns in their order.
const DRIFT: &str = "\
fillerReward,baseAssetAmountFilled,quoteAssetAmountFilled,takerFee,makerRebate,referrerReward,quoteAssetAmountSurplus,takerOrderBaseAssetAmount,takerOrderCumulativeBaseAssetAmountFilled,takerOrderCumulativeQuoteAssetAmountFilled,makerOrderBaseAssetAmount,makerOrderCumulativeBaseAssetAmountFilled,makerOrderCumulativeQuoteAssetAmountFilled,oraclePrice,makerFee,txSig,slot,ts,action,actionExplanation,marketIndex,marketType,filler,fillRecordId,taker,takerOrderId,takerOrderDirection,maker,makerOrderId,makerOrderDirection,spotFulfillmentMethodFee,programId
0,2,60,0.06,0,0,0,2,2,60,,,,30.1,0,sig1,160000000,1667920500,fill,orderFilledWithAmm,0,perp,f,1,t,1,long,,,,0,p
0,1,29,0.03,0,0,0,1,1,29,,,,29.5,0,sig2,160000010,1667920504,fill,orderFilledWithAmm,0,perp,f,2,u,1,short,,,,0,p
0,5,500,0.5,0,0,0,5,5,500,,,,100,0,sig3,160000011,1667920505,fill,orderFilledWithAmm,1,perp,f,3,u,2,short,,,,0,p
";

#[test]
fn drifts_trade_records_are_read() {
    let folder = Folder::with("d.csv", DRIFT);
    let (prices, facts) = folder.load("{file: d.csv, only: {marketIndex: '0'}}").unwrap();
    assert_eq!(facts.form, Form::DriftTrades);
    assert_eq!(seconds(&prices), [(1_667_920_500, 30.0), (1_667_920_504, 29.0)]);
    let (oracle, _) = folder
        .load("{file: d.csv, price: oracle, only: {marketIndex: '0'}}")
        .unwrap();
    assert_eq!(seconds(&oracle), [(1_667_920_500, 30.1), (1_667_920_504, 29.5)]);
    let sizes: Vec<f64> = folder
        .trades("file: d.csv")
        .unwrap()
        .iter()
        .map(|trade| trade.size)
        .collect();
    assert_eq!(sizes, [2.0, -1.0, -5.0]);
}

#[test]
fn charts_and_lists_in_json_are_read() {
    let chart =
        r#"{"s":"ok","t":[1667920500,1667920560],"o":[1,2],"h":[2,3],"l":[1,2],"c":[2,2.5],"v":[0,0]}"#;
    let (prices, facts) = Folder::with("p.json", chart).load("file: p.json").unwrap();
    assert_eq!(facts.form, Form::Candles);
    assert_eq!(seconds(&prices), [(1_667_920_560, 2.0), (1_667_920_620, 2.5)]);
    let list = r#"{"prices":[[1667920500000,1.5],[1667920560000,1.25]]}"#;
    let (prices, _) = Folder::with("p.json", list).load("file: p.json").unwrap();
    assert_eq!(seconds(&prices), [(1_667_920_500, 1.5), (1_667_920_560, 1.25)]);
    let objects = r#"[{"publish_time":1667920500,"price":"1.5"},{"publish_time":1667920560,"price":null}]"#;
    let refused = Folder::with("p.json", objects).load("file: p.json").unwrap_err();
    assert!(refused.starts_with("p.json:2: the price is missing"), "{refused}");
    let uneven = Folder::with("p.json", r#"{"t":[1,2],"c":[1]}"#)
        .load("file: p.json")
        .unwrap_err();
    assert_eq!(uneven, "p.json: `c` has 1 values where `t` has 2");
}

#[test]
fn rows_that_make_no_sense_are_refused_with_their_line_and_the_mend() {
    for (text, yaml, said) in [
        (
            "time,price\n1000,1\n\n900,2\n",
            "file: p.csv",
            "p.csv:4: the time, 1970-01-01T00:15:00Z, is before that of the row above, 1970-01-01T00:16:40Z: sort the file, or have it done with `unsorted: sort`",
        ),
        (
            "time,price\n1000,1\n1000,2\n",
            "file: p.csv",
            "p.csv:3: the time, 1970-01-01T00:16:40Z, is that of the row above: say `repeated: first` or `repeated: last`",
        ),
        (
            "time,price\n1000,0\n",
            "file: p.csv",
            "p.csv:2: the price is 0, which is not above 0: mend the row, or leave such rows out with `unreadable: skip`",
        ),
        (
            "time,price\n1000,-3\n",
            "file: p.csv",
            "p.csv:2: the price is -3, which is not above 0: mend the row, or leave such rows out with `unreadable: skip`",
        ),
        (
            "time,price\n1000,\n",
            "file: p.csv",
            "p.csv:2: the price is missing: mend the row, or leave such rows out with `unreadable: skip`",
        ),
        (
            "time,price\n1000,NaN\n",
            "file: p.csv",
            "p.csv:2: the price `NaN` is not a number: mend the row, or leave such rows out with `unreadable: skip`",
        ),
        (
            "time,price\nsoon,3\n",
            "file: p.csv",
            "p.csv:2: the time `soon` is neither a number nor ISO 8601: mend the row, or leave such rows out with `unreadable: skip`",
        ),
        ("time,price\n", "file: p.csv", "p.csv: has no rows"),
        ("", "file: p.csv", "p.csv: has no rows"),
        (
            "a,b,c\n1,2,3\n",
            "file: p.csv",
            "p.csv:2: no column is known as `time`: say in `columns` which of these is: a, b, c",
        ),
        (
            "1,2,3\n",
            "file: p.csv",
            "p.csv:1: cannot tell what 3 columns without a header are: give `form`, or `columns` with `time` and `price`",
        ),
        (
            "time,price\n1,2\n",
            "{file: p.csv, columns: {price: prize}}",
            "p.csv:2: there is no column `prize`: it has time, price",
        ),
        (
            "1,2,3\n",
            "{file: p.csv, columns: {time: 1, price: 4}}",
            "p.csv:1: there is no column 4: give one from 1 to 3",
        ),
        (
            "0,1\n60,2\n120,3\n240,4\n",
            "{file: p.csv, gaps: refuse, to: 181}",
            "p.csv: has rows at no regular times, so none can be missing: give `resample`, or `gaps: hold`",
        ),
        (
            "1,1\n",
            "{file: p.csv, from: 2, to: 1}",
            "p.csv: `to` is 1970-01-01T00:00:01Z: give a time after `from`, 1970-01-01T00:00:02Z",
        ),
        (
            "1,1\n",
            "{file: p.csv, from: 2}",
            "p.csv: has no rows between `from` and `to`",
        ),
        (
            "1000000,1\n1000000000,2\n",
            "file: p.csv",
            "p.csv:2: the time is a hundred times as large as in the row above (1000000000000000 and 1000000000000 microseconds): mend the file, or name the `unit` of all",
        ),
    ] {
        let found = Folder::with("p.csv", text).load(yaml);
        assert_eq!(found.map(|(prices, _)| prices), Err(said.to_owned()), "{text:?}");
    }
    let missing = Recordings::new("nowhere")
        .load(&Source::of("p.csv"))
        .unwrap_err()
        .to_string();
    assert!(missing.starts_with("cannot read nowhere"), "{missing}");
    let latin = Folder::with("p.csv", b"time,price\n1,\xff\n")
        .load("file: p.csv")
        .unwrap_err();
    assert!(latin.starts_with("p.csv:2: is not text in UTF-8"), "{latin}");
}

#[test]
fn options_say_what_becomes_of_them() {
    let text = "time,price\n30,3\n10,1\n10,7\n20,x\n";
    let folder = Folder::with("p.csv", text);
    let (first, facts) = folder
        .load("{file: p.csv, unsorted: sort, repeated: first, unreadable: skip}")
        .unwrap();
    assert_eq!(seconds(&first), [(10, 1.0), (30, 3.0)]);
    assert_eq!((facts.skipped, facts.repeated, facts.sorted), (1, 1, false));
    let (last, _) = folder
        .load("{file: p.csv, unsorted: sort, repeated: last, unreadable: skip}")
        .unwrap();
    assert_eq!(seconds(&last), [(10, 7.0), (30, 3.0)]);
    let refused = folder
        .load("{file: p.csv, unsorted: sort, unreadable: skip}")
        .unwrap_err();
    assert!(refused.contains("two rows are of one time"), "{refused}");
}

/// A price a minute for twenty minutes but for the 11th and 12th: 100, 101, ...
fn with_a_gap() -> Folder {
    let rows = (0..20).filter(|minute| ![10, 11].contains(minute));
    let rows: String = rows
        .map(|minute| format!("{},{}\n", minute * 60, 100 + minute))
        .collect();
    Folder::with("p.csv", rows)
}

#[test]
fn gaps_are_held_filled_or_refused() {
    let folder = with_a_gap();
    let (held, facts) = folder.load("file: p.csv").unwrap();
    assert_eq!((held.len(), facts.gaps, facts.longest_gap), (18, 1, 180 * MICROS));
    let (filled, _) = folder.load("{file: p.csv, gaps: interpolate}").unwrap();
    let straight: Vec<(i64, f64)> = (0..20)
        .map(|minute| (minute * 60, 100.0 + minute as f64))
        .collect();
    assert_eq!(seconds(&filled), straight);
    let refused = folder.load("{file: p.csv, gaps: refuse}").unwrap_err();
    assert!(
        refused.contains("no rows between 1970-01-01T00:09:00Z and 1970-01-01T00:12:00Z"),
        "{refused}"
    );
    let (before, _) = folder.load("{file: p.csv, gaps: refuse, to: 600}").unwrap();
    assert_eq!(before.len(), 10);
}

#[test]
fn resampled_prices_are_those_known_then() {
    let folder = with_a_gap();
    let (coarse, _) = folder.load("{file: p.csv, resample: 300}").unwrap();
    assert_eq!(
        seconds(&coarse),
        [(0, 100.0), (300, 105.0), (600, 109.0), (900, 115.0)]
    );
    let (filled, _) = folder
        .load("{file: p.csv, resample: 60, gaps: interpolate}")
        .unwrap();
    assert_eq!(seconds(&filled)[10..12], [(600, 110.0), (660, 111.0)]);
    let (fine, _) = folder.load("{file: p.csv, resample: 30, to: 120}").unwrap();
    assert_eq!(seconds(&fine), [(0, 100.0), (30, 100.0), (60, 101.0)]);
}

#[test]
fn a_recording_is_read_once_and_its_bytes_are_known() {
    let folder = Folder::with("p.csv", "t,p\n0,1\n5,2\n");
    let recordings = Recordings::new(folder.dir.path());
    let first = recordings.load(&Source::of("p.csv")).unwrap();
    std::fs::remove_file(folder.dir.path().join("p.csv")).unwrap();
    let second = recordings.load(&Source::of("p.csv")).unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    // printf 't,p\n0,1\n5,2\n' | sha256sum
    let digest = "901d797c69f697005c6a9fa49835d89f64bdb9d86c49b1950d5f278b64d0d9ff";
    assert_eq!(recordings.digests(), [("p.csv".into(), digest.to_owned())]);
    assert_eq!(
        recordings.notes(),
        [
            "p.csv: times and prices, 2 rows from 1970-01-01T00:00:00Z to 1970-01-01T00:00:05Z, times in seconds, one every 5 s"
        ]
    );
}

/// The recorded market that stands beside a working copy. Its facts were counted with pyarrow.
#[cfg(feature = "tables")]
#[test]
fn mainnets_states_are_read() {
    let market = std::path::Path::new("../shared/market");
    if !market.exists() {
        println!("skipped: no {}", market.display());
        return;
    }
    let source: Source = serde_saphyr::from_str(
        "{file: perp_markets.parquet, only: {market.name: SOL-PERP}, columns: {price: market.amm.historical_oracle_data.last_oracle_price}, unsorted: sort, repeated: last}",
    )
    .unwrap();
    let (series, facts) = Recordings::new(market).load_with_facts(&source).unwrap();
    assert_eq!(series.len() as u64 + facts.repeated, 4_275);
}
