use super::super::testing::{Stand, recruit};
use super::*;

const DAY: i64 = 86_400;

/// A user's trades, none of which is carried out, with deposits that allow all.
fn trades(spec: &Flow, prices: &[(u32, u64)], days: i64) -> Vec<(i64, Direction, u64)> {
    let stand = Stand::new(prices);
    let (done, _) = stand.ask(&mut *recruit(spec, 0).agent, days * DAY);
    let trade = |(second, kind)| match kind {
        Kind::OpenPosition(open) => (second, open.direction, open.quote_amount),
        other => panic!("{other:?}"),
    };
    done.into_iter().map(trade).collect()
}

/// The stand's groups are of two, so a user has half of the trades.
fn busy() -> Flow {
    Flow {
        trades_per_day: 20_000.0,
        ..Flow::default()
    }
}

fn sign(direction: Direction) -> f64 {
    if direction == Direction::Long { 1.0 } else { -1.0 }
}

/// Mean product of signs `lag` trades apart.
fn products(trades: &[(i64, Direction, u64)], lag: usize) -> f64 {
    let pairs = trades.iter().zip(&trades[lag..]);
    let sum: f64 = pairs.map(|(one, other)| sign(one.1) * sign(other.1)).sum();
    sum / (trades.len() - lag) as f64
}

fn buys(trades: &[(i64, Direction, u64)]) -> f64 {
    let count = trades.iter().filter(|trade| trade.1 == Direction::Long).count();
    count as f64 / trades.len() as f64
}

#[test]
fn a_user_has_his_part_of_the_trades() {
    // Ten thousand in a day; five standard deviations are 500.
    let count = trades(&busy(), &[(0, 20_000_000)], 1).len();
    assert!((9_500..=10_500).contains(&count), "{count}");
}

#[test]
fn directions_correlate_as_powers() {
    let spec = Flow {
        autocorrelation: 0.6,
        ..busy()
    };
    let trades = trades(&spec, &[(0, 20_000_000)], 4);
    // 40,000 trades; with this memory a standard error is about 0.5 % times sqrt((1 + 0.36) / (1 - 0.36)) = 0.7 %.
    for (lag, expected) in [(1, 0.6), (2, 0.36), (4, 0.1296)] {
        let found = products(&trades, lag);
        assert!((found - expected).abs() < 0.036, "{found} at lag {lag}");
    }
}

#[test]
fn purchases_answer_to_basis_and_momentum() {
    let flat = [(0, 20_000_000)];
    // The AMM is at 20 dollars: with 19.8 outside it is 1.0101 % above, which takes 1.0101 off: 1 / (1 + exp(1.0101)) = 0.26698.
    let basis = Flow {
        basis_answer: -100.0,
        ..busy()
    };
    assert!((buys(&trades(&basis, &[(0, 19_800_000)], 1)) - 0.26698).abs() < 0.025);
    assert!((buys(&trades(&basis, &flat, 1)) - 0.5).abs() < 0.025);
    // From 20 to 20.2 is a log return of 0.00995033 over the day before: 1 / (1 + exp(-0.995033)) = 0.73008.
    let momentum = Flow {
        momentum_answer: 100.0,
        momentum_seconds: 2 * DAY,
        ..busy()
    };
    let risen = trades(&momentum, &[(0, 20_000_000), (1, 20_200_000)], 1);
    assert!((buys(&risen) - 0.73008).abs() < 0.025, "{}", buys(&risen));
}

#[test]
fn purchases_answer_to_funding() {
    let spec = Flow {
        funding_answer: -10_000.0,
        ..busy()
    };
    let mut stand = Stand::new(&[(0, 20_000_000)]);
    // 0.02 % an hour of 20 dollars is 0.004 dollars, at 1e9: takes 2 off, and 1 / (1 + exp(2)) = 0.11920.
    stand.set(|market| market.amm.last_funding_rate = 4_000_000);
    let (done, _) = stand.ask(&mut *recruit(&spec, 0).agent, DAY);
    let long = |kind: &Kind| matches!(kind, Kind::OpenPosition(open) if open.direction == Direction::Long);
    let share = done.iter().filter(|(_, kind)| long(kind)).count() as f64 / done.len() as f64;
    assert!((share - 0.1192).abs() < 0.017, "{share}");
}

