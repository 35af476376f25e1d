"""Claims scrubbed on a Spark cluster of two workers: the flags are those of one scrub, whatever happens to a worker."""

import datetime as dt
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import made_up
import pyarrow.parquet as pq
import pytest
import rule_files
from clusters import Cluster, cluster, environment, missing, session, settings, spark_class
from test_parts import DEMO, Rows, cut, odd_claims, write
from test_windows import authorizations, lines_of, mixed

from scrubber import Scrubber
from scrubber.errors import ScrubberError
from scrubber.readers.files import Source
from scrubber.readers.sets import sets_of
from scrubber.report import Report

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark"),
              pytest.mark.skipif(missing() != "", reason=missing())]

ROOT = Path(__file__).resolve().parents[1]
AS_OF = dt.date(2026, 3, 31)


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Any]]:
    """A cluster of two workers, and a session on it."""
    with cluster(tmp_path_factory.mktemp("cluster"), 2) as made, session(made) as found:
        yield made, found


def frame(spark: Any, rows: Rows) -> Any:
    """Rows in several partitions, in no order."""
    given = [(bytearray(content) if isinstance(content, bytes) else content, name) for name, content in rows.items()]
    return spark.createDataFrame(given[::2] + given[1::2], "content binary, source string").repartition(5)


def told(rows: list[Any]) -> list[str]:
    """What came out, each row as one line, sorted."""
    return sorted(json.dumps(row.asDict(recursive=True), sort_keys=True) for row in rows)


def expected(report: Report, folder: Path) -> list[str]:
    """The same of a report."""
    from scrubber.arrow import rows

    found = rows(report.flags, report.unreadable).to_pylist()
    for row in found:
        row["file"] = row["file"].removeprefix(f"{folder}/now/").removeprefix(f"{folder}/past/")
    return sorted(json.dumps(row, sort_keys=True) for row in found)


def scrub(*given: Any, **options: Any) -> Any:
    from scrubber.spark import scrub

    return scrub(*given, as_of=AS_OF, **options)


def assert_same(spark: Any, rows: Rows, folder: Path, past: Rows | None = None, **options: Any) -> None:
    report = Scrubber(as_of=AS_OF, history=write(past or {}, folder / "past"),
                      **{name: value for name, value in options.items() if name != "keep_all"}).scrub(
        write(rows, folder / "now"), keep_all=options.get("keep_all", False))
    more = {} if past is None else {"history": frame(spark, past)}
    with scrub(frame(spark, rows), **more, **options) as found:
        assert told(found.flags.collect()) == expected(report, folder)
        assert {**found.run, "seconds": 0} == {**report.run, "seconds": 0}


def test_flags_are_those_of_one_scrub_byte_for_byte(two_workers: tuple[Cluster, Any], tmp_path: Path) -> None:
    rows: Rows = {f"{seed}.837": generate.text(150, seed=seed, kind="flagged") for seed in range(6)}
    rows |= {"again.837": rows["3.837"], "demo.837": DEMO.encode(), "rubbish": b"hello", "empty": b"",
             "broken.837": DEMO[:-700].encode(), **cut(odd_claims(3), 7)}

    assert_same(two_workers[1], rows, tmp_path)


def test_history_and_authorizations_count_as_in_one_scrub(two_workers: tuple[Cluster, Any], tmp_path: Path) -> None:
    claims = mixed(4, 240)

    assert_same(two_workers[1], cut(lines_of(claims[:150]), 9), tmp_path, cut(lines_of(claims[150:]), 4),
                auths=authorizations(), keep_all=True)


