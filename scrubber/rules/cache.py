"""The checked catalogue, kept between runs, so that a command need not read and check every rule file again.

What is kept belongs to exactly these files: their paths, sizes and times, and those of the code that reads them.
Anything else about it is a reason to load the files; nothing depends on the cache.
"""

import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from scrubber.bundled import bundled
from scrubber.rules.loaded import Catalogue
from scrubber.rules.loader import load_catalogue

ENVIRONMENT = "SCRUBBER_CACHE"
DIGEST = 32


def cached_catalogue(directories: Sequence[Path] = ()) -> Catalogue:
    """The same as `load_catalogue(directories)`.

    Raises:
        RuleError: Anything in the files is wrong, with everything that is.
    """
    folder = cache_directory()
    if folder is None or not all(directory.is_dir() for directory in directories):
        return load_catalogue(directories)
    path = folder / f"catalogue-{_key([bundled(), *directories])}.pickle"
    kept = _read(path)
    if kept is not None:
        return kept
    catalogue = load_catalogue(directories)
    _write(path, catalogue)
    return catalogue


def cache_directory() -> Path | None:
    """Where the cache is: SCRUBBER_CACHE (empty for no cache), else the user's cache directory of the platform."""
    if not hasattr(os, "getuid"):
        return None  # whose a file is cannot be told
    named = os.environ.get(ENVIRONMENT)
    if named is not None:
        return Path(named) if named else None
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path(os.path.expanduser("~")) / ".cache") / "scrubber"


def _key(directories: Iterable[Path]) -> str:
    """Hash of what the catalogue depends on."""
    digest = hashlib.sha256(sys.version.encode())
    code = Path(__file__).resolve().parent.parent
    for folder, pattern in [(code / "rules", "*.py"), (code / "model", "*.py"), (code / "tables", "schema.py"),
                            (code, "symbols.py"), *((directory, "**/*.y*ml") for directory in directories)]:
        digest.update(f"\0{folder.resolve()}\0{Path.cwd()}".encode())
        for path in sorted(folder.glob(pattern)):
            about = path.stat()
            digest.update(f"\0{path}\0{about.st_size}\0{about.st_mtime_ns}".encode())
    return digest.hexdigest()[:40]


def _read(path: Path) -> Catalogue | None:
    """What was kept, if it is whole and nobody but this user could have written it."""
    try:
        about = path.stat()
        data = path.read_bytes()
    except OSError:
        return None
    if about.st_uid != os.getuid() or about.st_mode & 0o022 or path.parent.stat().st_mode & 0o022:
        return None
    if hashlib.sha256(data[DIGEST:]).digest() != data[:DIGEST]:
        return None
    kept = pickle.loads(data[DIGEST:])
    return kept if isinstance(kept, Catalogue) else None


def _write(path: Path, catalogue: Catalogue) -> None:
    """Keeps a catalogue and drops older ones; where that cannot be, nothing is kept."""
    data = pickle.dumps(catalogue, protocol=5)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in sorted(path.parent.glob("catalogue-*.pickle"), key=lambda each: each.stat().st_mtime)[:-7]:
            old.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
            file.write(hashlib.sha256(data).digest() + data)
        Path(file.name).replace(path)
    except OSError:
        return
