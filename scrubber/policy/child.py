"""The process in which durable-rules runs. It may die: whoever started it goes on without it, or starts another.

Run as a file, not imported: it needs nothing of this package, so that it starts quickly. On standard input: one line of
JSON with the ruleset, then one line per question, a list of facts. On standard output: `ready`, then one line per
question, the policies that fired as `[alternative, [number of the flag in each place]]`.
"""

import json
import sys
from typing import Any, TextIO

NAME = "policies"
SID = "claim"
OPEN, GO = 8, 9                            # kinds of the two events around the facts of a claim
NO_LINE = 9                                # from the number of an absent line to one that nothing else has


def serve(questions: TextIO, answers: TextIO) -> None:
    """Answers until its input ends."""
    from durable import engine

    class Host(engine.Host):  # type: ignore[misc]
        """A host without threads of its own: they run while a state is deleted, and free what is in use."""

        def _run(self) -> None:
            return

        def get_action(self, action_name: str) -> Any:
            return actions[action_name]

    fired: list[tuple[int, list[int]]] = []
    ids = [0]

    def number() -> int:
        ids[0] += 1
        return ids[0]

    def firing(alternative: int, places: list[str], concludes: list[list[Any]]) -> Any:
        def act(closure: Any) -> None:
            matched = closure._m
            fired.append((alternative, [matched[place]["h"] for place in places]))
            for kind, place in concludes:
                source = matched[place]
                fact = {"t": 2, "k": kind, "h": source["h"], "id": number()}
                if "n" in source:
                    # No line equals none, so that it is not even that of the flag it was concluded from.
                    fact["n"] = source["n"] if source["n"] >= 0 else source["n"] - NO_LINE
                closure.assert_fact(fact)

        return act

    def nothing(_: Any) -> None:
        """An opening event must run something, and so must the closing one; else deleting the state crashes."""

    plan = json.loads(questions.readline())
    actions: dict[str, Any] = {"open": nothing, "go": nothing}
    for alternative, (places, concludes) in enumerate(plan["actions"]):
        actions[f"p{alternative}"] = firing(alternative, places, concludes)
    host = Host({NAME: plan["rules"]})
    answers.write("ready\n")
    answers.flush()
    for question in questions:
        facts = json.loads(question)
        fired.clear()
        ids[0] = 0
        for fact in facts:
            fact["id"] = number()
            fact["sid"] = SID
        problem = None
        try:
            host.post(NAME, {"t": OPEN, "id": number(), "sid": SID})
            host.assert_facts(NAME, facts)
            state = host.post(NAME, {"t": GO, "id": number(), "sid": SID})
            problem = (state or {}).get("exception")     # its text holds the facts and goes nowhere
        finally:
            host.delete_state(NAME, SID)
        answers.write("null\n" if problem else json.dumps(fired) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
