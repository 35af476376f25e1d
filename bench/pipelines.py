"""How many claims a second go through each way of embedding the scrubber, in one run on the same bytes.

    python bench/pipelines.py [--tables DIR] [--claims 30000] [--times 10] [--rounds 5] [--record]
                              [--ways library rest ...]

The batch is that of bench/generate.py in so many files of a thousand claims a set. Each way does its work from the
bytes or files to the last flag: the library as columns and as JSON Lines, a stream, the REST API over one connection of
this machine, a watched folder with acknowledgements and without, and Spark on a master and two workers, processes of
their own. Processes are started before they are measured, but for `watch --once`, whose start is a part of what it
does. Spark, and the library beside it, are measured on so many times as many claims too: what Spark takes whatever
comes, and what it takes for each claim, only two sizes can tell apart. Prints one JSON object; with --record it is kept
in bench/records/pipelines.json, and docs/pipelines.md shows it. A way whose packages are missing is left out by name.
"""

import argparse
import contextlib
import importlib.util
import io
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from describe import AS_OF
from generate import text
from where import commit, machine

from scrubber import Scrubber
from scrubber.writers import jsonl

HERE = Path(__file__).parent
RECORD, PAGE = HERE / "records" / "pipelines.json", HERE.parent / "docs" / "pipelines.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
DAY = AS_OF.isoformat()
FILES = 10                       # of the batch, as many times more of the larger one
LARGER = frozenset({"library_larger", "lines_larger", "spark_larger"})

Once = Callable[[], None]


def files(folder: Path, claims: int, count: int) -> list[Path]:
    """So many files in a folder that is made, each of so many claims, with patients of their own."""
    folder.mkdir()
    made = []
    for number in range(count):
        made.append(folder / f"batch-{number:04}.837")
        made[-1].write_bytes(text(claims, seed=number))
    return made


@contextlib.contextmanager
def library(tables: Path | None, given: Sequence[Path], **more: Any) -> Iterator[Once]:
    """Files to columns of flags."""
    scrubber = Scrubber(tables=tables, as_of=AS_OF, **more)
    yield lambda: len(scrubber.scrub(given).flags) and None


@contextlib.contextmanager
def lines(tables: Path | None, given: Sequence[Path]) -> Iterator[Once]:
    """Files to JSON Lines."""
    scrubber = Scrubber(tables=tables, as_of=AS_OF)

    def once() -> None:
        jsonl.write(scrubber.scrub(given), io.StringIO())

    yield once


@contextlib.contextmanager
def stream(tables: Path | None, given: Sequence[Path]) -> Iterator[Once]:
    """Chunks of a file to results in order, claim by claim."""
    scrubber = Scrubber(tables=tables, as_of=AS_OF)

    def chunks(path: Path) -> Iterator[bytes]:
        with path.open("rb") as opened:
            while chunk := opened.read(1 << 16):
                yield chunk

    def once() -> None:
        for path in given:
            for _ in scrubber.scrub_stream(chunks(path)):
                pass

    yield once


@contextlib.contextmanager
def rest(tables: Path | None, given: Sequence[Path]) -> Iterator[Once]:
    """Files over HTTP to JSON Lines, one after the other on one connection."""
    import httpx
    from serving import served

    with served(tables, "--as-of", DAY) as address, httpx.Client(base_url=address, timeout=600) as client:

        def once() -> None:
            for path in given:
                with client.stream("POST", "/v1/batches", content=path.read_bytes()) as answer:
                    assert answer.status_code == 200, answer.read()
                    assert sum(map(len, answer.iter_bytes()))

        yield once


@contextlib.contextmanager
def watched(tables: Path | None, given: Sequence[Path], *options: str) -> Iterator[Once]:
    """A folder of files to results in another, the start of the command included."""
    with tempfile.TemporaryDirectory() as folder:
        dropped, results = Path(folder) / "in", Path(folder) / "out"

        def once() -> None:
            subprocess.run([sys.executable, "-m", "scrubber", "watch", str(dropped), str(results), "--once", "--settle",
                            "0", "--as-of", DAY, *options, *(["--tables", str(tables)] if tables else [])],
                           check=False, capture_output=True, cwd=HERE.parent)
            assert len(list(results.rglob("flags.jsonl"))) == len(given), "a file has no result"

        def fresh() -> None:
            for each in (dropped, results):
                shutil.rmtree(each, ignore_errors=True)
                each.mkdir()
            for path in given:
                shutil.copy(path, dropped)

        once.fresh = fresh                           # type: ignore[attr-defined]
        yield once


