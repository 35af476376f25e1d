"""What every model is made of: bases, and texts, dates and amounts as claims give them."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler


class Frozen(BaseModel):
    """Base of every model: immutable, and a misspelt field is an error."""

    # A bound on texts also makes pydantic refuse lone surrogates, which JSON can write and UTF-8 cannot. A model is
    # built when it is first used: a command needs few of them, and each costs milliseconds.
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, str_max_length=5_000_000,
                              defer_build=True, hide_input_in_errors=True)


class Private(Frozen):
    """Base of what may say who somebody is: it is shown by its type alone, in tracebacks, logs and sessions alike."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __str__(self) -> str:
        return repr(self)


def _undotted(value: object) -> object:
    return value.replace(".", "").upper() if isinstance(value, str) else value


def _no_timestamp(value: object) -> object:
    if isinstance(value, int | float | Decimal):
        raise ValueError("a number is no date; write it as 2026-03-02")
    return value


class _Written:
    """A date is written out, as 2026-03-02; a number of seconds is none. Of JSON that needs no function of ours."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> Any:
        from pydantic_core import core_schema  # where models are not built it is not needed

        return core_schema.json_or_python_schema(
            core_schema.date_schema(strict=True),
            core_schema.no_info_before_validator_function(_no_timestamp, core_schema.date_schema()))


Diagnosis = Annotated[str, BeforeValidator(_undotted)]
Day = Annotated[dt.date, _Written]
# Amounts and units that fit the columns; a larger one is no claim.
Dollars = Annotated[Decimal, Field(ge=-(10**11), le=10**11)]
Quantity = Annotated[Decimal, Field(ge=-(10**11), le=10**11)]
Letter = Annotated[str, Field(pattern=r"^[0-9A-Za-z]?$")]
Place = Annotated[int, Field(ge=0, le=999_999)]
