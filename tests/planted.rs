//! Differences planted in one of two histories of the same events, in the engine and in a program in the bank: each is
//! found, at its event, and of its kind, and the report names it.

mod faulty;

use drift::accounts::Account;
use drift::engine::{BeforeTrade, Switches};
use faulty::{DOLLAR, Fault, PLANTED, events, history, sound};
use harness::divergence::{
    Compared, Comparison, Contents, Context, DivergenceReport, Finding, History, Kind, Severity, Side, Step,
    TrialReport, compare,
};

/// The findings, which must be the same whether the histories are taken in whole or event by event.
fn findings(context: Context, left: &History, right: &History) -> Vec<Finding> {
    let compared = compare(context.clone(), left, right);
    assert_told(&compared);
    let whole = compared.findings;
    let mut comparison = Comparison::new(context);
    let of = |history: &History, event| -> Vec<Step> {
        let steps = history.steps.iter().filter(|step| step.event == event);
        steps.cloned().collect()
    };
    for event in std::iter::once(None).chain((0..events().len()).map(Some)) {
        comparison.event(&of(left, event), &of(right, event));
    }
    assert_eq!(comparison.finish().findings, whole);
    whole
}

/// The report has every cause: what, where and of what kind.
fn assert_told(compared: &Compared) {
    let side = || Side::engine(Switches::default());
    let trial = TrialReport::new("planted".to_owned(), compared.clone());
    let report = DivergenceReport::new("planted".to_owned(), side(), side(), None, vec![trial]);
    let causes: Vec<_> = report.trials[0].causes().collect();
    let told: Vec<_> = report
        .causes()
        .iter()
        .flat_map(|cause| cause.seen.iter().map(|seen| seen.finding.id))
        .collect();
    assert!(causes.iter().all(|cause| told.contains(&cause.id)));
    #[cfg(feature = "tables")]
    {
        let text = harness::report::markdown::markdown(&report);
        // Causes alike are told once, where they are worst.
        for cause in report.causes().iter().map(|cause| cause.example.finding) {
            let event = cause
                .first
                .event
                .map_or("set-up".to_owned(), |event| format!("event {event} ("));
            for piece in [cause.kind.name(), &cause.first.instruction, &cause.field, &event] {
                assert!(text.contains(piece), "{piece} in\n{text}");
            }
        }
    }
}

/// What is found when the engine has a fault; the same when a program in the bank has it.
fn planted(fault: Fault) -> Vec<Finding> {
    let found = findings(Context::default(), &sound(), &history(fault, Switches::default()));
    #[cfg(feature = "bank")]
    {
        use faulty::history_on;
        use harness::bank::{BankLedger, Deployed};
        let program = history_on(BankLedger::new(&Deployed::BuiltIn), fault);
        let on_program = findings(Context::default(), &sound(), &program);
        let told = |found: &[Finding]| -> Vec<_> {
            let found = found.iter();
            found
                .map(|it| (it.kind, it.severity, it.cause, it.first.event, it.statement()))
                .collect()
        };
        assert_eq!(told(&found), told(&on_program));
    }
    found
}

/// The one cause among `findings`, from which all else follows.
fn cause(findings: &[Finding]) -> &Finding {
    let causes: Vec<_> = findings
        .iter()
        .filter(|finding| finding.cause.is_none())
        .collect();
    let told: Vec<_> = causes
        .iter()
        .map(|cause| (cause.kind, cause.first.event, cause.statement()))
        .collect();
    assert_eq!(causes.len(), 1, "{told:?}");
    for knock_on in findings.iter().filter(|finding| finding.cause.is_some()) {
        assert_eq!(knock_on.cause, Some(causes[0].id));
        assert!(knock_on.first.step >= causes[0].first.step);
        assert!(knock_on.severity <= causes[0].severity);
    }
    assert_eq!(
        causes[0].knock_ons.as_ref().unwrap().findings,
        findings.len() as u64 - 1
    );
    causes[0]
}

