"""Answers requests in one engine: engines.py ENGINE < requests > answers, both JSON.

A request has the paths of files of entries, the schema that `skill-log schema` printed, and queries
over the relation `entries`. Its answer has a list of rows for each query, or an error. The engines
read strictly: a line that they cannot read is an error.

A request that has `lake` instead of files reads an export of hosts, as integrations/ say. The answer
to a `timed` request has the seconds that it took. A request with `executors` asks Spark which of
its processes read which part of the files.

Where a request has the path of `expected` lines, its answer says whether the rows of its query are
these entries. Values are compared here, because Python reads integers of any size.
"""

import json
import os
import re
import subprocess
import sys
import time

# Answers go to the file that was standard output; whatever engines print goes to standard error.
answers_file = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def load(line):
    return json.loads(line.decode("utf-8", "surrogateescape"))


def entry(row, texts):
    """Returns an entry without its empty members, as its line has it.

    `texts`: whether its input is a text of JSON; a string in it may have lost its quotes.
    """
    if not isinstance(row, dict):
        return row
    made = {}
    for name, value in row.items():
        if name == "input":
            if value is not None:
                made[name] = parsed(value) if texts else value
        elif name == "attempts":
            if value:
                made[name] = [attempt(each) for each in value]
        elif value not in (None, "", 0) or name in ("session_id", "skill", "final_status"):
            made[name] = value
    return made


