//! Reading calls of functions and aggregates.

use sqlparser::ast::{
    self, DuplicateTreatment, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, WindowType,
};

use super::aggregate::{AGGREGATES, Aggregate, How, QUANTILES};
use super::function::{FUNCTIONS, Function, Takes};
use super::read::{Problem, Reader, Typed, alike, call, unknown};
use super::term::Term;
use super::value::Type;
use crate::sweep::diagnostic::nearest;

/// What an aggregate is of, which trials it takes, and what those agree in that it takes together.
struct Reckoned {
    of: Vec<Typed>,
    filter: Option<Term>,
    partition: Vec<Term>,
}

impl Reader<'_> {
    pub(super) fn function(&mut self, function: &ast::Function, whole: &Expr) -> Result<Typed, Problem> {
        let name = function.name.to_string().to_lowercase();
        let FunctionArguments::List(list) = &function.args else {
            return Err(unknown(whole));
        };
        let is_plain = list.clauses.is_empty()
            && function.null_treatment.is_none()
            && function.within_group.is_empty()
            && matches!(function.parameters, FunctionArguments::None);
        let mut arguments = Vec::new();
        let mut is_of_all = false;
        for argument in &list.args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => arguments.push(expression),
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => is_of_all = true,
                _ => return Err(unknown(whole)),
            }
        }
        if !is_plain || (is_of_all && (name != "count" || !arguments.is_empty())) {
            return Err(unknown(whole));
        }
        let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        let Some((how, takes)) = self.aggregate(&name, &mut arguments, whole)? else {
            let is_aggregated = function.over.is_some() || function.filter.is_some() || is_distinct;
            return match is_aggregated && Function::named(&name).is_some() {
                true => Err(unknown(whole)),
                false => self.named(&name, &arguments, whole),
            };
        };
        if self.is_inside {
            return Err(Problem::Text(format!(
                "`{whole}` stands inside another aggregate"
            )));
        }
        self.is_inside = true;
        let read = self.reckoned(&arguments, takes, function, whole);
        self.is_inside = false;
        let Reckoned {
            of,
            filter,
            partition,
        } = read?;
        let first = of.first().map_or(Type::Null, |(_, found)| *found);
        let gives = match how {
            How::Count => Type::Number,
            _ => takes.unwrap_or(first),
        };
        let wanted = match how {
            How::Pairs(_) => 2,
            _ => 1,
        };
        if of.len() != wanted && !is_of_all {
            return Err(count(&name, &wanted.to_string(), of.len()));
        }
        self.aggregates.push(Aggregate {
            how,
            of: of.into_iter().map(|(term, _)| term).collect(),
            is_distinct,
            filter,
            partition,
        });
        Ok((Term::Aggregate(self.aggregates.len() - 1), gives))
    }

    /// The aggregate of a name, and what it must be of. The share of a quantile is taken from the arguments.
    fn aggregate(
        &mut self,
        name: &str,
        arguments: &mut Vec<&Expr>,
        whole: &Expr,
    ) -> Result<Option<(How, Option<Type>)>, Problem> {
        if let Some((_, is_interpolated)) = QUANTILES.iter().find(|(known, _)| *known == name) {
            let share = match arguments.len() {
                2 => arguments.pop(),
                found => return Err(count(name, "2", found)),
            };
            let share = share.map(|share| self.term(share)).transpose()?;
            let share = match share {
                Some((Term::Constant(value), _)) => value.as_float(),
                _ => None,
            };
            return match share.filter(|share| (0.0..=1.0).contains(share)) {
                Some(share) => {
                    let how = How::Quantile(share, *is_interpolated);
                    Ok(Some((how, Some(Type::Number))))
                }
                None => Err(Problem::Text(format!(
                    "`{whole}` has no share from 0 to 1 as its second argument"
                ))),
            };
        }
        let found = AGGREGATES.iter().find(|(names, _, _)| names.contains(&name));
        Ok(found.map(|(_, how, takes)| (*how, *takes)))
    }

    fn reckoned(
        &mut self,
        arguments: &[&Expr],
        takes: Option<Type>,
        function: &ast::Function,
        whole: &Expr,
    ) -> Result<Reckoned, Problem> {
        let mut of = Vec::new();
        for argument in arguments {
            of.push(match takes {
                Some(wanted) => self.of(wanted, argument)?,
                None => self.term(argument)?,
            });
        }
        let filter = function.filter.as_ref();
        let filter = filter.map(|filter| self.of(Type::Bool, filter)).transpose()?;
        let mut partition = Vec::new();
        match &function.over {
            None => {}
            Some(WindowType::WindowSpec(window))
                if window.window_name.is_none()
                    && window.order_by.is_empty()
                    && window.window_frame.is_none() =>
            {
                for part in &window.partition_by {
                    partition.push(self.term(part)?.0);
                }
            }
            Some(_) => return Err(unknown(whole)),
        }
        Ok(Reckoned {
            of,
            filter: filter.map(|(term, _)| term),
            partition,
        })
    }

    /// A call of a function of one trial's values.
    pub(super) fn named(&mut self, name: &str, arguments: &[&Expr], whole: &Expr) -> Result<Typed, Problem> {
        let function = Function::named(name).ok_or_else(|| no_function(name))?;
        let found = arguments.len();
        let wrong = |wanted: String| Err(count(name, &wanted, found));
        let (mut terms, mut gives) = (Vec::new(), Type::Null);
        match function.takes {
            Takes::Numbers(least, most) => {
                if !(least..=most).contains(&found) {
                    return wrong(match least == most {
                        true => least.to_string(),
                        false => format!("{least} or {most}"),
                    });
                }
                gives = Type::Number;
                for argument in arguments {
                    terms.push(self.of(Type::Number, argument)?);
                }
            }
            Takes::These(wanted, result) => {
                if found != wanted.len() {
                    return wrong(wanted.len().to_string());
                }
                gives = result;
                for (wanted, argument) in wanted.iter().zip(arguments) {
                    terms.push(self.of(*wanted, argument)?);
                }
            }
            Takes::Alike if found == 0 => return wrong("1 or more".to_owned()),
            Takes::TwoAlike if found != 2 => return wrong("2".to_owned()),
            Takes::Choice if found != 3 => return wrong("3".to_owned()),
            Takes::Alike | Takes::TwoAlike | Takes::Choice => {
                let mut rest = arguments;
                if let (Takes::Choice, [condition, others @ ..]) = (function.takes, arguments) {
                    terms.push(self.of(Type::Bool, condition)?);
                    rest = others;
                }
                for argument in rest {
                    let term = self.term(argument)?;
                    gives = alike(gives, term.1, whole)?;
                    terms.push(term);
                }
            }
        }
        Ok(call(function.operation, terms, gives))
    }
}

fn count(name: &str, wanted: &str, found: usize) -> Problem {
    let noun = if wanted == "1" { "argument" } else { "arguments" };
    let name = name.to_uppercase();
    Problem::Text(format!("`{name}` takes {wanted} {noun}, not {found}"))
}

fn no_function(name: &str) -> Problem {
    let single = FUNCTIONS.iter().flat_map(|function| function.names);
    let many = AGGREGATES.iter().flat_map(|(names, _, _)| *names);
    let quantiles = QUANTILES.iter().map(|(name, _)| name);
    let near = nearest(name, single.chain(many).chain(quantiles).copied());
    let near = near.map(|near| format!("; did you mean `{}`?", near.to_uppercase()));
    let name = name.to_uppercase();
    Problem::Text(format!(
        "there is no function `{name}` in conditions{}",
        near.unwrap_or_default()
    ))
}
