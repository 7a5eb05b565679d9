use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::event::*;
use drift::accounts::{ContractTier, MarketStatus};

fn parse(text: &str) -> Result<EventLog, ReadError> {
    super::read(text.as_bytes(), Path::new("events.csv"))
}

fn row(row: &str) -> String {
    match parse(&format!("event_name,timestamp,parameters\nnull,0,{{}}\n{row}\n")) {
        Ok(log) => format!("read {:?}", log.events[1]),
        Err(error) => error.to_string(),
    }
}

fn written(events: &[Event]) -> String {
    let mut bytes = Vec::new();
    super::write(events, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn rows_of_every_age_are_read() {
    let log = parse(concat!(
        "event_name,timestamp,parameters\n",
        "deposit_collateral,0.0,\"{\"\"deposit_amount\"\": 1998590197697, \"\"user_index\"\": 7, \"\"username\"\": \"\"LP\"\"}\"\n",
        "oracle_price,60,\"{\"\"conf\"\": 0, \"\"market_index\"\": 1, \"\"price\"\": 7.5, \"\"slot\"\": 0}\"\n",
        "_mid_sim_deposit_collateral,3,\"{\"\"deposit_amount\"\": 70000000000.0, \"\"mint_amount\"\": 0, ",
        "\"\"reduce_only\"\": \"\"False\"\", \"\"spot_market_index\"\": 1, \"\"user_index\"\": 2.0, \"\"username\"\": \"\"u\"\"}\"\n",
        "remove_liquidity,10000000000227.0,\"{\"\"lp_token_amount\"\": -1, \"\"market_index\"\": 0, \"\"user_index\"\": 1}\"\n",
        "spot_oracle_price,1,\"{\"\"market_index\"\": 1, \"\"price\"\": 10000000000, \"\"slot\"\": -1}\"\n",
    ))
    .unwrap();
    let dollars = |x| OraclePrice::from_dollars(x).unwrap();
    let expected = [
        Event::new(
            0,
            DepositCollateral {
                user_index: 7,
                deposit_amount: 1_998_590_197_697,
                spot_market_index: 0,
                mint_amount: 0,
                username: "LP".into(),
            },
        ),
        Event::new(
            60,
            PerpOraclePrice {
                market_index: 1,
                price: dollars(7.5),
                conf: OraclePrice::default(),
                ..PerpOraclePrice::default()
            },
        ),
        Event::new(
            3,
            MidSimDeposit {
                user_index: 2,
                deposit_amount: 70_000_000_000,
                spot_market_index: 1,
                mint_amount: 0,
                username: "u".into(),
                reduce_only: false,
            },
        ),
        Event::new(
            10_000_000_000_227,
            RemoveLiquidity {
                market_index: 0,
                user_index: 1,
                lp_token_amount: Portion::All,
            },
        ),
        Event::new(
            1,
            SpotOraclePrice {
                market_index: 1,
                price: dollars(1e10),
                conf: OraclePrice::default(),
                slot: -1,
                ..SpotOraclePrice::default()
            },
        ),
    ];
    assert_eq!(log.events, expected);
    assert_eq!(log.unread, []);
}

#[test]
fn other_columns_and_unknown_parameters_are_passed_over() {
    let log = parse(
        "Unnamed: 0,parameters,event_name,timestamp\n\
         0,\"{\"\"user_index\"\": 1, \"\"market_index\"\": 0, \"\"why\"\": \"\"x\"\"}\",settle_lp,5\n",
    )
    .unwrap();
    assert_eq!(
        log.events,
        [Event::new(
            5,
            SettleLp {
                user_index: 1,
                market_index: 0
            }
        )]
    );
    assert_eq!(
        log.unread,
        [UnreadField {
            line: 2,
            event: "settle_lp",
            field: "why".into()
        }]
    );
}

#[test]
fn what_is_not_given_is_not_written() {
    let log = parse("event_name,timestamp,parameters\nliquidate,14,\"{\"\"user_index\"\": 0}\"\n").unwrap();
    let kind = &log.events[0].kind;
    assert_eq!((kind.name(), kind.user()), ("liquidate", Some(0)));
    assert_eq!(Kind::NAMES[kind.ordinal()], "liquidate");
    // As drift-sim's own reader takes it.
    assert_snapshot!(written(&log.events), @r#"
    event_name,timestamp,parameters
    liquidate,14,"{""user_index"": 0}"
    "#);
    let repeg = Kind::from(Repeg {
        peg: 1_020_000,
        market_index: 0,
    });
    assert_eq!(repeg.user(), None);
}

#[test]
fn written_as_drift_sim_writes() {
    let events = [
        Event::new(
            0,
            OpenPosition {
                user_index: 2,
                direction: Direction::Long,
                quote_amount: 790_100_000,
                market_index: 0,
            },
        ),
        Event::new(
            4,
            PerpOraclePrice {
                market_index: 0,
                price: OraclePrice::from_micros(13_061_009).unwrap(),
                conf: OraclePrice::default(),
                ..PerpOraclePrice::default()
            },
        ),
        Event::new(
            -1,
            UpdateK {
                sqrt_k: 1 << 64,
                market_index: 0,
            },
        ),
    ];
    assert_snapshot!(written(&events), @r#"
    event_name,timestamp,parameters
    open_position,0,"{""direction"": ""long"", ""market_index"": 0, ""quote_amount"": 790100000, ""user_index"": 2}"
    perp_oracle_price,4,"{""conf"": 0.0, ""market_index"": 0, ""price"": 13.061009, ""slot"": 0}"
    update_k,-1,"{""market_index"": 0, ""sqrt_k"": ""18446744073709551616""}"
    "#);
}

#[test]
fn a_bad_row_says_where_and_why() {
    assert_snapshot!(row("opne_position,1,{}"), @"events.csv:3: unknown event `opne_position`, did you mean `open_position`?");
    assert_snapshot!(row("teleport,1,{}"), @"events.csv:3: unknown event `teleport`");
    assert_snapshot!(row("settle_lp,soon,{}"), @"events.csv:3: timestamp must be a whole number of seconds, found `soon`");
    assert_snapshot!(row("settle_lp,1.5,{}"), @"events.csv:3: timestamp must be a whole number of seconds, found `1.5`");
    assert_snapshot!(row("settle_lp,1,\"{\"\"user_index\"\": 0}\""), @"events.csv:3: `settle_lp` needs `market_index`");
    assert_snapshot!(row("settle_lp,1,\"{\"\"user_index\"\": 0, \"\"marketindex\"\": 0}\""), @"events.csv:3: `settle_lp` needs `market_index`, found `marketindex`");
    assert_snapshot!(row("settle_lp,1,\"{\"\"user_index\"\": -1, \"\"market_index\"\": 0}\""), @"events.csv:3: `user_index` of `settle_lp` must be a whole number from 0 to 4294967295, found `-1`");
    assert_snapshot!(row("settle_lp,1,\"{\"\"user_index\"\": 0, \"\"market_index\"\": 0.5}\""), @"events.csv:3: `market_index` of `settle_lp` must be a whole number from 0 to 65535, found `0.5`");
    assert_snapshot!(row("open_position,1,\"{\"\"user_index\"\": 0, \"\"direction\"\": \"\"up\"\"}\""), @r#"events.csv:3: `direction` of `open_position` must be "long" or "short", found `"up"`"#);
    assert_snapshot!(row("update_k,1,\"{\"\"sqrt_k\"\": 1e20, \"\"market_index\"\": 0}\""), @"events.csv:3: `sqrt_k` of `update_k` must be an amount not below 0 (as a string from 2^64 on), found `1e20`");
    assert_snapshot!(row("perp_oracle_price,1,\"{\"\"price\"\": NaN}\""), @"events.csv:3: parameters of `perp_oracle_price` are not a JSON object: expected value at line 1 column 11");
    assert_snapshot!(row("perp_oracle_price,1,\"{\"\"price\"\": -2.5}\""), @"events.csv:3: `price` of `perp_oracle_price` must be a price in dollars, not below 0, found `-2.5`");
    assert_snapshot!(row("settle_lp,1,[0]"), @"events.csv:3: parameters of `settle_lp` are not a JSON object: invalid type: sequence, expected a map at line 1 column 0");
    assert_snapshot!(row("settle_lp,1"), @"events.csv:3: not a row of CSV: CSV error: record 2 (line: 3, byte: 42): found record with 2 fields, but the previous record has 3 fields");
}

#[test]
fn a_bad_file_says_so() {
    let message = |text: &str| parse(text).unwrap_err().to_string();
    assert_snapshot!(message(""), @"events.csv:1: no column `event_name`");
    assert_snapshot!(message("event_nam,timestamp,parameters\n"), @"events.csv:1: no column `event_name`, found `event_nam`");
    assert_snapshot!(message("timestamp,parameters\n"), @"events.csv:1: no column `event_name`");
    let missing = super::read_file(Path::new("no/such/events.csv"))
        .unwrap_err()
        .to_string();
    assert!(
        missing.starts_with("no/such/events.csv: cannot open: "),
        "{missing}"
    );
}

/// Any kind of event with any parameters.
pub(crate) fn any_event() -> impl Strategy<Value = Event> {
    let late = || any::<(Option<u64>, Option<bool>)>();
    let price = || (0..=i64::MAX as u64).prop_map(|mantissa| OraclePrice::from_mantissa(mantissa).unwrap());
    let portion = || prop_oneof![Just(Portion::All), any::<u64>().prop_map(Portion::Exactly)];
    let who = || (any::<u32>(), any::<u16>());
    let kind = prop_oneof![
        Just(Kind::from(Null {})),
        (any::<u32>(), any::<u64>(), any::<u16>(), any::<u64>(), ".*").prop_map(
            |(user_index, deposit_amount, spot_market_index, mint_amount, username)| {
                DepositCollateral {
                    user_index,
                    deposit_amount,
                    spot_market_index,
                    mint_amount,
                    username,
                }
                .into()
            }
        ),
        (
            any::<u32>(),
            any::<u64>(),
            any::<u16>(),
            any::<u64>(),
            ".*",
            any::<bool>()
        )
            .prop_map(
                |(user_index, deposit_amount, spot_market_index, mint_amount, username, reduce_only)| {
                    MidSimDeposit {
                        user_index,
                        deposit_amount,
                        spot_market_index,
                        mint_amount,
                        username,
                        reduce_only,
                    }
                    .into()
                }
            ),
        (any::<u32>(), any::<u16>(), any::<u64>(), any::<bool>(), ".*").prop_map(
            |(user_index, spot_market_index, withdraw_amount, reduce_only, username)| {
                WithdrawCollateral {
                    user_index,
                    spot_market_index,
                    withdraw_amount,
                    reduce_only,
                    username,
                }
                .into()
            }
        ),
        (any::<u16>(), price(), price(), any::<i64>(), late()).prop_map(
            |(market_index, price, conf, slot, (delay_slots, outage))| {
                PerpOraclePrice {
                    market_index,
                    price,
                    conf,
                    slot,
                    delay_slots,
                    outage,
                }
                .into()
            }
        ),
        (any::<u16>(), price(), price(), any::<i64>(), late()).prop_map(
            |(market_index, price, conf, slot, (delay_slots, outage))| {
                SpotOraclePrice {
                    market_index,
                    price,
                    conf,
                    slot,
                    delay_slots,
                    outage,
                }
                .into()
            }
        ),
        (who(), any::<u64>()).prop_map(|((user_index, market_index), token_amount)| {
            AddLiquidity {
                market_index,
                user_index,
                token_amount,
            }
            .into()
        }),
        (who(), portion()).prop_map(|((user_index, market_index), lp_token_amount)| {
            RemoveLiquidity {
                market_index,
                user_index,
                lp_token_amount,
            }
            .into()
        }),
        (who(), any::<bool>(), any::<u64>()).prop_map(|((user_index, market_index), long, quote_amount)| {
            let direction = if long { Direction::Long } else { Direction::Short };
            OpenPosition {
                user_index,
                direction,
                quote_amount,
                market_index,
            }
            .into()
        }),
        who().prop_map(|(user_index, market_index)| ClosePosition {
            user_index,
            market_index
        }
        .into()),
        who().prop_map(|(user_index, market_index)| SettlePnl {
            user_index,
            market_index
        }
        .into()),
        who().prop_map(|(user_index, market_index)| SettleLp {
            user_index,
            market_index
        }
        .into()),
        (any::<u128>(), any::<u16>())
            .prop_map(|(sqrt_k, market_index)| UpdateK { sqrt_k, market_index }.into()),
        (any::<u128>(), any::<u16>()).prop_map(|(peg, market_index)| Repeg { peg, market_index }.into()),
        who().prop_map(|(user_index, market_index)| InitIfStake {
            user_index,
            market_index
        }
        .into()),
        (who(), any::<u64>()).prop_map(|((user_index, market_index), amount)| {
            AddIfStake {
                user_index,
                market_index,
                amount,
            }
            .into()
        }),
        (who(), portion()).prop_map(|((user_index, market_index), amount)| {
            RemoveIfStake {
                user_index,
                market_index,
                amount,
            }
            .into()
        }),
        (
            any::<u32>(),
            any::<Option<u32>>(),
            any::<Option<u64>>(),
            any::<Option<bool>>()
        )
            .prop_map(|(user_index, target, max_quote, keep)| {
                Liquidate {
                    user_index,
                    target,
                    max_quote,
                    keep,
                }
                .into()
            }),
        who().prop_map(|(user_index, market_index)| ExpelLiquidity {
            user_index,
            market_index
        }
        .into()),
        any::<u32>().prop_map(|user_index| CancelOrders { user_index }.into()),
        any::<u32>().prop_map(|user_index| SettleFundingPayment { user_index }.into()),
        (any::<u16>(), any::<u64>())
            .prop_map(|(market_index, amount)| FundFeePool { market_index, amount }.into()),
        (any::<u16>(), any::<u64>()).prop_map(|(market_index, amount)| FundRevenuePool {
            market_index,
            amount
        }
        .into()),
        any::<u16>().prop_map(|market_index| SettleRevenue { market_index }.into()),
        any::<u16>().prop_map(|market_index| ResolvePerpPnlDeficit { market_index }.into()),
        any::<u16>().prop_map(|market_index| UpdateFundingRate { market_index }.into()),
        any::<u16>().prop_map(|market_index| SettleExpiredMarket { market_index }.into()),
        any::<u16>().prop_map(|market_index| CloseExpiredMarket { market_index }.into()),
        (any::<u16>(), any::<bool>(), any::<i64>()).prop_map(|(market_index, spot, seconds)| {
            ExpireMarket {
                market_index,
                market_type: if spot { MarketKind::Spot } else { MarketKind::Perp },
                seconds,
            }
            .into()
        }),
        any_change(),
    ];
    (any::<i64>(), kind).prop_map(|(timestamp, kind)| Event { timestamp, kind })
}

/// An event of the administrator's, with any of its parameters.
fn any_change() -> impl Strategy<Value = Kind> {
    let tier = (0..6u8).prop_map(|number| ContractTier::from_number(number).unwrap());
    let status = (0..9u8).prop_map(|number| MarketStatus::from_number(number).unwrap());
    let perp = (
        any::<u16>(),
        proptest::option::of(tier),
        proptest::option::of(status.clone()),
        any::<Option<u128>>(),
        any::<Option<i32>>(),
        any::<Option<i16>>(),
        any::<Option<u64>>(),
    );
    prop_oneof![
        perp.prop_map(
            |(
                market_index,
                contract_tier,
                status,
                concentration_scale,
                target_base_per_lp,
                fee_adjustment,
                quote_max_insurance,
            )| {
                UpdatePerpMarket {
                    market_index,
                    contract_tier,
                    status,
                    concentration_scale,
                    target_base_per_lp,
                    fee_adjustment,
                    quote_max_insurance,
                    ..UpdatePerpMarket::default()
                }
                .into()
            }
        ),
        (
            proptest::option::of(status),
            any::<Option<u32>>(),
            any::<Option<u8>>()
        )
            .prop_map(|(status, if_total_factor, min_borrow_rate)| {
                UpdateSpotMarket {
                    status,
                    if_total_factor,
                    min_borrow_rate,
                    ..UpdateSpotMarket::default()
                }
                .into()
            }),
        (any::<Option<u64>>(), any::<Option<i64>>()).prop_map(|(widest_confidence, too_volatile_ratio)| {
            UpdateGuardRails {
                widest_confidence,
                too_volatile_ratio,
                ..UpdateGuardRails::default()
            }
            .into()
        }),
        any::<Option<u16>>().prop_map(|settlement_duration| {
            UpdateExchange {
                settlement_duration,
                ..UpdateExchange::default()
            }
            .into()
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(events in proptest::collection::vec(any_event(), 0..20)) {
        let log = parse(&written(&events)).unwrap();
        prop_assert_eq!(log.events, events);
        prop_assert_eq!(log.unread, []);
    }

    #[test]
    fn no_text_makes_it_panic(text in ".*", name in ".{0,12}", json in ".*") {
        let _ = parse(&text);
        let _ = parse(&format!("event_name,timestamp,parameters\n{name},{text},{json}\n"));
        let _ = row(&format!("open_position,0,\"{}\"", json.replace('"', "\"\"")));
    }
}

#[test]
fn every_kind_is_in_the_strategy() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let strategy = any_event();
    let seen: std::collections::BTreeSet<_> = (0..1_000)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current().kind.name())
        .collect();
    assert_eq!(seen.len(), Kind::NAMES.len());
}
