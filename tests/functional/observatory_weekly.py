#!/usr/bin/env python3
"""Every week: files linked without a name staying behind, alerts, quality, a bulletin to print.

Every person and case here is synthetic."""

import datetime
import re
import stat
import unittest

from support import Case, main, run

MAPPING = """
id = "synthetic_homicides"
title = "Synthetic homicides"
country = "PAN"
covers = "PAN"
source_kind = "police"
synthetic = true
[defaults]
unit = "victims"
iccs = "0101"
[dimensions.period]
column = "date"
[dimensions.territory]
column = "place"
[dimensions.sex]
column = "sex"
[value]
column = "n"
"""

RELEASE = """
id = "weekly-{n}"
name = "Homicides, synthetic"
[decision]
by = "The director"
reason = "a test"
[[tables]]
indicator = "homicide_victims"
by = "period:year"
where = "territory=PAN"
source = "police"
"""

PLAN = """
id = "homicides"
title = "Homicides, synthetic"
country = "PAN"
synthetic = true
{decision}
[[fields]]
id = "name"
kind = "surname"
[[fields]]
id = "birth"
kind = "date"
[[fields]]
id = "municipality"
[[passes]]
keys = ["birth"]
[[passes]]
keys = ["name:phonetic"]
{lists}
"""

LIST = """
[[lists]]
id = "{id}"
case = "number"
columns = {{ name = "name", birth = "birth", municipality = "place", group = "year" }}
"""

DECISION = '[decision]\nby = "The director"\nreason = "a test"\n'
SURNAMES = ["Quintero", "Mosquera", "Hinestroza", "Batista", "Icaza", "Arosemena", "Zapata"]


def person(i):
    name = f"{SURNAMES[i % 7]} {SURNAMES[(i * 3 + 1) % 7]}"
    birth = datetime.date(1950, 1, 1) + datetime.timedelta(days=i * 137)
    return f"X-{1000 + i},{name},{birth},Place {i % 9},{2022 + i % 2}"


def listed(numbers):
    return "number,name,birth,place,year\n" + "".join(person(i) + "\n" for i in numbers)


