#!/usr/bin/env python3
"""What came of the commitments, by the program alone: registers in and out, and briefs in the three
forms that people carry into a room."""

import io
import shutil
import subprocess
import unittest
import zipfile

from support import Case, main, shared_documents


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
        self.assertIn("Done, 28 October 2003",
                      (self.folder / "b.html").read_text(encoding="utf-8"))

    def test_what_is_no_country_is_named(self):
        self.fails(4, "brief", "--node", self.node(), "--country", "ZZZ", "--out",
                   self.folder / "b.pdf", reason="followup.brief.country")
        self.assertFalse((self.folder / "b.pdf").exists())


if __name__ == "__main__":
    main()