#[test]
fn parameters_do_not_move_each_others_draws() {
    let spec = busy();
    let base = trades(&spec, &[(0, 20_000_000)], 1);
    let leaning = Flow {
        short_bias: 0.8,
        autocorrelation: 0.5,
        informed: 0.0,
        leverage: Amount::Values(vec![7.0]),
        ..spec.clone()
    };
    let other = trades(&leaning, &[(0, 20_000_000)], 1);
    let without_direction = |trades: &[(i64, Direction, u64)]| -> Vec<_> {
        trades.iter().map(|trade| (trade.0, trade.2)).collect()
    };
    assert_eq!(without_direction(&base), without_direction(&other));
    let larger = Flow {
        size: Amount::Uniform { min: 7.0, max: 7.0 },
        ..spec
    };
    let times = |trades: &[(i64, Direction, u64)]| -> Vec<_> {
        trades.iter().map(|trade| (trade.0, trade.1)).collect()
    };
    assert_eq!(times(&base), times(&trades(&larger, &[(0, 20_000_000)], 1)));
}

/// Has user 0 do what he wants, and answers the worth of his account above the deposit at the end's price (1e6).
fn earned(spec: &Flow) -> f64 {
    let mut stand = Stand::new(&[(0, 20_000_000), (1_000, 22_000_000)]);
    let mut agent = recruit(spec, 0).agent;
    let (mut due, mut events) = (agent.first_call(), Vec::new());
    while let Some(now) = due.filter(|now| *now < 1_000) {
        due = agent.call(&stand.view(now), &mut events);
        events.drain(..).for_each(|kind| stand.happen(now, kind));
    }
    let view = stand.view(1_000);
    let Some(held) = view.position(0, 0) else {
        return 0.0;
    };
    held.quote_asset_amount as f64 + held.base_asset_amount as f64 / 1e9 * 22e6
}

#[test]
fn the_informed_earn_what_the_amm_does_not_know() {
    let spec = Flow {
        trades_per_day: 2.0 * 86_400.0 / 10.0,
        size: Amount::Uniform {
            min: 100.0,
            max: 100.0,
        },
        informed: 1.0,
        ahead: 1_000,
        ..Flow::default()
    };
    // They buy what the curve gives between 20 and 22 and no more: 1000 (1 - sqrt(20/22)) = 46.537 units for 20,000 (sqrt(1.1) - 1)
    // = 976.177 dollars, worth 1023.82: 47.64 are earned before fees, which are 10 hundredths of a percent at most.
    let earned = earned(&spec) / 1e6;
    assert!((46.5..=47.7).contains(&earned), "{earned}");
}

#[test]
fn nobody_sees_what_is_to_come_unless_informed() {
    let spec = Flow {
        basis_answer: -100.0,
        momentum_answer: 100.0,
        ..busy()
    };
    let until = |trades: Vec<(i64, Direction, u64)>| -> Vec<_> {
        trades.into_iter().filter(|trade| trade.0 < 40_000).collect()
    };
    let calm = until(trades(&spec, &[(0, 20_000_000)], 1));
    let crash = until(trades(&spec, &[(0, 20_000_000), (40_000, 10_000_000)], 1));
    assert_eq!(calm, crash);
    assert!(calm.len() > 1_000);
}

#[test]
fn positions_stay_within_the_leverage_and_are_closed_in_time() {
    let spec = Flow {
        trades_per_day: 2.0 * 86_400.0 / 10.0,
        size: Amount::Uniform { min: 40.0, max: 40.0 },
        short_bias: 0.0,
        deposit: Amount::Uniform { min: 50.0, max: 50.0 },
        leverage: Amount::Uniform { min: 2.0, max: 2.0 },
        holding_seconds: Some(Amount::Uniform {
            min: 200.0,
            max: 200.0,
        }),
        ..Flow::default()
    };
    let mut stand = Stand::new(&[(0, 20_000_000)]);
    let mut member = recruit(&spec, 0);
    assert_eq!(member.deposit, 50_000_000);
    let (mut due, mut events, mut opened, mut closed) = (member.agent.first_call(), Vec::new(), None, 0);
    while let Some(now) = due.filter(|now| *now < 5_000) {
        due = member.agent.call(&stand.view(now), &mut events);
        for kind in events.drain(..) {
            match kind {
                Kind::ClosePosition(_) => {
                    assert_eq!(opened.take(), Some(now - 200));
                    closed += 1;
                }
                _ => opened = opened.or(Some(now)),
            }
            stand.happen(now, kind);
            let held = stand.view(now);
            let worth = held.position(0, 0).unwrap().base_asset_amount as f64 / 1e9 * 20.0;
            // A hundred dollars, and what the AMM's price moves meanwhile.
            assert!((0.0..=101.0).contains(&worth), "{worth}");
        }
    }
    assert!(closed >= 15, "{closed}");
}
