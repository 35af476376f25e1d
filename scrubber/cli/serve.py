"""`scrubber serve`: the workbench and the REST API; `scrubber keys`: who may ask it."""

import datetime as dt
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrubber.cli.access import NAMES, access_of, access_options, first_link
from scrubber.cli.options import FILE, build, day, engine_options
from scrubber.cli.store_options import open_store, store_options
from scrubber.errors import ScrubberError
from scrubber.version import VERSION

if TYPE_CHECKING:
    from scrubber.model.claim import Claim
    from scrubber.web.app import Mount
    from scrubber.web.keys import Key

KEYS = "SCRUBBER_KEYS"
NEEDED = ("fastapi", "uvicorn", "prometheus_client")
SCOPES = ("claims:check", "batches:scrub", "rules:read", "metrics:read", "work:send")
PATH = click.Path(dir_okay=False, path_type=Path)
MB = 1 << 20


@click.command()
@click.option("--api-only", is_flag=True, help="Serve the REST API without the workbench.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any that is free.")
@click.option("--keys", type=FILE, envvar=KEYS, help="The file of keys that `scrubber keys` writes.")
@click.option("--without-keys", is_flag=True, help="Let everybody who reaches a server beyond this machine ask it.")
@click.option("--tls-cert", type=FILE, help="Certificate, PEM.")
@click.option("--tls-key", type=FILE, help="Its key, PEM, without a passphrase.")
@click.option("--max-claim", type=click.IntRange(1), default=1, show_default=True, metavar="MB",
              help="The largest body for one claim.")
@click.option("--max-batch", type=click.IntRange(1), default=256, show_default=True, metavar="MB",
              help="The largest body for a batch.")
@click.option("--batches", type=click.IntRange(1, 64), default=2, show_default=True, help="Batches at one time.")
@click.option("--time-limit", type=click.FloatRange(0.1), default=300, show_default=True, metavar="SECONDS",
              help="For a body to arrive, and for a scrub.")
@click.option("--stall-limit", type=click.FloatRange(0.1), default=60, show_default=True, metavar="SECONDS",
              help="For which a client may take nothing of its answer.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True,
              help="Threads that share the claims of a batch.")
@click.option("--window", type=click.IntRange(1), metavar="N",
              help="Claims of a batch held in memory at once (default: 8192 of one of 32768 and more).")
@store_options
@click.option("--without-store", is_flag=True, help="Serve the page for one claim alone, for this machine; nothing is "
                                                    "kept and nobody logs in.")
@click.option("--host-name", "host_names", multiple=True, metavar="NAME",
              help="A name under which browsers find this server; repeat it.")