#[test]
fn nothing_is_found_where_nothing_differs() {
    let history = sound();
    let trades = history
        .steps
        .iter()
        .filter(|step| step.instruction == "place_and_take_perp_order");
    assert_eq!(trades.clone().count(), 5);
    assert!(
        trades
            .clone()
            .all(|step| step.outcome.is_ok() && step.writes.len() >= 2)
    );
    let Compared { counts, findings, .. } = compare(Context::default(), &history, &sound());
    assert_eq!(findings, []);
    assert_eq!(counts.events, events().len() as u64);
    assert_eq!(counts.left, counts.right);
    assert_eq!(counts.left["place_and_take_perp_order"].accepted, 5);
}

#[test]
fn a_fee_off_by_one_unit() {
    let found = planted(Fault::FeeOnce);
    let fee = cause(&found);
    assert_eq!(
        (fee.kind, fee.severity),
        (Kind::Rounding, Severity::Minor),
        "{fee:#?}"
    );
    assert_eq!(fee.first.event, Some(PLANTED));
    assert_eq!(fee.first.instruction, "place_and_take_perp_order");
    assert_eq!(fee.account.as_deref(), Some("perp_market_0"));
    assert_eq!(fee.field, "amm.total_fee");
    assert_eq!(fee.unit.as_ref().map(|unit| unit.scale), Some(DOLLAR));
    let size = fee.size.as_ref().unwrap();
    assert_eq!((size.ulps.as_str(), size.absolute), ("1", 1e-6));
    assert!(!fee.grew);
    // Nothing reads what fees came to.
    assert_eq!(found.len(), 1);
}

#[test]
fn a_fee_off_by_one_unit_each_time_grows() {
    let found = planted(Fault::FeeAlways);
    let fee = cause(&found);
    assert_eq!(
        (fee.kind, fee.severity),
        (Kind::Accumulating, Severity::Major),
        "{fee:#?}"
    );
    assert_eq!(
        (fee.first.event, fee.field.as_str()),
        (Some(PLANTED), "amm.total_fee")
    );
    assert!(fee.grew);
    // The trades from the planted one on: events 5, 7, 8 and 9.
    assert_eq!(fee.last_size.as_ref().unwrap().ulps, "4");
    assert_eq!(fee.last.event, Some(9));
}

#[test]
fn a_rounding_direction_flipped() {
    let found = planted(Fault::Rounding);
    let rounding = cause(&found);
    assert_eq!(rounding.kind, Kind::Rounding, "{rounding:#?}");
    assert_eq!(rounding.first.event, Some(PLANTED));
    assert_eq!(rounding.account.as_deref(), Some("user_2"));
    assert_eq!(rounding.field, "perp_positions.0.quote_asset_amount");
    assert_eq!(rounding.severity, Severity::Minor);
}

#[test]
fn a_clock_a_second_late() {
    let found = planted(Fault::Clock);
    let clock = cause(&found);
    assert_eq!(
        (clock.kind, clock.field.as_str()),
        (Kind::Clock, "clock.unix_time")
    );
    assert_eq!(clock.first.event, Some(PLANTED));
    let [left, right] =
        [&clock.left, &clock.right].map(|value| value.as_ref().unwrap().parse::<i64>().unwrap());
    assert_eq!((left, right - left), (1_700_002_800 + 120, 1));
    // What was written at that time differs, too, and is folded.
    let trade = found
        .iter()
        .find(|finding| finding.field == "amm.last_trade_ts")
        .unwrap();
    assert_eq!((trade.kind, trade.cause), (Kind::Clock, Some(clock.id)));
}

#[test]
fn a_clock_that_is_right_again_heals() {
    let mut altered = sound();
    for step in altered
        .steps
        .iter_mut()
        .filter(|step| step.event == Some(PLANTED))
    {
        step.clock.slot += 1;
    }
    let found = findings(Context::default(), &sound(), &altered);
    let clock = cause(&found);
    assert_eq!((clock.kind, clock.field.as_str()), (Kind::Clock, "clock.slot"));
    assert_eq!(
        (clock.first.event, clock.last.event),
        (Some(PLANTED), Some(PLANTED))
    );
    assert_eq!(clock.healed.as_ref().unwrap().event, Some(PLANTED + 1));
    assert_eq!(found.len(), 1);
}

