#!/usr/bin/env python3
"""A page over time, in other languages and in other formats: what joins what, and what does not."""

import json
import random
import sqlite3

from support import (Case, Item, items, main, mandates_docx, mandates_html, mandates_page,
                     ministers_commitment, run, sentence)

SPANISH = "SEGURIDAD: Asuntos Sintéticos"


class Reread(Case):
    """Texts that an older program read get what this one reads."""

    def test_shown_then_taken_over(self):
        home = self.node()
        self.load(home, self.write("page.txt", mandates_page(items(50, 15))))
        fresh = self.export(home)
        store = sqlite3.connect(home / "atalaya.db")
        with store:
            store.execute("UPDATE clauses SET formulation = 'declaratory', verb = ''")
            store.execute("UPDATE commitments SET reading = 0, asking = 0, actionable = 0, declaring ="
                          " (SELECT COUNT(*) FROM clauses WHERE commitment = id) WHERE held = 1")
        store.close()
        older = self.export(home)
        self.assertNotEqual(older, fresh)
        reread = ("commitments", "reread", "--node", home)
        plan = self.ok(*reread, "--dry-run", "--format", "json").json
        self.assertEqual((plan["held"], plan["earlier"]), (15, 15))
        self.assertEqual(plan["before"]["asking"], 0)
        self.assertEqual(len({one["commitment"] for one in plan["changed"]}), len(plan["changed"]))
        self.assertEqual(self.export(home), older, "a dry run changes nothing")
        said = self.ok(*reread).text
        self.assertIn("page.txt:", said)
        self.assertIn(f"0 → {plan['after']['asking']}", said)
        self.assertEqual(self.export(home), fresh)
        self.assertEqual(self.ok(*reread, "--format", "json").json["earlier"], 0)
        self.ledger(home)


