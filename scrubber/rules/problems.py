"""Problems of rule files, collected so that an author sees all of them at once."""

from collections.abc import Iterable
from difflib import get_close_matches

from scrubber.errors import RuleError


class Problems:
    """What is wrong with a set of files, each as `path:line: what is wrong; what would be right`."""

    def __init__(self) -> None:
        self._found: list[tuple[str, int, str]] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(self, path: str, line: int, wrong: str, right: str) -> None:
        """Notes one problem; `line` counts from 1."""
        problem = (path, line, f"{path}:{line}: {wrong}; {right}")
        if problem not in self._found:
            self._found.append(problem)

    def texts(self) -> list[str]:
        """Every problem by path and line."""
        return [text for _, _, text in sorted(self._found)]

    def raise_if_any(self) -> None:
        """Raises RuleError with every problem noted so far.

        Raises:
            RuleError: There is one.
        """
        if self._found:
            raise RuleError(self.texts())


def suggest(word: str, words: Iterable[str]) -> str:
    """What would be right instead of a word that is not one of `words`."""
    known = list(words)
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    if not known:
        return "there is none"
    shown = ", ".join(known[:20])
    return f"one of {shown}" + (" ..." if len(known) > 20 else "")
