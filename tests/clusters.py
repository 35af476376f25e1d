"""A Spark cluster of real processes on this machine: a master and workers, each a JVM, on 127.0.0.1 alone."""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from processes import inherited

STARTED = 180                    # seconds, on a machine that does much else
# Runs a command, and ends it and all that it started when whoever asked for it is gone.
GUARDED = '"$@" & cat > /dev/null; kill -9 0'
URL = re.compile(r"spark://127\.0\.0\.1:\d+")


def java_home() -> str | None:
    """Where a Java is: JAVA_HOME, or on the path; None: there is none."""
    if os.environ.get("JAVA_HOME"):
        return os.environ["JAVA_HOME"]
    found = shutil.which("java")
    return None if found is None else str(Path(found).resolve().parent.parent)


def missing() -> str:
    """What lacks for a cluster; "" nothing."""
    lacking = [name for name in ("pyspark", "pandas") if importlib.util.find_spec(name) is None]
    if java_home() is None:
        lacking.append("java")
    return f"{', '.join(lacking)} not installed" if lacking else ""


def environment() -> dict[str, str]:
    """Of every process of a cluster, and of its drivers."""
    return inherited({
        "JAVA_HOME": java_home(), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable, "SPARK_DAEMON_MEMORY": "256m", "SPARK_NO_DAEMONIZE": "1",
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false", "SPARK_HOME": None, "SPARK_CONF_DIR": None,
        "SPARK_REMOTE": None})


def settings(folder: Path) -> dict[str, str]:
    """Of every application."""
    return {
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false",
        "spark.executor.memory": "600m", "spark.executor.cores": "1", "spark.cores.max": "2",
        "spark.driver.memory": "600m", "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.showConsoleProgress": "false", "spark.task.maxFailures": "8", "spark.log.level": "ERROR"}


def spark_class() -> str:
    spec = importlib.util.find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "bin" / "spark-class")


class Cluster:
    """A master and some workers of two cores, so that two applications have an executor on each.

    Args:
        folder: Where they write their logs and what they work on.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        self.url = ""
        self._started = 0

    def start(self, workers: int) -> None:
        """Starts all, and waits until the master knows every worker."""
        _, log = self._run("master", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", "0",
                           "--webui-port", "0")
        self.url = self._wait_for(log, URL, 1)[0]
        for _ in range(workers):
            self.add_worker()
        self._wait_for(log, re.compile("Registering worker"), workers)

    def add_worker(self) -> None:
        """Starts one more worker."""
        number = self._started
        self._started += 1
        process, _ = self._run(
            f"worker-{number}", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--port", "0",
            "--webui-port", "0", "--cores", "2", "--memory", "1400m", "--work-dir", str(self.folder / f"work-{number}"),
            self.url)
        self.workers.append(process)

    def kill_worker(self) -> None:
        """Ends a worker, and all that it has started, without a word: as when the machine is gone."""
        worker = self.workers.pop(0)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def _run(self, name: str, *command: str) -> tuple["subprocess.Popen[bytes]", Path]:
        log = self.folder / f"{name}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(["sh", "-c", GUARDED, "sh", spark_class(), *command], stdin=subprocess.PIPE,
                                       stdout=stream, stderr=subprocess.STDOUT, env=environment(), cwd=self.folder,
                                       start_new_session=True)
        self._processes.append(process)
        return process, log

    def _wait_for(self, log: Path, wanted: re.Pattern[str], times: int) -> list[str]:
        until = time.monotonic() + STARTED
        while time.monotonic() < until:
            found = wanted.findall(log.read_text(errors="replace"))
            if len(found) >= times:
                return found
            time.sleep(0.2)
        raise TimeoutError(f"{log.name}: no {wanted.pattern} in {STARTED} s\n{log.read_text(errors='replace')[-3000:]}")

    def stop(self) -> None:
        """Ends all that was started."""
        for process in reversed(self._processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            assert process.stdin is not None
            process.stdin.close()


@contextlib.contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """A cluster that is gone afterwards, whatever happens."""
    made = Cluster(folder)
    try:
        made.start(workers)
        yield made
    finally:
        made.stop()


@contextlib.contextmanager
def session(made: Cluster) -> Iterator[Any]:
    """A session of this process on a cluster; its JVM ends with it."""
    before = dict(os.environ)
    os.environ.update(environment())
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    found = None
    try:
        builder = SparkSession.builder.master(made.url).appName("tests")
        for name, value in settings(made.folder).items():
            builder = builder.config(name, value)
        found = builder.getOrCreate()
        yield found
    finally:
        if found is not None:
            found.stop()
        gateway = SparkContext._gateway
        if gateway is not None:
            gateway.shutdown()
            process = getattr(gateway, "proc", None)
            if process is not None:
                process.stdin.close()
                process.wait(60)
            SparkContext._gateway = SparkContext._jvm = None
        os.environ.clear()
        os.environ.update(before)