class Newer(Case):
    """A newer version of a page: one item added, one gone, one typing mistake mended."""

    def setUp(self):
        super().setUp()
        self.home = self.node()
        self.first = items(50, 15)
        self.load(self.home, self.write("page.txt", mandates_page(self.first)))
        self.old = self.held(self.home)

    def newer(self):
        later = list(self.first)
        gone = later.pop(4)
        typed = later[8].texts["en"]
        later[8] = Item({"en": typed.replace(" and ", "  and  ", 1).replace(",", " ,", 1)},
                        later[8].citation)
        added = Item(sentence(random.Random(51), 5100), 0)
        later.insert(2, added)
        return later, gone, typed, added

    def test_added_gone_and_mended(self):
        later, gone, typed, added = self.newer()
        file = self.write("newer.txt", mandates_page(later))
        before = self.state(self.home)
        refused = self.fails(5, "commitments", "import", "--node", self.home, file)
        self.assertEqual(refused.reason, "commitments.import.changes")
        self.assertEqual(before, self.state(self.home), "an item was taken away unasked")
        plan = self.load(self.home, file, accept=True)["newer.txt"]
        self.assertEqual((plan["items"], plan["new"], plan["gone"]), (15, 1, 1))
        self.assertEqual(plan["unchanged"], 13)
        self.assertEqual(plan["duplicates"], 0)
        sources = json.loads(self.export(self.home))["source_documents"]
        self.assertEqual([s["source_file"] for s in sources], ["page.txt", "newer.txt"])
        self.assertEqual(plan["follows"], sources[0]["sha256"])
        held = self.held(self.home)
        self.assertEqual(set(self.old) - set(held), set(), "nothing is ever taken away")
        fresh = set(held) - set(self.old)
        self.assertEqual([held[n]["text"]["en"] for n in fresh], [added.texts["en"]])
        # What left the page keeps its text and its old place.
        left = next(c for c in held.values() if c["text"]["en"] == gone.texts["en"])
        self.assertEqual([a["source_file"] for a in left["appearances"]], ["page.txt"])
        # A mended typing mistake is the same commitment, in both wordings.
        mended = [c for c in held.values() if len({a["text"] for a in c["appearances"]}) == 2]
        self.assertEqual(len(mended), 1)
        self.assertIn(typed, [a["text"] for a in mended[0]["appearances"]])
        self.ledger(self.home)

    def test_importing_the_old_version_again_brings_it_back(self):
        later = self.newer()[0]
        self.load(self.home, self.write("newer.txt", mandates_page(later)), accept=True)
        before = self.state(self.home)
        refused = self.fails(5, "commitments", "import", "--node", self.home,
                             self.folder / "page.txt")
        self.assertEqual(refused.reason, "commitments.import.changes")
        self.assertEqual(before, self.state(self.home))
        plan = self.load(self.home, self.folder / "page.txt", accept=True)["page.txt"]
        self.assertEqual((plan["again"], plan["known"], plan["new"], plan["gone"]),
                         (True, False, 0, 1))
        held = self.held(self.home)
        self.assertEqual({n for n, c in held.items() if not c["gone_from"]}, set(self.old))
        self.assertEqual({n: held[n]["text"] for n in self.old},
                         {n: c["text"] for n, c in self.old.items()})
        before = self.state(self.home)
        self.assertTrue(self.load(self.home, self.folder / "page.txt")["page.txt"]["known"])
        self.assertEqual(before, self.state(self.home))
        self.assertEqual(run("doctor", "--node", self.home).code, 0)
        self.ledger(self.home)

    def test_another_theme_with_the_same_items_shares_them(self):
        other = self.first[3:9]
        plan = self.load(self.home, self.write("theme.txt", mandates_page(
            other, theme="JUSTICE: Synthetic")))["theme.txt"]
        self.assertEqual((plan["items"], plan["new"], plan["duplicates"], plan["follows"],
                          plan["gone"]), (6, 0, 6, "", 0))
        held = self.held(self.home)
        self.assertEqual(set(held), set(self.old))
        self.assertEqual(sum(len(c["appearances"]) == 2 for c in held.values()), 6)
        # The first page's title names a theme of its items, the other page's none; then a person
        # says what all items of that page are about.
        themes = lambda: [c["themes"] for c in self.held(self.home).values()]
        self.assertEqual(themes(), [["security"]] * len(held))
        set_theme = ["commitments", "theme", "--node", self.home, "--reason", "synthetic"]
        done = self.ok(*set_theme, "--add", "education", "theme.txt", "--format", "json").json
        self.assertEqual((done["changed"], done["unchanged"]), (6, 0))
        self.assertEqual(sum(t == ["security", "education"] for t in themes()), 6)
        one = next(i for i, c in self.held(self.home).items() if "education" in c["themes"])
        self.ok(*set_theme, "--remove", "security", one)
        self.assertEqual(self.held(self.home)[one]["themes"], ["education"])
        unknown = self.fails(3, *set_theme, "--add", "unicorns", one, reason="app.theme.unknown")
        self.assertIn("education", unknown.errors)
        self.fails(4, *set_theme, "--add", "education", "nowhere.txt", reason="app.theme.nothing")
        self.assertEqual(run("doctor", "--node", self.home).code, 0)

    def test_the_same_bytes_under_another_name_change_nothing(self):
        before = self.state(self.home)
        copy = self.write("copy-of-page.txt", (self.folder / "page.txt").read_bytes())
        self.assertTrue(self.load(self.home, copy)["copy-of-page.txt"]["known"])
        self.assertEqual(before, self.state(self.home))


