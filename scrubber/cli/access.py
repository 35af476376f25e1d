"""Options of `scrubber serve` that say how a team comes in, and `scrubber users`: a link for whoever is locked out."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import click

from scrubber.cli.options import FILE
from scrubber.cli.store_options import open_existing, store_options
from scrubber.errors import ScrubberError, why

if TYPE_CHECKING:
    from scrubber.store.database import Store
    from scrubber.team.access import Access

SECRET = "SCRUBBER_OIDC_SECRET"
F = TypeVar("F", bound=Callable[..., Any])
OPTIONS = (
    click.option("--session-idle", type=click.IntRange(1), default=1800, show_default=True, metavar="SECONDS",
                 help="After which somebody who does nothing is logged out."),
    click.option("--session-longest", type=click.IntRange(1), default=43_200, show_default=True, metavar="SECONDS",
                 help="After which everybody logs in again."),
    click.option("--oidc-issuer", metavar="URL", help="Log in with this identity provider too (OpenID Connect)."),
    click.option("--oidc-client-id", metavar="ID", help=f"Of this server there; the secret is in {SECRET} or a file."),
    click.option("--oidc-secret-file", type=FILE, help="The file with the client's secret."),
    click.option("--oidc-name-claim", default="email", show_default=True, metavar="CLAIM",
                 help="What is held against the names of those who are invited; an e-mail must be verified."),
    click.option("--oidc-role-claim", default="", metavar="CLAIM",
                 help="The claim that holds the role (default: administrators give it)."))
NAMES = ("session_idle", "session_longest", "oidc_issuer", "oidc_client_id", "oidc_secret_file", "oidc_name_claim",
         "oidc_role_claim")


def access_options(command: F) -> F:
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def access_of(given: dict[str, Any], *, tls: bool) -> "Access":
    """How a team comes in, from the options.

    Raises:
        ScrubberError: The provider's address or secret cannot be used.
    """
    from scrubber.store.accounts import Times
    from scrubber.store.passwords import ENVIRONMENT, Passwords
    from scrubber.team.access import Access
    from scrubber.team.oidc import Provider

    provider = None
    if given["oidc_issuer"] is not None:
        if given["oidc_client_id"] is None:
            raise click.UsageError("--oidc-issuer needs --oidc-client-id, under which the provider knows this server")
        provider = Provider(given["oidc_issuer"], given["oidc_client_id"], _secret(given["oidc_secret_file"]),
                            name_claim=given["oidc_name_claim"], role_claim=given["oidc_role_claim"])
    passwords = Passwords()
    if passwords.is_weak:
        click.echo(f"warning: {ENVIRONMENT} makes passwords cheaper to guess than they ought to be", err=True)
    return Access(tls, Times(dt.timedelta(seconds=given["session_idle"]),
                             dt.timedelta(seconds=given["session_longest"])), passwords, provider)


def first_link(store: "Store", address: str) -> list[str]:
    """What is said when a store has its first administrator, for somebody to come in."""
    from scrubber.store import links

    token = links.first(store)
    if token is not None:
        return [f"first log-in, once and within 24 hours: {address}{links.PATH}{token}"]
    name = links.waiting(store)
    return [f"nobody has come in by the first link yet; `scrubber users link {name}` makes another"] if name else []


@click.group()
def users() -> None:
    """List who works here, and make a link for whoever is locked out."""


@users.command("list")
@store_options
def list_users(store: str | None, store_key: Path | None) -> None:
    """List the users: name, role, whether active, how they come in."""
    from scrubber.store import people

    opened = open_existing(store, store_key)
    with opened.reading() as session:
        found = people.everybody(session)
    for user in found:
        ways = [name for name, has in (("password", user.password), ("second factor", user.sealed_totp),
                                       ("identity provider", user.subject)) if has]
        click.echo(f"{user.name:<30}  {user.role:<13}  {'active' if user.active else 'shut out':<8}  "
                   f"{', '.join(ways) or 'not yet'}")
    opened.close()


@users.command()
@store_options
@click.option("--address", default="http://127.0.0.1:8000", show_default=True, metavar="URL",
              help="Where browsers find the server.")
@click.option("--without-second-factor", is_flag=True, help="Take the second factor off too.")
@click.argument("name")
def link(store: str | None, store_key: Path | None, address: str, without_second_factor: bool, name: str) -> None:
    """Make a link by which a user chooses a new password: it works once, for 24 hours."""
    from scrubber.store import links

    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc:
        raise click.UsageError("--address must be like https://scrubber.example.org")
    opened = open_existing(store, store_key)
    token = links.anew(opened, name, without_second=without_second_factor)
    opened.close()
    click.echo(f"{address.rstrip('/')}{links.PATH}{token}")


def _secret(path: Path | None) -> str:
    """Raises:
        ScrubberError: There is none.
    """
    if path is None:
        found = os.environ.get(SECRET, "")
    else:
        try:
            found = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ScrubberError(f"{path}: cannot be read: {why(error) if isinstance(error, OSError) else 'no text'}"
                                ) from None
    if not found:
        raise ScrubberError(f"there is no secret for the identity provider: give it in {SECRET} or --oidc-secret-file")
    return found
