//! Reading a condition written in SQL. What is no part of conditions is refused by name.

use sqlparser::ast::{
    BinaryOperator, CastKind, CeilFloorKind, DataType, Expr, UnaryOperator, Value as Literal,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

use super::aggregate::Aggregate;
use super::term::{Condition, Operation, Term};
use super::value::{Type, Value};
use super::{function, operator};

/// Why a condition is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// A name that is no column's.
    Column(String),
    /// Anything else.
    Text(String),
}

/// A term and what it gives.
pub type Typed = (Term, Type);

/// Reads a condition. `column` tells the type of a column; an inner `None` is one of lists.
///
/// # Errors
/// What is no SQL, is no condition, or names what is not there.
pub fn read(text: &str, column: impl Fn(&str) -> Option<Option<Type>>) -> Result<Condition, Problem> {
    let expression = parse(text).map_err(|error| Problem::Text(error.to_string()))?;
    let mut reader = Reader {
        column: &column,
        columns: Vec::new(),
        aggregates: Vec::new(),
        is_inside: false,
    };
    let (term, found) = reader.term(&expression)?;
    if !found.fits(Type::Bool) {
        return Err(Problem::Text(format!("it is {}, not yes or no", found.name())));
    }
    Ok(Condition {
        columns: reader.columns,
        aggregates: reader.aggregates,
        term,
    })
}

fn parse(text: &str) -> Result<Expr, sqlparser::parser::ParserError> {
    let mut parser = Parser::new(&GenericDialect {}).try_with_sql(text)?;
    let expression = parser.parse_expr()?;
    let next = parser.peek_token();
    match next.token {
        Token::EOF => Ok(expression),
        _ => parser.expected("the end of the condition", next),
    }
}

pub(super) struct Reader<'a> {
    column: &'a dyn Fn(&str) -> Option<Option<Type>>,
    columns: Vec<String>,
    pub(super) aggregates: Vec<Aggregate>,
    /// Whether an aggregate is being read.
    pub(super) is_inside: bool,
}

