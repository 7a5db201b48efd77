#!/usr/bin/env python3
"""Measures the speed targets of the commitments desk with the real program.

Goals: the targets below, each with machine, seed, commit and spread beside it. Non-goal: to be a
test. A missed target is printed as missed and the exit code stays 0; what the program answers is
checked elsewhere, and here only as far as it takes to know that the right thing was measured.

  bench/desk.py                    300,000 items, about half an hour on two cores
  bench/desk.py --items 8000       a minute, to see that it works
  bench/desk.py --reuse            the node of the last run: no import, no following

Results go to build/bench/desk.json. Times are wall-clock times; where the machine has other work
to do, `per processor second` says what the program itself needed.
"""

import argparse
import contextlib
import fcntl
import http.client
import json
import os
import pathlib
import platform
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse

import pages

SOURCE = pathlib.Path(__file__).resolve().parents[1]
FILES_A_COMMAND = 30
QUERIES = 200
REPETITIONS = 3
MB = 1_000_000


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def environment():
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LC_") and k != "LANG"}
    return {**kept, "LC_ALL": "C.UTF-8"}


def progress(text):
    print(f"  {time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


# ---- results -------------------------------------------------------------------------------


class Results:
    """Rows of the table: what, target, measured, spread."""

    def __init__(self):
        self.rows = []

    def add(self, name, value, unit, target=None, at_most=True, spread=None, note=""):
        met = None
        if target is not None:
            met = value <= target if at_most else value >= target
        self.rows.append({"name": name, "value": value, "unit": unit, "target": target,
                          "at_most": at_most, "met": met, "spread": spread, "note": note})
        row = self.rows[-1]
        progress(f"{name}: {self.shown(value)} {unit}{'' if met is None else ' ' + self.verdict(row)}")

    def spread_of(self, name, values, unit, target=None, at_most=True, note=""):
        """The median, with the least and the largest as its spread."""
        self.add(name, statistics.median(values), unit, target, at_most,
                 [min(values), max(values)], note)

    @staticmethod
    def shown(value):
        if value is None:
            return ""
        if abs(value) >= 100:
            return f"{value:,.0f}"
        return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"

    @staticmethod
    def verdict(row):
        return {True: "met", False: "MISSED", None: ""}[row["met"]]

    def table(self):
        cells = [("measured", "target", "result", "spread", "", "")]
        for row in self.rows:
            sign = "<=" if row["at_most"] else ">="
            target = "" if row["target"] is None else f"{sign} {self.shown(row['target'])}"
            spread = "" if row["spread"] is None else " to ".join(map(self.shown, row["spread"]))
            cells.append((row["name"], target, f"{self.shown(row['value'])} {row['unit']}", spread,
                          self.verdict(row), row["note"]))
        widths = [max(len(line[i]) for line in cells) for i in range(5)]
        return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths)) +
                         ("  " + line[5] if line[5] else "") for line in cells)


def machine():
    model = memory = ""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal"):
            memory = f"{int(line.split()[1]) / 1e6:.1f} GB"
    return {"processors": os.cpu_count(), "model": model or platform.machine(), "memory": memory,
            "system": platform.platform(), "load_before": os.getloadavg()[0]}


def commit():
    def git(*arguments):
        return subprocess.run(["git", "-C", str(SOURCE), *arguments], capture_output=True,
                              text=True, check=False).stdout.strip()
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "catalogue", "ui")
    return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")


# ---- the program ---------------------------------------------------------------------------


class Program:
    def __init__(self, path):
        self.path = str(path)

    def run(self, *arguments):
        """Gives wall seconds, processor seconds, peak memory in bytes and the output."""
        begun = time.monotonic()
        process = subprocess.Popen([self.path, *map(str, arguments)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment())
        # The outputs are far below a pipe's size or read here to their ends.
        out = process.stdout.read()
        err = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, arguments))[:300]} failed: {err.decode()[-2000:]}")
        return (time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024,
                out)


