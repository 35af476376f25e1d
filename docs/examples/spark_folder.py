"""Scrubs the 837 files of a folder on a Spark cluster, one row a transaction set, and writes the flags as Parquet.

    spark-submit --master spark://host:7077 docs/examples/spark_folder.py CLAIMS FLAGS --as-of 2026-03-31

CLAIMS and FLAGS are folders that every executor reaches. Prints how many claims there were and how many are clean.
"""

import argparse
import datetime as dt

from pyspark.sql import SparkSession

from scrubber.arrow import by_set
from scrubber.spark import scrub


def main() -> None:
    parser = argparse.ArgumentParser(description="Scrub a folder of 837 files on a Spark cluster.")
    parser.add_argument("claims", help="folder of 837 files")
    parser.add_argument("flags", help="folder that is made, for the flags as Parquet")
    parser.add_argument("--tables", help="folder of imported tables, on the driver; it is sent to the executors")
    parser.add_argument("--as-of", type=dt.date.fromisoformat, help="day of submission, by default today")
    given = parser.parse_args()

    spark = SparkSession.builder.appName("scrub a folder").getOrCreate()
    files = spark.read.format("binaryFile").load(given.claims).selectExpr("content", "path as source")
    rows = files.mapInArrow(by_set, "content binary, source string")
    with scrub(rows, tables=given.tables, as_of=given.as_of) as found:
        found.flags.write.parquet(given.flags)
        print(f"{found.run['claims']} claims, {found.run['clean_claims']} clean, {found.run['set_aside']} not read")
    spark.stop()


if __name__ == "__main__":
    main()
