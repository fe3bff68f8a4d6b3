"""Writes an export of skill-log as Parquet, in a folder for each UTC day.

spark-submit to_parquet.py SCHEMA INPUT OUTPUT: the file that `skill-log schema spark` printed, the
path or pattern of JSON lines, and a folder that does not exist.
"""

import sys

from pyspark.sql import SparkSession

# The UTC day. Arithmetic, because Spark takes no offset beyond 18 hours.
DATE = """
date_add(DATE '1970-01-01', CAST(floor((
  datediff(CAST(substr(timestamp, 1, 10) AS DATE), DATE '1970-01-01') * 1440L
    + CAST(substr(timestamp, 12, 2) AS BIGINT) * 60
    + CAST(substr(timestamp, 15, 2) AS BIGINT)
    - CASE WHEN timestamp LIKE '%Z' THEN 0
      ELSE CAST(substr(timestamp, -6, 1) || '1' AS BIGINT)
        * (CAST(substr(timestamp, -5, 2) AS BIGINT) * 60 + CAST(substr(timestamp, -2, 2) AS BIGINT))
      END
) / 1440) AS INT)) AS date
"""


def main(schema, source, target):
    spark = SparkSession.builder.appName("skill-log to Parquet").getOrCreate()
    with open(schema) as file:
        reader = spark.read.schema(file.read())
    # A line ends at a line end alone, and a line that is no entry stops the job.
    entries = reader.option("mode", "FAILFAST").option("lineSep", "\n").json(source)
    entries.selectExpr("*", DATE).write.partitionBy("date").parquet(target)
    spark.stop()


main(*sys.argv[1:])