class Weekly(Case):
    def setUp(self):
        super().setUp()
        self.home = self.node()
        self.police = self.write("police.csv", listed(range(0, 60)))
        self.forensic = self.write("forensic.csv", listed(range(10, 70)))
        self.court = self.write("court.csv", listed(range(5, 40)))

    def plan(self, lists, decision=""):
        text = PLAN.format(decision=decision, lists="".join(LIST.format(id=i) for i in lists))
        return self.write("plan.toml", text)

    def everything(self):
        """The bytes of every file of the node."""
        return b"".join(p.read_bytes() for p in self.home.rglob("*") if p.is_file())

    def test_a_linkage_leaves_counts_and_no_name(self):
        cases = self.folder / "cases.csv"
        plan = self.plan(["police", "forensic"])
        answer = self.ok("observatory", "link", "--node", self.home, "--plan", plan, "--cases", cases,
                         "--values", "--format", "json", self.police, self.forensic).json
        self.assertEqual(stat.S_IMODE(cases.stat().st_mode), 0o600)
        self.assertIn("Quintero", cases.read_text(encoding="utf-8"))
        total = answer["agreement"]["total"]
        self.assertEqual(total["lists"], {"police": 60, "forensic": 60})
        self.assertGreaterEqual(total["found"]["police+forensic"], 48)
        self.assertIsNone(answer["result"]["unseen"])  # two lists tell nothing of it
        held = self.everything()
        for secret in (b"Quintero", b"Hinestroza", b"X-1012", b"Place 3"):
            self.assertNotIn(secret, held)
        self.assertIn(b"pairs_linked", held)
        inside = run("observatory", "link", "--node", self.home, "--plan", plan, "--cases",
                     self.home / "cases.csv", self.police, self.forensic)
        self.assertEqual((inside.code, inside.reason), (3, "observatory.linkage.inside"), inside)
        self.fails(5, "observatory", "link", "--node", self.home, "--plan", plan, "--publish",
                   self.police, self.forensic, reason="observatory.linkage.undecided")

    def test_three_lists_give_a_range_and_an_agreement_is_published_once(self):
        plan = self.plan(["police", "forensic", "court"], DECISION)
        files = [self.police, self.forensic, self.court]
        answer = self.ok("observatory", "link", "--node", self.home, "--plan", plan, "--format",
                         "json", "--dry-run", *files).json
        self.assertLessEqual(answer["result"]["unseen"]["total_low"],
                             answer["result"]["unseen"]["total_high"])
        self.assertEqual(self.ok("observatory", "linkages", "--node", self.home, "--format",
                                 "json").json, [])
        cases = self.folder / "cases.csv"
        self.ok("observatory", "link", "--node", self.home, "--plan", plan, "--cases", cases, *files)
        text = cases.read_text(encoding="utf-8")
        # Somebody decides what is left: a row for review ends with an empty decision.
        decided = re.sub(r"^(review,.*),$", r"\1,no_match", text, flags=re.M)
        decisions = self.write("decided.csv", decided)
        self.ok("observatory", "link", "--node", self.home, "--plan", plan, "--decisions", decisions,
                "--publish", *files)
        (newest, _) = self.ok("observatory", "linkages", "--node", self.home, "--format", "json").json
        self.assertTrue(newest["published"])
        self.assertEqual(newest["result"]["pairs_for_review"], 0)

    def weeks(self, last):
        rows = ["date,place,sex,n"]
        for week in range(0, 320):
            day = datetime.date(2019, 1, 2) + datetime.timedelta(weeks=week)
            count = last if week == 319 else 8 + week * 7 % 5
            rows.append(f"{day},PA-8,{'' if week % 4 == 0 else 'M'},{count}")
            rows.append(f"{day + datetime.timedelta(days=4)},PA-4,F,{3 + week % 3}")
        return "\n".join(rows) + "\n"

    def load_figures(self, last=40):
        mapping = self.write("mapping.toml", MAPPING)
        self.ok("observatory", "load", "--node", self.home, "--source", "police", "--mapping", mapping,
                self.write("figures.csv", self.weeks(last)))

    def publish(self, n):
        self.ok("observatory", "release", "--node", self.home, "--plan",
                self.write("release.toml", RELEASE.format(n=n)))

    def test_alerts_find_the_planted_week(self):
        self.load_figures()
        answer = self.ok("observatory", "alerts", "--node", self.home, "--indicator",
                         "homicide_victims", "--by", "territory:admin1", "--where", "territory=PAN",
                         "--source", "police", "--format", "json").json
        states = {s["code"]: s["state"] for s in answer["series"]}
        self.assertEqual(states, {"PA-8": "alarm", "PA-4": "quiet"}, answer)
        self.fails(3, "observatory", "alerts", "--node", self.home, "--indicator", "homicide_victims",
                   "--where", "territory=COL", reason="observatory.alerts.no_periods")

    def test_quality_says_what_is_missing(self):
        self.load_figures()
        answer = self.ok("observatory", "quality", "--node", self.home, "--country", "PAN",
                         "--source", "police", "--format", "json").json
        (source,) = answer["sources"]
        unknown = {d["dimension"]: d["unknown_share"] for d in source["dimensions"]}
        self.assertAlmostEqual(unknown["sex"], 0.25 * 10 / 14, delta=0.02)
        self.assertEqual(unknown["territory"], 0)
        # What is not recorded at all is not complete.
        self.assertEqual({unknown[d] for d in ("age", "mechanism", "relationship")}, {1})
        self.assertEqual([c["state"] for c in source["protocol"]["criteria"]
                          if c["criterion"] == "missing_fields"], ["not_met"])
        unconfirmed = [c for c in source["protocol"]["criteria"] if not c["threshold_confirmed"]]
        self.assertTrue(unconfirmed)
        words = self.ok("observatory", "quality", "--node", self.home, "--country", "PAN").text
        self.assertIn("threshold not confirmed", words)

    def test_a_bulletin_needs_nothing_else_and_holds_releases_only(self):
        self.load_figures()
        out = self.folder / "bulletin.html"
        self.fails(4, "observatory", "bulletin", "--node", self.home, "--country", "COL", "--out", out,
                   "--period", "1900", reason="observatory.bulletin.none")
        self.publish(1)
        self.ok("observatory", "bulletin", "--node", self.home, "--country", "PAN", "--lang", "es",
                "--period", "2023", "--out", out)
        page = out.read_text(encoding="utf-8")
        self.assertTrue(page.startswith("<!doctype html>"))
        self.assertIn('lang="es"', page)
        self.assertIn("Víctimas de homicidio", page)
        self.assertIn("<svg", page)
        self.assertIn("<table", page)
        self.assertNotIn("<script", page)
        self.assertEqual(re.findall(r'(?:src|href)="(?!#)[^"]*"', page), [])
        self.assertNotIn(">2024<", page)  # later than the period
        self.fails(5, "observatory", "bulletin", "--node", self.home, "--country", "PAN", "--out", out,
                   reason="app.output.exists")
        self.ok("observatory", "bulletin", "--node", self.home, "--country", "PAN", "--out", out,
                "--replace")
        self.assertIn(">2024<", out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