def test_tables_and_rules_are_sent_to_the_executors_once(two_workers: tuple[Cluster, Any], tmp_path: Path) -> None:
    spark = two_workers[1]
    options: dict[str, Any] = {
        "tables": made_up.write(tmp_path / "tables", partial=False),
        "rules": [rule_files.write(tmp_path / "rules", {"modifiers/MOD-99-01.yaml": rule_files.RULE})]}
    rows: Rows = {"claims.json": lines_of(mixed(2, 60)), "demo.837": DEMO.encode()}
    report = Scrubber(as_of=AS_OF, **options).scrub(write(rows, tmp_path / "now"))

    with scrub(frame(spark, rows), **options) as first, scrub(frame(spark, rows), **options) as second:
        for name in ("tables", "rules"):
            (tmp_path / name).rename(tmp_path / f"{name} that were sent")

        assert told(first.flags.collect()) == expected(report, tmp_path)
        assert told(second.flags.collect()) == expected(report, tmp_path)
        assert "MOD-99-01" in first.run["flags_by_rule"]
    assert len(spark.sparkContext.listArchives) == 1


def test_a_row_of_rubbish_costs_that_row_alone(two_workers: tuple[Cluster, Any]) -> None:
    spark = two_workers[1]
    rows = spark.createDataFrame([(b"hello", "a"), (None, "b"), (DEMO.encode(), None), (DEMO.encode(), "d")],
                                 "content binary, source string")

    with scrub(rows) as found:
        unread = {row["file"]: row["message"] for row in found.flags.where("type = 'unreadable'").collect()}
        flagged = {row["file"] for row in found.flags.where("type = 'flag'").collect()}

    assert flagged == {"d"}
    assert unread["a"].startswith("is no format that can be read")
    assert unread["b"] == "the row has no content (null); it would be an 837, or claims as JSON"
    assert unread[""] == "the row has no source (null); every row needs a name of its own"
    assert len(unread) == 4
    assert found.run["set_aside"] == 4
    assert found.run["claims"] == 42


def test_as_many_tasks_as_parts_are_asked_for_judge_the_claims(two_workers: tuple[Cluster, Any],
                                                               tmp_path: Path) -> None:
    rows: Rows = {f"{seed}.837": generate.text(60, seed=seed, kind="flagged") for seed in range(2)}
    report = Scrubber(as_of=AS_OF).scrub(write(rows, tmp_path / "now"))

    with scrub(frame(two_workers[1], rows), parts=7) as found:
        assert told(found.flags.collect()) == expected(report, tmp_path)
        assert found.flags.rdd.getNumPartitions() == 7


