"""Files of prices, in TOML or JSON."""

import json
import tomllib
from datetime import date
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from bookwright.contracts.base import Payload
from bookwright.contracts.errors import Misconfigured
from bookwright.money.prices import Price, PriceTable, Unit
from bookwright.money.usd import MICROS

SHIPPED = Path(__file__).with_name("prices.toml")

_Amount = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class _Entry(Payload):
    """One table of the file."""

    provider: str = Field(min_length=1)
    model: str = Field(min_length=1)
    operation: str = Field(min_length=1)
    usd: dict[Unit, _Amount] | None = None
    inr: dict[Unit, _Amount] | None = None
    per: int = Field(default=1, ge=1)
    """The amounts are for so many units."""
    valid_from: date
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        if bool(self.usd) == bool(self.inr):
            raise ValueError("give amounts by unit either as `usd` or as `inr`")
        return self

    def price(self, inr_per_usd: Decimal) -> Price:
        amounts = self.usd or {unit: amount / inr_per_usd for unit, amount in (self.inr or {}).items()}
        return Price(
            provider=self.provider,
            model=self.model,
            operation=self.operation,
            rates={unit: _micros(amount / self.per) for unit, amount in amounts.items()},
            valid_from=self.valid_from,
            source=self.source,
        )


class _File(Payload):
    inr_per_usd: Decimal | None = Field(default=None, gt=0, allow_inf_nan=False)
    price: list[_Entry] = Field(default_factory=list)

    @model_validator(mode="after")
    def _rupees_have_a_rate(self) -> Self:
        if self.inr_per_usd is None and any(entry.inr for entry in self.price):
            raise ValueError("prices in rupees need `inr_per_usd` at the file's head")
        return self

    def prices(self, inr_per_usd: Decimal | None) -> list[Price]:
        return [entry.price(inr_per_usd or self.inr_per_usd or Decimal(1)) for entry in self.price]


def prices_with(path: Path | None) -> PriceTable:
    """The prices that ship and, before them, those of an operator's own file, whose `inr_per_usd` holds for all.
    Raises Misconfigured, naming the field and the remedy; it repeats no value of the file."""
    own = _read(path) if path is not None else _File()
    return PriceTable(_read(SHIPPED).prices(own.inr_per_usd), own.prices(None))


def _read(path: Path) -> _File:
    try:
        content = _parsed(path)
    except OSError as error:
        raise Misconfigured(
            f"BOOKWRIGHT_PRICES: {path} can't be read ({error.strerror}): name a file there is"
        ) from None
    except (ValueError, RecursionError) as error:  # both decoders' errors are ValueErrors, as is a wrong encoding
        raise Misconfigured(
            f"BOOKWRIGHT_PRICES: {path} is not {'JSON' if _is_json(path) else 'TOML'}: "
            f"{getattr(error, 'msg', None) or type(error).__name__}"
        ) from None
    try:
        return _File.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(
            f"BOOKWRIGHT_PRICES: {path}: {field + ': ' if field else ''}{first['msg']}; "
            "the form is that of `bookwright prices --help`"
        ) from None


def _is_json(path: Path) -> bool:
    return path.suffix.lower() == ".json"


def _parsed(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    return json.loads(text, parse_float=Decimal) if _is_json(path) else tomllib.loads(text, parse_float=Decimal)


def _micros(usd: Decimal) -> Decimal:
    """Rounded up to a millionth of a micro: a division needs an end."""
    return (usd * MICROS).quantize(Decimal("0.000001"), ROUND_CEILING)