impl Reader<'_> {
    pub(super) fn term(&mut self, expression: &Expr) -> Result<Typed, Problem> {
        use Type::{Bool, Number, Text};
        let negated = |is_negated: bool, term: Typed| match is_negated {
            true => call(operator::not, [term], Bool),
            false => term,
        };
        Ok(match expression {
            Expr::Nested(inner) => self.term(inner)?,
            Expr::Identifier(name) => self.column(&name.value)?,
            Expr::CompoundIdentifier(names) => {
                let names: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
                let name = names.join(".");
                return Err(Problem::Text(format!("`{name}` is no name without quotes")));
            }
            Expr::Value(value) => literal(&value.value)?,
            Expr::UnaryOp { op, expr } => match op {
                UnaryOperator::Not => call(operator::not, [self.of(Bool, expr)?], Bool),
                UnaryOperator::Minus => call(operator::negative, [self.of(Number, expr)?], Number),
                UnaryOperator::Plus => self.of(Number, expr)?,
                _ => return Err(unknown(expression)),
            },
            Expr::BinaryOp { left, op, right } => self.binary(expression, left, op, right)?,
            Expr::IsNull(inner) => call(operator::is_null, [self.term(inner)?], Bool),
            Expr::IsNotNull(inner) => negated(true, call(operator::is_null, [self.term(inner)?], Bool)),
            Expr::IsTrue(inner) => call(operator::is_true, [self.of(Bool, inner)?], Bool),
            Expr::IsNotTrue(inner) => negated(true, call(operator::is_true, [self.of(Bool, inner)?], Bool)),
            Expr::IsFalse(inner) => call(operator::is_false, [self.of(Bool, inner)?], Bool),
            Expr::IsNotFalse(inner) => negated(true, call(operator::is_false, [self.of(Bool, inner)?], Bool)),
            Expr::IsUnknown(inner) => call(operator::is_null, [self.of(Bool, inner)?], Bool),
            Expr::IsNotUnknown(inner) => {
                negated(true, call(operator::is_null, [self.of(Bool, inner)?], Bool))
            }
            Expr::IsDistinctFrom(left, right) => negated(true, self.compared(operator::same, left, right)?),
            Expr::IsNotDistinctFrom(left, right) => self.compared(operator::same, left, right)?,
            Expr::Between {
                expr,
                negated: is_negated,
                low,
                high,
            } => {
                let low = self.compared(operator::at_least, expr, low)?;
                let high = self.compared(operator::at_most, expr, high)?;
                negated(*is_negated, call(operator::and, [low, high], Bool))
            }
            Expr::InList {
                expr,
                list,
                negated: is_negated,
            } => {
                let mut all = vec![self.term(expr)?];
                for item in list {
                    let item = self.term(item)?;
                    alike(all[0].1, item.1, expression)?;
                    all.push(item);
                }
                negated(*is_negated, call(operator::is_among, all, Bool))
            }
            Expr::Like {
                negated: is_negated,
                any: false,
                expr,
                pattern,
                escape_char: None,
            } => {
                let texts = [self.of(Text, expr)?, self.of(Text, pattern)?];
                negated(*is_negated, call(operator::like, texts, Bool))
            }
            Expr::ILike {
                negated: is_negated,
                any: false,
                expr,
                pattern,
                escape_char: None,
            } => {
                let texts = [self.of(Text, expr)?, self.of(Text, pattern)?];
                negated(*is_negated, call(operator::ilike, texts, Bool))
            }
            Expr::Case {
                operand,
                conditions,
                else_result,
                ..
            } => {
                let mut found = Type::Null;
                let mut all = Vec::new();
                for branch in conditions {
                    all.push(match operand {
                        Some(operand) => self.compared(operator::equal, operand, &branch.condition)?,
                        None => self.of(Bool, &branch.condition)?,
                    });
                    let result = self.term(&branch.result)?;
                    found = alike(found, result.1, expression)?;
                    all.push(result);
                }
                if let Some(otherwise) = else_result {
                    let otherwise = self.term(otherwise)?;
                    found = alike(found, otherwise.1, expression)?;
                    all.push(otherwise);
                }
                call(operator::case, all, found)
            }
            Expr::Cast {
                kind: CastKind::Cast | CastKind::TryCast | CastKind::DoubleColon,
                expr,
                data_type,
                array: false,
                format: None,
            } => {
                let (operation, to) = cast(data_type).ok_or_else(|| unknown(expression))?;
                call(operation, [self.term(expr)?], to)
            }
            Expr::Ceil {
                expr,
                field: CeilFloorKind::DateTimeField(sqlparser::ast::DateTimeField::NoDateTime),
            } => self.named("ceil", &[expr], expression)?,
            Expr::Floor {
                expr,
                field: CeilFloorKind::DateTimeField(sqlparser::ast::DateTimeField::NoDateTime),
            } => self.named("floor", &[expr], expression)?,
            Expr::Trim {
                trim_where: None,
                trim_what: None,
                expr,
                trim_characters: None,
            } => call(function::trim, [self.of(Text, expr)?], Text),
            Expr::Function(function) => self.function(function, expression)?,
            _ => return Err(unknown(expression)),
        })
    }

    fn column(&mut self, name: &str) -> Result<Typed, Problem> {
        let found = (self.column)(name).ok_or_else(|| Problem::Column(name.to_owned()))?;
        let found = found.ok_or_else(|| {
            Problem::Text(format!("`{name}` holds lists, which conditions cannot look into"))
        })?;
        let known = self.columns.iter().position(|column| column == name);
        let place = known.unwrap_or_else(|| {
            self.columns.push(name.to_owned());
            self.columns.len() - 1
        });
        Ok((Term::Column(place), found))
    }

    /// A term that must be of a type.
    pub(super) fn of(&mut self, wanted: Type, expression: &Expr) -> Result<Typed, Problem> {
        let term = self.term(expression)?;
        if term.1.fits(wanted) {
            return Ok(term);
        }
        let (is, wanted) = (term.1.name(), wanted.name());
        Err(Problem::Text(format!("`{expression}` is {is}, not {wanted}")))
    }

    fn compared(&mut self, operation: Operation, left: &Expr, right: &Expr) -> Result<Typed, Problem> {
        let (one, other) = (self.term(left)?, self.term(right)?);
        if one.1.joined(other.1).is_none() {
            let (is, to) = (one.1.name(), other.1.name());
            return Err(Problem::Text(format!(
                "`{left}` is {is} and `{right}` {to}, which do not compare"
            )));
        }
        Ok(call(operation, [one, other], Type::Bool))
    }

    fn binary(
        &mut self,
        whole: &Expr,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
    ) -> Result<Typed, Problem> {
        use BinaryOperator as Op;
        let (operation, takes): (Operation, Type) = match op {
            Op::Eq => return self.compared(operator::equal, left, right),
            Op::NotEq => return self.compared(operator::unequal, left, right),
            Op::Lt => return self.compared(operator::less, left, right),
            Op::LtEq => return self.compared(operator::at_most, left, right),
            Op::Gt => return self.compared(operator::greater, left, right),
            Op::GtEq => return self.compared(operator::at_least, left, right),
            Op::Spaceship => return self.compared(operator::same, left, right),
            Op::And => (operator::and, Type::Bool),
            Op::Or => (operator::or, Type::Bool),
            Op::Xor => (operator::xor, Type::Bool),
            Op::Plus => (operator::plus, Type::Number),
            Op::Minus => (operator::minus, Type::Number),
            Op::Multiply => (operator::times, Type::Number),
            Op::Divide => (operator::over, Type::Number),
            Op::DuckIntegerDivide => (operator::whole_over, Type::Number),
            Op::Modulo => (operator::modulo, Type::Number),
            Op::StringConcat => (operator::joined, Type::Text),
            _ => return Err(unknown(whole)),
        };
        let operands = [self.of(takes, left)?, self.of(takes, right)?];
        Ok(call(operation, operands, takes))
    }
}

