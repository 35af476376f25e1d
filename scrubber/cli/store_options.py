"""Where a team's work is kept: options of all commands that open the store."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scrubber.cli.options import FILE, Command
from scrubber.errors import ScrubberError, why

if TYPE_CHECKING:
    from scrubber.store.database import Store

KEY_FILE = "workbench.key"


def store_options(command: Command) -> Command:
    """--store and --store-key."""
    for option in reversed((
        click.option("--store", metavar="URL", envvar="SCRUBBER_STORE",
                     help="Where the team's work is kept: sqlite:///FILE or postgresql://USER@HOST/DATABASE (default: "
                          "a file in the user's data directory)."),
        click.option("--store-key", type=FILE, help="The file with the store's key (default: SCRUBBER_STORE_KEY, else "
                                                    "a file beside it, which is made)."),
    )):
        command = option(command)
    return command


def open_store(url: str | None, key: Path | None) -> "Store":
    """The store of a team; the first time it is made.

    Raises:
        ScrubberError: It cannot be opened.
    """
    from scrubber.store.database import Store
    from scrubber.store.vault import vault_of
    from scrubber.tables.store import data_directory

    folder = data_directory()
    if url is None or key is None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ScrubberError(f"{folder}: cannot be made: {why(error)}; say with --store and --store-key where the "
                                "team's work and its key are kept, or --without-store for the page for one claim "
                                "alone") from None
    vault, made = vault_of(key, folder / KEY_FILE)
    if made:
        click.echo(f"the store's key is in {folder / KEY_FILE}: keep a copy of it elsewhere; without it nothing of the "
                   "store can be read", err=True)
    return Store(url or _default(folder), vault)


def open_existing(url: str | None, key: Path | None, new: Path | None = None) -> "Store":
    """A store that is there.

    Args:
        new: A file with master keys that come before those that it was made with.

    Raises:
        ScrubberError: There is none, or it cannot be opened.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    from scrubber.store.database import Store
    from scrubber.store.vault import Vault, keys_of, read_keys
    from scrubber.tables.store import data_directory

    folder = data_directory()
    address = url or _default(folder)
    try:
        parsed = make_url(address)
    except ArgumentError:
        parsed = None                    # Store says what would be right
    if parsed is not None and parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).is_file():
        raise ScrubberError(f"{parsed.database}: there is no store; `scrubber serve` makes one, --store names another")
    keys = keys_of(key, folder / KEY_FILE)
    return Store(address, Vault([*(read_keys(new) if new is not None else ()), *keys]))


def _default(folder: Path) -> str:
    return f"sqlite:///{folder / 'workbench.db'}"
