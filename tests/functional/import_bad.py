#!/usr/bin/env python3
"""What bad files get: a message with the file and, where there is one, the line; nothing half
imported, and never a crash or a wait without end."""

import http.client
import io
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as xml
import zipfile

from support import (WORD, Case, Item, contents, docx, items, main, mandates_docx, mandates_html,
                     mandates_page, ministers_commitment, paragraph, pdf, priorities, run,
                     sentence)

MIB = 1 << 20


class Refused(Case):
    """One node serves all of these tests: after each refusal it holds exactly what it held."""

    @classmethod
    def setUpClass(cls):
        cls.page = mandates_page(items(21, 12))
        cls.lines = cls.page.split("\n")
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="atalaya-functional-"))
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        before = cls.home / "before.txt"
        before.write_text(mandates_page(items(20, 5)))
        cls.kept = cls.home / "node"
        for command in (["init", cls.kept, "--country", "PAN"],
                        ["commitments", "import", "--node", cls.kept, before]):
            answer = run(*command)
            assert answer.code == 0, answer
        cls.before = contents(cls.kept)
        cls.good = []
        for name, content in (("one.txt", cls.page), ("two.txt", ministers_commitment()),
                              ("three.txt", priorities()),
                              ("four.html", mandates_html(items(22, 6)))):
            cls.good.append(cls.home / name)
            cls.good[-1].write_text(content)

    def refuse(self, name, content, *reasons, words=(), codes=(3,)):
        """One bad file among five: refused by name, and the four good ones stay out too."""
        bad = content if hasattr(content, "name") else self.write(name, content)
        answer = run("commitments", "import", "--node", self.kept, *self.good[:2], bad,
                     *self.good[2:])
        self.assertIn(answer.code, codes, answer)
        self.assertIn(answer.reason, reasons, answer)
        self.assertIn(name, answer.errors, answer)
        for word in words:
            self.assertIn(word, answer.errors)
        self.assertEqual(self.before, contents(self.kept), "something was imported")
        return answer

    def test_the_good_ones_alone_come_in(self):
        node = self.folder / "copy"
        shutil.copytree(self.kept, node)
        # The first shares its theme with the page held and none of its items, which then leave it.
        plans = self.load(node, *self.good, accept=True)
        self.assertEqual([p["new"] for p in plans.values()], [12, 5, 4, 6])
        self.ledger(node)
        self.ledger(self.kept)

    def test_not_utf8_names_line_and_column(self):
        lines = list(self.lines)
        at = next(i for i, line in enumerate(lines) if line.startswith("  1. ")) + 4
        content = "\n".join(lines[:at]).encode() + b"\n  1. Caf\xe9 y m\xe1s\n"
        self.refuse("latin1.txt", content, "files.not_utf8", words=(f"line {at + 1}", "column"))

    def test_overlong_and_surrogates_are_not_utf8(self):
        for wrong in (b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"):
            self.refuse("wrong.txt", self.page.encode() + wrong, "files.not_utf8", words=("line",))

    def test_text_that_ends_inside_a_character(self):
        self.refuse("cut.txt", self.page.encode() + b"\xe2\x82", "files.truncated",
                    "files.not_utf8")

    def test_empty(self):
        self.refuse("empty.txt", b"", "files.empty")

    def test_blank(self):
        self.refuse("blank.txt", b"  \n\n \n", "files.empty", "commitments.parse.no_items")

    def test_nothing_like_an_item(self):
        self.refuse("letter.txt", "Dear colleague,\n\nthis is a letter about nothing.\n",
                    "commitments.parse.no_items")

    def test_binary(self):
        self.refuse("photo.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "files.binary")

    def test_nul_bytes(self):
        self.refuse("nul.txt", self.page.encode().replace(b"synthetic", b"syn\0hetic"),
                    "files.binary")

    def test_an_endless_item(self):
        self.refuse("long.txt", "Synthetic strategy\n\n1. Strengthen cooperation.\n"
                    f"2. Promote {'synthetic ' * (MIB // 8)}lists.\n",
                    "commitments.import.long_item", words=("4", "256 KiB"))

    def test_seventy_megabytes(self):
        path = self.folder / "huge.txt"
        with path.open("wb") as out:
            row = ("  1. " + sentence(random.Random(1), 1)["en"] + "\n").encode()
            for _ in range(70):
                out.write(row * (MIB // len(row)))
            out.truncate(70 * MIB)
        answer = self.refuse("huge.txt", path, "files.too_large")
        self.assertEqual(answer.errors.count("huge.txt"), 1, answer)

    def test_a_million_lines(self):
        self.refuse("lines.txt", b"\n" * (2 * 1000 * 1000) + self.page.encode(),
                    "files.too_large")

    def word(self, name, document):
        """A Word file whose main part is made of these pieces of XML."""
        path = self.folder / name
        with zipfile.ZipFile(io.BytesIO(docx(""))) as empty, \
                zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in ("[Content_Types].xml", "_rels/.rels"):
                archive.writestr(part, empty.read(part))
            with archive.open("word/document.xml", "w", force_zip64=True) as out:
                for piece in document:
                    out.write(piece.encode())
        return path

    def test_zip_bomb(self):
        path = self.word("bomb.docx", [f"<w:document xmlns:w='{WORD}'><w:body>",
                                       *[" " * MIB] * 300, "</w:body></w:document>"])
        self.assertLess(path.stat().st_size, MIB)
        self.refuse("bomb.docx", path, "files.bomb")

    def test_entities_that_multiply(self):
        entities = '<!ENTITY a "synthetic">' + "".join(
            f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
        path = self.word("laughs.docx", [
            f"<?xml version='1.0'?><!DOCTYPE w:document [{entities}]><w:document xmlns:w='{WORD}'>"
            "<w:body><w:p><w:r><w:t>1. &j;</w:t></w:r></w:p></w:body></w:document>"])
        self.refuse("laughs.docx", path, "files.malformed", "files.bomb")

    def test_external_entity_is_not_read(self):
        secret = self.write("secret.txt", "TOPSECRET synthetic words (Plan of Action Miami, 1994).")
        path = self.word("outside.docx", [
            f"<?xml version='1.0'?><!DOCTYPE w:document [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>"
            f"<w:document xmlns:w='{WORD}'><w:body><w:p><w:r><w:t>1. Read &x; now</w:t></w:r>"
            "</w:p></w:body></w:document>"])
        node = self.folder / "copy"
        shutil.copytree(self.kept, node)
        run("commitments", "import", "--node", node, path)
        self.assertNotIn(b"TOPSECRET", self.export(node))

    def test_a_zip_that_is_no_word_file(self):
        path = self.folder / "sheet.docx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("xl/workbook.xml", "<workbook/>")
        self.refuse("sheet.docx", path, "files.table")

    def test_truncated_docx(self):
        whole = mandates_docx(items(23, 30))
        for part in (0.3, 0.6, 0.97):
            with self.subTest(part=part):
                self.refuse("cut.docx", whole[:int(len(whole) * part)], "files.truncated",
                            "files.malformed")

    def test_docx_with_broken_xml(self):
        body = paragraph("1. Synthetic item one (Plan of Action Miami, 1994).") + "<w:p><w:r>"
        self.refuse("broken.docx", docx(body), "files.malformed", "files.truncated")

    def test_docx_with_a_flipped_byte(self):
        content = bytearray(mandates_docx(items(24, 40)))
        name = content.index(b"word/document.xml") + len("word/document.xml")
        content[name + 200] ^= 0x55
        self.refuse("flipped.docx", bytes(content), "files.malformed", "files.truncated")

    def pages(self):
        return [["Synthetic list for tests", *[f"1. {i.texts['en']}" for i in items(25 + n, 20)]]
                for n in range(3)]

    def test_truncated_pdf(self):
        whole = pdf(self.pages())
        self.refuse("cut.pdf", whole[:len(whole) // 3], "files.truncated", "files.malformed")

    def test_pdf_of_noise(self):
        noise = b"%PDF-1.7\n" + bytes((i * 7919) % 251 for i in range(20000))
        self.refuse("noise.pdf", noise, "files.malformed", "files.truncated")

    @unittest.skipUnless(shutil.which("qpdf"), "qpdf is not installed")
    def test_encrypted_pdf(self):
        plain, locked = self.write("plain.pdf", pdf(self.pages())), self.folder / "locked.pdf"
        subprocess.run(["qpdf", "--encrypt", "user", "owner", "256", "--", plain, locked],
                       check=True, capture_output=True)
        self.refuse("locked.pdf", locked, "files.encrypted")

    def test_names_that_are_no_files(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        folder = self.folder / "folder.txt"
        folder.mkdir()
        for name in (pipe, folder, "/dev/zero", self.folder / "dangling"):
            if name == self.folder / "dangling":
                os.symlink("nowhere", name)
            with self.subTest(name=str(name)):
                answer = run("commitments", "import", "--node", self.kept, name, timeout=60)
                self.assertIn(answer.code, (3, 4, 6), answer)
                self.assertIn(str(name).rsplit("/", 1)[-1], answer.errors)
        self.assertEqual(self.before, contents(self.kept))

    def test_deep_html(self):
        deep = "<div>" * 200000 + "1. Synthetic" + "</div>" * 200000
        self.refuse("deep.html", "<!doctype html><html><body>" + deep + "</body></html>",
                    "files.malformed", "files.bomb", "commitments.parse.no_items")

    def test_docx_of_ten_thousand_parts(self):
        path = self.write("parts.docx", docx("", {f"word/media/{i}.xml": "" for i in range(12000)}))
        self.refuse("parts.docx", path, "files.bomb", "files.malformed", "files.too_large",
                    codes=(3, 7))


class Tolerated(Case):
    def test_html_with_scripts(self):
        mandates = items(30, 8)
        evil = ("<script>alert('EVIL-1')</script><style>p{content:'EVIL-2'}</style><!-- EVIL-3 -->"
                "<p hidden>EVIL-4</p><noscript>EVIL-5</noscript><template>EVIL-6</template>"
                "<iframe srcdoc='EVIL-7'></iframe><img src=x onerror='EVIL-8'>")
        page = mandates_html(mandates, extra=evil)
        page = page.replace("<li>", "<li onclick='EVIL-9'><script>EVIL-10</script>", 3)
        node = self.node()
        plan = self.load(node, self.write("page.html", page))["page.html"]
        self.assertEqual((plan["items"], plan["citations_printed"]), (8, 8))
        held = self.held(node)
        self.assertEqual({c["text"]["en"] for c in held.values()},
                         {i.texts["en"] for i in mandates})
        for form in ("json", "csv", "jsonld", "akn"):
            self.assertNotIn(b"EVIL", self.export(node, form))

    def test_markup_in_a_text_stays_text(self):
        words = "Consider <script>alert(1)</script> & \"synthetic\" ]]> =1+1 risks {{7*7}}."
        mandates = [*items(31, 6), Item({"en": words}, 5), Item({"en": "=HYPERLINK(0) synthetic."},
                                                                5)]
        node = self.node()
        self.load(node, self.write("page.txt", mandates_page(mandates)))
        self.assertIn(words, [c["text"]["en"] for c in self.held(node).values()])
        tree = xml.fromstring(self.export(node, "akn"))
        self.assertIn("<script>alert(1)</script>", "".join(tree.itertext()))
        self.assertNotIn(b'"=HYPERLINK', self.export(node, "csv"))
        self.assertNotIn(b",=HYPERLINK", self.export(node, "csv"))
        server = self.serve(node)
        name = next(n for n, c in self.held(node).items() if c["text"]["en"] == words)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("GET", f"/en/commitments/{name}")
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        self.assertEqual(answer.status, 200)
        self.assertNotIn("<script>alert", body)
        self.assertIn("&lt;script&gt;alert(1)", body)

    def test_control_characters_are_told_and_do_no_harm(self):
        words = "Consider \x1b[31msynthetic\uffff trenches\x07 in \u202Eports."
        node = self.node()
        page = self.write("page.txt", mandates_page([*items(37, 6), Item({"en": words}, 5)]))
        waits = self.fails(5, "commitments", "import", "--node", node, "--format", "json", page)
        self.assertEqual([(p["needs_acceptance"], p["applied"]) for p in waits.json],
                         [(True, False)])
        told = self.ok("commitments", "import", "--node", node, "--accept-changes", page)
        self.assertIn("control characters", told.text)
        self.assertIn(words, [c["text"]["en"] for c in self.held(node).values()])
        tree = xml.fromstring(self.export(node, "akn"))
        self.assertIn("synthetic\ufffd trenches", "".join(tree.itertext()))
        found = self.ok("commitments", "search", "--node", node, "--lang", "en", "trenches")
        self.assertIn("\\x1B[31m", found.text)
        for character in "\x1b\x07\u202E":
            self.assertNotIn(character, found.text + told.text)

    def test_text_cut_in_the_middle_is_refused(self):
        page = mandates_page(items(32, 10))
        cut = page[:page.rindex("Plan of Action Miami") - 30]
        node = self.node()
        file = self.write("cut.txt", cut)
        before = self.state(node)
        refused = self.fails(3, "commitments", "import", "--node", node, file,
                             reason="commitments.import.cut")
        self.assertIn("cut.txt", refused.errors)
        self.assertIn("line", refused.errors)
        self.assertEqual(self.state(node), before)
        self.ok("commitments", "import", "--node", node, "--incomplete", file)

    def test_windows_lines_and_byte_order_mark(self):
        mandates = items(33, 9)
        plain, windows = self.node("plain"), self.node("windows")
        self.load(plain, self.write("a.txt", mandates_page(mandates)))
        self.load(windows, self.write(
            "b.txt", b"\xef\xbb\xbf" + mandates_page(mandates, newline="\r\n").encode()))
        self.assertEqual({n: c["text"] for n, c in self.held(plain).items()},
                         {n: c["text"] for n, c in self.held(windows).items()})

    def test_what_windows_calls_unicode(self):
        mandates = items(35, 9)
        node = self.node()
        self.load(node, self.write("wide.txt", mandates_page(mandates).encode("utf-16")))
        self.assertEqual({c["text"]["en"] for c in self.held(node).values()},
                         {i.texts["en"] for i in mandates})

    def test_the_same_file_twice_in_one_command(self):
        node = self.node()
        path = self.write("page.txt", mandates_page(items(34, 5)))
        plans = self.ok("commitments", "import", "--node", node, "--format", "json", path,
                        path).json
        self.assertEqual([p["new"] for p in plans], [5, 0])
        self.assertEqual(len(json.loads(self.export(node))["source_documents"]), 1)

    def test_year_that_differs_is_kept_and_explained(self):
        text = priorities().replace("roadmap:", "roadmap in line with instruments²:")
        text += "\n²[United Nations Convention against Corruption](#) (2005), among others.\n"
        node = self.node()
        plan = self.load(node, self.write("p.txt", text))["p.txt"]
        said = [w for w in plan["warnings"] if w["reason"] == "commitments.import.year_in_force"]
        self.assertEqual(len(said), 1, plan)
        self.assertIn("2003", said[0]["detail"])
        self.assertGreater(said[0]["line"], 0)
        treaties = [t for d in json.loads(self.export(node))["source_documents"]
                    for t in d.get("treaties", [])]
        self.assertEqual([t.get("year", t.get("printed_year")) for t in treaties], [2005])


if __name__ == "__main__":
    main()