/// The refusal of what has no place in conditions, as it is written.
pub(super) fn unknown(expression: &Expr) -> Problem {
    Problem::Text(format!("`{expression}` is not supported in conditions"))
}

/// The type of two terms one of which will be taken.
pub(super) fn alike(one: Type, other: Type, whole: &Expr) -> Result<Type, Problem> {
    one.joined(other).ok_or_else(|| {
        let (one, other) = (one.name(), other.name());
        Problem::Text(format!("`{whole}` mixes {one} with {other}"))
    })
}

pub(super) fn call(operation: Operation, arguments: impl IntoIterator<Item = Typed>, gives: Type) -> Typed {
    let terms = arguments.into_iter().map(|(term, _)| term).collect();
    (Term::Call(operation, terms), gives)
}

fn literal(value: &Literal) -> Result<Typed, Problem> {
    Ok(match value {
        Literal::Null => (Term::Constant(Value::Null), Type::Null),
        Literal::Boolean(yes) => (Term::Constant(Value::Bool(*yes)), Type::Bool),
        Literal::SingleQuotedString(text) => (Term::Constant(Value::Text(text.clone().into())), Type::Text),
        Literal::Number(digits, _) => {
            let int = digits.parse().map(Value::Int);
            let number = int.or_else(|_| digits.parse().map(Value::Float));
            let number = number.map_err(|_| Problem::Text(format!("`{digits}` is no number")))?;
            (Term::Constant(number), Type::Number)
        }
        other => return Err(Problem::Text(format!("`{other}` is not supported in conditions"))),
    })
}

fn cast(to: &DataType) -> Option<(Operation, Type)> {
    Some(match to {
        DataType::Double(_)
        | DataType::DoublePrecision
        | DataType::Float(_)
        | DataType::Float4
        | DataType::Float8
        | DataType::Float64
        | DataType::Real => (function::to_float, Type::Number),
        DataType::Int(_)
        | DataType::Int4(_)
        | DataType::Int8(_)
        | DataType::Int64
        | DataType::Integer(_)
        | DataType::BigInt(_)
        | DataType::HugeInt => (function::to_int, Type::Number),
        DataType::Text | DataType::Varchar(None) | DataType::String(None) => (function::to_text, Type::Text),
        _ => return None,
    })
}
