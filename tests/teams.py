"""A workbench of a team as a process of its own, with users who are logged in."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from serving import Served, served
from sqlalchemy import select
from stores import KEY, database

from scrubber.store import accounts
from scrubber.store.database import Store, utc_now
from scrubber.store.tables import ROLES, Role, User
from scrubber.store.vault import Vault


@dataclass
class Team:
    """A server with a store, a client called North, and a user of each role, who is called as the role is.

    Attributes:
        store: The same store, opened once more; what it says is what the server says.
        client_id: Of North.
    """

    server: Served
    store: Store
    client_id: int

    def cookie(self, role: Role) -> str:
        """Of a new session of the user of a role."""
        with self.store.writing() as session:
            user = session.scalars(select(User).where(User.name == role)).one()
            return accounts.begin(session, user, utc_now())

    def visit(self, role: Role) -> httpx.Client:
        """A browser without scripts, logged in."""
        return httpx.Client(base_url=self.server.address, timeout=60, cookies={"scrubber": self.cookie(role)})


@contextmanager
def team(folder: Path, *more: str, backend: str = "sqlite", **changed: str) -> Iterator[Team]:
    """A server of a team, on an empty store."""
    key = folder / "store.key"
    key.write_text(base64.b64encode(KEY).decode())
    key.chmod(0o600)
    with database(backend, folder) as url:
        opened = Store(url, Vault([KEY]))
        with opened.writing() as session:
            client = opened.new_client(session, "North")
            session.add_all(User(name=role, role=role, created_at=utc_now()) for role in ROLES)
        with served("--store", url, "--store-key", str(key), *more, api_only=False, **changed) as server:
            yield Team(server, opened, client.id)
        opened.close()
