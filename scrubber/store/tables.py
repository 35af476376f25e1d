"""The tables of the store. What is said of a claim or in free words is sealed (vault.py); what is counted is not.

Columns named `sealed_…` hold bytes of the vault. Money is in cents, moments are UTC.
"""

import datetime as dt
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from scrubber.store import doors as doors  # its tables belong to these
from scrubber.store.base import Base

Role = Literal["viewer", "coder", "lead", "administrator"]
ROLES: tuple[Role, ...] = ("viewer", "coder", "lead", "administrator")
# `loading`: being read and scrubbed; `ready`: to be worked; `failed`: could not be read at all.
BatchState = Literal["loading", "ready", "failed"]
# `held`: a cause at or above deny is open; `clean`: none is; `released`: it went out.
ClaimState = Literal["held", "clean", "released"]
# `asked`: the clinician was; `overridden`: goes out as it is; `wrong`: the rule is; `cured`: a correction took it away;
# `sent`: it held nothing, and its claim went out with it.
CauseState = Literal["open", "asked", "overridden", "wrong", "cured", "sent"]
OPEN: tuple[CauseState, ...] = ("open", "asked")       # hold a claim back
BLOCKING = ("reject", "deny")
Outcome = Literal["paid", "denied", "partly"]


class Setting(Base):
    """One value of the server: its sealed secrets, the beginning of the log after old acts were taken off."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[bytes]


class Client(Base):
    """A practice whose claims are worked. Its data key is wrapped by the master key; without it nothing of it is read.

    Attributes:
        data_key: None after its data was deleted.
        key_id: Of the master key that wraps it.
    """

    __tablename__ = "clients"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    data_key: Mapped[bytes | None]
    key_id: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[dt.datetime]
    deleted_at: Mapped[dt.datetime | None]


class User(Base):
    """Who works here.

    Attributes:
        name: To log in with, in lower case.
        password: Argon2id hash; None until one is chosen, or where an identity provider is asked.
        sealed_totp: Secret of the second factor; `totp_step`: the last time step that was used, never taken again.
        subject: Issuer and subject at the identity provider.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    role: Mapped[Role] = mapped_column(String(16))
    password: Mapped[str | None]
    sealed_totp: Mapped[bytes | None]
    totp_step: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    subject: Mapped[str | None] = mapped_column(String(400), unique=True)
    active: Mapped[bool] = mapped_column(server_default=true(), default=True)
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime | None]


class Login(Base):
    """A session of a browser; its cookie is kept as a hash.

    Attributes:
        complete: Whether the second factor was given, where the user has one.
        address, browser: Where it began and with what, for its user to know it by.
    """

    __tablename__ = "logins"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    complete: Mapped[bool]
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    address: Mapped[str] = mapped_column(String(64), server_default="", default="")
    browser: Mapped[str] = mapped_column(String(80), server_default="", default="")


class Sent(Base):
    """A form that was sent: sent once more, it is refused."""

    __tablename__ = "sent"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)


class File(Base):
    """A file as it came or as it went out, sealed in pieces.

    Attributes:
        size: Bytes.
        sha256: Of what is in it.
        sealed_name: As it was called.
    """

    __tablename__ = "files"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))                 # original, release, remittance
    sealed_name: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    created_at: Mapped[dt.datetime]


class Piece(Base):
    """A mebibyte of a file."""

    __tablename__ = "pieces"

    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]


