"""What loading gives: policies that hold together, and which flags each of their roles can be."""

from collections.abc import Mapping
from dataclasses import dataclass

from scrubber.model.policy import Policy

# A flag as far as a role may ask: number of the rule in the catalogue, number of the case or -1, severity.
Atom = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """A policy that holds together.

    Attributes:
        policy: As its file says.
        atoms: By name of a role: the flags that it can be, those it was concluded from where it is a fact.
        path: Where it stands.
        sha256: Of all that decides, examples aside.
    """

    policy: Policy
    atoms: Mapping[str, frozenset[Atom]]
    path: str
    sha256: str