class Server:
    """`serve` on a free port, and how long it took to its first healthy answer."""

    def __init__(self, program, node):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        begun = time.monotonic()
        self.process = subprocess.Popen(
            [program.path, "serve", "--node", str(node), "--listen", f"127.0.0.1:{self.port}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment())
        self.connection, self.asked = None, 0
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.get("/healthz")[0] == 200:
                    break
            if self.process.poll() is not None or time.monotonic() - begun > 120:
                sys.exit("serve did not start")
            time.sleep(0.005)
        self.started_in = time.monotonic() - begun

    def get(self, target, **headers):
        """Gives status, headers and body over one kept connection, which the server may have
        closed after a while without requests."""
        kept = self.connection is not None
        if not kept:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            # Every request comes from another reader, as far as the limits of rate can see.
            self.asked += 1
            reader = f"10.{self.asked >> 16}.{self.asked >> 8 & 255}.{self.asked & 255}"
            self.connection.request("GET", target,
                                    headers={"X-Forwarded-For": reader, **headers})
            answer = self.connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            if kept:
                return self.get(target, **headers)
            raise

    def json(self, target):
        status, _, body = self.get(target)
        if status != 200:
            sys.exit(f"{target} answered {status}: {body[:500]!r}")
        return json.loads(body)

    def timed(self, target, **headers):
        begun = time.perf_counter()
        status, _, body = self.get(target, **headers)
        if status != 200:
            sys.exit(f"{target} answered {status}: {body[:500]!r}")
        return (time.perf_counter() - begun) * 1000

    def behind(self):
        return self.json("/api/v1/search?limit=1&q=q9x7")["index_behind"]

    def memory(self, key="VmHWM"):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
        return 0

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, with_signal=signal.SIGTERM):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        self.process.send_signal(with_signal)
        self.process.wait()


def create_node(program, node):
    """A node behind a proxy on this machine, so that requests can come from many readers."""
    shutil.rmtree(node, ignore_errors=True)
    program.run("init", node, "--name", "Bench", "--country", "PAN")
    configuration = node / "node.toml"
    lines = [line for line in configuration.read_text().splitlines()
             if not line.startswith("trusted_proxy")]
    configuration.write_text("\n".join([*lines, 'trusted_proxy = "127.0.0.1"', ""]))


@contextlib.contextmanager
def index_held(node):
    """Holds the search index as a running server does, so that an import writes store and ledger
    alone."""
    with contextlib.ExitStack() as stack:
        for lock in (node / "index").glob("*/flintlock"):
            held = stack.enter_context(lock.open("r+b"))
            fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


# ---- what is measured ----------------------------------------------------------------------


def measure_import(program, node, files, items, results):
    walls, processor, peaks, rates = [], 0.0, [], []
    for first in range(0, len(files), FILES_A_COMMAND):
        batch = files[first:first + FILES_A_COMMAND]
        with index_held(node):
            wall, cpu, peak, out = program.run("commitments", "import", "--node", node, "--format",
                                               "json", *batch)
        plans = json.loads(out)
        added = sum(plan["new"] for plan in plans)
        for plan in plans:
            if plan["kind"] != "summit_mandates" or f"-{plan['language']}-" not in plan["file"]:
                sys.exit(f"{plan['file']} was taken for {plan['kind']} in {plan['language']}")
        walls.append(wall)
        processor += cpu
        peaks.append(peak)
        rates.append(added / wall)
        progress(f"imported {first + len(batch)} of {len(files)} pages, {rates[-1]:,.0f} items/s")
    results.add("import into store and ledger", items / sum(walls), "items/s", 5000, False,
                [min(rates), max(rates)],
                f"{items / processor:,.0f} per processor second; {len(walls)} commands")
    results.add("memory of an import", max(peaks) / MB, "MB", note=f"{FILES_A_COMMAND} pages")


def follow(server, until):
    """Waits until the index is at most `until` behind; gives what it was at first and last."""
    first = last = server.behind()
    begun, processor = time.monotonic(), server.processor_seconds()
    while last > until:
        time.sleep(0.1)
        last = server.behind()
    return first - last, time.monotonic() - begun, server.processor_seconds() - processor, last


def measure_following(program, node, results):
    server = Server(program, node)
    results.add("start, index behind", server.started_in, "s", 2)
    all_behind = server.behind()
    done, seconds, processor, left = follow(server, all_behind // 2)
    peak = server.memory()
    server.stop(signal.SIGKILL)
    server = Server(program, node)
    after = server.behind()
    results.add("start after kill -9", server.started_in, "s", 2)
    more, more_seconds, more_processor, _ = follow(server, 0)
    rates = [rate for rate, ok in ((done / seconds if seconds else 0, done),
                                   (more / more_seconds if more_seconds else 0, more)) if ok]
    results.add("search index follows", (done + more) / (seconds + more_seconds), "items/s", 2500,
                False, [min(rates), max(rates)],
                f"{(done + more) / (processor + more_processor):,.0f} per processor second")
    results.add("lost by kill -9 while following", max(0, after - left), "items", 0,
                note=f"{left:,} behind before, {after:,} after; caught up in {more_seconds:.0f} s")
    results.add("memory while following", max(peak, server.memory()) / MB, "MB")
    server.stop()


def measure_start(program, node, results):
    times = []
    for _ in range(REPETITIONS):
        server = Server(program, node)
        times.append(server.started_in)
        server.stop()
    results.spread_of("start", times, "s", 2)


def measure_search(server, seed, results, path="/api/v1/search", name="search", repetitions=REPETITIONS,
                   target=50):
    for language in pages.LANGUAGES:
        words = pages.Words(language, seed)
        rng = random.Random(f"{seed} queries {language} {name}")
        p50, p95, slowest, found = [], [], 0, 0
        for _ in range(repetitions):
            queries = set()
            while len(queries) < QUERIES:
                queries.add(words.query(rng))
            times = []
            for query in sorted(queries):
                where = f"{path}?" + urllib.parse.urlencode({"q": query, "lang": language})
                times.append(server.timed(where.replace("/{lang}/", f"/{language}/")))
            if path.startswith("/api"):
                found += sum(server.json(f"{path}?" + urllib.parse.urlencode(
                    {"q": query, "lang": language, "limit": 1}))["total"] > 0
                    for query in sorted(queries)[:20])
            p50.append(percentile(times, 0.5))
            p95.append(percentile(times, 0.95))
            slowest = max(slowest, *times)
        note = f"p50 {statistics.median(p50):.1f}, slowest {slowest:.0f} ms"
        if path.startswith("/api"):
            note += f"; {found} of {20 * repetitions} looked at found something"
        results.spread_of(f"{name} p95, {language}", p95, "ms", target, True, note)


def some_commitments(server, seed, count):
    """Commitments from all over the list."""
    listed = server.json("/api/v1/commitments?limit=200&held=true")
    ids = [row["id"] for row in listed["commitments"]]
    for year in (1994, 1998, 2001, 2005, 2018):
        rows = server.json(f"/api/v1/commitments?limit=200&held=true&year={year}")
        ids += [row["id"] for row in rows["commitments"]]
    return random.Random(seed).sample(sorted(set(ids)), min(count, len(set(ids))))


def measure_verify(program, node, results):
    walls, peak, leaves = [], 0, 0
    for _ in range(REPETITIONS):
        wall, _, memory, out = program.run("ledger", "verify", "--node", node, "--format", "json")
        report = json.loads(out)
        if not report["ok"]:
            sys.exit(f"the ledger does not verify: {report}")
        leaves = report["size"]
        walls.append(wall)
        peak = max(peak, memory)
    results.spread_of("ledger verify", walls, "s", 5, True,
                      f"{leaves:,} leaves, {peak / MB:.0f} MB")


def milliseconds(text):
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def measure_cached_page(server, target, results):
    if shutil.which("wrk") is None:
        progress("wrk is not installed (scripts/setup test): the cached page was not measured")
        return
    server.get(target)
    rates, slowest = [], []
    for _ in range(REPETITIONS):
        out = subprocess.run(["wrk", "-t2", "-c32", "-d10s", "--latency",
                              f"http://127.0.0.1:{server.port}{target}"],
                             capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in out:
            sys.exit(f"wrk met errors:\n{out}")
        rates.append(float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]))
        slowest.append(milliseconds(re.search(r"99%\s+(\S+)", out)[1]))
    results.spread_of("cached commitment page", rates, "requests/s", 2000, False,
                      "wrk -t2 -c32 -d10s on the same processors")
    results.spread_of("cached commitment page, p99", slowest, "ms", 20)


def measure_first_load(server, target, results):
    """The page and everything that it names, compressed as a browser asks for it."""
    todo, sizes = [target], {}
    while todo:
        one = todo.pop()
        if one in sizes:
            continue
        status, headers, body = server.get(one, **{"Accept-Encoding": "br, gzip"})
        if status != 200:
            sys.exit(f"{one} answered {status}")
        sizes[one] = len(body) + sum(len(k) + len(v) + 4 for k, v in headers.items())
        _, _, plain = server.get(one, **{"Accept-Encoding": "identity"})
        text = plain.decode("utf-8", "replace")
        named = []
        if one == target:
            for tag in re.findall(r"<(?:link|script|img|source)\b[^>]*>", text):
                if re.search(r'rel="(alternate|canonical|next|prev|license|search)', tag):
                    continue
                named += re.findall(r'(?:src|href)="([^"]+)"', tag)
        elif one.split("?")[0].endswith(".css"):
            named = [urllib.parse.urljoin(one, name)
                     for name in re.findall(r'url\("?([^")]+)"?\)', text)]
        todo += [name for name in named if name.startswith("/")]
    results.add("first load of a commitment page", sum(sizes.values()) / 1000, "kB", 200,
                note=f"{len(sizes)} files with their heads, every font that the style names")


def measure_pages(server, ids, results):
    """Without targets: what a reader waits for when nothing is kept yet."""
    times = [server.timed(f"/en/commitments/{id}") for id in ids]
    results.add("commitment page, not kept, p95", percentile(times, 0.95), "ms",
                note=f"p50 {percentile(times, 0.5):.1f}, slowest {max(times):.0f} ms")
    for name, target in (("home page, not kept", "/es/"),
                         ("browse page, not kept", "/es/commitments"),
                         ("browse page 1,000, not kept", "/es/commitments?page=1000"),
                         ("browse page by theme, not kept", "/es/commitments?meeting=summit-2001"),
                         ("documents page, not kept", "/es/documents"),
                         ("themes page, not kept", "/es/themes"),
                         ("API: list", "/api/v1/commitments?limit=20"),
                         ("API: overview", "/api/v1/overview"),
                         ("API: sources", "/api/v1/sources"),
                         ("antecedents of one, first time", f"/api/v1/commitments/{ids[0]}/candidates"),
                         ("antecedents of one, then", f"/api/v1/commitments/{ids[1]}/candidates")):
        results.add(name, server.timed(target), "ms")


def measure_export(program, node, results):
    folder = node.parent
    for form in ("json", "csv"):
        out = folder / f"export.{form}"
        wall, _, peak, _ = program.run("commitments", "export", "--node", node, "--format", form,
                                       "--out", out)
        results.add(f"export as {form}", wall, "s",
                    note=f"{out.stat().st_size / MB:,.0f} MB, memory {peak / MB:,.0f} MB")
        out.unlink()


def measure_size(node, results):
    index = sum(f.stat().st_size for f in (node / "index").rglob("*") if f.is_file())
    store = sum(f.stat().st_size for f in node.glob("atalaya.db*"))
    results.add("store on disk", store / MB, "MB")
    results.add("search index on disk", index / MB, "MB")


# ---- all of it -----------------------------------------------------------------------------


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--items", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--program", type=pathlib.Path,
                        default=SOURCE / "build/bench/src/app/atalaya")
    parser.add_argument("--folder", type=pathlib.Path, default=SOURCE / "build/bench/desk",
                        help="pages and node are made here")
    parser.add_argument("--json", type=pathlib.Path, default=SOURCE / "build/bench/desk.json")
    parser.add_argument("--reuse", action="store_true", help="measure the node of the last run")
    return parser.parse_args()