class Batch(Base):
    """A file of claims that was scrubbed.

    Attributes:
        user_id: Who brought it; None: sent with a key.
        as_of: The submission date that it was judged for.
        clean: Claims without a flag at or above deny when it came.
        sealed_unreadable: The claims that were set aside, as JSON.
        run: The run record without what names a file.
    """

    __tablename__ = "batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    state: Mapped[BatchState] = mapped_column(String(16))
    problem: Mapped[str] = mapped_column(server_default="", default="")
    format: Mapped[str] = mapped_column(String(16), server_default="", default="")
    received_at: Mapped[dt.datetime]
    ready_at: Mapped[dt.datetime | None]
    as_of: Mapped[dt.date]
    claims: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    lines: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    flags: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    clean: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    set_aside: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    cents: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    sealed_unreadable: Mapped[bytes | None]
    run: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Claim(Base):
    """One claim of a batch.

    Attributes:
        position: In its file, from 1.
        sealed_number, number_index: CLM01; a keyed hash of it, to find it by.
        person_index: Keyed hash of who the patient is, None where the claim does not say.
        payer: Name of its payer's profile; `payer_id` as the claim has it.
        provider: NPI of who rendered the first line, else of who bills; "" for none.
        version: Counts what was done; whoever saves names the one that was seen.
        sealed_record: The claim as a record of the model, with the corrections.
        sealed_flags: Its flags as JSON, in output order.
        cents, risk_cents: Its charge; of the lines that something blocking and open is about.
        clean_at_first: No flag at or above deny when it came.
    """

    __tablename__ = "claims"
    __table_args__ = (
        UniqueConstraint("batch_id", "position"), Index("claims_state", "client_id", "state", "batch_id"),
        Index("claims_number", "client_id", "number_index"), Index("claims_person", "batch_id", "person_index"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    sealed_number: Mapped[bytes]
    number_index: Mapped[str] = mapped_column(String(32))
    person_index: Mapped[str | None] = mapped_column(String(32))
    payer: Mapped[str] = mapped_column(String(64))
    payer_id: Mapped[str] = mapped_column(String(80))
    provider: Mapped[str] = mapped_column(String(16))
    state: Mapped[ClaimState] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(server_default=text("1"), default=1)
    corrected: Mapped[bool] = mapped_column(server_default=false(), default=False)
    clean_at_first: Mapped[bool]
    cents: Mapped[int]
    risk_cents: Mapped[int]
    sealed_record: Mapped[bytes]
    sealed_flags: Mapped[bytes]
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    changed_at: Mapped[dt.datetime]
    release_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))


