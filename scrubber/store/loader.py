"""The thread of a server that loads batches, one after another."""

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from scrubber.engine import Scrubber
from scrubber.errors import ScrubberError
from scrubber.store import batches, files
from scrubber.store.batches import Progress, Stopped
from scrubber.store.database import Store
from scrubber.store.troubles import Unavailable

LOG = logging.getLogger("scrubber.loader")
RULE, PAYER = 40, 64           # characters, as scrubber.store.tables has them
WAITING = 64                   # batches that wait, beyond which no file is taken
PAUSE = 5.0                    # seconds until a database that could not be asked is asked again
BROKEN = "the server failed while it loaded the file; its log says where"


class Full(ScrubberError):
    """Too many batches wait."""


class Loader:
    """Loads the batches of a server in the background.

    What it does not come to before the server ends is `loading` still, and is loaded when it begins again.

    Raises:
        ScrubberError: The rules or payers have names that are too long for the store.
    """

    def __init__(self, store: Store, scrubber: Scrubber) -> None:
        _fit(scrubber)
        self._store = store
        self._scrubber = scrubber
        self._progress: dict[int, Progress] = {}
        self._ends = threading.Event()
        self._thread = ThreadPoolExecutor(1, "loader")

    def begin(self) -> None:
        """Takes up what an earlier server did not come to, and throws away what was left of files half sent."""
        files.drop_left(self._store)
        for batch_id in batches.unfinished(self._store):
            self.add(batch_id)

    def admit(self) -> None:
        """Looks whether one more batch may wait.

        Raises:
            Full: It may not.
        """
        if len(self._progress) >= WAITING:
            raise Full(f"{WAITING} batches wait to be loaded already; send it again later")

    def add(self, batch_id: int) -> None:
        """Puts a batch behind those that wait."""
        self._progress[batch_id] = Progress()
        work = self._thread.submit(self._load, batch_id)
        work.add_done_callback(lambda done: self._done(batch_id, done))

    def progress(self, batch_id: int) -> Progress | None:
        """How far a batch is; None where it does not wait here, nor is loaded."""
        return self._progress.get(batch_id)

    @property
    def waiting(self) -> int:
        """Batches that are not yet done with."""
        return len(self._progress)

    def close(self) -> None:
        """Ends the thread; what it is at is given up."""
        self._ends.set()
        self._thread.shutdown(cancel_futures=True)

    def _load(self, batch_id: int) -> None:
        while not self._ends.is_set():
            self._progress[batch_id] = progress = Progress()
            try:
                batches.load(self._store, self._scrubber, batch_id, progress=progress, stopped=self._ends.is_set)
            except Unavailable as problem:
                LOG.warning("batch %d: %s", batch_id, problem)
                self._ends.wait(PAUSE)
            except Stopped:
                LOG.info("batch %d: given up until the server begins again", batch_id)
            else:
                return

    def _done(self, batch_id: int, work: "Future[None]") -> None:
        error = None if work.cancelled() else work.exception()
        if error is not None:
            last = error.__traceback__
            while last is not None and last.tb_next is not None:
                last = last.tb_next
            place = f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}" if last is not None else ""
            LOG.error("batch %d: %s at %s", batch_id, type(error).__name__, place)      # its text may tell of a claim
            with suppress(Unavailable):          # it is loaded again when the server begins again
                batches.fail(self._store, batch_id, BROKEN)
        self._progress.pop(batch_id, None)


def _fit(scrubber: Scrubber) -> None:
    """Looks whether all names by which claims are counted fit into their columns."""
    rules = [loaded.rule for loaded in scrubber.catalogue.rules]
    for what, names, most in (
            ("rule id", [rule.id for rule in rules], RULE),
            ("name of a case", [case.name for rule in rules for case in rule.cases], RULE),
            ("name of a payer's profile", scrubber.payers.names, PAYER)):
        long = next((name for name in names if len(name) > most), None)
        if long is not None:
            raise ScrubberError(f"{long}: a {what} has at most {most} characters in a team's store; shorten it")
