#!/usr/bin/env python3
"""The Akoma Ntoso export against the schema that OASIS published (in the package `cobalt`).

scripts/test installs the package and sets ATALAYA_AKN_SCHEMA to its akomantoso30.xsd; lxml is Debian's
python3-lxml. Without them the test is skipped, with a message."""

import os
import pathlib
import unittest

from support import (Case, items, main, mandates_page, ministers_commitment, primer, priorities,
                     shared_documents)

AKN = "{http://docs.oasis-open.org/legaldocml/ns/akn/3.0}"


def schema():
    path = pathlib.Path(os.environ.get("ATALAYA_AKN_SCHEMA", ""))
    if not path.is_file():
        raise unittest.SkipTest("no Akoma Ntoso schema; set ATALAYA_AKN_SCHEMA to akomantoso30.xsd")
    try:
        from lxml import etree
    except ImportError:
        raise unittest.SkipTest("no lxml; install python3-lxml") from None
    return etree, etree.XMLSchema(etree.parse(str(path)))


class AkomaNtoso(Case):
    def check(self, node):
        etree, official = schema()
        document = etree.fromstring(self.export(node, "akn"))
        official.validate(document)
        self.assertEqual([f"{e.line}: {e.message}" for e in list(official.error_log)[:5]], [])
        return document

    def test_synthetic_documents(self):
        node = self.node()
        self.load(node, self.write("page.txt", mandates_page(items(80, 12))))
        self.load(node, self.write("m.txt", ministers_commitment()))
        self.load(node, self.write("p.txt", priorities()))
        self.load(node, self.write("g.txt", primer()))
        self.check(node)

    def test_the_work_has_its_own_date(self):
        node = self.node()
        self.load(node, self.write("m.txt", ministers_commitment()))
        text = self.export(node, "akn").decode()
        # The meeting is not in the catalogue: the date printed in the text is what is known.
        self.assertIn("/akn/oas/statement/2031-10-08/", text)

    def test_each_document_names_who_wrote_it(self):
        node = self.node()
        self.load(node, self.write("page.txt", mandates_page(items(80, 3))),
                  self.write("m.txt", ministers_commitment()),
                  self.write("p.txt", priorities()), self.write("g.txt", primer()))
        text = self.export(node, "akn").decode()
        authors = {}
        for part in text.split("<component ")[1:]:
            kind = part.split('name="')[1].split('"')[0]
            work = part.split("<FRBRWork>")[1].split("</FRBRWork>")[0]
            authors[kind] = work.split('FRBRauthor href="#')[1].split('"')[0].split("__")[-1]
            self.assertIn(f'{authors[kind]}" href="/akn/ontology/organization/', part)
        self.assertEqual(authors, {"summit_mandates": "oas", "ministers_commitment": "mispa",
                                   "parliamentary_priorities": "parlamericas",
                                   "primer": "parlamericas"})
        self.assertIn("/akn/parlamericas/statement/", text)

    def test_the_source_documents(self):
        node = self.node()
        self.load(node, *shared_documents().values())
        document = self.check(node)
        dates = {d.get("date") for d in document.iter(AKN + "FRBRdate")}
        self.assertIn("2008-10-08", dates)


if __name__ == "__main__":
    main()