class Corrected(Case):
    """A corrected re-issue says one item in new words."""

    def setUp(self):
        super().setUp()
        self.home = self.node()
        self.first = items(56, 12)
        self.load(self.home, self.write("page.txt", mandates_page(self.first)))
        self.old = self.held(self.home)
        later = list(self.first)
        self.before = later[3].texts["en"]
        self.after = self.before.rsplit(" ", 2)[0] + " of the corrected synthetic registers"
        later[3] = Item({"en": self.after}, later[3].citation)
        self.file = self.write("corrected.txt", mandates_page(later))

    def doctor(self):
        return run("doctor", "--node", self.home)

    def suggested(self):
        plan = self.ok("commitments", "import", "--node", self.home, "--dry-run", "--format", "json",
                       self.file).json[0]
        self.assertEqual((plan["new"], plan["gone"]), (1, 1))
        (item,) = plan["reworded"]
        return item

    def test_the_plan_shows_both_and_one_commitment_stays(self):
        item = self.suggested()
        self.assertEqual((item["kind"], item["before"], item["after"], item["ordinal"]),
                         ("suggested", self.before, self.after, 4))
        joined = {kind: "".join(part.get(kind, part.get("same", "")) for part in item["words"])
                  for kind in ("removed", "added")}
        self.assertEqual(joined, {"removed": self.before, "added": self.after})
        text = self.ok("commitments", "import", "--node", self.home, "--dry-run",
                       self.file).out.decode()
        self.assertIn(f"--same {item['earlier']}={item['commitment']}", text)
        self.assertIn("{+of the corrected", text)
        plan = self.load(self.home, "--same", f"{item['earlier']}={item['commitment']}",
                         "--reason", "set right", self.file)["corrected.txt"]
        self.assertEqual((plan["new"], plan["gone"], plan["unchanged"]), (0, 0, 11))
        held = self.held(self.home)
        self.assertEqual(set(held), set(self.old))
        same = held[item["earlier"]]
        self.assertEqual(same["text"]["en"], self.after)
        self.assertEqual([a["text"] for a in same["appearances"]], [self.before, self.after])
        self.assertEqual([(w["later"], w["reason"]) for w in same["other_words"]],
                         [(item["commitment"], "set right")])
        self.assertEqual(self.doctor().code, 0)
        self.ledger(self.home)

    def test_what_cannot_be_the_same_is_refused(self):
        item = self.suggested()
        for said, code in ((f"{item['earlier']}=none-at-all", 3), ("nonsense", 3),
                           (f"none-at-all={item['commitment']}", 3)):
            self.fails(code, "commitments", "import", "--node", self.home, "--same", said, self.file)
        self.assertEqual(self.held(self.home), self.old)

    def test_doctor_names_what_was_changed_behind_its_back(self):
        """src/ledger/rows_test.cpp does so to every column of every table."""
        self.ok("user", "add", "--node", self.home, "ana", "--role", "reader", "--generate")
        self.assertEqual(self.doctor().code, 0)
        harms = {
            "appearances": "UPDATE appearances SET citation_year = 1815 WHERE ordinal = 5",
            "clauses": "UPDATE clauses SET due = '1815' WHERE ordinal = 1",
            "commitments": "UPDATE commitments SET year = 1815 WHERE id = (SELECT MIN(id) FROM "
                           "commitments)",
            "commitment_texts": "UPDATE commitment_texts SET standing = 'translation'",
            "commitment_links": "DELETE FROM commitment_links WHERE target = (SELECT MIN(target) FROM "
                                "commitment_links)",
            "source_documents": "UPDATE source_documents SET title = 'another'",
            "change_feed": "DELETE FROM change_feed WHERE position = 3",
            "counters": "UPDATE counters SET value = 0 WHERE name = 'change_feed'",
            "account_roles": "UPDATE account_roles SET role = 'administrator'",
            "accounts": "UPDATE accounts SET password = 'x'",
            "ledger_checkpoints": "DELETE FROM ledger_checkpoints WHERE size = (SELECT MIN(size) FROM "
                                  "ledger_checkpoints)",
            "titles": "INSERT INTO titles(commitment, language, version, title, summary, set_by, "
                      "set_at, reason) SELECT MIN(id), 'en', 1, 'x', '', 'x', 'x', 'x' FROM "
                      "commitments",
        }
        store = sqlite3.connect(self.home / "atalaya.db")
        for harm in harms.values():
            self.assertGreater(store.execute(harm).rowcount, 0, harm)
            store.commit()
        store.close()
        checks = self.fails(8, "doctor", "--node", self.home, "--format", "json").json["checks"]
        (rows,) = [check for check in checks if check["check"] == "rows"]
        self.assertEqual(rows["status"], "problem")
        for table in harms:
            self.assertTrue([f for f in rows["findings"] if f" of {table} " in f], table)


