"""Who comes in, put together: the door, one's own page, the people's, and the identity provider where there is one."""

from dataclasses import dataclass, field

from scrubber.store.accounts import TIMES, Times
from scrubber.store.passwords import Passwords
from scrubber.team.door import Door
from scrubber.team.entry import Entry
from scrubber.team.me import Me
from scrubber.team.oidc import Provider
from scrubber.team.people import People
from scrubber.team.vouch import Vouching


@dataclass(frozen=True)
class Access:
    """How a team comes in.

    Attributes:
        tls: Whether browsers come over an encrypted connection.
        provider: None: there are passwords alone.
    """

    tls: bool = False
    times: Times = TIMES
    passwords: Passwords = field(default_factory=Passwords)
    provider: Provider | None = None

    def mount(self, entry: Entry) -> None:
        """Adds the routes."""
        name = self.provider.name if self.provider is not None else ""
        door = Door(entry, self.passwords, provider=name)
        door.mount()
        Me(entry, door, self.passwords, provider=name).mount()
        People(entry, provider=name).mount()
        if self.provider is not None:
            Vouching(entry, door, self.provider).mount()
