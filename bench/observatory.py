#!/usr/bin/env python3
"""The observatory's job, side by side with other engines in one run: a CSV of synthetic victims to
every cell of a table of seven dimensions with all totals (128 groupings): count, rate, Byar's 95 %
limits and whether the count is below 5.

    bench/observatory.py --bench build/bench/src/columns/atalaya_columns_bench --rows 10000000

DuckDB comes from PyPI, into a virtual environment under --folder; PostgreSQL is measured where
--postgres names a server (a URL that psql takes), ClickHouse where server and client are installed.
All engines must give the same answers, grouping by grouping: number of cells, sum of counts, cells
below 5, a checksum over every cell's members and count, and (to 1e-9) the sums of the limits, of
the rates and of the rates' limits. With --cells (for up to 1,000,000 rows) every cell is compared.
A wrong answer is a failure; a missed target is printed as missed.
"""
import argparse
import csv
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/functional"))
import clickhouse_support  # noqa: E402

TARGET_SECONDS = 4.0     # for 10 million rows, on two processors
TARGET_TIMES = 10.0      # of DuckDB's time
TARGET_MEGABYTES = 2048
TARGET_QUERY_MS = 50
TARGET_AVAILABILITY_MS = 1000
SIZES = [10, 33, 3, 18, 8, 30, 6]  # members; a member numbered like the size is the total
Z = "1.959963984540054"
FIELDS = ["cells", "count", "below_5", "checksum", "limits", "rates", "rate_limits"]


def strides():
    steps, cells = [], 1
    for size in reversed(SIZES):
        steps.insert(0, cells)
        cells *= size + 1
    return steps


# --- what DuckDB is asked ------------------------------------------------------------------------
# It gets every help that we know of: types given, base cells first, small integer codes for the
# cube, and it keeps no cell, it only adds up what a consumer would read.

def duckdb_load(victims, population):
    names = ["code", "sex", "weapon", "offence", "context"]
    statements = ["""
        CREATE TABLE base_texts AS
        SELECT CAST(year(date) - 2014 AS UTINYINT) AS d0, sintetia_code AS code,
               coalesce(sex, '') AS sex,
               CAST(CASE WHEN age IS NULL THEN 17 ELSE least(age // 5, 16) END AS UTINYINT) AS d3,
               coalesce(weapon, '') AS weapon, coalesce(offence, '') AS offence,
               coalesce(context, '') AS context, CAST(count(*) AS INTEGER) AS n
        FROM read_csv('%s', header = true, delim = ',', quote = '"', columns = {
               'date': 'DATE', 'sintetia_code': 'VARCHAR', 'sintetia_name': 'VARCHAR',
               'sex': 'VARCHAR', 'age': 'INTEGER', 'weapon': 'VARCHAR', 'offence': 'VARCHAR',
               'context': 'VARCHAR', 'synthetic_victims': 'INTEGER'})
        GROUP BY ALL""" % victims]
    for name in names:
        statements.append("""
            CREATE TABLE codes_%s AS SELECT %s AS text,
                   CAST(row_number() OVER (ORDER BY %s) - 1 AS UTINYINT) AS member
            FROM (SELECT DISTINCT %s FROM base_texts)""" % (name, name, name, name))
    statements.append("""
        CREATE TABLE base AS
        SELECT d0, c.member AS d1, s.member AS d2, d3, w.member AS d4, o.member AS d5,
               x.member AS d6, n
        FROM base_texts b
        JOIN codes_code c ON b.code = c.text JOIN codes_sex s ON b.sex = s.text
        JOIN codes_weapon w ON b.weapon = w.text JOIN codes_offence o ON b.offence = o.text
        JOIN codes_context x ON b.context = x.text""")
    statements.append("""
        CREATE TABLE persons AS
        SELECT coalesce(d0, 10) AS d0, coalesce(d1, 33) AS d1, coalesce(d2, 3) AS d2,
               coalesce(d3, 18) AS d3, CAST(sum(population) AS DOUBLE) AS persons
        FROM (SELECT year - 2014 AS d0, c.member AS d1, s.member AS d2, age_from // 5 AS d3,
                     population
              FROM read_csv('%s', header = true, columns = {'year': 'INTEGER',
                   'sintetia_code': 'VARCHAR', 'sex': 'VARCHAR', 'age_from': 'INTEGER',
                   'age_to': 'INTEGER', 'population': 'BIGINT'}) p
              JOIN codes_code c ON p.sintetia_code = c.text JOIN codes_sex s ON p.sex = s.text)
        GROUP BY CUBE (d0, d1, d2, d3)""" % population)
    return statements


def cube_of(table):
    members = ", ".join("coalesce(CAST(d%d AS INTEGER), %d) AS d%d" % (d, SIZES[d], d)
                        for d in range(7))
    return "SELECT %s, CAST(sum(n) AS BIGINT) AS n FROM %s GROUP BY CUBE (%s)" % (
        members, table, ", ".join("d%d" % d for d in range(7)))


