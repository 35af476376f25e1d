"""Where compiled things are kept between runs, so that a command answers at once."""

import os
import sys
import tempfile
from pathlib import Path


def cache_folder() -> Path | None:
    """The user's cache directory for this package; SCRUBBER_CACHE names another, and empty is none at all."""
    named = os.environ.get("SCRUBBER_CACHE")
    if named is not None:
        return Path(named) if named else None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "claim-scrubber" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "claim-scrubber"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "claim-scrubber"


def is_private(folder: Path) -> bool:
    """Whether only this user can write there; what others can write is not read back."""
    if not hasattr(os, "getuid"):
        return True
    try:
        facts = folder.stat()
    except OSError:
        return False
    return facts.st_uid == os.getuid() and not facts.st_mode & 0o022


def drop_older(folder: Path, pattern: str, keep: int) -> None:
    """Deletes all but the newest files of a pattern; what cannot be deleted stays."""
    try:
        for old in sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime)[:-keep]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def write_whole(path: Path, data: bytes) -> bool:
    """Writes a file so that it is there whole or not at all; False where it cannot be written, which is no error."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.replace(name, path)
    except OSError:
        return False
    return True