#[test]
fn a_stale_oracle() {
    let found = planted(Fault::StaleOracle);
    let oracle = cause(&found);
    assert_eq!(oracle.kind, Kind::OracleOrGuardRail, "{oracle:#?}");
    assert_eq!(oracle.first.event, Some(PLANTED));
    assert_eq!(oracle.first.instruction, Step::OUTSIDE);
    assert_eq!(oracle.account.as_deref(), Some("perp_oracle_0"));
    // The instructions that read it differ, and are folded under it.
    assert!(
        found
            .iter()
            .any(|finding| finding.cause.is_some() && finding.first.event == Some(PLANTED))
    );
    let valid = found
        .iter()
        .find(|finding| finding.field == "amm.last_oracle_valid")
        .unwrap();
    assert_eq!(
        (valid.kind, valid.cause),
        (Kind::OracleOrGuardRail, Some(oracle.id))
    );
}

#[test]
fn an_instruction_dropped() {
    let found = planted(Fault::Dropped);
    let dropped = cause(&found);
    assert_eq!(
        (dropped.kind, dropped.severity),
        (Kind::MissingInstruction, Severity::Critical)
    );
    assert_eq!(dropped.first.event, Some(PLANTED));
    assert_eq!(dropped.first.instruction, "place_and_take_perp_order");
    assert_eq!(
        (dropped.left.as_deref(), dropped.right.as_deref()),
        (Some("executed"), None)
    );
}

#[test]
fn a_field_never_written() {
    let found = planted(Fault::NeverWritten);
    let missing = cause(&found);
    assert_eq!(missing.kind, Kind::MissingWrite, "{missing:#?}");
    assert_eq!(missing.first.event, Some(4));
    assert_eq!(missing.account.as_deref(), Some("perp_market_0"));
    assert_eq!(missing.field, "amm.last_trade_ts");
    assert_eq!(missing.severity, Severity::Major);
}

#[test]
fn refusals_on_one_side_are_told_by_their_reason() {
    for (fault, kind, name) in [
        (Fault::Refused, Kind::Refused, "InsufficientCollateral"),
        (Fault::PriceBand, Kind::OracleOrGuardRail, "PriceBandsBreached"),
    ] {
        let found = planted(fault);
        let refused = cause(&found);
        assert_eq!((refused.kind, refused.field.as_str()), (kind, "outcome"));
        assert_eq!(
            (refused.severity, refused.first.event),
            (Severity::Critical, Some(PLANTED))
        );
        assert_eq!(refused.left_refused, None);
        assert_eq!(refused.right_refused.as_ref().unwrap().name, name);
        // The trader's account differs in consequence.
        let users = found
            .iter()
            .filter(|finding| finding.account.as_deref() == Some("user_2"));
        assert!(users.count() > 0);
    }
}

#[test]
fn a_switch_in_force_is_no_alarm() {
    let switches = Switches {
        before_trade: BeforeTrade::PrePeg,
        ..Switches::default()
    };
    let found = findings(
        Context { switch: true },
        &history(Fault::None, switches),
        &sound(),
    );
    let switch = cause(&found);
    assert_eq!(
        (switch.kind, switch.severity),
        (Kind::ModelSwitch, Severity::Info),
        "{switch:#?}"
    );
    assert_eq!(switch.field, "amm.peg_multiplier");
    assert!(found.iter().all(|finding| finding.severity == Severity::Info));
    // Without a word about the switch the same is an alarm.
    let found = findings(Context::default(), &history(Fault::None, switches), &sound());
    assert!(cause(&found).severity >= Severity::Major);
}

/// Adds a unit to what `account` holds after event number `event`.
fn touch(history: &mut History, event: usize, account: &str) {
    let steps = history.steps.iter_mut().filter(|step| step.event == Some(event));
    let mut writes = steps.flat_map(|step| &mut step.writes);
    let write = writes.find(|write| &*write.account == account).unwrap();
    match &mut write.contents {
        Contents::Account(Account::UserStats(stats)) => stats.fees.total_fee_paid += 1,
        Contents::Account(Account::User(user)) => user.next_order_id += 1,
        other => panic!("{other:?}"),
    }
}

/// Of every cause: where it was first seen, and in which event.
fn causes(findings: &[Finding]) -> Vec<(Option<&str>, Option<usize>)> {
    let causes = findings.iter().filter(|finding| finding.cause.is_none());
    causes.map(|it| (it.account.as_deref(), it.first.event)).collect()
}

