"""Writes the inputs that a corpus is minimised from: generated batches, our own rules and our conformance examples.

    PYTHONPATH=. python fuzz/seeds.py build/fuzz/seeds
"""

import datetime as dt
import random
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests")]

import bills  # noqa: E402
import csv_files  # noqa: E402
import fhir_files  # noqa: E402
from generate import segments  # noqa: E402
from hypothesis import Phase, given, settings  # noqa: E402
from x12_writer import ENTITIES  # noqa: E402
from x12_writer import write as x12_of  # noqa: E402

from scrubber.bundled import bundled  # noqa: E402
from scrubber.model.case import Case  # noqa: E402
from scrubber.model.claim import Claim, Line, Provider  # noqa: E402
from scrubber.readers.authorizations import COLUMNS  # noqa: E402
from scrubber.rules.conformance import case_of, read_conformance  # noqa: E402

BATCHES = 12
BILLS = 60
LONGEST = 6_000
POOL = (ROOT / "fuzz" / "segments.txt").read_text().splitlines()
KINDS = {"payers": "payer", "policies": "policy", "sets": "sets", "conflicts.yaml": "conflicts"}
FILING = {"medicare": "MB", "medicaid": "MC", "ma": "16"}


def main(folder: Path) -> None:
    cases = [case_of(example) for path in sorted((ROOT / "conformance").glob("*.jsonl"))
             for example in read_conformance(path.read_bytes())]
    write(folder / "claims", claims(cases))
    write(folder / "fhir", fhir(cases))
    write(folder / "rows", rows(cases))
    files = [*x12_files(cases)]
    others = institutional_and_dental()
    for target in ("x12", "structure"):
        write(folder / target, [*files[:60], *others])
    write(folder / "scrub", [*files, *others])
    write(folder / "authorizations", authorizations(cases))
    write(folder / "rules", rules())


def write(folder: Path, inputs: "Iterator[str] | list[str]") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(inputs):
        if len(text) <= LONGEST:
            (folder / f"{number:05d}").write_bytes(text.encode("utf-8"))


def claims(cases: list[Case]) -> Iterator[str]:
    for case in cases:
        if case.claims:
            yield "\n".join(claim.model_dump_json(exclude_defaults=True) for claim in case.claims[:4])
    ten = [case.claims[0].model_dump_json(exclude_defaults=True) for case in cases[:400:40] if case.claims]
    yield "[" + ",".join(ten) + "]"
    yield '{"claims":[' + ",".join(ten[:2]) + "]}"


def rows(cases: list[Case]) -> Iterator[str]:
    """Claims of the examples as rows, some with a column map before them."""
    told = [claim for case in cases for claim in case.claims[:2] if claim.lines]
    for number, claim in enumerate(told[::5]):
        own = claim.model_copy(update={"member": f"ZQX{claim.member or number}"})
        delimiter = ",;\t|"[number % 4]
        text = csv_files.file_of(csv_files.rows_of(own, repeat=number % 2 == 0), delimiter=delimiter,
                                 quoted=number % 3 == 0).decode()
        if number % 4:
            yield text
            continue
        names = text.split("\r\n")[0].replace('"', "").split(delimiter)
        columns = "".join(f"  {name}: {name}\n" for name in names)
        yield f"date: [YYYY-MM-DD, M/D/YY]\nempty: n/a\ncolumns:\n{columns}\n%%\n{text}"


def fhir(cases: list[Case]) -> Iterator[str]:
    """Claims of the examples that FHIR has words for, and the bundled ones, as JSON, lines and XML."""
    for name in ("fhir.json", "fhir.xml"):
        yield bundled("demo", name).read_text()
    told = [claim for case in cases for claim in case.claims[:1] if _has_words(claim)]
    for number, claim in enumerate(told[::7]):
        resource = fhir_files.bundle(claim)
        yield fhir_files.as_xml(resource) if number % 3 == 0 else fhir_files.as_json(resource)
        if number % 3 == 1:
            yield "\n".join(fhir_files.as_json(entry["resource"]) for entry in resource["entry"])


