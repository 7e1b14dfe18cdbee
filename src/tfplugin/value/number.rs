//! Numbers of any precision, within bounds.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use bigdecimal::num_traits::ToPrimitive;
use bigdecimal::{BigDecimal, Zero};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// How many digits a number may have when it is written without an exponent, before and behind
/// the point together. Core computes with 512 bits (155 digits); a float takes 1074 at most.
pub const MAX_DIGITS: usize = 1200;

/// A decimal number of any precision up to [`MAX_DIGITS`]. Two that are equal in value are equal,
/// however they were written.
///
/// ```
/// use terraform_provider_immuta::tfplugin::value::{Number, NumberError};
///
/// let one: Number = "1.00".parse()?;
/// assert_eq!(one, Number::from(1));
/// assert_eq!(one.as_i64(), Some(1));
/// assert_eq!("0.1".parse::<Number>()?.as_i64(), None);
/// assert_eq!("1e999999".parse::<Number>(), Err(NumberError::TooLong));
/// # Ok::<(), NumberError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Number(Repr);

/// A whole number that fits is always `Int`, anything else is `Decimal` without trailing zeros:
/// so the derived equality is equality of value.
#[derive(Clone, PartialEq, Eq)]
enum Repr {
    Int(i64),
    Decimal(Box<BigDecimal>),
}

/// Why a number was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberError {
    /// Not a number in decimal notation.
    #[error("it is not a decimal number")]
    Syntax,
    /// It would have more than [`MAX_DIGITS`] digits.
    #[error("it has more than {MAX_DIGITS} digits")]
    TooLong,
    /// Infinity, or not a number at all.
    #[error("it is not finite")]
    NotFinite,
}

impl Number {
    /// The number, if it is whole and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Int(int) => Some(*int),
            Repr::Decimal(_) => None,
        }
    }

    /// The number, if it is whole, not negative, and fits.
    pub fn as_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Int(int) => u64::try_from(*int).ok(),
            Repr::Decimal(decimal) if decimal.fractional_digit_count() <= 0 => decimal.to_u64(),
            Repr::Decimal(_) => None,
        }
    }

    /// The nearest float; infinity beyond its range.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the nearest one is what is asked for"
    )]
    pub fn as_f64(&self) -> f64 {
        match &self.0 {
            Repr::Int(int) => *int as f64,
            Repr::Decimal(decimal) => decimal.to_scientific_notation().parse().unwrap_or(f64::NAN),
        }
    }

    /// Exactly the number that a float holds, with all its digits.
    pub(super) fn from_f64_exact(float: f64) -> Result<Self, NumberError> {
        BigDecimal::try_from(float)
            .map(Self::from_bounded)
            .map_err(|_| NumberError::NotFinite)
    }

    /// From a number whose digits were counted.
    fn from_bounded(decimal: BigDecimal) -> Self {
        if decimal.is_zero() {
            return Self(Repr::Int(0));
        }
        let decimal = decimal.normalized();
        if decimal.fractional_digit_count() <= 0
            && let Some(int) = decimal.to_i64()
        {
            return Self(Repr::Int(int));
        }
        Self(Repr::Decimal(Box::new(decimal)))
    }
}

/// By value.
impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Int(a), Repr::Int(b)) => a.cmp(b),
            (Repr::Int(a), Repr::Decimal(b)) => BigDecimal::from(*a).cmp(b),
            (Repr::Decimal(a), Repr::Int(b)) => (**a).cmp(&BigDecimal::from(*b)),
            (Repr::Decimal(a), Repr::Decimal(b)) => a.cmp(b),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Number {
    fn from(int: i64) -> Self {
        Self(Repr::Int(int))
    }
}

impl From<i32> for Number {
    fn from(int: i32) -> Self {
        Self::from(i64::from(int))
    }
}

impl From<u32> for Number {
    fn from(int: u32) -> Self {
        Self::from(i64::from(int))
    }
}

impl From<u64> for Number {
    fn from(int: u64) -> Self {
        match i64::try_from(int) {
            Ok(int) => Self(Repr::Int(int)),
            Err(_) => Self::from_bounded(BigDecimal::from(int)),
        }
    }
}

/// The shortest decimal number that reads back as this float: 0.1 gives 0.1.
impl TryFrom<f64> for Number {
    type Error = NumberError;

    fn try_from(float: f64) -> Result<Self, NumberError> {
        shortest(float)
    }
}

/// The shortest decimal number that reads back as this float: 0.1 gives 0.1.
impl TryFrom<f32> for Number {
    type Error = NumberError;

    fn try_from(float: f32) -> Result<Self, NumberError> {
        shortest(float)
    }
}

fn shortest(float: impl Copy + Into<f64> + fmt::LowerExp) -> Result<Number, NumberError> {
    match float.into().is_finite() {
        true => format!("{float:e}").parse(),
        false => Err(NumberError::NotFinite),
    }
}

/// Decimal notation, with or without point and exponent.
impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        if let Some(int) = small_int(text) {
            return Ok(Self(Repr::Int(int)));
        }
        check(text)?;
        let decimal = BigDecimal::from_str(text).map_err(|_| NumberError::Syntax)?;
        Ok(Self::from_bounded(decimal))
    }
}

/// The common case: a few digits, nothing else.
fn small_int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = (1..=18).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Checks notation and size before anything is computed, so that a few bytes (`1e999999999`)
/// cannot ask for a huge number.
fn check(text: &str) -> Result<(), NumberError> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(NumberError::Syntax);
    }
    // One more for the zero before the point.
    if whole.len().saturating_add(fraction.len()) > MAX_DIGITS + 1 {
        return Err(NumberError::TooLong);
    }
    let whole = whole.trim_start_matches('0');
    let before = whole.len().saturating_add_signed(exponent);
    let behind = fraction
        .len()
        .saturating_add_signed(exponent.saturating_neg());
    if before.saturating_add(behind) > MAX_DIGITS {
        return Err(NumberError::TooLong);
    }
    Ok(())
}

fn parse_exponent(text: &str) -> Result<isize, NumberError> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NumberError::Syntax);
    }
    // All digits, so only its size can be wrong.
    text.parse().map_err(|_| NumberError::TooLong)
}

/// Plain decimal notation, never with an exponent: `0.0000001`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Int(int) => int.fmt(f),
            Repr::Decimal(decimal) => decimal.write_plain_string(f),
        }
    }
}

/// No digits: a number may be a secret too.
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number(..)")
    }
}

/// The name by which this module's `Number` is told apart from other newtypes in serde.
pub(super) const SERDE_NAME: &str = "$tfplugin::Number";

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(SERDE_NAME, &self.to_string())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;

        impl<'de> Visitor<'de> for NumberVisitor {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E: de::Error>(self, int: i64) -> Result<Number, E> {
                Ok(int.into())
            }

            fn visit_u64<E: de::Error>(self, int: u64) -> Result<Number, E> {
                Ok(int.into())
            }

            fn visit_f64<E: de::Error>(self, float: f64) -> Result<Number, E> {
                Number::try_from(float).map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Number, D::Error> {
                deserializer.deserialize_any(self)
            }
        }

        deserializer.deserialize_newtype_struct(SERDE_NAME, NumberVisitor)
    }
}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
