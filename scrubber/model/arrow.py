"""The claim as an Arrow schema: one row a claim, lines and what else repeats as lists, names as in the model.

A claim as a dict of the model's fields is a row; what says nothing is null. Amounts and units are decimals with three
places, dates are dates, `present_on_admission` is a map, and a pointer that is no number makes all of them texts.
"""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from scrubber.model.claim import Claim

if TYPE_CHECKING:
    import pyarrow as pa

_PLACE = re.compile("[0-9]{1,3}")
DIGITS, PLACES = 16, 3           # of a decimal: 10 ** 11 dollars, and thousandths of a unit
FORMAT = "claims 1"              # in the metadata of a file, by `scrubber`


def claim_schema() -> "pa.Schema":
    """Columns of a table of claims."""
    import pyarrow as pa

    return pa.schema(_fields(Claim), metadata={"scrubber": FORMAT})


def claim_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as fields of the model, without what says nothing."""
    found = {}
    for name, value in row.items():
        value = _told(name, value)
        if value is not None and (value != () or name == "pointers"):      # none is not the first diagnosis
            found[name] = value
    return found


def _told(name: str, value: Any) -> Any:
    if name == "present_on_admission":
        return dict(value) if value else None
    if name == "pointers" and value is not None:
        return tuple(int(each) if isinstance(each, str) and _PLACE.fullmatch(each) else each for each in value)
    if isinstance(value, dict):
        return claim_fields(value)
    if isinstance(value, list):
        return tuple(claim_fields(each) if isinstance(each, dict) else each for each in value)
    return value


def _fields(model: type[BaseModel]) -> "list[pa.Field[Any]]":
    import pyarrow as pa

    return [pa.field(name, _type(field.annotation)) for name, field in model.model_fields.items()]


def _type(annotation: Any) -> "pa.DataType":
    """The type of a field.

    Raises:
        TypeError: There is none for it.
    """
    import pyarrow as pa

    origin, inside = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        kinds = {each for each in inside if each is not NoneType}
        return pa.string() if kinds == {int, str} else _type(kinds.pop())
    if origin is Literal or annotation is str:
        return pa.string()
    if origin is tuple:
        return pa.list_(_type(inside[0]))
    if origin is dict:
        return pa.map_(pa.string(), pa.string())
    if hasattr(annotation, "__metadata__"):
        return _type(inside[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return pa.struct(_fields(annotation))
    simple: dict[Any, pa.DataType] = {bool: pa.bool_(), int: pa.int32(), dt.date: pa.date32(),
                                      Decimal: pa.decimal128(DIGITS, PLACES)}
    if annotation not in simple:
        raise TypeError(f"no column holds {annotation}")
    return simple[annotation]