class Twins(Case):
    def setUp(self):
        super().setUp()
        self.home = self.node()
        self.page = items(52, 18)
        self.page[3:3] = [
            Item({"en": "Support synthetic measures through the following:",
                  "es": "Apoyar medidas sintéticas mediante lo siguiente:"}, None),
            Item(sentence(random.Random(53), 5300), 0, "a.", 2),
            Item(sentence(random.Random(54), 5400), 0, "b.", 2)]
        self.load(self.home, self.write("en.txt", mandates_page(self.page)))
        self.english = self.held(self.home)

    def spanish(self, page=None):
        return self.write("es.txt", mandates_page(page or self.page, "es", SPANISH))

    def test_a_spanish_twin_joins_item_by_item(self):
        plan = self.load(self.home, self.spanish())["es.txt"]
        self.assertEqual((plan["language"], plan["items"], plan["new"]), ("es", 21, 0))
        sources = json.loads(self.export(self.home))["source_documents"]
        self.assertEqual(plan["joined_with"], sources[0]["sha256"])
        self.assertEqual(sources[1]["joined_with"], sources[0]["sha256"])
        held = self.held(self.home)
        self.assertEqual(set(held), set(self.english))
        spanish = {i.texts["en"]: i.texts["es"] for i in self.page}
        for commitment in held.values():
            self.assertEqual(commitment["text"]["es"], spanish[commitment["text"]["en"]])
            self.assertEqual(commitment["text_standing"], {"en": "official", "es": "official"})
        found = self.ok("commitments", "search", "--node", self.home, "--lang", "es", "--format",
                        "json", "laboratorios forenses").json
        self.assertGreater(found["total"], 0)
        self.ledger(self.home)

    def test_the_other_order_joins_as_well(self):
        node = self.node("other")
        self.load(node, self.spanish())
        plan = self.load(node, self.folder / "en.txt")["en.txt"]
        self.assertEqual(plan["new"], 0)
        self.assertEqual(len(self.held(node)), 21)
        self.assertTrue(all(set(c["text"]) == {"en", "es"} for c in self.held(node).values()))

    def test_new_words_that_the_other_page_lacks_are_counted_once(self):
        self.load(self.home, self.spanish())
        newer = list(self.page)
        words = newer[1].texts["en"].rsplit(" ", 2)[0] + " of the corrected synthetic registers"
        newer[1] = Item({"en": words}, newer[1].citation)
        file = self.write("newer.txt", mandates_page(newer))
        plan = self.ok("commitments", "import", "--node", self.home, "--dry-run", "--format", "json",
                       file).json[0]
        (item,) = plan["reworded"]
        self.assertEqual((item["kind"], plan["new"], plan["gone"], plan["needs_acceptance"]),
                         ("joined", 0, 0, True))
        text = self.ok("commitments", "import", "--node", self.home, "--dry-run", file).text
        self.assertIn(f"{item['earlier']} in new words; another page holds it", text)
        self.assertNotIn("set right", text)
        apart = self.ok("commitments", "import", "--node", self.home, "--dry-run", "--new",
                        item["commitment"], file).text
        self.assertIn("counted no more: 0 commitments", apart)
        self.assertIn("on other pages, and counted as before: 1 commitment\n", apart)
        self.fails(5, "commitments", "import", "--node", self.home, file)
        self.load(self.home, file, accept=True)
        held = [c for c in self.held(self.home).values() if not c["gone_from"]]
        self.assertEqual(len(held), 21)
        (same,) = [c for c in held if c["text"]["en"] == words]
        self.assertEqual((same["id"], same["text"]["es"]),
                         (item["earlier"], self.page[1].texts["es"]))

    def test_both_in_one_command_join(self):
        node = self.node("other")
        self.load(node, self.folder / "en.txt", self.spanish())
        self.assertEqual(len(self.held(node)), 21)

    def test_a_translation_is_marked(self):
        path = self.spanish()
        self.ok("commitments", "import", "--node", self.home, "--translation", path)
        self.assertEqual({json.dumps(c["text_standing"], sort_keys=True)
                          for c in self.held(self.home).values()},
                         {'{"en": "official", "es": "translation"}'})

    def test_an_unrelated_page_of_the_same_length_does_not(self):
        unrelated = items(55, 18)
        unrelated[3:3] = [
            Item({"es": "Reconocer otros asuntos de los siguientes modos:"}, None),
            Item(sentence(random.Random(56), 5600), 0, "a.", 2),
            Item(sentence(random.Random(57), 5700), 0, "b.", 2)]
        plan = self.load(self.home, self.spanish(unrelated))["es.txt"]
        self.assertEqual((plan["items"], plan["new"], plan["joined_with"]), (21, 21, ""))
        held = self.held(self.home)
        self.assertEqual(len(held), 42)
        self.assertTrue(all(len(c["text"]) == 1 for c in held.values()))

    def test_one_item_more_does_not_shift_the_rest(self):
        longer = [*self.page, Item(sentence(random.Random(58), 5800), 5)]
        file = self.spanish(longer)
        refused = self.fails(5, "commitments", "import", "--node", self.home, file)
        self.assertEqual(refused.reason, "commitments.import.changes")
        plan = self.load(self.home, file, accept=True)["es.txt"]
        self.assertEqual(plan["new"], 1)
        self.assertIn("commitments.import.twin_alone", [w["reason"] for w in plan["warnings"]])
        translated = {i.texts["en"]: i.texts["es"] for i in self.page}
        joined = [c for c in self.held(self.home).values() if set(c["text"]) == {"en", "es"}]
        self.assertEqual(len(joined), 21)
        for commitment in joined:
            self.assertEqual(commitment["text"]["es"], translated[commitment["text"]["en"]])

    def test_a_twin_is_no_duplicate_for_a_newer_version(self):
        self.load(self.home, self.spanish())
        newer = [*self.page, Item(sentence(random.Random(59), 5900), 5)]
        plan = self.load(self.home, self.write("newer.txt", mandates_page(newer)))["newer.txt"]
        self.assertEqual((plan["new"], plan["unchanged"], plan["duplicates"]), (1, 21, 0))