class Revision(Base):
    """A claim as it stood before a correction; version 1 is as it came."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("claim_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    version: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))      # who corrected it after
    at: Mapped[dt.datetime]
    reason: Mapped[str] = mapped_column(String(40))
    sealed_note: Mapped[bytes | None]
    sealed_record: Mapped[bytes]


class Cause(Base):
    """A flag that follows from no other: a piece of work on one claim. Groups of them are what a team works off.

    Attributes:
        key: Hash of rule, case, line and diagnoses, by which the flag is found again among those of the claim.
        line: Number of the line, None for the whole claim.
        cents: Dollars at risk of the flag.
        followers: Flags of the claim that follow from it.
    """

    __tablename__ = "causes"
    __table_args__ = (
        UniqueConstraint("claim_id", "key"),
        # The last two so that a group is put in order of its dollars without a look at its rows.
        Index("causes_group", "client_id", "rule", "case", "state", "claim_id", "cents"),
        Index("causes_batch", "batch_id", "rule", "state"), Index("causes_acted", "user_id", "batch_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    key: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(40))
    case: Mapped[str] = mapped_column(String(40), server_default="", default="")
    line: Mapped[int | None]
    queue: Mapped[str] = mapped_column(String(40), server_default="", default="")
    severity: Mapped[str] = mapped_column(String(8))
    cents: Mapped[int]
    followers: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    state: Mapped[CauseState] = mapped_column(String(16))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))                   # who acted on it last
    at: Mapped[dt.datetime]                                                    # since when it is in its state


class Tally(Base):
    """How many causes there are of each sort; kept with every change, so that no page counts them.

    Attributes:
        claims: That have one of these; a claim with two of a sort counts once.
    """

    __tablename__ = "tallies"
    __table_args__ = (Index("tallies_client", "client_id", "state"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    rule: Mapped[str] = mapped_column(String(40), primary_key=True)
    case: Mapped[str] = mapped_column(String(40), primary_key=True)
    severity: Mapped[str] = mapped_column(String(8), primary_key=True)
    queue: Mapped[str] = mapped_column(String(40), primary_key=True)
    payer: Mapped[str] = mapped_column(String(64), primary_key=True)
    provider: Mapped[str] = mapped_column(String(16), primary_key=True)
    state: Mapped[CauseState] = mapped_column(String(16), primary_key=True)
    causes: Mapped[int]
    claims: Mapped[int]
    cents: Mapped[int]


class Service(Base):
    """How often a provider billed a code in a batch; of no patient.

    Attributes:
        deleted: Lines on a day on which the code was no longer valid.
    """

    __tablename__ = "services"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    provider: Mapped[str] = mapped_column(String(16), primary_key=True)
    code: Mapped[str] = mapped_column(String(48), primary_key=True)
    lines: Mapped[int]
    cents: Mapped[int]
    deleted: Mapped[int] = mapped_column(server_default=text("0"), default=0)


class Override(Base):
    """A flag that somebody let pass, and why.

    Attributes:
        expires_on: The first day on which it no longer holds; None: for good.
        ended_at: When it was taken back or ran out.
        outcome: What the payer answered, once a remittance says so.
    """

    __tablename__ = "overrides"

    id: Mapped[int] = mapped_column(primary_key=True)
    cause_id: Mapped[int] = mapped_column(ForeignKey("causes.id"), index=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    rule: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(40))
    sealed_note: Mapped[bytes]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[dt.datetime]
    expires_on: Mapped[dt.date | None]
    ended_at: Mapped[dt.datetime | None]
    outcome: Mapped[Outcome | None] = mapped_column(String(8))


class Question(Base):
    """A documentation query to the clinician, and the answer."""

    __tablename__ = "questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    cause_id: Mapped[int] = mapped_column(ForeignKey("causes.id"), index=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    sealed_text: Mapped[bytes]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[dt.datetime]
    sealed_answer: Mapped[bytes | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[dt.datetime | None]


class Wrong(Base):
    """A flag that a coder says is wrong, with an example for the rule in which nobody can be known."""

    __tablename__ = "wrongs"

    id: Mapped[int] = mapped_column(primary_key=True)
    cause_id: Mapped[int] = mapped_column(ForeignKey("causes.id"), index=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    rule: Mapped[str] = mapped_column(String(40))
    case: Mapped[str] = mapped_column(String(40))
    example: Mapped[str]
    sealed_note: Mapped[bytes]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[dt.datetime]


class Release(Base):
    """Claims that went out together.

    Attributes:
        refused: Why clean claims of the batch did not go with them, by their position.
    """

    __tablename__ = "releases"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[dt.datetime]
    claims: Mapped[int]
    corrected: Mapped[int]
    cents: Mapped[int]
    refused: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Remit(Base):
    """What a payer answered to a claim.

    Attributes:
        number_index: Of CLP01, as of Claim.
        status: CLP02.
        codes: Adjustments, as CO-97.
    """

    __tablename__ = "remits"
    __table_args__ = (Index("remits_number", "client_id", "number_index"),
                      Index("remits_file", "file_id", "outcome", "claim_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claims.id"), index=True)
    number_index: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(4))
    outcome: Mapped[Outcome] = mapped_column(String(8))
    cents: Mapped[int]
    paid_cents: Mapped[int]
    codes: Mapped[list[Any]]
    at: Mapped[dt.datetime]


class Act(Base):
    """One entry of the log; entries are added and never changed.

    Attributes:
        seq: From 1 without a gap.
        detail: JSON with sorted keys, nothing of a patient in it.
        prev, hash: SHA-256 of the entry before; of this one with that.
    """

    __tablename__ = "acts"
    __table_args__ = (Index("acts_claim", "claim_id"), Index("acts_user", "user_id", "seq"))

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime]
    user_id: Mapped[int | None]
    user: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(40))
    client_id: Mapped[int | None]
    batch_id: Mapped[int | None]
    claim_id: Mapped[int | None]
    detail: Mapped[str]
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