def attempt(row):
    kept = ("attempt", "model", "verified")
    return {name: value for name, value in row.items() if name in kept or value not in (None, "")}


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def equal(a, b):
    """Returns whether an engine's value `a` is the expected `b`."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(equal(a[name], b[name]) for name in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(equal, a, b))
    # Python reads what is spelled without a point or an exponent as an int.
    if type(a) is float and type(b) is int:
        return a.is_integer() and int(a) == b
    if type(a) is int and type(b) is float:
        return a.bit_length() <= 1024 and float(a) == b
    return type(a) is type(b) and a == b


def same(rows, path, texts):
    with open(path, "rb") as file:
        # An input that is null is like none in a column.
        expected = [entry(load(line), False) for line in file]
    found = [entry(row, texts) for row in rows]
    if equal(found, expected):
        return {"same": True}
    return {"same": False, "found": repr(found)[:1000], "expected": repr(expected)[:1000]}


# The segments of an export of hosts, below its directory; and a session of all hosts' sessions, where
# sessions of two hosts may have one id.
SEGMENTS = "date=*/host=*/*.jsonl*"
HOST_SESSION = "concat(host, '/', session_id) AS session_id"


def duckdb():
    import duckdb

    def ask(request):
        connection = duckdb.connect()
        connection.execute(request["schema"])
        paths = [f"{request['lake']}/{SEGMENTS}"] if "lake" in request else request["files"]
        files = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        columns = f"* REPLACE ({HOST_SESSION})" if "lake" in request else "*"
        connection.execute(f"CREATE VIEW entries AS SELECT {columns} FROM skill_log([{files}])")
        connection.execute(f"CREATE VIEW lines AS FROM read_ndjson_objects([{files}])")
        return [rows(connection.execute(query)) for query in request["queries"]]

    def rows(result):
        names = [column[0] for column in result.description]
        return [dict(zip(names, row)) for row in result.fetchall()]

    return ask


def clickhouse():
    from chdb.session import Session

    session = Session()

    def ask(request):
        structure = request["schema"].replace("'", "\\'")
        paths = [f"{request['lake']}/{SEGMENTS}"] if "lake" in request else request["files"]
        columns = f"* REPLACE ({HOST_SESSION})" if "lake" in request else "*"
        relations = {
            "entries": (columns, f"JSONEachRow, '{structure}'"),
            "lines": ("line", "LineAsString, 'line String'"),
        }
        for name, (columns, read) in relations.items():
            each = (f"SELECT {columns} FROM file('{path}', {read})" for path in paths)
            session.query(f"DROP VIEW IF EXISTS {name}")
            session.query(f"CREATE VIEW {name} AS {' UNION ALL '.join(each)}")
        return [rows(session.query(query, "JSONEachRow").bytes()) for query in request["queries"]]

    def rows(lines):
        return [load(line) for line in lines.split(b"\n") if line]

    # Otherwise JSON numbers of 64 bits are texts.
    session.query("SET output_format_json_quote_64bit_integers = 0")
    return ask


def spark():
    spark = spark_session()

    def ask(request):
        reader = spark.read.schema(request["schema"]).option("mode", "FAILFAST")
        paths = request.get("lake") or request["files"]
        frame = reader.option("lineSep", "\n").json(paths)
        if request.get("executors"):
            return [readers(frame)]
        if "lake" in request:
            names = [name for name in frame.columns if name != "session_id"]
            frame = frame.selectExpr(HOST_SESSION, *names)
        frame.createOrReplaceTempView("entries")
        lines = spark.read.option("lineSep", "\n").text(paths)
        lines.createOrReplaceTempView("lines")
        return [rows(spark.sql(query)) for query in request["queries"]]

    def readers(frame):
        def count(part):
            # An executor's folder has its number for a name, and Python runs there.
            executor = os.path.basename(os.getcwd())
            found = [(row.file_path, row.file_block_start) for row in part]
            for file, start in dict.fromkeys(found):
                entries = found.count((file, start))
                yield {"executor": executor, "file": file, "start": start, "entries": entries}

        places = frame.select("_metadata.file_path", "_metadata.file_block_start")
        return places.rdd.mapPartitions(count).collect()

    def rows(frame):
        return [row.asDict(recursive=True) for row in frame.collect()]

    return ask


def spark_session():
    import pyspark
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_HOME", os.path.dirname(pyspark.__file__))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["SPARK_WORKER_DIR"] = os.path.join(os.getcwd(), "work")
    builder = SparkSession.builder.master(os.environ.get("SPARK_MASTER", "local[2]"))
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        # Otherwise the first of two executors may have done all before the second is there.
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.warehouse.dir": os.path.join(os.getcwd(), "warehouse"),
        "spark.log.level": "ERROR",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def pandas():
    import pandas

    def ask(request):
        options = {"lines": True, "dtype": False, "precise_float": True}
        frames = [pandas.read_json(file, **options) for file in request["files"]]
        records = [record for frame in frames for record in frame.to_dict("records")]
        # A member that the line leaves out is NaN.
        return [[{k: v for k, v in r.items() if v == v} for r in records]]

    return ask


def polars():
    import polars
    import pyarrow

    def ask(request):
        made = {}
        exec(request["schema"], made)
        schema = polars.from_arrow(made["schema"].empty_table()).schema
        frames = [polars.read_ndjson(file, schema=schema) for file in request["files"]]
        return [[record for frame in frames for record in frame.to_dicts()]]

    return ask


def jq():
    def ask(request):
        run = subprocess.run(["jq", "-c", ".", *request["files"]], capture_output=True)
        if run.returncode != 0:
            raise ValueError(run.stderr.decode())
        return [[load(line) for line in run.stdout.split(b"\n") if line]]

    return ask


ask = {
    "duckdb": duckdb,
    "clickhouse": clickhouse,
    "spark": spark,
    "pandas": pandas,
    "polars": polars,
    "jq": jq,
}[sys.argv[1]]()
answers = []
sys.setrecursionlimit(20_000)
for request in json.load(sys.stdin):
    try:
        start = time.monotonic()
        rows = ask(request)
        seconds = time.monotonic() - start
        if "expected" in request:
            has_texts = sys.argv[1] not in ("jq", "pandas")
            answers.append(same(rows[0], request["expected"], has_texts))
        else:
            answers.append({"rows": rows})
        if request.get("timed"):
            answers[-1]["seconds"] = seconds
    except Exception as error:
        answers.append({"error": f"{type(error).__name__}: {error}"[:2000]})
json.dump(answers, answers_file)
answers_file.close()