@click.option("--proxy-tls", is_flag=True, help="A proxy that ends TLS is before this server: believe it who asks.")
@access_options
@click.option("--no-access-log", is_flag=True, help="Do not write a line for each request.")
@engine_options
def serve(*, api_only: bool, host: str, port: int, keys: Path | None, without_keys: bool, tls_cert: Path | None,
          tls_key: Path | None, max_claim: int, max_batch: int, batches: int, time_limit: float,
          stall_limit: float, workers: int, window: int | None, store: str | None, store_key: Path | None,
          without_store: bool, host_names: tuple[str, ...], proxy_tls: bool, no_access_log: bool,
          everything: bool, **where: Any) -> int:
    """Serve the workbench and the REST API over HTTP.

    \b
    scrubber serve --tables tables
    """
    if without_store and not api_only and keys is not None:
        raise click.UsageError("without a store nobody logs in: leave --keys out and serve the page on this machine, "
                               "or serve the REST API alone with --api-only")
    if proxy_tls and not host_names:
        raise click.UsageError("--proxy-tls needs --host-name NAME: the name under which browsers find the proxy")
    if everything:
        raise click.UsageError("--all is asked for with each request, as ?show=all")
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together")
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ScrubberError(f"{', '.join(missing)}: not installed; pip install 'claim-scrubber[serve]'")
    from scrubber.web.keys import Keyring
    from scrubber.web.limits import Limits
    from scrubber.web.server import certificate, is_local, listen
    from scrubber.web.server import serve as run
    from scrubber.web.service import Service

    coming_in = {name: where.pop(name) for name in NAMES}
    ring = Keyring(keys) if keys is not None else None
    has_team = not api_only and not without_store
    is_beyond = not is_local(host) or proxy_tls
    if is_beyond and ring is None and not without_keys and not has_team:
        raise click.UsageError(f"{host} is reached from other machines, and there are no keys: make one with "
                               "`scrubber keys add` and give --keys FILE, or say --without-keys")
    if is_beyond and ring is None and without_keys:
        click.echo(f"warning: whoever reaches {host} may ask this server: there are no keys", err=True)
    if not is_local(host) and proxy_tls:
        click.echo(f"warning: whoever reaches {host} without the proxy says who he is; let only the proxy reach it",
                   err=True)
    elif not is_local(host) and tls_cert is None:
        click.echo(f"warning: what goes to and from {host} is not encrypted; give --tls-cert and --tls-key, or put "
                   "a proxy with TLS before it (--proxy-tls)", err=True)
    tls = (tls_cert, tls_key) if tls_cert is not None and tls_key is not None else None
    if tls is not None:
        certificate(*tls)
    scrubber = build(**where, workers=workers, window=window)
    scrubber.check(warming())
    service = Service(scrubber, Limits(claim_bytes=max_claim * MB, batch_bytes=max_batch * MB, batches=batches,
                                       seconds=time_limit, stall_seconds=stall_limit), ring,
                      at_once=not where["history"], is_closed=has_team and is_beyond and not without_keys)
    held = listen(host, port)
    name = f"[{host}]" if ":" in host else host
    address = f"http{'s' if tls else ''}://{name}:{held.getsockname()[1]}"
    first: list[str] = []

    def ready() -> None:
        click.echo(f"scrubber {VERSION}: {address} ({len(scrubber.catalogue.rules)} rules, {len(scrubber.editions)} "
                   f"editions, {'no' if ring is None else len(ring)} keys)", err=True)
        for line in first:
            click.echo(line)

    beside: Mount | None = None
    if not api_only and without_store:
        from scrubber.workbench.routes import mount

        beside = mount
    elif has_team:
        from scrubber.team.routes import mounted

        opened = open_store(store, store_key)
        beside = mounted(opened, access_of(coming_in, tls=tls is not None or proxy_tls))
        known = f"{address.partition(':')[0]}://{host_names[0]}:{held.getsockname()[1]}" if host_names else address
        first += first_link(opened, f"https://{host_names[0]}" if proxy_tls else known)
    any_host = not host_names and (ring is not None or without_keys or (has_team and not is_local(host)))
    run(service, held, tls=tls, any_host=any_host, access_log=not no_access_log, ready=ready, beside=beside,
        names=host_names, is_proxied=proxy_tls)
    return 0


@click.group()
def keys() -> None:
    """Make, list and revoke keys of the REST API."""


def warming() -> "Claim":
    """A claim that is checked before the first one comes, so that what is made once is made, and policies run."""
    from scrubber.model.claim import Claim
    from scrubber.web.examples import CLAIM

    return Claim.model_validate(CLAIM)


FILE_OF_KEYS = click.option("--keys", "path", type=PATH, envvar=KEYS, required=True, help="The file that keys are in.")


@keys.command()
@FILE_OF_KEYS
@click.option("--name", required=True, help="Who it is for; no person's data.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES),
              help="What it may do; repeat it. By default claims:check, batches:scrub and rules:read.")
@click.option("--expires", type=day, metavar="DATE", help="The first day (UTC) on which it is refused.")
def add(path: Path, name: str, scopes: tuple[str, ...], expires: dt.date | None) -> None:
    """Make a key, and print it: this once, for only its hash is kept."""
    from scrubber.web.keys import KeyFile

    if not name.strip() or not name.isprintable() or len(name) > 100:
        raise click.UsageError("--name must be 1 to 100 printable characters")
    until = dt.datetime.combine(expires, dt.time(), dt.UTC) if expires else None
    key, sent = KeyFile(path).add(name, scopes or SCOPES[:3], until)  # type: ignore[arg-type]
    click.echo(sent)
    click.echo(f"key {key.id} for {name}, with {', '.join(key.scopes)}; it is shown this once", err=True)


@keys.command("list")
@FILE_OF_KEYS
def list_keys(path: Path) -> None:
    """List the keys: id, state, scopes, name."""
    from scrubber.web.keys import KeyFile

    found = KeyFile(path).read()
    for key in found:
        click.echo(f"{key.id}  {_state(key):<20}  {','.join(key.scopes)}  {key.name}")
    click.echo(f"{len(found)} keys", err=True)


@keys.command()
@FILE_OF_KEYS
@click.argument("id", metavar="ID")
def revoke(path: Path, id: str) -> None:
    """Take a key back; servers refuse it from the next request on."""
    from scrubber.web.keys import KeyFile

    click.echo(f"key {KeyFile(path).revoke(id).id} is revoked")


def _state(key: "Key") -> str:
    if key.revoked is not None:
        return f"revoked {key.revoked:%Y-%m-%d}"
    if key.expires is None:
        return "valid"
    return f"{'expired' if key.expires <= dt.datetime.now(dt.UTC) else 'valid to'} {key.expires:%Y-%m-%d}"