def run(options, results):
    program, node = Program(options.program), options.folder / "node"
    if not options.reuse:
        progress(f"writing pages with {options.items:,} items")
        files = pages.write_pages(options.folder / f"pages-{options.seed}", options.items,
                                  options.seed)
        create_node(program, node)
        measure_import(program, node, files, options.items, results)
        measure_following(program, node, results)
    measure_size(node, results)
    measure_verify(program, node, results)
    measure_start(program, node, results)
    server = Server(program, node)
    try:
        measure_search(server, options.seed, results)
        results.add("memory of serve, after the queries", server.memory() / MB, "MB", 1000,
                    note=f"{server.memory('RssAnon') / MB:,.0f} MB its own")
        ids = some_commitments(server, options.seed, QUERIES)
        measure_first_load(server, f"/en/commitments/{ids[0]}", results)
        measure_cached_page(server, f"/en/commitments/{ids[0]}", results)
        measure_pages(server, ids[1:], results)
        measure_search(server, options.seed, results, "/{lang}/search", "search page", 1, None)
        results.add("memory of serve, after all pages", server.memory() / MB, "MB")
    finally:
        server.stop()
    measure_export(program, node, results)


def main():
    options = parse_arguments()
    if not os.access(options.program, os.X_OK):
        sys.exit(f"{options.program} is no program; give --program, or run scripts/bench")
    about = {"machine": machine(), "commit": commit(), "seed": options.seed,
             "items": options.items, "date": time.strftime("%Y-%m-%d"),
             "program": str(options.program)}
    results = Results()
    try:
        run(options, results)
    finally:
        about["machine"]["load_after"] = os.getloadavg()[0]
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({**about, "results": results.rows}, indent=1) + "\n")
        where = about["machine"]
        print(f"{where['processors']} processors {where['model']}, {where['memory']}; load "
              f"{where['load_before']:.1f} before, {where['load_after']:.1f} after\n"
              f"commit {about['commit']}, seed {options.seed}, {options.items:,} items, "
              f"{REPETITIONS} repetitions (median; least to largest)\n")
        print(results.table())


if __name__ == "__main__":
    main()
