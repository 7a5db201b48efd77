#!/usr/bin/env python3
"""What came of the commitments, by the program alone: registers in and out, and briefs in the three
forms that people carry into a room."""

import io
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import urllib.request
import zipfile
from xml.etree import ElementTree

from support import Case, Server, main, run, shared_documents


class Registers(Case):
    def test_a_register_goes_round_and_a_bad_row_stops_the_file(self):
        node = self.node()
        listed = self.ok("registers", "list", "--node", node, "--format", "json").json
        self.assertEqual(len(listed), 8)
        good = self.folder / "duties.csv"
        good.write_text("language,title,instrument,owed_by,recipient,every,by,source,read_on\n"
                        "en,\"=synthetic, 1\",att,parties,Secretariat,1,05-31,synthetic,2026-11-22\n",
                        encoding="utf-8")
        self.ok("registers", "import", "--node", node, "report_duties", good)
        log = self.ledger(node)["root"]
        self.ok("registers", "import", "--node", node, "report_duties", good)
        self.assertEqual(self.ledger(node)["root"], log)
        out = self.folder / "out.csv"
        self.ok("registers", "export", "--node", node, "report_duties", "--out", out)
        self.ok("registers", "import", "--node", node, "report_duties", out)
        self.assertEqual(self.ledger(node)["root"], log)
        bad = self.folder / "bad.csv"
        bad.write_text(good.read_text(encoding="utf-8") +
                       "en,two,nato,parties,x,1,05-31,synthetic,2026-11-22\n", encoding="utf-8")
        answer = self.fails(3, "registers", "import", "--node", node, "report_duties", bad,
                            reason="followup.register.field")
        self.assertIn("bad.csv, line 3", answer.errors)
        self.assertEqual(self.ledger(node)["root"], log)


class Treaties(Case):
    def test_acts_are_taken_back_with_a_reason_only(self):
        node = self.node()
        head = "party,instrument,kind,date,source,read_on,retract\n"
        row = "PAN,att,{},2013-06-03,synthetic,2026-11-01,{}\n"
        file = self.folder / "acts.csv"
        file.write_text(head + row.format("signature", ""), encoding="utf-8")
        self.ok("treaties", "import", "--node", node, file)
        command = ("treaties", "import", "--node", node, file)
        file.write_text(head + row.format("signature", "").replace("synthetic", "other"),
                        encoding="utf-8")
        differs = self.ok(*command, "--dry-run").text
        self.assertIn('signature 2013-06-03, source "synthetic"', differs)
        self.assertIn('signature 2013-06-03, source "other"', differs)
        file.write_text(head + row.format("signature", "yes"), encoding="utf-8")
        plan = self.ok(*command, "--dry-run", "--format", "json").json
        self.assertEqual((plan["taken_back"], plan["changes"][0]["change"]), (1, "retracted"))
        self.assertIn("takes back one act", self.ok(*command, "--dry-run").text)
        log = self.ledger(node)["root"]
        self.fails(5, *command, reason="followup.treaties.changes")
        answer = self.fails(3, *command, "--accept-changes", "--reason", "no",
                            reason="followup.treaties.reason")
        self.assertIn("--reason", answer.errors)
        self.assertEqual(self.ledger(node)["root"], log)
        self.ok(*command, "--accept-changes", "--reason", "read in the wrong column")
        self.assertNotEqual(self.ledger(node)["root"], log)

    def test_an_import_of_reports_answers_in_json(self):
        node = self.node()
        file = self.folder / "reports.csv"
        self.ok("reports", "export", "--node", node, "--out", file)
        answer = self.ok("reports", "import", "--node", node, file, "--format", "json").json
        self.assertEqual((answer["reports"], answer["changes"]), (0, []))


