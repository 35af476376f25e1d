"""Examples of the API's description: made-up claims, and what the server answers."""

import json
from typing import Any

CLAIM: dict[str, Any] = {
    "id": "A1", "payer": "medicare", "member": "1EG4TE5MK73", "pos": "11", "diagnoses": ["M17.11", "I10"],
    "patient": {"birth": "1950-01-02", "sex": "F"}, "rendering": {"npi": "1999000023"},
    "billing": {"role": "billing", "entity": "organization", "npi": "1999000015", "tax_id": "999000001"},
    "lines": [{"code": "99213", "charge": 120, "date": "2026-03-02", "pointers": [2]},
              {"code": "20610", "modifiers": ["RT"], "charge": 180.5, "date": "2026-03-02", "pointers": [1]}],
}
BATCH = json.dumps(CLAIM) + "\n"
FLAG: dict[str, Any] = {
    "type": "flag", "file": "claim", "claim_position": 1, "claim": "A1", "line": 1,
    "related": [{"claim": "A1", "line": 2}], "diagnoses": [], "rule": "MOD-25-01", "case": "bundled",
    "severity": "deny", "status": "flagged",
    "message": "Line 1: 99213 is column 2 of 20610 of the same day and provider, and carries no 25.",
    "fix": "Only if the record documents significant, separately identifiable work, add 25 to the visit; otherwise "
           "remove the visit.",
    "fix_class": "documentation", "carc": ["97", "236"], "rarc": ["M15"], "status_277": None,
    "charge_at_risk_cents": 12000,
    "evidence": [{"table": "ncci_ptp_practitioner", "edition": "2026q1", "covers_to": "2026-03-31", "stale": False,
                  "sha256": "8c5d", "row": {"column1": "20610", "column2": "99213", "indicator": 1}}],
    "source": [{"cite": "NCCI Policy Manual ch. I s.D"}], "root": None, "queue": "documentation_query",
}
CHECKED: dict[str, Any] = {
    "claim": "A1", "clean": False, "flags": [FLAG],
    "run": {"version": "0.1.0", "as_of": "2026-03-31", "rules_sha256": "1f0c", "lines": 2,
            "flags_by_rule": {"MOD-25-01": 1}, "not_evaluated": {"HIST-DUP-01": {"no_history": 2}},
            "seconds": 0.000091},
}
BROKEN: dict[str, Any] = {
    "type": "flag", "file": "march.837", "claim_position": 2, "claim": "P2", "line": None, "related": [],
    "diagnoses": [], "rule": "ADM-ENV-03", "case": "missing", "severity": "reject", "status": "flagged",
    "message": "A HI that the guide requires is missing; at the latest it should stand before segment 28.",
    "fix": "Send the segment, or the loop that it begins; the guide says what must be in it.",
    "fix_class": "mechanical", "carc": [], "rarc": [], "status_277": "A3:684", "charge_at_risk_cents": 10000,
    "evidence": [], "source": [{"cite": "X12 005010X222A1 and 005010X223A2 appendix B"}], "root": None,
    "queue": "billing",
}
RUN: dict[str, Any] = {
    "type": "run", "version": "0.1.0", "as_of": "2026-03-31", "rules_sha256": "1f0c", "editions": [],
    "payer_defaults": [], "claims": 2, "lines": 2, "clean_claims": 1, "set_aside": 0, "history_repeated": 0,
    "flags_by_rule": {"ADM-ENV-03": 1}, "bypassed": {}, "not_evaluated": {"HIST-DUP-01": {"no_history": 2}},
    "policies": {"status": "off"}, "seconds": {"read": 0.0001, "rules": 0.0005},
    "syntax": {"breaches": 1, "sets_without_guide": 0},
}
# With ?snip=true.
SCRUBBED = f"{json.dumps(BROKEN)}\n{json.dumps(RUN)}\n"
RULES: dict[str, Any] = {"rules_sha256": "1f0c", "rules": [{
    "id": "MOD-50-02", "family": "MOD", "severity": "deny",
    "title": "Modifier 50 in a form that the payer does not take", "status": "stable", "grain": "line",
    "claims": ["professional"]}]}
RULE = None
SENT: dict[str, Any] = {"batch": 7, "state": "loading", "page": "/batches/7"}
EDITIONS: dict[str, Any] = {"version": "0.1.0", "rules_sha256": "1f0c", "editions": [{
    "table": "ncci_ptp_practitioner", "edition": "2026q1", "sha256": "8c5d", "from": "1996-01-01", "to": "2026-03-31"}]}
# By kind, what stands beside type, title and status.
PROBLEMS: dict[str, dict[str, Any]] = {
    "not-json": {"detail": "expected `,` or `}` at line 3 column 4"},
    "not-a-claim": {"detail": "/lines/0/date: is missing, and needed",
                    "errors": [{"pointer": "/lines/0/date", "detail": "is missing, and needed"}]},
    "query": {"detail": "show must be one of flagged, all"},
    "key": {"detail": "send a key as `Authorization: Bearer KEY`"},
    "scope": {"detail": "the key lacks the scope batches:scrub"},
    "no-keys": {"detail": "this server has no keys; whoever runs it makes one with `scrubber keys add` and starts it "
                          "with --keys"},
    "duplicate": {"detail": "the same file came on 2026-03-31 as batch 7; say that it is to be loaded again, if that "
                            "is meant"},
    "database": {"detail": "The database is busy with another change. Nothing was saved; do it again in a moment."},
    "not-found": {"detail": "there is no such rule; did you mean MOD-50-02?"},
    "method": {"detail": "allowed is POST"},
    "slow": {"detail": "the body did not arrive within 300 s"},
    "too-large": {"detail": "the body has more than 1,048,576 bytes; send less at a time, or have the server's limit "
                            "raised"},
    "too-long": {"detail": "the scrub was not done after 300 s and was stopped; send fewer claims at a time, or have "
                           "the server's limit raised"},
    "multipart": {"detail": "send the file itself as the body, not a form (curl: --data-binary @FILE)"},
    "host": {"detail": "the server has no keys, and answers only where it is asked for by a name of this machine"},
    "unreadable": {"detail": "the line's charge is no amount; SV102 must be like 125.00", "errors": [
        {"segment": 12, "loop": "2400", "element": "SV102",
         "detail": "the line's charge is no amount; SV102 must be like 125.00"}]},
    "busy": {"detail": "2 batches run already, and the server takes no more at once; send it again later"},
    "failed": {"detail": "the server failed; its log says where, under the request's id"},
    "ending": {"detail": "the server is ending; send the batch again in a moment"},
    "crowded": {"detail": "the server answers 512 requests already; send it again later"},
    "storage": {"detail": "there is no room for the body; send it again later, or fewer claims"},
}
