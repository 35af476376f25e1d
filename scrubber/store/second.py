"""The second factor: codes of the time (TOTP, RFC 6238), each taken once, and codes to recover with."""

import datetime as dt
import hmac
import secrets

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from scrubber.store.database import Store
from scrubber.store.doors import Recovery
from scrubber.store.seals import place
from scrubber.store.tables import Setting, User
from scrubber.store.vault import SealBroken

STEP = 30                      # seconds
SKEW = 1                       # steps that a telephone may be off
RECOVERIES = 10
ISSUER = "scrubber"
REQUIRED = "second_factor"     # setting: b"all"
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"          # without what looks the same
_LONG = 16


def new_secret() -> str:
    """A secret of 160 bits, in base32."""
    return pyotp.random_base32()


def address(secret: str, name: str) -> str:
    """What the QR code says to the app that makes the codes."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def seal_new(store: Store, user_id: int, secret: str) -> str:
    """A secret that is not in use yet, for a form to carry."""
    return store.server.seal_text(secret, f"totp new:{user_id}").hex()


def open_new(store: Store, user_id: int, sealed: str) -> str | None:
    """What `seal_new` sealed; None where it is something else."""
    try:
        return store.server.open_text(bytes.fromhex(sealed), f"totp new:{user_id}")
    except (SealBroken, ValueError):
        return None


def step_of(secret: str, code: str, now: dt.datetime, after: int = 0) -> int | None:
    """The time step that a code is of; None where it is of none that may be used.

    Args:
        after: The last step that was used.
    """
    said = "".join(code.split())
    totp = pyotp.TOTP(secret)
    current = int(now.timestamp()) // STEP
    found = None
    for step in range(current - SKEW, current + SKEW + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), said.encode()) and step > after:
            found = step
    return found


def turn_on(session: Session, store: Store, user: User, secret: str, step: int) -> list[str]:
    """Keeps the secret of a user; gives the codes to recover with, which are shown this once."""
    user.sealed_totp = store.server.seal_text(secret, place(user, "sealed_totp"))
    user.totp_step = step
    return new_recoveries(session, store, user.id)


def turn_off(session: Session, user: User) -> None:
    user.sealed_totp = None
    session.execute(delete(Recovery).where(Recovery.user_id == user.id))


def new_recoveries(session: Session, store: Store, user_id: int) -> list[str]:
    """New codes to recover with; those from before do not work any more."""
    session.execute(delete(Recovery).where(Recovery.user_id == user_id))
    made = ["".join(secrets.choice(_LETTERS) for _ in range(_LONG)) for _ in range(RECOVERIES)]
    session.add_all(Recovery(user_id=user_id, code=_kept(store, user_id, code)) for code in made)
    return ["-".join(code[place:place + 4] for place in range(0, _LONG, 4)) for code in made]


def recoveries_left(session: Session, user_id: int) -> int:
    return session.scalar(select(func.count()).where(Recovery.user_id == user_id)) or 0


def take(session: Session, store: Store, user: User, code: str, now: dt.datetime) -> str:
    """Takes a code of the time, or one to recover with; each is taken once, also where two come at the same time.

    Returns:
        `code` or `recovery`, "" where it is none.
    """
    if user.sealed_totp is None:
        return ""
    step = step_of(store.server.open_text(user.sealed_totp, place(user, "sealed_totp")), code, now, user.totp_step)
    if step is not None:
        done = session.execute(update(User).where(User.id == user.id, User.totp_step < step).values(totp_step=step))
        return "code" if done.rowcount == 1 else ""  # type: ignore[attr-defined]
    said = "".join(each for each in code.upper() if each.isalnum())
    gone = session.execute(delete(Recovery).where(Recovery.user_id == user.id,
                                                  Recovery.code == _kept(store, user.id, said)))
    return "recovery" if gone.rowcount == 1 else ""  # type: ignore[attr-defined]


def is_required(session: Session) -> bool:
    """Whether everybody who has a password needs a second factor."""
    kept = session.get(Setting, REQUIRED)
    return kept is not None and kept.value == b"all"


def require(session: Session, wanted: bool) -> None:
    kept = session.get(Setting, REQUIRED)
    if kept is None:
        session.add(Setting(name=REQUIRED, value=b"all" if wanted else b""))
    else:
        kept.value = b"all" if wanted else b""


def _kept(store: Store, user_id: int, code: str) -> str:
    return store.server.index(f"{user_id}.{code}", "recovery")
