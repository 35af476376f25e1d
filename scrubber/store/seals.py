"""The place that each sealed value is sealed for: from its row alone, so that all can be opened and sealed anew.

Whoever seals or opens a column `sealed_…` asks here for its place; a value that was moved to another row does not open.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, inspect, select, tuple_

from scrubber.store.base import Base
from scrubber.store.tables import Batch, Claim, File, Override, Piece, Question, Revision, User, Wrong

# By table, then by column, the place of a value in a row.
PLACES: Mapping[type[Base], Mapping[str, Callable[[Any], str]]] = {
    File: {"sealed_name": lambda row: f"files:{row.id}"},
    Piece: {"sealed": lambda row: f"pieces:{row.file_id}:{row.number}"},
    Batch: {"sealed_unreadable": lambda row: f"batches:{row.id}:unreadable"},
    Claim: {"sealed_number": lambda row: f"claims:{row.batch_id}:{row.position}:number",
            "sealed_record": lambda row: f"claims:{row.batch_id}:{row.position}:record",
            "sealed_flags": lambda row: f"claims:{row.batch_id}:{row.position}:flags"},
    Revision: {"sealed_note": lambda row: f"revisions:{row.claim_id}:{row.version}:note",
               "sealed_record": lambda row: f"revisions:{row.claim_id}:{row.version}:record"},
    Override: {"sealed_note": lambda row: f"overrides:{row.cause_id}:note"},
    Question: {"sealed_text": lambda row: f"questions:{row.cause_id}:text",
               "sealed_answer": lambda row: f"questions:{row.cause_id}:answer"},
    Wrong: {"sealed_note": lambda row: f"wrongs:{row.cause_id}:note"},
    User: {"sealed_totp": lambda row: f"totp:{row.id}"},
}

# By table, which rows are a client's; what is not here is the server's.
OF: Mapping[type[Base], Callable[[int], ColumnElement[bool]]] = {
    File: lambda client: File.client_id == client,
    Piece: lambda client: Piece.file_id.in_(select(File.id).where(File.client_id == client)),
    Batch: lambda client: Batch.client_id == client,
    Claim: lambda client: Claim.client_id == client,
    Revision: lambda client: Revision.claim_id.in_(select(Claim.id).where(Claim.client_id == client)),
    Override: lambda client: Override.client_id == client,
    Question: lambda client: Question.client_id == client,
    Wrong: lambda client: Wrong.client_id == client,
}
FEW: Mapping[type[Base], int] = {Piece: 8}               # rows that are held at once: a piece is a mebibyte
MANY = 500


def place(row: Base, column: str) -> str:
    """The place of a value.

    Args:
        row: Of a table with something sealed; what its place is made of is set.
    """
    return PLACES[type(row)][column](row)


def keys(table: type[Base]) -> list[Any]:
    """The columns of a table's primary key, in order."""
    return [getattr(table, column.name) for column in inspect(table).primary_key]


def key_of_row(row: Base) -> tuple[Any, ...]:
    return tuple(getattr(row, column.name) for column in inspect(type(row)).primary_key)


def after(table: type[Base], client_id: int | None, last: tuple[Any, ...] | None) -> Select[Any]:
    """The next rows of a client behind a row, by primary key; of the server's where there is no client.

    Args:
        last: Key of the row before them; None begins.
    """
    asked = select(table).order_by(*keys(table)).limit(FEW.get(table, MANY))
    if client_id is not None:
        asked = asked.where(OF[table](client_id))
    return asked if last is None else asked.where(tuple_(*keys(table)) > last)
