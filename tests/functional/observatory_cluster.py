#!/usr/bin/env python3
"""Facts in a ClickHouse cluster of two servers: the tables of the same files in the node's folder,
byte for byte; a server killed in the middle of a load; erasing, backup, and moving back and forth.

Every file here is synthetic. Skipped, and said so, where ClickHouse is not installed."""

import pathlib
import random
import re
import shutil
import sys
import tempfile
import time
import unittest

import clickhouse_support as clickhouse
from support import POPULATION_MAPPING, Case, cases_mapping, main, run, start

PLACES = [f"PA-{i}" for i in range(1, 10)]
TABLES = [
    ("homicide_victims", "period:year", "territory=PAN"),
    ("homicide_victims", "territory,sex", "territory=PAN,period=2023"),
    ("homicide_victims", "period:month,age", "territory=PA-8|PA-3"),
    ("homicide_victims", "x_shift,mechanism", "territory=PAN"),
    ("homicide_rate", "period:year,territory:admin1", "territory=PAN"),
    ("homicide_rate", "territory:country", "territory=PAN,period=2023-01|2023-02|2024"),
    ("homicide_share_firearm", "period:year,sex", "territory=PAN"),
    ("homicide_rate", "source,period:year", "territory=PAN"),
]


def crimes(seed, rows, years=(2022, 2023, 2024)):
    rng = random.Random(seed)
    out = ["date,place,sex,age,means,shift,n"]
    for _ in range(rows):
        count = "<5" if rng.random() < 0.02 else rng.randint(0, 9)
        out.append(f"{rng.choice(years)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02},"
                   f"{rng.choice(PLACES)},{rng.choice(['M', 'F', ''])},{rng.randint(0, 99)},"
                   f"{rng.choice(['firearm', 'sharp_object', ''])},"
                   f"{rng.choice(['day', 'night'])},{count}")
    return "\n".join(out) + "\n"


POPULATIONS = "year,place,n\n" + "".join(
    f"{year},{place},{100000 + 1000 * i + year}\n"
    for year in (2022, 2023, 2024) for i, place in enumerate(PLACES))