class Formats(Case):
    def test_html_docx_and_txt_give_the_same_commitments(self):
        page = items(60, 16)
        page[5:5] = [Item({"en": "Support synthetic measures through the following:"}, None),
                     Item(sentence(random.Random(61), 6100), 0, "a.", 2),
                     Item(sentence(random.Random(62), 6200), 0, "b.", 2)]
        forms = {"page.txt": mandates_page(page), "page.html": mandates_html(page),
                 "page.docx": mandates_docx(page)}
        seen = {}
        for name, content in forms.items():
            node = self.node(name.replace(".", "-"))
            plan = self.load(node, self.write(name, content))[name]
            self.assertEqual((plan["items"], plan["level_1"], plan["level_2"],
                              plan["citations_printed"]), (19, 17, 2, 18), name)
            self.assertEqual(plan["format"], name.split(".")[1])
            seen[name] = {n: (c["text"], c["meeting"], c["parent"], c["role"], c["clauses"],
                              [(a["ordinal"], a["level"], a["parent_ordinal"], a["citation"])
                               for a in c["appearances"]])
                          for n, c in self.held(node).items()}
        self.assertEqual(len(seen["page.txt"]), 19)
        self.assertEqual(seen["page.txt"], seen["page.html"])
        self.assertEqual(seen["page.txt"], seen["page.docx"])

    def test_the_html_version_after_the_txt_adds_nothing(self):
        node = self.node()
        page = items(63, 10)
        self.load(node, self.write("page.txt", mandates_page(page)))
        before = set(self.held(node))
        plan = self.load(node, self.write("page.html", mandates_html(page)))["page.html"]
        self.assertEqual((plan["new"], plan["unchanged"], plan["gone"]), (0, 10, 0))
        self.assertEqual(set(self.held(node)), before)


class Ministers(Case):
    def test_counts_of_a_text_that_is_not_one_of_the_five(self):
        node = self.node()
        plan = self.load(node, self.write("m.txt", ministers_commitment()))["m.txt"]
        self.assertEqual((plan["kind"], plan["items"], plan["blocks"], plan["recitals"]),
                         ("ministers_commitment", 5, {"1": 3, "2": 2}, 6))
        whole = json.loads(self.export(node))
        self.assertEqual(len(whole["recitals"]), 6)
        self.assertEqual({c["meeting"] for c in whole["commitments"] if c["appearances"]},
                         {"mispa-2031"})


if __name__ == "__main__":
    main()