def _has_words(claim: Claim) -> bool:
    people = [*claim.providers, *(one for line in claim.lines for one in (line.rendering, *line.providers) if one)]
    pointers = [pointer for line in claim.lines for pointer in line.pointers]
    return (all(one.role in (*fhir_files.ROLES, "facility") for one in people) and all(
        isinstance(pointer, int) and 0 < pointer <= len(claim.diagnoses) for pointer in pointers)
            and (claim.patient.relation or "18") in fhir_files.RELATIONS
            and not (claim.accident and not claim.accident_causes) and (claim.responsibility or "P") in "PST"
            and all((each.responsibility or "P") in "PST" for each in claim.others)
            and not set(claim.accident_causes) - {"AA", "EM", "OA"})


def x12_files(cases: list[Case]) -> Iterator[str]:
    """Batches as the bench makes them, every segment that is read in one place or another, and the examples."""
    chance = random.Random(4)
    for seed in range(BATCHES):
        text = "~".join([*segments(1 + seed % 4, seed), ""])
        yield text if seed % 2 else text.replace("~", "~\r\n")
        yield _many(text, chance)
    batch = (ROOT / "rulesets" / "demo" / "mixed.837").read_text().replace("DEMO*", "ZQXDEMO*")
    yield batch
    yield _many(batch, chance)
    for case in cases:
        yield case.x12 if case.x12 is not None else x12(case.claims[:3])
        own = [claim for claim in case.claims[:3] if claim.kind != "professional"]
        if own and all(each.role in ENTITIES for claim in own for each in claim.providers):
            yield x12_of(own, case.as_of).decode().replace("*DOE*", "*ZQXDOE*").replace("*ROE*", "*ZQXROE*")