def answer_query():
    key = " + ".join("CAST(c.d%d AS BIGINT) * %d" % (d, step) for d, step in enumerate(strides()))
    kept = " + ".join("CASE WHEN c.d%d < %d THEN %d ELSE 0 END" % (d, SIZES[d], 1 << d)
                      for d in range(7))
    return """
        SELECT grouping_set, count(*), CAST(sum(n) AS BIGINT), count(*) FILTER (n < 5),
               CAST(sum((key %% 1000003) * (n %% 1009)) AS BIGINT), sum(low + high),
               coalesce(sum(n * factor), 0), coalesce(sum(low * factor + high * factor), 0)
        FROM (SELECT %s AS grouping_set, %s AS key, n, 100000 / persons AS factor,
                     n * pow(1 - 1 / (9.0::DOUBLE * n) - %s::DOUBLE / (3 * sqrt(n)), 3) AS low,
                     (n + 1) * pow(1 - 1 / (9.0::DOUBLE * (n + 1))
                                   + %s::DOUBLE / (3 * sqrt(n + 1)), 3) AS high
              FROM (%s) c LEFT JOIN persons p
                   ON p.d0 = c.d0 AND p.d1 = c.d1 AND p.d2 = c.d2 AND p.d3 = c.d3)
        GROUP BY grouping_set ORDER BY grouping_set""" % (kept, key, Z, Z, cube_of("base"))


def duckdb_child(options):
    """Runs in the virtual environment, in a process of its own so that its peak is its own."""
    import duckdb
    connection = duckdb.connect(config={"threads": options.threads,
                                        "temp_directory": str(options.folder / "duckdb-spill")})
    begin = time.perf_counter()
    for statement in duckdb_load(options.victims, options.population):
        connection.execute(statement)
    loaded = time.perf_counter()
    rows = connection.execute(answer_query()).fetchall()
    end = time.perf_counter()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    if options.cells:
        connection.execute("COPY (%s) TO '%s' (HEADER false)"
                           % (cube_of("base"), options.folder / "duckdb-cells.csv"))
    print(json.dumps({"load_s": loaded - begin, "cube_s": end - loaded, "total_s": end - begin,
                      "cpu_s": usage.ru_utime + usage.ru_stime,
                      "peak_mb": usage.ru_maxrss / 1024, "version": duckdb.__version__,
                      "groupings": [list(row[1:]) for row in rows]}))


# --- PostgreSQL and ClickHouse: counts alone, as far as they can ---------------------------------

def postgres(options):
    sql = """
        SET synchronous_commit = off; SET work_mem = '2GB'; SET client_min_messages = warning;
        CREATE TEMP TABLE victims (date date, code text, name text, sex text, age int, weapon text,
                                   offence text, context text, n int);
        \\copy victims FROM '%s' WITH (FORMAT csv, HEADER)
        CREATE TEMP TABLE base AS
          SELECT extract(year FROM date)::int AS d0, code AS d1, coalesce(sex, '') AS d2,
                 CASE WHEN age IS NULL THEN 17 ELSE least(age / 5, 16) END AS d3,
                 coalesce(weapon, '') AS d4,
                 offence AS d5, coalesce(context, '') AS d6, count(*) AS n
          FROM victims GROUP BY 1, 2, 3, 4, 5, 6, 7;
        SELECT count(*), sum(n), count(*) FILTER (WHERE n < 5) FROM
          (SELECT sum(n) AS n FROM base GROUP BY CUBE (d0, d1, d2, d3, d4, d5, d6)) c;
        """ % options.victims
    begin = time.perf_counter()
    out = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-F", " ", "-d", options.postgres],
                         input=re.sub(r"^ +", "", sql, flags=re.M), text=True, check=True,
                         stdout=subprocess.PIPE).stdout.split()
    seconds = time.perf_counter() - begin
    version = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-d", options.postgres, "-c",
                              "SHOW server_version"], text=True, check=True,
                             stdout=subprocess.PIPE).stdout.split()[0]
    return seconds, [int(number) for number in out[-3:]], version


