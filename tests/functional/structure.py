#!/usr/bin/env python3
"""The source documents in the shapes in which offices really hold them: printed to pdf by a browser,
typed line by line in a word processor, saved as html with other mark-up. The structure must survive,
or the import must say that it did not."""

import re
import shutil
import subprocess
import textwrap
import unittest
from html import escape

from support import Case, docx, environment, main, paragraph, shared_documents


class Entry:
    """One paragraph of a document: depth 0 is no list item."""

    def __init__(self, depth, marker, text):
        self.depth, self.marker, self.text = depth, marker, text


def entries(path):
    """A plain-text page of mandates as entries; a blank line ends each."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip(" \u00a0\t")
        if not text or not text.strip("_"):
            continue
        depth = (len(line) - len(line.lstrip(" "))) // 2
        marker, _, rest = text.partition(" ")
        if depth and (marker in ("1.", "•")):
            found.append(Entry(depth, marker, rest.strip()))
        elif depth and len(text) > 80:
            found.append(Entry(depth, "", text))
        else:
            found.append(Entry(0, "", text))
    return found


def page_with_lists(path, ordered="ul", restart=False):
    """Real lists, sub-items inside the item that they belong to. `restart` numbers every item "1.",
    as the official pages do; `ordered` is the element of the items whose labels are typed."""
    out = ["<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Mandates</title>"
           "</head><body>"]
    rows = entries(path)
    tag = ""
    for i, entry in enumerate(rows):
        wanted = {0: "", 1: "ol" if entry.marker == "1." else ordered, 2: tag}[entry.depth]
        inner = entry.depth == 2
        if tag and (wanted != tag or (restart and not inner)):
            out.append(f"</li></{tag}>")
            tag = ""
        if not entry.depth:
            out.append(f"<p>{escape(entry.text)}</p>")
            continue
        style = "" if entry.marker else " style='list-style: none'"
        if inner:
            if rows[i - 1].depth == 1:
                out.append(f"<{ordered}>")
            out.append(f"<li{style}>{escape(entry.text)}</li>")
            if i + 1 == len(rows) or rows[i + 1].depth < 2:
                out.append(f"</{ordered}>")
            continue
        out.append("</li>" if tag else f"<{wanted}>")
        tag = wanted
        out.append(f"<li>{escape(entry.text)}")
    if tag:
        out.append(f"</li></{tag}>")
    return "\n".join([*out, "</body></html>"])


def printed(folder, html):
    """The page as a browser prints it."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        raise unittest.SkipTest("no chromium to print with")
    page, pdf = folder / "printed.html", folder / "printed.pdf"
    page.write_text(html, encoding="utf-8")
    subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                    f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={pdf}",
                    page.as_uri()], check=True, capture_output=True, timeout=120,
                   env=environment())
    return pdf


