"""The tables of the door: links that work once, codes that stand in for the second factor, attempts to get in."""

import datetime as dt
from typing import Literal

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from scrubber.store.base import Base

Purpose = Literal["first", "invite", "reset"]


class Token(Base):
    """A link that works once."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(String(16))
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class Recovery(Base):
    """A code that stands in for the second factor, once; a keyed hash of it."""

    __tablename__ = "recoveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    code: Mapped[str] = mapped_column(String(32))


class Attempt(Base):
    """A log-in that did not succeed, by a keyed hash of the name, address or browser it came from."""

    __tablename__ = "attempts"
    __table_args__ = (Index("attempts_of", "who", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]