#[test]
fn two_causes_that_share_nothing_are_two() {
    let mut altered = sound();
    // A unit in the liquidity provider's account, and later a unit of the other trader's statistics.
    touch(&mut altered, 3, "user_0");
    touch(&mut altered, 5, "user_stats_2");
    let found = findings(Context::default(), &sound(), &altered);
    assert_eq!(
        causes(&found),
        [(Some("user_0"), Some(3)), (Some("user_stats_2"), Some(5))]
    );
    // The next trade of that user, which was not altered, made them equal again.
    let healed = found
        .iter()
        .find(|it| it.account.as_deref() == Some("user_stats_2"));
    assert_eq!(healed.unwrap().healed.as_ref().unwrap().event, Some(8));
}

#[test]
fn what_was_equal_again_and_differs_anew_has_another_cause() {
    let mut altered = sound();
    // Between the two the trader trades once more, and is equal.
    touch(&mut altered, 4, "user_stats_1");
    touch(&mut altered, 9, "user_stats_1");
    let found = findings(Context::default(), &sound(), &altered);
    let trader = Some("user_stats_1");
    assert_eq!(causes(&found), [(trader, Some(4)), (trader, Some(9))]);
    assert_eq!(found[0].healed.as_ref().unwrap().event, Some(7));
    assert_eq!((found[0].occurrences, found[1].healed.as_ref()), (1, None));
}

/// The difference that is still there is the one that goes on, and not the one that has healed.
#[test]
fn what_is_still_open_goes_on() {
    let mut altered = sound();
    // One cause in two accounts: the trader's, which heals in the next trade, and the market's, which does not.
    touch(&mut altered, 4, "user_stats_1");
    touch(&mut altered, 4, "user_1");
    touch(&mut altered, 7, "user_1");
    touch(&mut altered, 7, "user_stats_1");
    touch(&mut altered, 9, "user_1");
    let found = findings(Context::default(), &sound(), &altered);
    let of = |account: &str| {
        found
            .iter()
            .filter(|it| it.account.as_deref() == Some(account))
            .collect::<Vec<_>>()
    };
    // Never equal in between, so one each, from the first to the last.
    let (user, stats) = (of("user_1"), of("user_stats_1"));
    assert_eq!((user.len(), stats.len()), (1, 1));
    assert_eq!((user[0].first.event, user[0].last.event), (Some(4), Some(9)));
    assert_eq!(stats[0].healed.as_ref().and_then(|place| place.event), Some(9));
}

/// A clock is wrong for no account's sake.
#[test]
fn a_clock_that_goes_wrong_later_is_a_cause() {
    let mut altered = sound();
    touch(&mut altered, 4, "user_1");
    touch(&mut altered, 7, "user_1");
    let late = |step: &&mut Step| step.event == Some(7);
    for step in altered.steps.iter_mut().filter(late) {
        step.clock.slot += 1;
    }
    let found = findings(Context::default(), &sound(), &altered);
    assert_eq!(causes(&found), [(Some("user_1"), Some(4)), (None, Some(7))]);
}

#[test]
fn a_clock_that_is_right_again_excuses_nothing() {
    let mut altered = sound();
    let late = |step: &&mut Step| (Some(5)..=Some(6)).contains(&step.event);
    for step in altered.steps.iter_mut().filter(late) {
        step.clock.slot += 1;
    }
    touch(&mut altered, 7, "user_stats_1");
    let found = findings(Context::default(), &sound(), &altered);
    assert_eq!(causes(&found), [(None, Some(5)), (Some("user_stats_1"), Some(7))]);
    assert_eq!(found[0].kind, Kind::Clock);
}

#[test]
fn a_difference_that_stays_as_it_is_does_not_accumulate() {
    let mut altered = sound();
    let mut times = 0;
    for step in altered
        .steps
        .iter_mut()
        .filter(|step| step.event >= Some(PLANTED))
    {
        let market = step
            .writes
            .iter_mut()
            .filter(|write| &*write.account == "perp_market_0");
        for write in market {
            let Contents::Account(Account::PerpMarket(market)) = &mut write.contents else {
                panic!("{write:?}");
            };
            market.amm.total_fee += 4;
            times += 1;
        }
    }
    assert!(times >= 4);
    let found = findings(Context::default(), &sound(), &altered);
    let fee = cause(&found);
    assert_eq!((fee.kind, fee.grew), (Kind::Unknown, false));
}
