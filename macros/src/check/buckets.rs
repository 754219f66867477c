//! Bounds of buckets.

use syn::{Expr, Lit, UnOp};

use crate::args::Buckets;
use crate::errors::Errors;

/// What can be read here is checked here, where the message can point at the number; the rest is checked by the
/// compiler, in `Spec::buckets`.
pub(super) fn check_buckets(buckets: &Buckets, errors: &mut Errors) {
    let (generator, count) = match buckets {
        Buckets::Bounds(Expr::Array(array)) => return check_bounds(array, errors),
        Buckets::Bounds(_) => return,
        Buckets::Linear { width, count, .. } => {
            if number(width).is_some_and(|width| width <= 0.0) {
                errors.on(width, "the width of `linear` must be above 0, since the bounds must rise; raise it");
            }
            ("linear", count)
        }
        Buckets::Exponential { start, factor, count } => {
            if number(start).is_some_and(|start| start <= 0.0) {
                errors.on(start, "the start of `exponential` must be above 0, since it is multiplied; raise it");
            }
            if number(factor).is_some_and(|factor| factor <= 1.0) {
                errors.on(factor, "the factor of `exponential` must be above 1, since the bounds must rise; raise it");
            }
            ("exponential", count)
        }
        Buckets::ExponentialRange { start, end, count } => {
            let least = number(start);
            if least.is_some_and(|start| start <= 0.0) {
                errors.on(start, "the start of `exponential_range` must be above 0, since it is multiplied; raise it");
            } else if number(end).is_some_and(|end| least.is_some_and(|start| end <= start)) {
                errors.on(
                    end,
                    "the end of `exponential_range` must be above its start, since the bounds must rise; raise it",
                );
            }
            ("exponential_range", count)
        }
    };
    if number(count).is_some_and(|count| count < 1.0) {
        errors.on(count, format!("`{generator}` needs at least 1 bucket; raise its count"));
    }
}

fn check_bounds(array: &syn::ExprArray, errors: &mut Errors) {
    if array.elems.is_empty() {
        errors.on(array, "a histogram needs at least one bucket besides +Inf; write for example `[0.1, 1.0, 10.0]`");
    }
    let mut before: Option<f64> = None;
    for (index, element) in array.elems.iter().enumerate() {
        let Some(bound) = number(element) else {
            before = None;
            continue;
        };
        let last = index + 1 == array.elems.len() && index > 0;
        if bound.is_nan() {
            errors.on(element, "this bound is NaN, and nothing is below or above that; drop it");
            before = None;
            continue;
        } else if bound.is_infinite() && !(last && bound > 0.0) {
            errors.on(
                element,
                "this bound is infinite; +Inf is always there as the last one, and the others must be numbers: write numbers",
            );
            before = None;
            continue;
        } else if before == Some(bound) {
            errors.on(element, "this bound stands twice; drop one of them");
        } else if before.is_some_and(|before| bound < before) {
            errors.on(element, "the bounds must rise, and this one is below the one before it; sort them");
        }
        before = Some(bound);
    }
}

/// The value of a literal, or of a well-known constant.
pub(super) fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Float(float) => float.base10_parse().ok(),
            Lit::Int(int) => int.base10_parse().ok(),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => number(&unary.expr).map(|number| -number),
        Expr::Paren(inner) => number(&inner.expr),
        Expr::Group(inner) => number(&inner.expr),
        Expr::Path(path) => {
            let mut segments = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
            let (constant, of) = (segments.next()?, segments.next()?);
            match (of.as_str(), constant.as_str()) {
                ("f64", "NAN") => Some(f64::NAN),
                ("f64", "INFINITY") => Some(f64::INFINITY),
                ("f64", "NEG_INFINITY") => Some(f64::NEG_INFINITY),
                _ => None,
            }
        }
        _ => None,
    }
}