class Checklists(Case):
    def test_marks_go_round_and_a_difference_is_shown_first(self):
        node = self.node()
        listed = self.ok("checklists", "list", "--node", node, "--format", "json").json
        self.assertIn("cifta", [one["id"] for one in listed])
        good = self.folder / "marks.csv"
        good.write_text("checklist,item,country,value,law,article,quote,language,read_on\n"
                        "cifta,art-6,PAN,X,Synthetic Act,7,\"=synthetic, words\",en,2026-10-01\n",
                        encoding="utf-8")
        self.ok("checklists", "import", "--node", node, good)
        log = self.ledger(node)["root"]
        out = self.folder / "out.csv"
        self.ok("checklists", "export", "--node", node, "--out", out)
        for file in (good, out):
            self.ok("checklists", "import", "--node", node, file)
        self.assertEqual(self.ledger(node)["root"], log)
        bad = self.folder / "bad.csv"
        bad.write_text(good.read_text(encoding="utf-8") + "cifta,art-6,COL,X,,,,,\n",
                       encoding="utf-8")
        answer = self.fails(3, "checklists", "import", "--node", node, bad,
                            reason="followup.entry.field")
        self.assertIn("bad.csv, line 3", answer.errors)
        other = self.folder / "other.csv"
        other.write_text(good.read_text(encoding="utf-8").replace(",7,", ",8\x1b[7m,"),
                         encoding="utf-8")
        answer = self.fails(5, "checklists", "import", "--node", node, other,
                            reason="followup.entry.changes")
        self.assertIn('article: kept "7", file says "8\\x1B[7m"', answer.text)
        self.assertEqual(self.ledger(node)["root"], log)
        self.ok("checklists", "import", "--node", node, "--accept-changes", other)
        self.ok("doctor", "--node", node)

    def test_a_round_lists_its_questionnaires(self):
        node = self.node()
        forms = self.ok("rounds", "list", "--node", node, "--format", "json").json
        self.assertEqual({form["id"] for form in forms["questionnaires"]},
                         {"mem", "mesicic", "mesecvi", "csbm", "arms-transparency"})
        self.fails(4, "rounds", "export", "--node", node, "nowhere",
                   reason="followup.round.unknown")
        self.fails(4, "rounds", "report", "--node", node, "nowhere", "--out",
                   self.folder / "r.pdf", reason="followup.round.unknown")


class Briefs(Case):
    def test_html_pdf_and_docx_say_the_same(self):
        node = self.node()
        for suffix in ("html", "pdf", "docx"):
            self.ok("brief", "--node", node, "--country", "PAN", "--lang", "es", "--theme",
                    "firearms", "--out", self.folder / f"b.{suffix}")
        html = (self.folder / "b.html").read_text(encoding="utf-8")
        self.assertIn("<h1>Panamá</h1>", html)
        with zipfile.ZipFile(io.BytesIO((self.folder / "b.docx").read_bytes())) as docx:
            self.assertIsNone(docx.testzip())
            self.assertIn("Preguntas para hacer", docx.read("word/document.xml").decode())
        if shutil.which("pdftotext"):
            text = subprocess.run(["pdftotext", self.folder / "b.pdf", "-"], check=True,
                                  capture_output=True).stdout.decode()
            self.assertIn("Preguntas para hacer", text)

    def test_links_lead_to_the_node_where_it_has_a_name(self):
        node = self.node()
        command = ("brief", "--node", node, "--country", "PAN", "--out", self.folder / "b.html")
        self.ok(*command)
        nameless = (self.folder / "b.html").read_text(encoding="utf-8")
        self.assertIn("has no public name", nameless)
        with open(node / "node.toml", "a", encoding="utf-8") as settings:
            settings.write('host_names = ["nodo.example"]\n')
        self.ok(*command, "--replace")
        named = (self.folder / "b.html").read_text(encoding="utf-8")
        self.assertNotIn("has no public name", named)
        self.assertIn('href="http://nodo.example/en/countries/PAN"', named)
        self.assertGreater(named.count("http://nodo.example/en/commitments/"), 5)

    def test_a_date_that_was_kept_early_is_said_to_be_met(self):
        documents = shared_documents()
        node = self.node()
        self.ok("commitments", "import", "--node", node, *documents.values())
        rows = self.ok("commitments", "export", "--node", node, "--format", "json").json
        due = [row["id"] for row in rows["commitments"]
               if any(d["edtf"] == "2004" for d in row["due"])]
        self.assertTrue(due)
        file = self.folder / "outcome.csv"
        file.write_text("language,commitment,outcome,date,source\n"
                        f"en,{due[0]},done,2003-10-28,synthetic\n", encoding="utf-8")
        self.ok("registers", "import", "--node", node, "deadline_outcomes", file)
        self.ok("brief", "--node", node, "--country", "PAN", "--out", self.folder / "b.html")
        self.assertIn("Met early, 28 October 2003",
                      (self.folder / "b.html").read_text(encoding="utf-8"))

    def test_a_progress_report_comes_in_three_forms_and_only_for_a_meeting(self):
        node = self.node()
        for suffix in ("html", "pdf", "docx"):
            self.ok("brief", "--node", node, "--progress", "summit-1998", "--lang", "es", "--out",
                    self.folder / f"p.{suffix}")
        html = (self.folder / "p.html").read_text(encoding="utf-8")
        self.assertIn("<h1>Informe de avance</h1>", html)
        self.assertIn("Sin informe: 34 de 34 Estados", html)
        self.fails(4, "brief", "--node", node, "--progress", "summit-1900", "--out",
                   self.folder / "x.pdf", reason="followup.progress.meeting")

    def test_what_is_no_country_is_named(self):
        self.fails(4, "brief", "--node", self.node(), "--country", "ZZZ", "--out",
                   self.folder / "b.pdf", reason="followup.brief.country")
        self.assertFalse((self.folder / "b.pdf").exists())