class Cluster(Case):
    @classmethod
    def setUpClass(cls):
        cls.shared = pathlib.Path(tempfile.mkdtemp(prefix="atalaya-functional-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.servers = cls.enterClassContext(clickhouse.Servers())
        files = {"crimes.toml": cases_mapping(age="age", mechanism="means", x_shift="shift"),
                 "population.toml": POPULATION_MAPPING,
                 "first.csv": crimes(1, 20000), "second.csv": crimes(2, 6000, (2024, 2025)),
                 "population.csv": POPULATIONS}
        for name, text in files.items():
            (cls.shared / name).write_text(text)
        cls.embedded, cls.cluster = cls.shared / "embedded", cls.shared / "cluster"
        made = run("init", cls.embedded, "--name", "Synthetic", "--country", "PAN")
        assert made.code == 0, made
        shutil.copytree(cls.embedded, cls.cluster)
        cls.join(cls.cluster, "shared")
        for node in (cls.embedded, cls.cluster):
            for name, source in (("first", "crimes"), ("second", "crimes"),
                                 ("population", "population")):
                answer = cls.load_into(node, name, source)
                assert answer.code == 0, answer

    @classmethod
    def join(cls, node, database):
        """Writes the cluster into node.toml."""
        with open(node / "node.toml", "a") as out:
            out.write(f'facts = "{cls.servers.address}/{database}"\n'
                      f'facts_credentials = "{cls.servers.credentials}"\n')

    @classmethod
    def load_into(cls, node, name, mapping, starter=run):
        return starter("observatory", "load", "--node", node, "--source",
                       "office" if mapping == "population" else "police", "--mapping",
                       cls.shared / f"{mapping}.toml", "--format", "json",
                       cls.shared / f"{name}.csv")

    def copy(self, node, name):
        shutil.copytree(node, self.folder / name)
        return self.folder / name

    def tables(self, node, some=TABLES):
        out = {}
        for indicator, by, where in some:
            answer = self.ok("observatory", "table", "--node", node, "--indicator", indicator,
                             "--by", by, "--where", where, "--draft", "--format", "csv")
            out[indicator, by, where] = answer.out
        return out

    def submissions(self, node):
        return self.ok("observatory", "submissions", "--node", node, "--format", "json").json

    def rows(self, database, table="facts_local"):
        """Rows of each server."""
        return [int(self.servers.ask(i, f"SELECT count() FROM {database}.{table}"))
                for i in range(2)]

    def test_1_equal_tables_from_both(self):
        expected = self.tables(self.embedded)
        for name, table in self.tables(self.cluster).items():
            self.assertEqual(table, expected[name], name)
            self.assertGreater(table.count(b"\n"), 1, name)
        # Facts lie in the cluster, on both servers, and in no file of the node that loaded them.
        first, second = self.rows("shared")
        self.assertGreater(min(first, second), 5000)
        own = {p.name for p in (self.cluster / "facts").iterdir()}
        self.assertEqual(own, {p.name for p in (self.embedded / "facts").iterdir()
                               if not re.match(r"police|office", p.name)})
        # Loading the same file again changes nothing.
        again = self.load_into(self.cluster, "second", "crimes").json
        self.assertTrue(again["unchanged"], again)
        self.assertEqual(self.rows("shared"), [first, second])
        self.ok("doctor", "--node", self.cluster)

    def test_2_a_server_killed_in_the_middle_of_a_load(self):
        node = self.copy(self.embedded, "killed")
        self.join(node, "killed")
        self.ok("observatory", "move-facts", "--node", node, "--to", "cluster")
        some = TABLES[2:4]
        before, listed = self.tables(node, some), self.submissions(node)
        (self.shared / "third.csv").write_text(crimes(3, 20000, (2026,)))
        count = "SELECT count() FROM killed.sets"
        sets = self.servers.ask(0, count)
        load = self.load_into(node, "third", "crimes", start)
        while self.servers.ask(0, count) == sets:  # the first thing that a load sends
            self.assertIsNone(load.poll(), "the load ended before it began")
        self.servers.pause(1)
        time.sleep(0.3)
        self.assertIsNone(load.poll(), "the load ended without its second server")
        self.servers.kill(1)
        _, errors = load.communicate(timeout=60)
        errors = errors.decode()
        self.assertNotEqual(load.returncode, 0)
        self.assertRegex(errors, r"\[observatory\.facts\.unavailable\]")
        self.assertIn(f"127.0.0.1:{self.servers.ports[1][0]}", errors)
        self.assertNotIn(self.servers.password, errors)
        # Nothing is counted, and without the server there is no answer from half of the facts.
        self.assertEqual(self.submissions(node), listed)
        part = self.fails(7, "observatory", "table", "--node", node,
                          "--indicator", "homicide_victims", "--by", "period:year", "--where",
                          "territory=PAN", "--draft")
        self.assertRegex(part.reason, r"observatory\.facts\.unavailable")
        self.assertEqual(part.out, b"")
        doctor = run("doctor", "--node", node)
        self.assertNotEqual(doctor.code, 0)
        self.assertIn("ClickHouse", doctor.text)
        self.servers.start(1)
        self.servers.wait(1)
        self.assertEqual(self.tables(node, some), before)
        loaded = self.load_into(node, "third", "crimes")
        self.assertEqual(loaded.code, 0, loaded)
        self.assertEqual(len(self.submissions(node)), len(listed) + 1)
        self.ok("doctor", "--node", node)

    def test_3_erased_facts_are_gone_from_the_servers(self):
        node = self.copy(self.embedded, "erased")
        self.join(node, "erased")
        self.ok("observatory", "move-facts", "--node", node, "--to", "cluster")
        last = max(s["submission"] for s in self.submissions(node) if s["source"] == "police")
        folders = [self.servers.folder / str(i) / "data" / "data" / "erased" / "facts_local"
                   for i in range(2)]
        rows = self.rows("erased")
        self.ok("observatory", "erase", "--node", node, "--submission", last, "--reason",
                "synthetic law")
        self.assertTrue(all(a < b for a, b in zip(self.rows("erased"), rows)))
        live = {p for p in self.servers.ask(0, "SELECT DISTINCT partition FROM system.parts WHERE "
                                               "database = 'erased' AND active").split()}
        deadline = time.monotonic() + 20
        while any(p.name.split("_")[0] not in live for folder in folders
                  for p in folder.glob("*_*_*_*")):
            self.assertLess(time.monotonic(), deadline, "erased rows stay on the disk")
            time.sleep(0.2)
        self.ok("doctor", "--node", node)
        # A server that does not answer may still hold rows: they count no more, and that is said.
        first = min(s["submission"] for s in self.submissions(node) if s["source"] == "police")
        self.servers.kill(1)
        failed = self.fails(7, "observatory", "erase", "--node", node, "--submission", first,
                            "--reason", "synthetic law", reason="observatory.facts.not_destroyed")
        self.assertIn(f"127.0.0.1:{self.servers.ports[1][0]}", failed.errors)
        self.assertTrue([s for s in self.submissions(node) if s["submission"] == first][0]["erased"])
        self.servers.start(1)
        self.servers.wait(1)
        self.assertEqual(self.rows("erased")[0], min(self.rows("erased")))
        self.ok("doctor", "--node", node)

    def test_4_backup_needs_no_cluster_and_facts_move_back(self):
        backup = self.folder / "node.backup"
        self.ok("backup", "--node", self.cluster, backup)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["node.backup"])
        restored = self.folder / "restored"
        self.ok("restore", backup, restored)
        self.assertNotRegex((restored / "node.toml").read_text(), r"(?m)^facts\s*=")
        some = TABLES[2:6]
        expected = self.tables(self.embedded, some)
        self.assertEqual(self.tables(restored, some), expected)
        config = restored / "node.toml"
        text = config.read_text().replace("# restored from a backup, facts in this folder: ", "")
        self.assertRegex(text, "(?m)^facts = ")
        config.write_text(text.replace("/shared\"", "/moved\""))
        there = self.ok("observatory", "move-facts", "--node", restored, "--to", "cluster",
                        "--format", "json").json
        self.assertGreater(there["moved"], 2)
        self.assertEqual(self.tables(restored, some), expected)
        self.ok("observatory", "move-facts", "--node", restored, "--to", "folder")
        self.assertEqual(self.rows("moved"), [0, 0])
        self.ok("doctor", "--node", restored)
        self.assertEqual(self.tables(restored, some), expected)

    def test_5_a_wrong_password_is_said_and_never_shown(self):
        node = self.copy(self.embedded, "denied")
        secret = self.write("wrong.toml", 'user = "atalaya"\npassword = "wrong-hunter2"\n')
        secret.chmod(0o600)
        with open(node / "node.toml", "a") as out:
            out.write(f'facts = "{self.servers.address}/denied"\nfacts_credentials = "{secret}"\n')
        (self.shared / "small.csv").write_text(crimes(4, 10, (2027,)))
        answer = self.load_into(node, "small", "crimes")
        self.assertNotEqual(answer.code, 0)
        self.assertEqual(answer.reason, "observatory.facts.denied", answer)
        self.assertNotIn("hunter2", answer.errors + answer.text)
        secret.chmod(0o644)
        answer = run("observatory", "submissions", "--node", node)
        self.assertEqual(answer.reason, "observatory.facts.credentials", answer)
        self.assertIn("chmod 600", answer.errors)


if __name__ == "__main__":
    if clickhouse.program() is None:
        print("ClickHouse is not installed (scripts/setup test): SKIPPED", file=sys.stderr)
        sys.exit(clickhouse.SKIPPED)
    main()
