#!/usr/bin/env python3
"""Speed of the cube with a million dated values (synthetic, seed 1): time of the server for slices of
the matrix, pages of states and commitments, and cells as JSON, none of them kept.

usage: ATALAYA_PROGRAM=build/release/src/app/atalaya bench/follow_up.py [VALUES]

The values are written past the log, straight into the store: `doctor` would refuse this node.
"""
import json
import os
import pathlib
import random
import sqlite3
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/functional"))
import support  # noqa: E402


def fill(node, values, chance):
    """`values` States' reports over all cells of states, on days of 32 years, and as many rows of
    the store's own counter as one write makes."""
    database = sqlite3.connect(node / "atalaya.db")
    commitments = [row[0] for row in database.execute(
        "SELECT id FROM commitments WHERE actionable = 1 AND document NOT LIKE 'pns%'")]
    scale = [v["id"] for s in json.loads((pathlib.Path(__file__).resolve().parents[1] /
             "catalogue/followup/scales.json").read_text()) if s["id"] == "state_report"
             for v in s["values"]]
    states = [c["id"] for c in json.loads((pathlib.Path(__file__).resolve().parents[1] /
              "catalogue/countries.json").read_text()) if c.get("is_state", c.get("state"))]
    rows = []
    cells = [(c, s) for c in commitments for s in states]
    each = -(-values // len(cells))
    for commitment, state in cells:
        days = sorted(chance.randrange(32 * 12) for _ in range(each))
        for version, day in enumerate(days, 1):
            date = f"{1995 + day // 12}-{day % 12 + 1:02d}-15"
            rows.append((commitment, state, version, date, chance.choice(scale), "", "", "", "",
                         "synthetic", "en", "[]", date + "T12:00:00Z", "synthetic"))
    database.executemany("INSERT INTO followup_reports(commitment, actor, version, as_of, value, "
                         "actions, law, programme, budget, text, language, sources, reported_at, "
                         "reported_by) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", rows)
    database.commit()
    database.close()
    return len(rows), commitments, states


def processor_ms(pid):
    """What the program itself has needed so far: other work on the machine does not count."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(port, path):
    """Milliseconds to the first byte, and bytes; waits where the program bounds costly answers."""
    while True:
        begin = time.perf_counter()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                answer.read(1)
                first = time.perf_counter() - begin
                return 1000 * first, 1 + len(answer.read())
        except urllib.error.HTTPError as refused:
            if refused.code != 429:
                raise
            time.sleep(int(refused.headers["Retry-After"]))


def main():
    values = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        node = pathlib.Path(folder) / "node"
        assert support.run("init", node, "--name", "Bench", "--country", "PAN").code == 0
        count, commitments, states = fill(node, values, chance)
        server = support.Server(node)
        try:
            day = lambda: f"{chance.randrange(1996, 2026)}-{chance.randrange(1, 13):02d}-20"  # noqa: E731
            slices = {
                "matrix, a page, any day": lambda: f"/es/follow-up?as_of={day()}",
                "matrix, as it was known on a day":
                    lambda: f"/es/follow-up?as_of={day()}&known_on={day()}",
                "one state": lambda: f"/en/follow-up/actors/{chance.choice(states)}?as_of={day()}",
                "one commitment":
                    lambda: f"/en/follow-up/commitments/{chance.choice(commitments)}?as_of={day()}",
                "one cell": lambda: "/en/follow-up/cells/{}/{}?as_of={}".format(
                    chance.choice(commitments), chance.choice(states), day()),
                "a state's cells as JSON":
                    lambda: f"/api/v1/follow-up/cells?actor={chance.choice(states)}&as_of={day()}",
                "all cells as CSV": lambda: f"/api/v1/follow-up/cells?format=csv&as_of={day()}",
            }
            before = processor_ms(server.process.pid)
            first, _ = ask(server.port, "/es/follow-up")
            print(f"{count} values; first page after the start {first:.0f} ms, of the processor "
                  f"{processor_ms(server.process.pid) - before:.0f} ms")
            for name, path in slices.items():
                times = []
                size = 0
                before = processor_ms(server.process.pid)
                for _ in range(40):
                    taken, size = ask(server.port, path())
                    times.append(taken)
                times.sort()
                print(f"{name:<34} median {statistics.median(times):6.1f} ms   "
                      f"p95 {times[37]:6.1f} ms   processor "
                      f"{(processor_ms(server.process.pid) - before) / 40:6.1f} ms   "
                      f"{size / 1000:7.0f} kB")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
