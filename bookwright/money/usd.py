"""US dollars. Inside they are whole micros (millionths of a dollar); outside they are decimal strings."""

from decimal import ROUND_CEILING, Decimal

MICROS = 1_000_000
"""Micros in a dollar."""


def to_micros(usd: Decimal | str | int) -> int:
    """Micros for an amount in dollars, rounded up. Raises ValueError when it is not a finite amount of 0 or more."""
    try:
        amount = Decimal(usd)
    except ArithmeticError as error:
        raise ValueError("not an amount of money") from error
    if not amount.is_finite() or amount < 0:
        raise ValueError("an amount of money is finite and not negative")
    return ceil_micros(amount * MICROS)


def ceil_micros(micros: Decimal) -> int:
    """Whole micros, rounded up: a reservation must never be smaller than the bill."""
    return int(micros.to_integral_value(ROUND_CEILING))


def from_micros(micros: int) -> Decimal:
    """Dollars for whole micros."""
    return Decimal(micros) / MICROS


def to_usd(micros: int) -> str:
    """Dollars as an exact decimal string without an exponent and with at least two places: `0.00`, `0.012345`."""
    sign = "-" if micros < 0 else ""
    whole, rest = divmod(abs(micros), MICROS)
    places = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{places}"