def institutional_and_dental() -> list[str]:
    """Files of generated claims of both kinds, the same each time."""
    found: list[str] = []

    @settings(max_examples=BILLS, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    @given(bills.files())
    def draw(given_: list[Claim]) -> None:
        text = x12_of(given_, dt.date(2026, 7, 9), newline="\n" if len(found) % 2 else "").decode()
        found.append(text.replace("*DOE*", "*ZQXDOE*").replace("*ROE*", "*ZQXROE*"))

    draw()
    return found


def _many(text: str, chance: random.Random) -> str:
    """The same with segments of the pool after the claim and its lines."""
    out = []
    for part in text.split("~"):
        out.append(part)
        if part.lstrip().startswith(("CLM", "SV", "NM1", "HI")):
            out += [each for each in chance.choices(POOL, k=6) if not each.startswith(("ISA", "GS", "ST*", "SE", "GE"))]
    return "~".join(out)


def x12(given: tuple[Claim, ...]) -> str:
    """Claims as an 837 as far as a fuzzer needs it: what the engine asks for most is there."""
    out = [POOL[0], POOL[2], POOL[4], POOL[7], "NM1*41*2*S*****46*S1", "PER*IC*D*TE*4045550100", "NM1*40*2*R*****46*R1"]
    for number, claim in enumerate(given):
        level = 2 * number + 1
        out += [f"HL*{level}**20*1", *_provider("85", claim.billing or Provider(npi="1467000026")),
                f"HL*{level + 1}*{level}*22*0",
                f"SBR*{claim.responsibility or 'P'}*18*******{claim.filing_code or FILING.get(claim.payer, 'CI')}",
                f"NM1*IL*1*ZQXDOE*ZQXJANE****MI*ZQX{claim.member or 'M1'}",
                f"DMG*D8*{claim.patient.birth or '1960-01-02':}*{claim.patient.sex or 'F'}".replace("-", ""),
                f"NM1*PR*2*PAYER*****PI*{claim.payer}", *_claim(claim)]
    inside = len(out) - 2
    return "~".join([*out, f"SE*{inside + 1}*0001", "GE*1*101", "IEA*1*000000101", ""])


def _provider(code: str, who: Provider) -> list[str]:
    kind = "1" if who.entity == "person" else "2"
    out = [f"NM1*{code}*{kind}*ZQXNAME*****XX*{who.npi or ''}"]
    if who.state or who.zip:
        out += [f"N3*{who.street or '1 MAIN ST'}", f"N4*{who.city or 'ATLANTA'}*{who.state or ''}*{who.zip or ''}"]
    if who.taxonomy and code == "82":
        out.append(f"PRV*PE*PXC*{who.taxonomy}")
    if who.tax_id and code == "85":
        out.append(f"REF*EI*{who.tax_id}")
    return out


def _claim(claim: Claim) -> list[str]:
    total = sum(line.charge or 0 for line in claim.lines)
    out = [f"CLM*{claim.id or 'C1'}*{total}***{claim.pos or '11'}:B:{claim.frequency or '1'}*Y*A*Y*Y"]
    for code, day in (("431", claim.onset), ("454", claim.initial_treatment), ("304", claim.last_seen),
                      ("439", claim.accident), ("484", claim.lmp), ("435", claim.admit), ("096", claim.discharge)):
        if day:
            out.append(f"DTP*{code}*D8*{day:%Y%m%d}")
    out += [f"REF*{number.qualifier}*{number.number}" for number in claim.numbers]
    out += [f"REF*{code}*{value}" for code, value in (("F8", claim.original), ("X4", claim.clia)) if value]
    if claim.diagnoses:
        out.append("HI*" + "*".join(("ABF:" if place else "ABK:") + each for place, each in enumerate(claim.diagnoses)))
    if claim.rendering:
        out += _provider("82", claim.rendering)
    for other in claim.others:
        out += [f"SBR*{other.responsibility or 'P'}*18*******CI",
                *(f"CAS*{each.group}*{each.reason}*{each.amount}" for each in other.adjustments),
                f"AMT*D*{other.paid or 0}", "OI***Y***Y", f"NM1*IL*1*ZQXDOE*****MI*{other.member or 'M2'}",
                f"NM1*PR*2*OTHER*****PI*{other.payer or 'X'}"]
    for place, line in enumerate(claim.lines, 1):
        out += _line(place, line)
    return out


def _line(place: int, line: Line) -> list[str]:
    units = line.units.normalize()
    out = [f"LX*{place}", f"SV1*{':'.join(['HC', line.code or '', *line.modifiers])}*{line.charge or ''}"
           f"*{line.unit_kind}*{units:f}*{line.pos or ''}**{':'.join(map(str, line.pointers))}"]
    days = f"D8*{line.date:%Y%m%d}" if line.thru is None else f"RD8*{line.date:%Y%m%d}-{line.thru:%Y%m%d}"
    out.append(f"DTP*472*{days}")
    out += [f"REF*{number.qualifier}*{number.number}" for number in line.numbers]
    if line.drug:
        out += [f"LIN**{line.drug.qualifier}*{line.drug.ndc}",
                f"CTP****{line.drug.quantity or ''}*{line.drug.unit or ''}"]
    if line.rendering:
        out += _provider("82", line.rendering)
    return out


def authorizations(cases: list[Case]) -> Iterator[str]:
    names = {column: "from_" if column == "from" else column for column in COLUMNS}
    for case in cases:
        for auth in case.auths or ():
            row = {column: getattr(auth, name) for column, name in names.items()}
            said = {column: ";".join(value) if isinstance(value, tuple) else str(value) for column, value in row.items()
                    if value not in (None, ())}
            yield ",".join(said) + "\n" + ",".join(said.values()) + "\n"
    for number in (2, 9):
        few = [auth for case in cases for auth in case.auths or ()][::number][:6]
        yield "[" + ",".join(auth.model_dump_json(exclude_defaults=True, by_alias=True) for auth in few) + "]"


def rules() -> Iterator[str]:
    """Our own rules with two or three examples each, and every other kind of file."""
    for path in sorted(bundled().rglob("*.yaml")):
        folder = path.relative_to(bundled()).parts[0]
        if folder in ("tables", "demo"):
            continue
        kind = KINDS.get(folder, "rule")
        text = path.read_text()
        rows = text.split("\n")
        starts = [at for at, row in enumerate(rows) if row.startswith("  - name:")]
        if kind == "rule" and "examples:" in rows:
            starts = [at for at in starts if at > rows.index("examples:")]
            rows = rows[:starts[3]] if len(starts) > 3 else rows
        yield f"#{kind}\n" + "\n".join(rows[:120])
    yield ("#overrides\noverrides:\n- {rule: MOD-50-02, severity: review, why: ours}\n"
           "- {rule: HIST-DUP-01, off: yes, why: no}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
