"""The figures of a team as tables: what each is called, what it counts, and how it is drawn."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from scrubber.model.authorization import Authorization
from scrubber.store import flag_numbers, numbers, service_numbers
from scrubber.store.numbers import AGES, Scope, Step
from scrubber.store.service_numbers import FEWEST, LEVELS, Visits
from scrubber.team.tables import Chart, Column, Table

NONE = "(none named)"
STATES = (Column("Open"), Column("Asked"), Column("Cured"), Column("Overridden"), Column("Rule wrong"),
          Column("Sent open"))
TONES = ("deny", "review", "none", "info", "unreadable", "faint")
NO_PROOF = "A difference is no proof of anything: patients, specialties and settings differ."


@dataclass(frozen=True)
class Look:
    """What is asked for.

    Attributes:
        now: Ages are told up to it; `as_of`: whether an authorization is in force.
        provider: Whose office visits are drawn, "" for the one with the most.
        auths: None: no file of authorizations is loaded.
        titles: Of rules, by id.
    """

    session: Session
    scope: Scope
    step: Step
    now: dt.datetime
    as_of: dt.date
    provider: str
    auths: Sequence[Authorization] | None
    titles: Mapping[str, str]


def of_claims(look: Look) -> list[Table]:
    """Clean-claim rates and dollars."""
    found = numbers.claims(look.session, look.scope, look.step)
    rate = Chart("line", (3,), ("accent",), most=60)
    lying = Chart("rows", (3,), ("accent",))
    columns = (Column("Clean"), Column("Accepted"), Column("Rate", "rate"))
    aside = Column("Set aside")
    return [
        Table("clean", f"Clean-claim rate by {look.step}",
              "Claims that came without a flag that holds one back, of the claims that came and could be read. "
              "What could not be read was set aside and is in neither.",
              (Column(look.step.capitalize(), "text"), *columns, aside),
              [(each.name, each.clean, each.accepted, each.rate, each.set_aside) for each in found.periods], rate),
        Table("dollars", "Dollars at risk and rescued by month",
              "By the month in which the claims came. At risk: lines that something blocking and open is about. "
              "Rescued: charges of claims that were held at first and went out since.",
              (Column("Month", "text"), Column("At risk", "money"), Column("Held claims"), Column("Rescued", "money"),
               Column("Rescued claims")),
              [(each.name, each.at_risk, each.held_claims, each.rescued, each.rescued_claims) for each in found.money],
              Chart("bars", (1, 3), ("deny", "none"), most=24)),
        Table("clean-payers", "Clean-claim rate by payer", "The same by payer; which payer a claim that could not be "
              "read was for is not known.", (Column("Payer", "text"), *columns),
              [(each.name or NONE, each.clean, each.accepted, each.rate) for each in found.payers], lying),
        Table("clean-clients", "Clean-claim rate by client", "The same by client.",
              (Column("Client", "text"), *columns, aside),
              [(each.name, each.clean, each.accepted, each.rate, each.set_aside) for each in found.clients], lying),
    ]


def of_ageing(look: Look) -> list[Table]:
    """How long open work has lain; whatever the period, so that nothing old is out of sight."""
    found = numbers.ageing(look.session, Scope(look.scope.client), look.now)
    labels = tuple(Column(f"{label} days") for _, _, label in AGES)
    return [Table(
        "ageing", "Age of open work by queue", "Causes that are open or asked about, by full days since their batch "
        "came; of all batches, whatever the period.",
        (Column("Queue", "text"), *labels, Column("All"), Column("At risk", "money"), Column("Oldest, days")),
        [(each.name.replace("_", " ") or NONE, *each.causes, each.whole, each.cents, each.oldest) for each in found],
        Chart("rows", tuple(range(1, len(AGES) + 1)), ("none", "info", "review", "deny", "reject"), stacked=True),
        "Nothing is open.")]


def of_rules(look: Look) -> list[Table]:
    found = flag_numbers.flags(look.session, look.scope, "rule")
    return [Table(
        "rules", "Flags by rule", "Causes by their rule and by how they stand now; a flag that follows from another "
        "is not counted.", (Column("Rule", "text"), Column("Title", "text"), Column("All"), *STATES,
                            Column("At risk", "money")),
        [(each.name, look.titles.get(each.name, ""), each.causes, each.open, each.asked, each.cured, each.overridden,
          each.wrong, each.sent, each.cents) for each in found],
        Chart("rows", (3, 4, 5, 6, 7, 8), TONES, stacked=True), wide=True)]


def of_payers(look: Look) -> list[Table]:
    return [_flags(look, "payer", "payers", "Payer")]


def of_providers(look: Look) -> list[Table]:
    return [_flags(look, "provider", "providers", "Provider (NPI)")]


def of_coders(look: Look) -> list[Table]:
    found = flag_numbers.coders(look.session, look.scope)
    return [Table(
        "coders", "Flags by who worked them", "Causes by who acted on them last and by how they stand now. It says "
        "what was done, not how well or how hard it was.", (Column("Who", "text"), Column("All"), *STATES),
        [(each.name, each.causes, each.open, each.asked, each.cured, each.overridden, each.wrong,
          each.sent) for each in found], Chart("rows", (2, 3, 4, 5, 6, 7), TONES, stacked=True))]


def of_overrides(look: Look) -> list[Table]:
    found = flag_numbers.overrides(look.session, look.scope)
    return [Table(
        "overrides", "Overrides by rule, and how the payer answered", "Flags that were let pass, of all of the rule; "
        "what became of them as remittances tell it, by line where they do.",
        (Column("Rule", "text"), Column("Overrides"), Column("Of flags"), Column("Rate", "rate"), Column("Paid"),
         Column("Partly"), Column("Denied"), Column("Not known")),
        [(each.name, each.overrides, each.causes, each.rate, each.paid, each.partly, each.denied, each.unknown)
         for each in found], Chart("rows", (4, 5, 6, 7), ("none", "review", "deny", "unreadable"), stacked=True))]


def of_deleted(look: Look) -> list[Table]:
    found = service_numbers.deleted_codes(look.session, look.scope)
    return [Table(
        "deleted-codes", "Codes that had ended", "Lines with a code on a day on which it was no longer valid.",
        (Column("Provider (NPI)", "text"), Column("Code", "text"), Column("Lines ended"), Column("All lines")),
        [(each.provider or NONE, each.code, each.deleted, each.lines) for each in found])]


def of_authorizations(look: Look) -> list[Table]:
    empty = "No authorization runs out." if look.auths is not None else \
        "No file of authorizations is loaded (serve --auths)."
    return [Table(
        "authorizations", "Authorizations that run out", "In force, and at most a fifth of the units is left or the "
        "last day is within 30 days, as the file of authorizations says; of all clients. Of a number only its end is "
        "shown.",
        (Column("Ends in", "text"), Column("Payer", "text"), Column("NPI", "text"), Column("Codes", "text"),
         Column("Used"), Column("Units"), Column("Left", "rate"), Column("Last day", "text"), Column("Days")),
        [(f"…{each.tail}", each.payer, each.npi, " ".join(each.codes), each.used, each.units, each.share, each.to,
          each.days) for each in service_numbers.running_out(look.auths or (), look.as_of)], empty=empty)]


def of_visits(look: Look) -> list[Table]:
    """Office visits: of one provider beside the others, and of all providers."""
    found = service_numbers.visits(look.session, look.scope)
    chosen = look.provider or next((each.provider for each in sorted(found, key=lambda each: -each.whole)
                                    if each.is_judged), "")
    return [*(_one(found, patients, chosen) for patients in LEVELS),
            *(_everyone(found, patients) for patients in LEVELS)]


def _one(found: Sequence[Visits], patients: str, provider: str) -> Table:
    """One provider, level by level."""
    mine = next((each for each in found if (each.provider, each.patients) == (provider, patients)), None)
    judged = mine is not None and mine.is_judged
    few = f"{provider or 'Nobody'} has too few visits in this period, or all others have: fewer than {FEWEST} say " \
          "nothing."
    rows = [] if mine is None or not judged else [
        (level, mine.counts[place], mine.shares[place], mine.others[place], mine.other_shares[place])
        for place, level in enumerate(LEVELS[patients])]
    return Table(
        f"levels-{patients}", f"Office visits by level, {patients} patients: {provider or 'no provider'}",
        f"Of this provider and of all others of the store. {NO_PROOF}",
        (Column("Level", "text"), Column("Visits"), Column("Share", "rate"), Column("Visits of others"),
         Column("Share of others", "rate")), rows, Chart("bars", (2, 4), ("accent", "unreadable")), few,
        of=provider)


def _everyone(found: Sequence[Visits], patients: str) -> Table:
    """All providers, each against all others."""
    levels = LEVELS[patients]
    columns = (Column("Provider (NPI)", "text"), Column("Visits"), *(Column(level) for level in levels),
               *(Column(f"{level} share", "rate") for level in levels),
               *(Column(f"{level} others", "rate") for level in levels))
    none: tuple[None, ...] = (None,) * len(levels)
    return Table(
        f"visits-{patients}", f"Office visits of all providers, {patients} patients",
        f"Shares where there are {FEWEST} visits at least, of the provider and of the others. {NO_PROOF}", columns,
        [(each.provider, each.whole, *each.counts, *(each.shares or none), *(each.other_shares or none))
         for each in found if each.patients == patients], wide=True)


def _flags(look: Look, by: flag_numbers.By, name: str, label: str) -> Table:
    found = flag_numbers.flags(look.session, look.scope, by)
    return Table(
        name, f"Flags by {by}", f"Causes by {by} and by how they stand now.",
        (Column(label, "text"), Column("All"), *STATES, Column("At risk", "money")),
        [(each.name or NONE, each.causes, each.open, each.asked, each.cured, each.overridden, each.wrong, each.sent,
          each.cents) for each in found], Chart("rows", (2, 3, 4, 5, 6, 7), TONES, stacked=True))


Maker = Callable[[Look], list[Table]]
# In the order of the page: who makes which tables.
MAKERS: tuple[tuple[Maker, tuple[str, ...]], ...] = (
    (of_claims, ("clean", "dollars", "clean-payers", "clean-clients")), (of_ageing, ("ageing",)),
    (of_overrides, ("overrides",)), (of_rules, ("rules",)), (of_payers, ("payers",)), (of_providers, ("providers",)),
    (of_coders, ("coders",)), (of_visits, ("levels-new", "levels-established", "visits-new", "visits-established")),
    (of_authorizations, ("authorizations",)), (of_deleted, ("deleted-codes",)),
)
FOR_LEADS = frozenset({"coders"})