class Deadlines(Case):
    """The 28 dates of the source documents, and who owes a report: by the program's own data."""

    @classmethod
    def setUpClass(cls):
        documents = shared_documents()
        cls.keep = tempfile.TemporaryDirectory()
        cls.node_folder = pathlib.Path(cls.keep.name) / "node"
        assert run("init", cls.node_folder, "--name", "Dates", "--country", "PAN", "--language",
                   "en").code == 0
        assert run("commitments", "import", "--node", cls.node_folder,
                   *documents.values()).code == 0
        cls.server = Server(cls.node_folder)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.keep.cleanup()

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.server.port}{path}") as answer:
            return answer.read()

    def test_every_bound_date_has_one_state(self):
        dates = json.loads(self.get("/api/v1/deadlines"))["deadlines"]
        states = {}
        for date in dates:
            states.setdefault(date["state"], []).append(date["printed"])
        self.assertEqual(len(dates), 28)
        self.assertEqual(states["met_early"], ["2004"])  # held in October 2003
        self.assertEqual(states["late"], ["2010"])       # MISPA III, held in November 2011
        self.assertEqual(states["postponed"], ["December 2025"])
        self.assertEqual({k: len(v) for k, v in states.items()},
                         {"met_early": 1, "met": 13, "late": 1, "postponed": 1, "lapsed": 1,
                          "undated": 11})
        page = self.get("/es/deadlines").decode()
        for name, found in (("Cumplido antes de tiempo", 1), ("Vencido, nada consta", 1)):
            self.assertIn(f"<strong>{found}</strong> ", page)
            self.assertIn(name, page)

    def test_pending_lists_are_the_lists_of_their_actors(self):
        for row in json.loads(self.get("/api/v1/deadlines"))["pending"]:
            mine = json.loads(self.get(f"/api/v1/deadlines?actor={row['actor']}"))["deadlines"]
            for state in ("open", "lapsed", "postponed"):
                self.assertEqual(row[state], sum(d["state"] == state for d in mine), row["actor"])

    def test_a_foreign_parser_reads_the_calendar(self):
        try:
            import icalendar
        except ImportError:
            self.skipTest("the Python package icalendar is not installed")
        calendar = icalendar.Calendar.from_ical(self.get("/api/v1/deadlines?format=ics&actor=ARG"))
        owed = json.loads(self.get("/api/v1/report-calendar?country=ARG"))["reports"]
        days = {event["DTSTART"].dt.isoformat() for event in calendar.walk("VEVENT")}
        for report in owed:
            self.assertIn(report["due"], days)

    def test_the_package_describes_every_column(self):
        with zipfile.ZipFile(io.BytesIO(self.get("/api/v1/follow-up/download?lang=pt"))) as pack:
            package = json.loads(pack.read("datapackage.json"))
            for resource in package["resources"]:
                header = pack.read(resource["path"]).decode().splitlines()[0].split(",")
                fields = resource["schema"]["fields"]
                self.assertEqual(header, [field["name"] for field in fields])
                for field in fields:
                    self.assertTrue(field["description"], (resource["name"], field["name"]))

    def test_a_feed_of_one_topic_is_atom(self):
        atom = "{http://www.w3.org/2005/Atom}"
        feed = ElementTree.fromstring(self.get("/api/v1/follow-up/feed?actor=PAN&lang=fr"))
        self.assertEqual(feed.tag, atom + "feed")
        entries = feed.findall(atom + "entry")
        self.assertTrue(entries)
        for entry in entries:
            self.assertIn("Panama", entry.findtext(atom + "title"))
            self.assertTrue(entry.findtext(atom + "updated"))
        ids = [entry.findtext(atom + "id") for entry in entries]
        self.assertEqual(len(ids), len(set(ids)))

    def test_reminders_name_what_passed_and_what_is_due(self):
        answer = run("deadlines", "--node", self.node_folder, "--within", "365d", "--actor", "ARG",
                     "--format", "json")
        self.assertEqual(answer.code, 0, answer)
        self.assertTrue({"upcoming", "not_recorded"} <= {row["state"] for row in answer.json})
        self.assertEqual(run("deadlines", "--node", self.node_folder, "--within", "soon").code, 3)


if __name__ == "__main__":
    main()