@contextlib.contextmanager
def spark(tables: Path | None, given: Sequence[Path]) -> Iterator[Once]:
    """The files of a folder to a DataFrame of flags on two workers, each flag counted."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from clusters import cluster, session

    from scrubber.spark import scrub

    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder), 2) as made, session(made) as opened:

        def once() -> None:
            found_files = opened.read.format("binaryFile").load(f"file://{given[0].parent}")
            rows = found_files.selectExpr("content", "path as source")
            with scrub(rows, tables=tables, as_of=AS_OF) as found:
                assert found.flags.count()

        yield once


WAYS: dict[str, tuple[str, Callable[..., Any], tuple[str, ...], dict[str, Any], tuple[str, ...]]] = {
    "library": ("the library: files to columns of flags", library, (), {}, ()),
    "library_two": ("the same with two workers", library, (), {"workers": 2}, ()),
    "lines": ("the library: files to JSON Lines", lines, (), {}, ()),
    "stream": ("`scrub_stream`: chunks to results, claim by claim", stream, (), {}, ()),
    "rest": ("the REST API: files over one connection to JSON Lines", rest, (), {}, ("uvicorn", "httpx")),
    "watch": ("a watched folder: files to JSON Lines", watched, (), {}, ()),
    "watch_all": ("a watched folder, with 999, 277CA, clean and held", watched, ("--acknowledge", "--split"), {}, ()),
    "spark": ("Spark, two workers: files to a DataFrame of flags", spark, (), {}, ("pyspark", "pandas")),
    "library_larger": ("the library: files to columns of flags", library, (), {}, ()),
    "lines_larger": ("the library: files to JSON Lines", lines, (), {}, ()),
    "spark_larger": ("Spark, two workers: files to a DataFrame of flags", spark, (), {}, ("pyspark", "pandas")),
}


def measured(once: Once, rounds: int) -> list[float]:
    """Seconds of each round, after one that is not counted."""
    fresh = getattr(once, "fresh", lambda: None)
    taken = []
    for _ in range(1 + rounds):
        fresh()
        started = time.perf_counter()
        once()
        taken.append(time.perf_counter() - started)
    return taken[1:]


def page(record: dict[str, Any]) -> str:
    """The measured part of docs/pipelines.md."""
    where, ways = record["machine"], record["ways"]
    out = [f"Commit {record['commit']}, {record['date']}, {where['processor']}, {where['cores']} cores, "
           f"{where['memory_gb']} GB, Python {where['python']}. {record['claims']:,} claims in {FILES} files, "
           f"{record['bytes'] / 1e6:,.0f} MB; medians of {record['rounds']} rounds.", "",
           "| way | claims | claims/s | of the library | seconds: fastest to slowest |", "|---|---|---|---|---|"]
    for name, (said, *_) in WAYS.items():
        if name in ways:
            each, first = ways[name], ways["library_larger" if name in LARGER else "library"]
            out.append(f"| {said} | {each['claims']:,} | {each['claims_per_second']:,} | "
                       f"{each['claims_per_second'] / first['claims_per_second']:.2f} | "
                       f"{each['fastest']:.3g} to {each['slowest']:.3g} |")
    if "spark" in ways and "spark_larger" in ways:
        fixed, more = fixed_and_more(ways["spark"], ways["spark_larger"])
        out += ["", f"Spark takes {fixed:.1f} seconds whatever comes, and a second for {more:,.0f} claims beside."]
    out += ["", *(f"Not measured: {WAYS[name][0]} ({why} missing).\n" for name, why in record["left_out"].items())]
    return "\n".join(out)


def fixed_and_more(small: dict[str, Any], large: dict[str, Any]) -> tuple[float, float]:
    """Seconds that a way takes for no claims, and how many claims a second it does beside, by the medians of two."""
    each = (large["median"] - small["median"]) / (large["claims"] - small["claims"])
    return small["median"] - each * small["claims"], 1 / each


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--claims", type=int, default=30_000)
    parser.add_argument("--times", type=int, default=10, help="how many times as many claims the larger input has")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--record", action="store_true", help="keep it, and write it into docs/pipelines.md")
    arguments = parser.parse_args()
    if arguments.record and {*arguments.ways} != {*WAYS}:
        parser.error("--record needs every way")
    if arguments.times < 2:
        parser.error("--times is 2 or more")
    record: dict[str, Any] = {
        "commit": commit(), "date": time.strftime("%Y-%m-%d", time.gmtime()), "machine": machine(),
        "claims": arguments.claims // FILES * FILES, "rounds": arguments.rounds, "ways": {}, "left_out": {}}
    with tempfile.TemporaryDirectory() as folder:
        one = arguments.claims // FILES
        batch = files(Path(folder) / "batch", one, FILES)
        larger = files(Path(folder) / "larger", one, FILES * arguments.times) if LARGER & {*arguments.ways} else []
        record["bytes"] = sum(path.stat().st_size for path in batch)
        for name in arguments.ways:
            _, way, options, more, needed = WAYS[name]
            missing = [each for each in needed if importlib.util.find_spec(each) is None]
            if missing:
                record["left_out"][name] = ", ".join(missing)
                continue
            given = larger if name in LARGER else batch
            with way(arguments.tables, given, *options, **more) as once:
                taken = measured(once, arguments.rounds)
            claims, median = one * len(given), statistics.median(taken)
            record["ways"][name] = {
                "claims": claims, "claims_per_second": round(claims / median), "median": round(median, 4),
                "fastest": round(min(taken), 4), "slowest": round(max(taken), 4)}
            print(f"{name}: {record['ways'][name]}", file=sys.stderr)
    print(json.dumps(record, indent=2))
    if arguments.record:
        RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        before, rest_of = PAGE.read_text(encoding="utf-8").split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{page(record)}\n{END}{rest_of.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
