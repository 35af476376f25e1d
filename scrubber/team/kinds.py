"""What the log's kinds of entries are called on its page; one that is not here is shown as it is."""

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "batch.failed": "batch could not be read",
    "batch.ready": "batch scrubbed",
    "batch.received": "batch brought",
    "batch.release_refused": "release refused, nothing went out",
    "batch.released": "claims released",
    "cause.accepted": "flag let pass as wrong",
    "cause.overridden": "flag overridden",
    "cause.reopened": "flag opened again",
    "cause.wrong": "flag said to be wrong",
    "claim.assigned": "claim assigned",
    "claim.corrected": "claim corrected",
    "claim.rejudged": "claim judged anew",
    "claim.seen": "claim looked at",
    "client.added": "client added",
    "client.deleted": "client's data deleted",
    "client.exported": "client's data taken out",
    "client.key_changed": "client's data sealed with a new key",
    "client.key_changing": "new data key begun",
    "client.renamed": "client renamed",
    "log.exported": "log exported",
    "log.pruned": "old entries of the log taken off",
    "log.verified": "log verified",
    "login.failed": "log-in failed",
    "login.ok": "logged in",
    "login.out": "logged out",
    "override.expired": "override ran out",
    "question.answered": "clinician's answer written down",
    "question.asked": "clinician asked",
    "question.printed": "question printed",
    "release.fetched": "released file fetched",
    "remittance.loaded": "remittance read",
    "session.ended": "session ended",
    "setting.second_factor": "second factor required, or not",
    "store.key_changed": "master key changed",
    "user.activated": "user let in again",
    "user.deactivated": "user shut out",
    "user.invited": "user invited",
    "user.link": "link made to choose a password",
    "user.password": "password changed",
    "user.recoveries": "codes to recover with made",
    "user.renamed": "user renamed",
    "user.role": "user's role changed",
    "user.role_kept": "user's role kept",
    "user.second_off": "second factor taken off",
    "user.second_on": "second factor set up",
    "user.subject": "user tied to the identity provider",
}


def words(kind: str) -> str:
    """A kind for people."""
    return KINDS.get(kind, kind)