def test_large_files_are_spread_over_more_tasks(two_workers: tuple[Cluster, Any], tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    import scrubber.spark

    paths = write({f"{seed}.837": generate.text(60, seed=seed, kind="flagged") for seed in range(2)}, tmp_path / "now")
    files = two_workers[1].read.format("binaryFile").load(str(tmp_path / "now")).selectExpr(
        "content", "reverse(split(path, '/'))[0] as source")
    report = Scrubber(as_of=AS_OF).scrub(paths)
    monkeypatch.setattr(scrubber.spark, "TASK", sum(Path(path).stat().st_size for path in paths) // 20)

    with scrub(files) as found:
        assert told(found.flags.collect()) == expected(report, tmp_path)
        assert 15 < found.flags.rdd.getNumPartitions() < 25


def test_text_is_content_too_and_no_rows_are_no_flags(two_workers: tuple[Cluster, Any]) -> None:
    spark = two_workers[1]
    rows = spark.createDataFrame([(DEMO, "a", 7)], "content string, source string, other int")

    with scrub(rows) as found, scrub(rows.where("source is null")) as nothing:
        assert found.flags.where("type = 'flag'").count() == len(Scrubber(as_of=AS_OF).scrub(DEMO.encode()).flags)
        assert nothing.flags.count() == 0
        assert nothing.run["claims"] == 0


def test_rows_of_one_name_and_other_columns_are_refused(two_workers: tuple[Cluster, Any]) -> None:
    spark = two_workers[1]
    rows = spark.createDataFrame([(DEMO, "a"), (DEMO, "b"), (DEMO, "a")], "content string, source string")

    with pytest.raises(ScrubberError, match="several rows have one source: a; flags name"):
        scrub(rows)
    with pytest.raises(ScrubberError, match="there is no column source"):
        scrub(rows.drop("source"))
    with pytest.raises(ScrubberError, match="column content is int; it would be binary or string"):
        scrub(rows.selectExpr("1 as content", "source"))


def test_what_is_kept_on_the_executors_goes(two_workers: tuple[Cluster, Any]) -> None:
    spark = two_workers[1]

    with scrub(frame(spark, {"a": DEMO.encode()})) as found:
        found.flags.count()
        kept = spark.sparkContext._jsc.getPersistentRDDs().size()

    assert kept > 0
    assert spark.sparkContext._jsc.getPersistentRDDs().size() == 0


def test_the_example_scrubs_a_folder(two_workers: tuple[Cluster, Any], tmp_path: Path) -> None:
    made, _ = two_workers
    rows: Rows = {"a.837": generate.text(2200, seed=1, kind="clean"), "b.837": DEMO.encode(), "c.txt": b"hello"}
    names = [f"file:{path}" for path in write(rows, tmp_path / "now")]
    sets = [Source(own, f"{name}#{place}" if len(cut) > 1 else name)
            for name, cut in zip(names, map(sets_of, rows.values()), strict=True) for place, own in enumerate(cut, 1)]
    report = Scrubber(as_of=AS_OF).scrub(sets)
    options = [part for name, value in settings(tmp_path).items() for part in ("--conf", f"{name}={value}")]

    done = subprocess.run(
        [spark_class().replace("spark-class", "spark-submit"), "--master", made.url, *options,
         str(ROOT / "docs" / "examples" / "spark_folder.py"), f"file://{tmp_path / 'now'}",
         f"file://{tmp_path / 'flags'}", "--as-of", AS_OF.isoformat()],
        capture_output=True, text=True, env=environment(), cwd=tmp_path, check=True)

    assert len(sets) > 4
    assert done.stdout.splitlines()[-1] == (
        f"{report.run['claims']} claims, {report.run['clean_claims']} clean, {report.run['set_aside']} not read")
    found = pq.read_table(tmp_path / "flags").to_pylist()
    assert sorted(json.dumps(row, sort_keys=True) for row in found) == expected(report, tmp_path)


def test_the_blocks_of_the_page_run(two_workers: tuple[Cluster, Any], tmp_path: Path,
                                    monkeypatch: pytest.MonkeyPatch) -> None:
    from test_docs import blocks_of, run_python

    page = ROOT / "docs" / "spark.md"
    blocks = [block for block in blocks_of(page) if block.info == "spark"]
    (tmp_path / "demo.837").write_text(DEMO)
    monkeypatch.chdir(tmp_path)

    assert blocks
    for block in blocks:
        run_python(block, {"spark": two_workers[1]}, f"spark.md:{block.line}")


def executors(spark: Any) -> set[str]:
    """Where each of them is, and the driver."""
    return set(spark._jvm.scala.jdk.javaapi.CollectionConverters.asJava(
        spark.sparkContext._jsc.sc().getExecutorMemoryStatus().keySet()))


def test_a_worker_that_dies_in_the_middle_costs_no_flag(two_workers: tuple[Cluster, Any], tmp_path: Path) -> None:
    made, spark = two_workers
    rows: Rows = {f"{seed}.837": generate.text(400, seed=seed, kind="flagged") for seed in range(8)}
    report = Scrubber(as_of=AS_OF).scrub(write(rows, tmp_path / "now"))
    with scrub(frame(spark, rows)) as found:
        tracker = spark.sparkContext.statusTracker()
        collected: list[Any] = []
        job = threading.Thread(target=lambda: collected.extend(found.flags.collect()))
        before = executors(spark)
        assert len(before) == 3

        job.start()
        while not [stage for number in tracker.getActiveStageIds() if (stage := tracker.getStageInfo(number))
                   and stage.numActiveTasks > 1]:
            assert job.is_alive()
            time.sleep(0.01)
        made.kill_worker()
        job.join()

        assert len(before - executors(spark)) == 1
        assert told(collected) == expected(report, tmp_path)
        assert {**found.run, "seconds": 0} == {**report.run, "seconds": 0}
    made.add_worker()