def wrapped(path, width=88):
    """The lines of a document as a typist would break them; an empty line between paragraphs."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.rstrip()
        indent = len(text) - len(text.lstrip(" "))
        body = indent
        marker = re.match(r"\s*(\S{1,4}[.)]|•)\s", text)
        if marker:
            body = marker.end()
        lines += textwrap.wrap(text, width, initial_indent="", subsequent_indent=" " * body,
                               break_long_words=False, break_on_hyphens=False,
                               drop_whitespace=True) or [""]
    return lines


def paragraphs_of(path):
    return [line.strip(" \u00a0") for line in path.read_text(encoding="utf-8").splitlines()
            if line.strip(" \u00a0")]


def typed(path, width=88, blank_lines=True):
    """A Word file in which each line is a paragraph."""
    return docx("".join(paragraph(line) for line in wrapped(path, width) if line or blank_lines))


def broken(path, width=88):
    """A Word file whose paragraphs are broken into lines by hand."""
    body, lines = "", []
    for line in [*wrapped(path, width), ""]:
        if line:
            lines.append(line)
        elif lines:
            runs = "<w:r><w:br/></w:r>".join(
                f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>' for text in lines)
            body += f"<w:p>{runs}</w:p>"
            lines = []
    return docx(body)


# The sections of the ministers' text begin at these operatives (its headings are not in the file).
SECTIONS = {1: "Public Security Management", 7: "Prevention of Crime, Violence, and Insecurity",
            9: "Police Management", 13: "Citizen and Community Participation",
            16: "International Cooperation", 24: "Follow-up to the Commitment"}


def plain_paragraphs(path, heading="<p>{}</p>"):
    """Only <p>: no headings are marked up."""
    out = []
    for text in paragraphs_of(path):
        number = re.match(r"(\d+)\) ", text)
        if number and int(number.group(1)) in SECTIONS and heading:
            out.append(heading.format(SECTIONS[int(number.group(1))]))
        out.append(f"<p>{escape(text)}</p>")
    return ("<html lang='en'><head><title>Commitment</title></head><body>" + "\n".join(out) +
            "</body></html>")


class Structure(Case):
    """Each shape gives the counts of the plain-text file, and the very same texts."""

    def setUp(self):
        super().setUp()
        self.documents = shared_documents()

    def plan(self, path, *more):
        node = self.folder / "dry"
        if not node.exists():
            self.node("dry")
        return self.ok("commitments", "import", "--node", node, "--dry-run", "--format", "json",
                       *more, path).json[0]

    def same_as_text(self, path, document="001"):
        """Imported alone, it gives the commitments of the text: ids come from the words."""
        first, second = self.node(f"{path.name}-a"), self.node(f"{path.name}-b")
        self.load(first, self.documents[document])
        plan = self.load(second, path)[path.name]
        shape = [{n: [(a["ordinal"], a["level"], a["parent_ordinal"], a["text"], a["citation"])
                      for a in c["appearances"]] for n, c in self.held(node).items()}
                 for node in (first, second)]
        self.assertEqual(set(shape[0]), set(shape[1]))
        self.assertEqual(shape[0], shape[1])
        return plan

    def counts(self, plan, *expected):
        self.assertEqual((plan["items"], plan["level_1"], plan["level_2"],
                          plan["citations_printed"]), expected)

    def test_lists_printed_to_pdf(self):
        for restart in (True, False):
            pdf = printed(self.folder, page_with_lists(self.documents["001"], restart=restart))
            self.counts(self.plan(pdf), 146, 139, 7, 137)
        self.same_as_text(pdf)

    def test_lists_printed_to_pdf_003(self):
        pdf = printed(self.folder, page_with_lists(self.documents["003"], restart=True))
        self.counts(self.plan(pdf), 21, 20, 1, 20)

    def test_typed_labels_in_ordered_lists(self):
        page = self.write("ol.html", page_with_lists(self.documents["001"], ordered="ol",
                                                     restart=True))
        self.counts(self.plan(page), 146, 139, 7, 137)
        node = self.node()
        self.load(node, page)
        labels = [a["label"] for c in self.held(node).values() for a in c["appearances"]]
        for label in ("g.", "h.", "c.", "6.1", "6.13", "7.3"):
            self.assertIn(label, labels)

    def test_word_files_of_lines(self):
        path = self.documents["001"]
        for name, content in (("typed.docx", typed(path)), ("broken.docx", broken(path)),
                              ("tight.docx", typed(path, blank_lines=False))):
            with self.subTest(name=name):
                self.counts(self.plan(self.write(name, content)), 146, 139, 7, 137)

    def test_ministers_typed_line_by_line(self):
        plan = self.plan(self.write("m.docx", typed(self.documents["004"])))
        self.assertEqual((plan["items"], plan["recitals"], list(plan["blocks"].values())),
                         (31, 21, [6, 2, 4, 3, 8, 8]))

    def test_parliament_typed_line_by_line(self):
        for content in (typed(self.documents["000"]), broken(self.documents["000"])):
            plan = self.plan(self.write("p.docx", content))
            self.assertEqual((plan["items"], plan["level_1"], plan["states"], plan["treaties"]),
                             (7, 7, 21, 5))

    def test_ministers_in_plain_paragraphs(self):
        for heading in ("<p>{}</p>", "<p><b>{}:</b></p>", "<p>I. {}</p>"):
            with self.subTest(heading=heading):
                plan = self.plan(self.write("m.html", plain_paragraphs(self.documents["004"],
                                                                       heading)))
                self.assertEqual((plan["items"], plan["recitals"], list(plan["blocks"].values())),
                                 (31, 21, [6, 2, 4, 3, 8, 8]))
                self.assertEqual(plan["warnings"], [])

    def test_sections_that_a_file_does_not_show_are_missed(self):
        plan = self.plan(self.write("m.html", plain_paragraphs(self.documents["004"], "")))
        self.assertEqual(plan["blocks"], {"1": 31})
        self.assertIn("commitments.parse.sections_lost", [w["reason"] for w in plan["warnings"]])

    def test_a_version_that_lost_its_lists_is_stopped(self):
        node = self.node()
        self.load(node, self.documents["001"])
        before = self.state(node)
        # Every third item runs on in the one before it, as where bullets and breaks were lost.
        lines = self.documents["001"].read_text(encoding="utf-8").split("\n")
        kept, seen = [], 0
        for line in lines:
            seen += line.startswith("  1. ")
            merged = line.startswith("  1. ") and seen % 3 == 0
            kept.append(line.replace("  1. ", "    ", 1) if merged else line)
        worse = self.write("worse.txt", "\n".join(kept))
        answer = self.ok("commitments", "import", "--node", node, "--dry-run", worse)
        self.assertIn("--accept-changes", answer.text)
        plan = self.ok("commitments", "import", "--node", node, "--dry-run", "--format", "json",
                       worse).json[0]
        self.assertTrue(plan["needs_acceptance"])
        self.assertIn("commitments.import.many_changes", [w["reason"] for w in plan["warnings"]])
        self.fails(5, "commitments", "import", "--node", node, worse,
                   reason="commitments.import.changes")
        self.assertEqual(before, self.state(node), "something was imported")
        self.ok("commitments", "import", "--node", node, "--accept-changes", worse)
        self.ledger(node)


if __name__ == "__main__":
    main()
