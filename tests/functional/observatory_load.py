#!/usr/bin/env python3
"""Figures: bad files, dry runs, kill -9, a full disk, backup, erasing and releases.

Every file here is synthetic. After each refusal the submissions, the ledger and the folder of facts
must be what they were."""

import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time
import unittest

from support import POPULATION_MAPPING, Case, cases_mapping, main, run, start

ROUNDS = int(os.environ.get("ATALAYA_TEST_ROUNDS", "4"))
SEED = int(os.environ.get("ATALAYA_TEST_SEED", "2026"))

HEADER = "date,place,sex,age,n\n"
GOOD = "2024-01-01,PA-8,M,23,2\n"


class DeskCase(Case):
    """One node for all tests of a class; what a test changes it changes in a copy."""

    @classmethod
    def setUpClass(cls):
        cls.shared = pathlib.Path(tempfile.mkdtemp(prefix="atalaya-functional-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.base = cls.shared / "base"
        made = run("init", cls.base, "--name", "Synthetic", "--country", "PAN")
        assert made.code == 0, made
        listed = run("observatory", "submissions", "--node", cls.base)  # loads the catalogue
        assert listed.code == 0, listed

    def setUp(self):
        super().setUp()
        self.mapping = self.write("synthetic.toml", cases_mapping(age="age"))

    def copy(self, name="node"):
        node = self.folder / name
        shutil.copytree(self.base, node)
        return node

    @staticmethod
    def facts(node):
        """What lies in the folder of facts, with the bytes of each file."""
        return {p.name: p.stat().st_size for p in (node / "facts").iterdir()}

    def all_of(self, node):
        submissions = self.ok("observatory", "submissions", "--node", node, "--format", "json").json
        return submissions, self.ledger(node)["size"], self.facts(node)

    def load_file(self, node, content, *more, mapping=None, name="file.csv"):
        file = self.write(name, content)
        return run("observatory", "load", "--node", node, "--source", "synthetic", "--mapping",
                   mapping or self.mapping, "--format", "json", *more, file)

    def loaded(self, node, content, *more, **options):
        answer = self.load_file(node, content, *more, **options)
        self.assertEqual(answer.code, 0, answer)
        return answer.json

    def adds_up(self, report):
        self.assertEqual(report["rows"], report["accepted"] + report["accepted_with_warning"] +
                         report["rejected"] + report["skipped"], report)
        self.assertEqual(report["total"], report["total_accepted"] + report["total_rejected"] +
                         report["total_skipped"], report)


class BadRows(DeskCase):
    """Rows that are refused one by one, each with line, value and reason."""

    CASES = {
        "ragged rows": ("2024-01-02,PA-8,F,40\n2024-01-02,PA-8,F,40,1,9\n",
                        [("ragged", "2024-01-02,PA-8,F,40", 3),
                         ("ragged", "2024-01-02,PA-8,F,40,1,9", 4)]),
        "dates that do not exist": ("2023-02-29,PA-8,F,40,1\n2024-13-01,PA-8,F,40,1\nsoon,PA-8,F,40,1\n",
                                    [("no_such_date", "2023-02-29", 3),
                                     ("no_such_date", "2024-13-01", 4), ("bad_date", "soon", 5)]),
        "ages of 999": ("2024-01-02,PA-8,F,999,1\n", [("bad_age", "999", 3)]),
        "negative counts": ("2024-01-02,PA-8,F,40,-3\n", [("negative", "-3", 3)]),
        "half a victim": ("2024-01-02,PA-8,F,40,1.5\n", [("not_whole", "1.5", 3)]),
        "unknown codes": ("2024-01-02,PA-8,Q,40,1\n2024-01-02,Atlantis,F,40,1\n",
                          [("unknown_code", "Q", 3), ("unknown_territory", "Atlantis", 4)]),
        "a row without a place": ("2024-01-02,,F,40,1\n", [("empty", "", 3)]),
    }

    def test_each_has_line_value_and_reason(self):
        before = self.all_of(self.base)
        for name, (rows, expected) in self.CASES.items():
            with self.subTest(name):
                rejects = self.folder / "rejects.csv"
                report = self.loaded(self.base, HEADER + GOOD + rows, "--dry-run", "--rejects",
                                     rejects)
                self.adds_up(report)
                self.assertEqual((report["accepted"], report["rejected"], report["total_accepted"]),
                                 (1, len(expected), 2), report)
                found = [(f["reason"], f["value"], f["first_line"]) for f in report["findings"]
                         if f["severity"] == "rejection"]
                self.assertEqual(found, expected)
                self.assertTrue(all(f["detail"] for f in report["findings"]))
                lines = rejects.read_text(encoding="utf-8").splitlines()
                self.assertEqual(lines[0], "file,line,column,value,reason,detail,severity,rows")
                self.assertEqual([int(line.split(",")[1]) for line in lines[1:]],
                                 [line for _, _, line in expected])
        self.assertEqual(self.all_of(self.base), before)

    def test_when_no_row_is_good_nothing_is_loaded(self):
        before = self.all_of(self.base)
        answer = self.load_file(self.base, HEADER + "2024-01-02,PA-8,F,999,1\n")
        self.assertEqual((answer.code, answer.reason), (3, "observatory.load.no_facts"), answer)
        self.assertEqual(self.all_of(self.base), before)

    def test_one_place_under_two_names_is_one_and_is_told(self):
        report = self.loaded(self.base, HEADER + GOOD + "2024-01-01,Panama,M,23,5\n", "--dry-run")
        self.adds_up(report)
        self.assertEqual((report["facts"], report["total_accepted"]), (2, 7))
        (finding,) = report["findings"]
        self.assertEqual((finding["severity"], finding["reason"], finding["value"]),
                         ("warning", "guessed", "Panama"))
        self.assertIn('also as "PA-8"', finding["detail"])

    def test_a_population_of_zero_gives_no_rate(self):
        node = self.copy()
        mapping = self.write("population.toml", POPULATION_MAPPING)
        self.loaded(node, "year,place,n\n2024,PA-8,0\n2024,PA-4,100000\n", mapping=mapping,
                    name="population.csv")
        self.loaded(node, HEADER + GOOD + "2024-01-01,PA-4,M,23,2\n")
        rows = self.ok("observatory", "table", "--node", node, "--indicator", "homicide_rate", "--by",
                       "territory:admin1,period:year", "--where", "territory=PAN,period=2024",
                       "--source", "synthetic", "--draft").text
        lines = rows.splitlines()
        names = lines[0].split(",")
        table = {row["territory"]: row for row in
                 (dict(zip(names, line.split(","))) for line in lines[1:])}
        self.assertEqual(table["PA-8"]["count"], "2", rows)
        self.assertEqual((table["PA-8"]["rate"], table["PA-8"]["status"]), ("", "no_denominator"), rows)
        # Two in January of 100,000 inhabitants: a twelfth of a year of exposure.
        self.assertAlmostEqual(float(table["PA-4"]["rate"]), 24.0, 9, rows)


class BadFiles(DeskCase):
    """Files of which nothing is read."""

    LATIN = "2024-01-01,Panamá,M,23,2\n"

    CASES = {
        "empty": (b"", "columns.csv.empty", "empty"),
        "only a header": (HEADER.encode(), "observatory.load.no_rows", "header"),
        "ends mid-row": ((HEADER + GOOD + "2024-01-02,PA").encode(), "columns.csv.truncated",
                         "line 3"),
        "an open quote": ((HEADER + GOOD + '2024-01-02,"PA-8,F,40,1\n' + GOOD).encode(),
                          "columns.csv.unclosed_quote", "line 3"),
        "mixed encodings": ((HEADER + LATIN).encode() + LATIN.encode("latin-1"),
                            "columns.csv.mixed_encodings", "line 3"),
        "binary": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "columns.csv.nul", "NUL"),
        "Parquet": (b"PAR1\x15\x04\x15\x10" + bytes(64) + b"PAR1", "files.parquet", "DuckDB"),
        "another file": (b"a,b\n1,2\n", "observatory.load.column_missing", "has: a, b"),
    }

    def test_an_exact_message_and_nothing_changed(self):
        before = self.all_of(self.base)
        for name, (content, reason, words) in self.CASES.items():
            with self.subTest(name):
                answer = self.load_file(self.base, content)
                self.assertEqual((answer.code, answer.reason), (3, reason), answer)
                self.assertIn("file.csv", answer.errors)
                self.assertIn(words, answer.errors)
        self.assertEqual(self.all_of(self.base), before)

    def test_a_file_of_five_gigabytes(self):
        """Sparse, so that the disk holds a page of it: what is wrong is said from its beginning, and
        memory does not follow its size. The limit of the address space would end a reader that maps
        or holds the file."""
        path = self.folder / "file.csv"
        path.write_text(HEADER + GOOD, encoding="utf-8")
        os.truncate(path, 5 << 30)
        before, started = self.all_of(self.base), time.monotonic()
        answer = run("observatory", "load", "--node", self.base, "--source", "synthetic", "--mapping",
                     self.mapping, path, memory=4 << 30)
        self.assertEqual((answer.code, answer.reason), (3, "columns.csv.nul"), answer)
        self.assertIn("line 3", answer.errors)
        self.assertLess(time.monotonic() - started, 60)
        self.assertEqual(self.all_of(self.base), before)

    def test_a_good_file_with_a_bad_one_is_not_loaded(self):
        before = self.all_of(self.base)
        bad = self.write("cut.csv", HEADER + GOOD + "2024-01-02,PA")
        answer = self.load_file(self.base, HEADER + GOOD, bad)
        self.assertEqual((answer.code, answer.reason), (3, "columns.csv.truncated"), answer)
        self.assertEqual(self.all_of(self.base), before)

    def test_a_wrong_delimiter(self):
        mapping = self.write("semicolon.toml", cases_mapping(age="age", file='[file]\ndelimiter = ";"'))
        answer = self.load_file(self.base, HEADER + GOOD, mapping=mapping)
        self.assertEqual((answer.code, answer.reason), (3, "columns.csv.wrong_delimiter"), answer)
        self.assertIn("','", answer.errors)

    def test_what_is_not_there(self):
        answer = run("observatory", "load", "--node", self.base, "--source", "synthetic", "--mapping",
                     self.mapping, self.folder / "nowhere.csv")
        self.assertEqual((answer.code, answer.reason), (4, "files.not_found"), answer)

    def test_a_bad_mapping_names_its_line(self):
        mapping = self.write("bad.toml", cases_mapping(age="age", file='[file]\ndelimitter = ";"'))
        answer = self.load_file(self.base, HEADER + GOOD, mapping=mapping)
        self.assertEqual((answer.code, answer.reason), (3, "observatory.mapping.bad"), answer)
        self.assertIn("bad.toml, line 9", answer.errors)
        self.assertIn("delimitter", answer.errors)

    def test_a_version_is_one_text(self):
        node = self.copy()
        self.loaded(node, HEADER + GOOD)
        before = self.all_of(node)
        changed = self.write("changed.toml", cases_mapping(age="age") + "# changed\n")
        answer = self.load_file(node, HEADER + GOOD, mapping=changed)
        self.assertEqual((answer.code, answer.reason), (5, "observatory.mapping.version"), answer)
        self.assertEqual(self.all_of(node), before)


class Life(DeskCase):
    def test_dry_run_then_load_then_the_same_again(self):
        node = self.copy()
        before = self.all_of(node)
        dry = self.loaded(node, HEADER + GOOD, "--dry-run")
        self.assertTrue(dry["dry_run"])
        self.assertEqual(self.all_of(node), before)
        first = self.loaded(node, HEADER + GOOD)
        self.assertFalse(first["unchanged"])
        after = self.all_of(node)
        self.assertEqual(len(after[0]), len(before[0]) + 1)
        self.assertEqual(len(after[2]), len(before[2]) + 1)
        again = self.loaded(node, HEADER + GOOD)
        self.assertTrue(again["unchanged"])
        self.assertEqual(again["submission"], first["submission"])
        self.assertEqual(self.all_of(node), after)
        # Other figures for the same months are a revision, and the earlier one stays.
        revised = self.loaded(node, HEADER + "2024-01-01,PA-8,M,23,3\n")
        self.assertEqual(revised["follows"], first["submission"])
        self.assertEqual(len(self.all_of(node)[0]), len(after[0]) + 1)

    def count(self, node, *more):
        answer = run("observatory", "table", "--node", node, "--indicator", "homicide_victims", "--by",
                     "period:year", "--where", "territory=PAN,period=2024", "--source", "synthetic",
                     *more)
        if answer.code != 0 or len(answer.text.splitlines()) < 2:
            return answer
        names, row = (line.split(",") for line in answer.text.splitlines()[:2])
        return dict(zip(names, row))["count"]

    def test_a_group_of_ages_never_counts_a_part_of_itself(self):
        # Those of 12 to 14 lie in another number, so nobody can say how many are under 15.
        node = self.copy()
        self.loaded(node, HEADER + "2024-01-01,PA-8,M,0-11,2\n2024-01-01,PA-8,M,12-17,3\n"
                    "2024-01-01,PA-8,M,16,4\n2024-01-01,PA-8,M,31,5\n2024-01-01,PA-8,M,40,6\n")
        table = self.ok("observatory", "table", "--node", node, "--indicator", "homicide_victims",
                        "--by", "age:broad", "--where", "territory=PAN,period=2024", "--source",
                        "synthetic", "--draft", "--format", "csv").text
        counts = dict(line.split(",")[:2] for line in table.splitlines()[1:])
        self.assertEqual(counts, {"Y_LT12": "2", "Y12T17._U": "3", "Y16": "4", "Y30T44": "11"})

    def test_backup_holds_the_facts_and_erasing_destroys_them(self):
        node = self.copy()
        done = self.loaded(node, HEADER + GOOD)
        self.assertEqual(self.count(node, "--draft"), "2")
        backup, again = self.folder / "node.backup", self.folder / "again"
        self.ok("backup", "--node", node, backup)
        self.ok("restore", backup, again)
        self.assertEqual(self.facts(again), self.facts(node))
        self.assertEqual(self.count(again, "--draft"), "2")
        self.ok("doctor", "--node", again)

        plan = self.write("plan.toml", PLAN.format(id="synthetic-1"))
        self.ok("observatory", "release", "--node", node, "--plan", plan)
        size = self.ledger(node)["size"]
        held = self.facts(node)
        self.ok("observatory", "erase", "--node", node, "--submission", done["submission"],
                "--reason", "Synthetic decision 1 of a synthetic court")
        gone = set(held) - set(self.facts(node))
        self.assertEqual(len(gone), 1)
        self.assertEqual(self.ledger(node)["size"], size + 2)  # and the rows that it changed
        self.assertEqual(self.count(node), "2")  # the release stands
        self.assertNotEqual(self.count(node, "--draft"), "2")
        self.ok("doctor", "--node", node)
        refused = self.fails(3, "observatory", "erase", "--node", again, "--submission",
                             done["submission"], "--reason", " ", reason="observatory.erase.reason")
        self.assertTrue(refused.errors)

    def test_a_release_is_frozen_and_found_by_its_day(self):
        node = self.copy()
        self.loaded(node, HEADER + GOOD)
        plan = self.write("plan.toml", PLAN.format(id="synthetic-1"))
        before = self.all_of(node)
        self.ok("observatory", "release", "--node", node, "--plan", plan, "--dry-run")
        self.assertEqual(self.all_of(node), before)
        self.assertEqual(self.count(node).reason, "observatory.release.none")
        published = self.ok("observatory", "release", "--node", node, "--plan", plan, "--format",
                            "json").json
        self.assertEqual(self.ledger(node)["size"], before[1] + 2)  # and the rows that it wrote
        self.loaded(node, HEADER + "2024-01-01,PA-8,M,23,3\n")
        self.assertEqual(self.count(node), "2")
        self.assertEqual(self.count(node, "--draft"), "3")
        self.assertEqual(self.count(node, "--as_of", published["published_at"][:10]), "2")
        self.assertEqual(self.count(node, "--as_of", "2001-01-01").reason,
                         "observatory.release.none")
        self.fails(5, "observatory", "release", "--node", node, "--plan", plan,
                   reason="observatory.release.exists")
        second = self.write("second.toml", PLAN.format(id="synthetic-2"))
        self.ok("observatory", "release", "--node", node, "--plan", second)
        self.assertEqual(self.count(node), "3")
        self.assertEqual(self.count(node, "--release", "synthetic-1"), "2")

    def test_a_brief_reads_what_a_wider_table_holds(self):
        """The homicide rate by sex answers the question for that of men, but not of femicides."""
        node = self.copy()
        self.loaded(node, HEADER + GOOD + "2024-01-01,PA-4,F,23,9\n")
        plan = self.write("plan.toml", PLAN_BY_PLACE.format(id="by-sex", protect="false").replace(
            "homicide_victims", "homicide_rate").replace("territory:admin1", "territory:country"))
        self.ok("observatory", "release", "--node", node, "--plan", plan)
        brief = self.folder / "brief.html"
        self.ok("brief", "--node", node, "--country", "PAN", "--lang", "en", "--out", brief)
        missing = " ".join(part.split("</p>")[0] for part in
                           brief.read_text(encoding="utf-8").split("No data in this node:")[1:])
        self.assertIn("Femicide rate", missing)
        self.assertNotIn("Homicide rate of women and girls", missing)
        self.assertNotIn("Homicide rate of men and boys", missing)

    def test_what_a_release_showed_cannot_be_hidden_by_the_next(self):
        """A plan that would let readers work a hidden cell out is not published."""
        node = self.copy()
        self.loaded(node, HEADER + GOOD + "2024-01-01,PA-4,M,23,7\n2024-01-01,PA-4,F,23,9\n")
        open_plan = self.write("open.toml", PLAN_BY_PLACE.format(id="open-1", protect="false"))
        self.ok("observatory", "release", "--node", node, "--plan", open_plan)
        before = self.all_of(node)
        hidden = self.write("hidden.toml", PLAN_BY_PLACE.format(id="hidden-1", protect="true"))
        preview = self.ok("observatory", "release", "--node", node, "--plan", hidden, "--dry-run",
                          "--format", "json").json
        self.assertFalse(preview["safe"])
        self.fails(5, "observatory", "release", "--node", node, "--plan", hidden,
                   reason="observatory.release.unsafe")
        self.assertEqual(self.all_of(node), before)

    def test_a_plan_without_a_decision_is_refused(self):
        plan = self.write("plan.toml", 'id = "x"\nname = "X"\n')
        answer = self.fails(3, "observatory", "release", "--node", self.base, "--plan", plan,
                            reason="observatory.release.plan")
        self.assertIn("decision", answer.errors)


PLAN = """
id = "{id}"
name = "Synthetic figures"
[decision]
by = "Synthetic director"
reason = "test"
[[tables]]
indicator = "homicide_victims"
by = "period:year"
where = "territory=PAN"
source = "synthetic"
"""

PLAN_BY_PLACE = """
id = "{id}"
name = "Synthetic figures"
[decision]
by = "Synthetic director"
reason = "test"
[policy]
threshold = 5
[[tables]]
indicator = "homicide_victims"
by = "territory:admin1,period:year,sex"
where = "territory=PAN"
source = "synthetic"
protect = {protect}
reason = "test"
"""


class Crash(DeskCase):
    ROWS = 60_000

    def setUp(self):
        super().setUp()
        rng = random.Random(SEED)
        self.big = self.write("big.csv", HEADER + "".join(
            f"2024-{rng.randint(1, 12):02}-{rng.randint(1, 28):02},PA-{rng.randint(1, 9)},"
            f"{rng.choice('MF')},{rng.randint(0, 99)},{rng.randint(1, 9)}\n"
            for _ in range(self.ROWS)))

    def command(self, node):
        return ["observatory", "load", "--node", node, "--source", "synthetic", "--mapping",
                self.mapping, self.big]

    def test_killed_at_any_moment_it_is_all_or_nothing(self):
        whole = self.copy("whole")
        before = self.all_of(whole)
        begun = time.monotonic()
        self.ok(*self.command(whole))
        seconds = time.monotonic() - begun
        after = self.all_of(whole)
        node = self.copy()
        rng = random.Random(SEED)
        outcomes = []
        for i in range(2 * ROUNDS):
            # The last third is where files and rows are written.
            share = i / ROUNDS if i < ROUNDS else 0.66 + 0.34 * (i - ROUNDS) / ROUNDS
            process = start(*self.command(node), stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=max(0.0, seconds * share + rng.uniform(0, 0.05)))
            except subprocess.TimeoutExpired:
                process.kill()
            process.wait()
            held = self.all_of(node)
            self.assertIn((len(held[0]), held[1]), [(len(before[0]), before[1]),
                                                    (len(after[0]), after[1])])
            outcomes.append(len(held[0]) == len(after[0]))
            if outcomes[-1]:
                shutil.rmtree(node)
                node = self.copy()
        self.assertIn(False, outcomes)
        self.ok("doctor", "--node", node)
        self.ok(*self.command(node))
        final = self.all_of(node)
        self.assertEqual((len(final[0]), final[1]), (len(after[0]), after[1]))
        self.assertEqual(final[0][-1]["segment_rows"], after[0][-1]["segment_rows"])
        # What killed loads left behind goes after a day: another load may be about to name it.
        for file in (node / "facts").iterdir():
            os.utime(file, (0, 0))
        self.ok("doctor", "--node", node)
        self.assertEqual(len(self.facts(node)), len(after[2]))

    @unittest.skipUnless(os.geteuid() == 0, "only root can make a small disk")
    def test_a_full_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", disk],
                              capture_output=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"no tmpfs here: {done.stderr.decode().strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        node = disk / "node"
        shutil.copytree(self.base, node)
        before = self.all_of(node)
        filler = disk / "filler"
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        with open(filler, "wb") as out:
            out.write(bytes(free - 40_000))
        answer = run(*self.command(node))
        self.assertEqual(answer.code, 7, answer)
        self.assertIn("disk", answer.errors.lower())
        filler.unlink()
        self.assertEqual(self.all_of(node), before)
        self.ok("doctor", "--node", node)
        self.ok(*self.command(node))
        self.ledger(node)


if __name__ == "__main__":
    main()