def clickhouse(options):
    """One server of its own on loopback, as the tests start them; counts alone. The file is sent
    through its client, since a server reads no file of others."""
    table = """date Date, code String, name String, sex String, age String, weapon String,
               offence String, context String, n Int32"""
    base = """SELECT toYear(date) AS d0, code AS d1, sex AS d2,
                     if(age = '', 17, least(intDiv(toUInt16OrZero(age), 5), 16)) AS d3,
                     weapon AS d4, offence AS d5, context AS d6, count() AS n
              FROM victims GROUP BY d0, d1, d2, d3, d4, d5, d6"""
    cube = """SELECT count(), sum(m), countIf(m < 5) FROM
              (SELECT sum(n) AS m FROM base GROUP BY d0, d1, d2, d3, d4, d5, d6 WITH CUBE)"""
    with clickhouse_support.Servers(1) as servers:
        client = ["clickhouse-client", "--port", str(servers.ports[0][1]), "--user",
                  clickhouse_support.USER, "--password", servers.password, "--max_threads",
                  str(options.threads), "--max_memory_usage", "16000000000",
                  # 18.16 counts cells of a cube several times once its keys lie in two levels.
                  "--group_by_two_level_threshold", "0", "--group_by_two_level_threshold_bytes",
                  "0"]

        def ask(query, file=subprocess.DEVNULL):
            return subprocess.run([*client, "--query", query], text=True, check=True, stdin=file,
                                  stdout=subprocess.PIPE).stdout.split()

        version = ask("SELECT version()")[0]
        ask("CREATE TABLE victims (%s) ENGINE = Memory" % table)
        begin = time.perf_counter()
        with open(options.victims, "rb") as file:
            ask("INSERT INTO victims FORMAT CSVWithNames", file)
        ask("CREATE TABLE base ENGINE = Memory AS " + base)
        out = ask(cube)
        return time.perf_counter() - begin, [int(number) for number in out], version


# --- comparing -----------------------------------------------------------------------------------

def same(ours, theirs):
    """Differences, in words; equal answers have none."""
    found = []
    for grouping, (a, b) in enumerate(zip(ours, theirs)):
        for field, x, y in zip(FIELDS, a, b):
            exact = field in ("cells", "count", "below_5", "checksum")
            if x != y if exact else abs(x - y) > 1e-9 * max(abs(x), abs(y), 1):
                found.append("grouping %d, %s: %r here, %r there" % (grouping, field, x, y))
    if len(ours) != len(theirs) or len(ours) != 1 << len(SIZES):
        found.append("%d groupings here, %d there" % (len(ours), len(theirs)))
    return found


def same_cells(options):
    """Every cell: returns how many there are; a difference ends the program."""
    theirs = {}
    with open(options.folder / "duckdb-cells.csv", newline="") as file:
        for row in csv.reader(file):
            theirs[tuple(map(int, row[:7]))] = int(row[7])
    child = subprocess.Popen([options.bench, "cells", options.victims], stdout=subprocess.PIPE,
                             text=True)
    seen = 0
    for line in child.stdout:
        row = line.split(",")
        members = tuple(map(int, row[1:8]))
        seen += 1
        if theirs.get(members) != int(row[8]):
            sys.exit("cell %s: %s here, %s there" % (members, row[8], theirs.get(members)))
    if child.wait() != 0 or seen != len(theirs):
        sys.exit("%d cells here, %d there" % (seen, len(theirs)))
    return seen


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return "%s, %d processors, load %.1f, %s" % (model, os.cpu_count(), os.getloadavg()[0],
                                                 platform.platform())


def spread(values):
    if len(values) == 1:
        return "%.2f s" % values[0]
    return "%.2f s (median of %d, %.2f to %.2f)" % (statistics.median(values), len(values),
                                                     min(values), max(values))


def install_duckdb(options):
    python = options.folder / "venv/bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(options.folder / "venv")], check=True)
    if subprocess.run([str(python), "-c", "import duckdb"], stderr=subprocess.DEVNULL).returncode:
        subprocess.run([str(python), "-m", "pip", "install", "-q", "duckdb"], check=True)
    return python


def verdict(text, value, target, unit, higher=False):
    met = value >= target if higher else value <= target
    print("  %-44s %10.2f %-3s target %s %g: %s" % (text, value, unit, ">=" if higher else "<=",
                                                    target, "met" if met else "MISSED"))


def run_duckdb(options):
    python = install_duckdb(options)
    command = [str(python), __file__, "--duckdb-child", "--folder", str(options.folder), "--threads",
               str(options.threads), "--victims", options.victims, "--population",
               options.population] + (["--cells"] if options.cells else [])
    return [json.loads(subprocess.run(command, check=True, text=True,
                                      stdout=subprocess.PIPE).stdout)
            for _ in range(options.duckdb_runs)]


