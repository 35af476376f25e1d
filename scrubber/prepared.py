"""Rules, payers and their arrays, made from YAML once and kept: reading sixty files takes longer than a claim."""

import gc
import hashlib
import pickle
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pydantic

from scrubber.bundled import bundled
from scrubber.caching import cache_folder, drop_older, is_private, write_whole
from scrubber.errors import reading
from scrubber.payers import Payers
from scrubber.policy.plan import PolicyPlan
from scrubber.rules.loaded import Catalogue, KeptRules
from scrubber.rules.lowered import Lowered

KEPT = 8
DIGEST = 32

_ROOMS = ("rules", "model", "policy")
_ALONE = ("payers.py", "payer_files.py", "symbols.py", "prepared.py")


class Prepared(NamedTuple):
    """What a run is compiled from."""

    catalogue: Catalogue
    payers: Payers
    lowered: Lowered
    policies: PolicyPlan


def prepare(rules: Sequence[Path] = (), payers: Sequence[Path] = ()) -> Prepared:
    """The bundled rules and profiles under those of the directories, from the cache where nothing changed.

    Raises:
        RuleError: With everything that is wrong in any file; what is wrong is never kept.
    """
    folder = cache_folder()
    path = None
    if folder is not None and all(each.is_dir() for each in (*rules, *payers)):
        path = folder / f"rules-{fingerprint(rules, payers)}.pickle"
        kept = _kept(path)
        if kept is not None:
            return kept
    from scrubber.payer_files import load_payers  # not needed, and not loaded, where the cache answers
    from scrubber.policy.loader import load_policies
    from scrubber.policy.plan import plan_policies
    from scrubber.rules.loader import load_catalogue
    from scrubber.rules.lower import lower

    names = {each.stem for directory in (bundled("payers"), *payers) for each in directory.glob("*.yaml")}
    catalogue = load_catalogue(rules, payers=names)
    profiles = load_payers(payers, rules={loaded.rule.id for loaded in (*catalogue.rules, *catalogue.removed)})
    made = Prepared(catalogue, profiles, lower(catalogue, [profiles[name] for name in profiles.names]),
                    plan_policies(load_policies(rules, catalogue), catalogue))
    if path is not None:
        kept_catalogue = replace(catalogue, rules=KeptRules(catalogue.rules))
        data = pickle.dumps(made._replace(catalogue=kept_catalogue,
                                          lowered=replace(made.lowered, catalogue=kept_catalogue)), protocol=5)
        write_whole(path, hashlib.sha256(data).digest() + data)
        drop_older(path.parent, "rules-*.pickle", KEPT)
    return made


def _kept(path: Path) -> Prepared | None:
    """What an earlier run kept; None where there is nothing that can be trusted or read."""
    if not (is_private(path.parent) and is_private(path)):
        return None
    collecting = gc.isenabled()
    gc.disable()                                     # thousands of small objects, none of them garbage
    try:
        data = path.read_bytes()
        if hashlib.sha256(data[DIGEST:]).digest() != data[:DIGEST]:
            return None
        kept = pickle.loads(data[DIGEST:])           # the user's own file, named by the hash of what it was made from
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, TypeError, ValueError):
        return None
    finally:
        if collecting:
            gc.enable()
    return kept if isinstance(kept, Prepared) else None


def fingerprint(rules: Sequence[Path], payers: Sequence[Path]) -> str:
    """Hash of every file the result depends on, and of the code that reads them."""
    digest = hashlib.sha256()
    digest.update(repr((sys.version, pydantic.VERSION, np.__version__)).encode())
    for path in _sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for kind, directories in (("rules", [bundled(), *rules]), ("payers", payers)):
        for directory in directories:
            digest.update(f"{kind} {directory}\0".encode())
            for path in sorted(Path(directory).rglob("*.y*ml")):
                with reading(path):
                    digest.update(str(path.relative_to(directory)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:32]


def _sources() -> Iterator[Path]:
    package = Path(__file__).parent
    for room in _ROOMS:
        yield from sorted((package / room).glob("*.py"))
    for name in _ALONE:
        yield package / name
