#!/usr/bin/env python3
"""The Akoma Ntoso export against the schema that OASIS published (in the package `cobalt`).

scripts/test installs the package and sets ATALAYA_AKN_SCHEMA to its akomantoso30.xsd; lxml is Debian's
python3-lxml. Without them the test is skipped, with a message."""

import json
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

    def test_languages_of_a_page_are_one_work(self):
        node = self.node()
        mandates = items(80, 12)
        self.load(node, self.write("en.txt", mandates_page(mandates)))
        self.load(node, self.write("es.txt", mandates_page(mandates, "es", "SEGURIDAD: Asuntos")))
        document = self.check(node)
        works = {e.find(AKN + "FRBRuri").get("value")
                 for e in document.iterfind(f".//{AKN}component//{AKN}FRBRWork")}
        self.assertEqual(len(works), 1)
        held = {c["id"] for c in json.loads(self.export(node, "json"))["commitments"]
                if c["appearances"]}
        for part in document.iterfind(f".//{AKN}component/{AKN}doc"):
            self.assertEqual({e.get("GUID") for e in part.iter() if e.get("GUID")}, held)
        places = [e.get("href") for e in document.iter(AKN + "documentRef")]
        self.assertEqual(places, [e.get("value") for e in document.iterfind(
            f".//{AKN}component//{AKN}FRBRExpression/{AKN}FRBRuri")])

    def test_the_work_has_its_own_date(self):
        node = self.node()
        self.load(node, self.write("m.txt", ministers_commitment()))
        text = self.export(node, "akn").decode()
        # The meeting is not in the catalogue: the date printed in the text is what is known.
        self.assertIn("/akn/oas/statement/2031-10-08/", text)

    def test_a_translation_without_a_day(self):
        # A day by which something is to be done is not the day of adoption, and the day of import
        # is not in an address that other nodes are to share.
        node = self.node()
        path = self.write("plan.txt", "Plan of the Town of Synthetic for Public Security\n\n"
                          "1. To reduce the homicides by half before December 31, 2030.\n"
                          "2. To publish the figures of the town each month.\n")
        self.ok("commitments", "import", "--node", node, "--translation", path)
        document = self.check(node)
        work = document.find(f".//{AKN}component//{AKN}FRBRWork")
        self.assertEqual(work.find(AKN + "FRBRdate").get("name"), "import")
        self.assertIn("/undated/", work.find(AKN + "FRBRuri").get("value"))
        marks = [e.get("value") for e in document.iter(AKN + "FRBRauthoritative")]
        self.assertEqual(marks, ["false"])
        linked = json.loads(self.export(node, "jsonld"))["@graph"]
        translated = [row for row in linked if "atalaya:translatedText" in row]
        self.assertEqual(len(translated), 2)
        self.assertTrue(all(not row["schema:text"] for row in translated))

    def test_each_document_names_who_wrote_it(self):
        node = self.node()
        self.load(node, self.write("page.txt", mandates_page(items(80, 3))),
                  self.write("m.txt", ministers_commitment()),
                  self.write("p.txt", priorities()), self.write("g.txt", primer()))
        text = self.export(node, "akn").decode()
        authors = {}
        for part in text.split("<components ")[1].split("<component ")[1:]:
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