def main(options):
    options.folder.mkdir(parents=True, exist_ok=True)
    stem = "%d-%d" % (options.rows, options.seed)
    options.victims = str(options.folder / ("victims-%s.csv" % stem))
    options.population = str(options.folder / ("population-%s.csv" % stem))
    if not os.path.exists(options.victims):
        subprocess.run([options.bench, "synth", str(options.rows), str(options.seed),
                        options.victims, options.population], check=True)
    megabytes = os.path.getsize(options.victims) / 1e6
    print("observatory: %d synthetic victims, seed %d, %.0f MB CSV, %d groupings, %d threads"
          % (options.rows, options.seed, megabytes, 1 << len(SIZES), options.threads))
    print("machine: " + machine())
    with open(options.victims, "rb") as file:  # every engine finds the file in memory
        while file.read(1 << 24):
            pass

    command = [options.bench, "job", options.victims, options.population, str(options.threads)]
    runs = [json.loads(subprocess.run(command, check=True, text=True,
                                      stdout=subprocess.PIPE).stdout)
            for _ in range(options.runs)]
    ours = runs[0]
    median = statistics.median(run["total_s"] for run in runs)
    cpu = statistics.median(run["cpu_s"] for run in runs)
    print("\natalaya: %s; read %.2f, cube %.2f, cells %.2f s; processor %.2f s; peak %.0f MB" % (
        spread([run["total_s"] for run in runs]), ours["read_s"],
        ours["aggregate_s"] + ours["roll_up_s"], ours["cells_s"], cpu, ours["peak_mb"]))
    cells = sum(g[0] for g in ours["groupings"])
    print("  %d cells, %d of them below 5, sum of L + U %.2f" % (
        cells, sum(g[2] for g in ours["groupings"]), sum(g[4] for g in ours["groupings"])))
    failed = any(same(ours["groupings"], run["groupings"]) for run in runs)
    sparse = json.loads(subprocess.run([command[0], "job-sparse"] + command[2:], check=True,
                                       text=True, stdout=subprocess.PIPE).stdout)
    differences = same(ours["groupings"], sparse["groupings"])
    failed = failed or bool(differences)
    print("  as a sparse cube: %.2f s, peak %.0f MB, answers %s" % (
        sparse["total_s"], sparse["peak_mb"], "DIFFER" if differences else "equal"))

    if not options.no_duckdb:
        others = run_duckdb(options)
        theirs = statistics.median(run["total_s"] for run in others)
        print("\nduckdb %s: %s; CSV to base cells %.2f, cube %.2f s; processor %.2f s (%.1f times "
              "ours); peak %.0f MB" % (
                  others[0]["version"], spread([run["total_s"] for run in others]),
                  others[0]["load_s"], others[0]["cube_s"], others[0]["cpu_s"],
                  others[0]["cpu_s"] / cpu, others[0]["peak_mb"]))
        differences = same(ours["groupings"], others[0]["groupings"])
        failed = failed or bool(differences)
        print("  answers: " + ("equal in all %d groupings" % len(ours["groupings"])
                               if not differences else "DIFFER\n    "
                               + "\n    ".join(differences[:10])))
        if options.cells:
            print("  cell by cell: %d equal" % same_cells(options))
    totals = [cells, sum(g[1] for g in ours["groupings"]), sum(g[2] for g in ours["groupings"])]
    for name, engine, there in (("postgresql", postgres, bool(options.postgres)),
                                ("clickhouse", clickhouse, clickhouse_support.program() is not None and
                                 shutil.which("clickhouse-client"))):
        if not there:
            print("\n%s: not measured (none here)" % name)
            continue
        seconds, found, version = engine(options)
        failed = failed or found != totals
        print("\n%s %s: %.2f s (%.0f times ours), counts alone; answers %s" % (
            name, version, seconds, seconds / median, "equal" if found == totals else "DIFFER: %s, %s" % (totals, found)))

    print("\ntargets%s:" % ("" if options.rows == 10_000_000 else " (set for 10,000,000 rows)"))
    verdict("CSV to every cell", median, TARGET_SECONDS, "s")
    verdict("peak memory", max(run["peak_mb"] for run in runs), TARGET_MEGABYTES, "MB")
    if not options.no_duckdb:
        verdict("times as fast as DuckDB", theirs / median, TARGET_TIMES, "x", higher=True)
    for run, text in ((ours, ""), (sparse, ", sparse cube")):
        verdict("filtered query of one grouping, p99" + text, run["queries"]["query_p99_ms"],
                TARGET_QUERY_MS, "ms")
        verdict("availability" + text, run["queries"]["availability_ms"], TARGET_AVAILABILITY_MS,
                "ms")
    return 1 if failed else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default="build/bench/src/columns/atalaya_columns_bench")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--duckdb-runs", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path,
                        default=pathlib.Path("build/bench-observatory"))
    parser.add_argument("--cells", action="store_true", help="compare every cell with DuckDB's")
    parser.add_argument("--no-duckdb", action="store_true")
    parser.add_argument("--postgres", default=os.environ.get("ATALAYA_BENCH_POSTGRES", ""))
    parser.add_argument("--duckdb-child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--victims", help=argparse.SUPPRESS)
    parser.add_argument("--population", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.folder = options.folder.resolve()
    return options


if __name__ == "__main__":
    given = arguments()
    sys.exit(duckdb_child(given) if given.duckdb_child else main(given))
