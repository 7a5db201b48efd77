#!/usr/bin/env python3
"""The documented mappings against the real files that they were written for.

The files are not in the repository: set ATALAYA_SHARED. Totals come from control-totals.json there,
or are computed here from the file itself, without the program."""

import csv
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest

from support import SOURCE, Case, main, run

DATA = pathlib.Path(os.environ.get("ATALAYA_SHARED", SOURCE.parent / "shared")) / "data"
MAPPINGS = SOURCE / "docs" / "guides" / "mappings"


def rows_of(path, **options):
    """The rows of a CSV file, which may be packed."""
    content = path.read_bytes()
    if path.suffix == ".zst":
        content = subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout
    text = content.decode(options.pop("encoding", "utf-8"))
    return list(csv.DictReader(io.StringIO(text), **options))


@unittest.skipUnless((DATA / "control-totals.json").exists(),
                     f"the real files are not in {DATA}; set ATALAYA_SHARED")
class RealFiles(Case):
    @classmethod
    def setUpClass(cls):
        cls.control = json.loads((DATA / "control-totals.json").read_text(encoding="utf-8"))
        cls.shared = pathlib.Path(tempfile.mkdtemp(prefix="atalaya-functional-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.node = cls.shared / "node"
        made = run("init", cls.node, "--name", "Real files", "--country", "COL")
        assert made.code == 0, made

    def load(self, mapping, *files, source="real", dry=False):
        answer = self.ok("observatory", "load", "--node", self.node, "--source", source, "--mapping",
                         MAPPINGS / mapping if isinstance(mapping, str) else mapping, "--format",
                         "json", *(["--dry-run"] if dry else []), *files)
        report = answer.json
        self.assertEqual(report["rows"], report["accepted"] + report["accepted_with_warning"] +
                         report["rejected"] + report["skipped"])
        self.assertEqual(report["total"], report["total_accepted"] + report["total_rejected"] +
                         report["total_skipped"])
        return report

    def counts(self, indicator, by, where, source):
        text = self.ok("observatory", "table", "--node", self.node, "--indicator", indicator, "--by",
                       by, "--where", where, "--source", source, "--draft").text
        return list(csv.DictReader(io.StringIO(text)))

    def catalogue(self):
        """Countries that the node knows."""
        codes = self.ok("observatory", "codes", "territory", "--format", "json").json
        return {c["code"] for c in codes if re.fullmatch("[A-Z]{3}", c["code"])}

    def test_colombia_1990_to_2013(self):
        report = self.load("co_homicides_1990.toml",
                           DATA / "co-homicidios-1990-2013" / "homicidios_1990_2013.csv",
                           source="nebulae")
        control = self.control["co-homicidios-1990-2013"]
        self.assertEqual((report["rows"], report["rejected"]), (26928, 0))
        self.assertEqual(report["empty_values"], control["missing_cells"])
        found = {row["period"]: int(row["count"]) for row in
                 self.counts("homicide_victims", "period:year", "territory=COL", "nebulae")}
        self.assertEqual(found, control["victims_by_year"])

    def test_rio_de_janeiro(self):
        report = self.load("br_rj_isp.toml", DATA / "br-rj-isp" / "BaseMunicipioMensal.csv.zst",
                           source="isp")
        control = self.control["br-rj-isp"]
        self.assertEqual((report["rows"], report["accepted"], report["new_territories"]),
                         (13524, 13524, 92))
        self.assertEqual([f for f in report["findings"] if f["reason"] == "check_failed"], [])
        where = "territory=BR-RJ"  # every municipality lies in the state
        killed = {row["period"]: int(row["count"]) for row in
                  self.counts("killed_by_law_enforcement", "period:year", where, "isp")}
        self.assertEqual(killed, control["hom_por_interv_policial"])
        victims = {row["period"]: int(row["count"]) for row in
                   self.counts("homicide_victims", "period:year", where, "isp")}
        parts = ["hom_doloso", "latrocinio", "lesao_corp_morte", "feminicidio"]
        self.assertEqual(victims, {year: sum(control[part].get(year, 0) for part in parts)
                                   for year in control["hom_doloso"]})
        # And the whole file: what is read is the sum of the columns that are read.
        mapping = tomllib.loads((MAPPINGS / "br_rj_isp.toml").read_text(encoding="utf-8"))
        columns = [m["column"] for m in mapping["measures"]]
        file = rows_of(DATA / "br-rj-isp" / "BaseMunicipioMensal.csv.zst", encoding="cp1252",
                       delimiter=";")
        self.assertEqual(report["total_accepted"],
                         sum(int(row[c] or 0) for row in file for c in columns))
        unread = set(file[0]) - set(columns)
        self.assertTrue({"cvli", "letalidade_violenta", "total_roubos", "total_furtos"} <= unread)

    def test_mexico_city(self):
        file = DATA / "mx-cdmx-fgj" / "carpetas_fgj_2019_2024.csv.zst"
        control = self.control["mx-cdmx-fgj"]
        report = self.load("mx_cdmx_fgj.toml", file, source="fgj", dry=True)
        self.assertEqual((report["rows"], report["rejected"], report["new_territories"]),
                         (control["rows"], 0, len(control["by_alcaldia"])))
        self.assertEqual(report["skipped"], 25000)  # as the mapping states: 98.1 % have a code
        self.assertEqual((report["period_from"], report["period_to"][:4]), ("2019-01-01", "2025"))
        # Only the names that are intentional homicide, femicides among them.
        text = (MAPPINGS / "mx_cdmx_fgj.toml").read_text(encoding="utf-8")
        names = [name for name, code in
                 tomllib.loads(text)["dimensions"]["iccs"]["values"].items() if code == "0101"]
        others = "^(?!(?:" + "|".join(re.escape(n).replace("\\ ", " ") for n in names) + ")$)"
        only = self.write("only.toml", text + f"\n[[skip]]\ncolumn = \"delito\"\nmatches = '{others}'\n"
                                              "reason = 'no homicide'\n")
        report = self.load(only, file, source="fgj", dry=True)
        key = next(k for k in control if k.startswith("intentional homicide codes"))
        self.assertEqual(report["accepted"] + report["accepted_with_warning"],
                         sum(control[key].values()) + sum(control["FEMINICIDIO*"].values()))

    def test_brazil_population(self):
        file = DATA / "br-ibge-populacao" / "populacao-estimada-2021_2023-07-10.csv"
        report = self.load("br_population_ibge.toml", file, source="ibge", dry=True)
        self.assertEqual((report["rows"], report["accepted"]), (5570, 5570))
        self.assertEqual(report["total_accepted"],
                         sum(int(row["estimated_population"]) for row in rows_of(file)))

    def test_displaced_persons(self):
        self.load("idmc_displaced.toml", DATA / "intl-unhcr-idmc" / "idmc.csv", source="idmc")
        control = self.control["intl-unhcr-idmc"]["idmc conflict IDPs end of year"]
        found = {}
        for country in sorted({key[:3] for key in control}):
            for row in self.counts("displaced_persons_rate", "territory:country,period:year",
                                   f"territory={country}", "idmc"):
                found[f"{country} {row['period']}"] = int(row["count"])
        self.assertEqual({key: found.get(key) for key in control}, control)

    def test_unhcr(self):
        file = DATA / "intl-unhcr-idmc" / "population.csv.zst"
        report = self.load("unhcr_population.toml", file, source="unhcr", dry=True)
        known = self.catalogue()
        rows = [row for row in rows_of(file) if row["coo_iso"] in known]
        self.assertEqual((report["rows"], report["accepted"]), (138893, len(rows)))
        columns = ["refugees", "oip", "asylum_seekers", "idps"]
        self.assertEqual(report["total_accepted"],
                         sum(int(float(row[c] or 0)) for row in rows for c in columns))

    def test_trafficking(self):
        file = DATA / "intl-unodc-glotip" / "data_glotip.csv.zst"
        report = self.load("unodc_trafficking_glotip.toml", file, source="glotip")
        rows = rows_of(file)
        control = self.control["intl-unodc-glotip"]
        self.assertEqual(report["rows"], control["rows"])
        self.assertEqual(sum(row["txtVALUE"] == "<5" for row in rows), control["masked_lt5"])
        known = self.catalogue()
        taken = [row for row in rows if row["Iso3_code"] in known and
                 row["Dimension"] in ("Total", "by form of exploitation")]
        masked = sum(row["txtVALUE"] == "<5" for row in taken)
        exact = sum(int(row["txtVALUE"].replace(",", "")) for row in taken if row["txtVALUE"] != "<5")
        self.assertEqual((report["facts"], report["masked_values"]), (len(taken), masked))
        self.assertEqual(report["total_accepted"], exact + masked)  # one is the lower bound of <5
        # The source's total of a country, and not the sum of its parts beside it.
        total = next(int(row["txtVALUE"].replace(",", "")) for row in taken
                     if (row["Iso3_code"], row["Year"], row["Indicator"], row["Dimension"],
                         row["Sex"], row["Age"]) == ("COL", "2019", "Detected trafficking victims",
                                                     "Total", "Total", "Total"))
        (cell,) = self.counts("trafficking_victims_rate", "period:year",
                              "territory=COL,period=2019", "glotip")
        self.assertEqual(int(cell["count"]), total)

    def wide(self, mapping, name, indicators):
        file = DATA / "intl-unodc-gsh2019" / name
        report = self.load(mapping, file, source="gsh", dry=True)
        rows = rows_of(file)
        self.assertEqual((report["rows"], report["rejected"]), (len(rows), 0))
        skipped = {reason.split(": ", 1)[1] for reason in report["skipped_by_reason"]
                   if reason.startswith("territory: ")}
        taken = [row for row in rows if row["Country"] not in skipped and
                 row["Indicator"] in indicators]
        numbers = [int(row[year].replace(",", "")) for row in taken for year in row
                   if re.fullmatch("[0-9]{4}", year) and row[year].strip()]
        self.assertEqual((report["facts"], report["total_accepted"]), (len(numbers), sum(numbers)))
        self.assertIn("Colombia", {row["Country"] for row in rows} - skipped)

    def test_unodc_annexes(self):
        self.wide("unodc_prisons_2019.toml", "Homicide_in_Prisons_Shiny.csv",
                  {"Intentional Homicide", "Total Prison Population"})
        self.wide("unodc_partner_homicide_2019.toml", "ipfm_shiny.csv",
                  {"Intimate Partner Homicide", "IP Male Victims", "IP Female Victims"})
        contact = tomllib.loads((MAPPINGS / "unodc_formal_contact_2019.toml").read_text(
            encoding="utf-8"))
        self.wide("unodc_formal_contact_2019.toml", "cjsr.csv",
                  set(contact["dimensions"]["unit"]["values"]))

    def test_a_draft_is_a_mapping_for_each_of_them(self):
        """A proposal is read by the program, and finds time, place and numbers in the file."""
        wanted = {
            "mx-cdmx-fgj/carpetas_fgj_2019_2024.csv.zst": ("fecha_hecho", "alcaldia", "rows = true"),
            "co-homicidios-1990-2013/homicidios_1990_2013.csv": ("año", '"id"', "homicidios"),
            "br-ibge-populacao/populacao-estimada-2012_2017-06-14.csv":
                ('"2012"', "city_ibge_code", "estimated_population"),
            "intl-unodc-gsh2019/cjsr.csv": ("period", "Country", "([0-9]{4})"),
            "intl-unodc-gsh2019/Homicide_in_Prisons_Shiny.csv":
                ('thousands_mark = ","', "Country", "([0-9]{4})"),
            "intl-unodc-glotip/data_glotip.csv.zst": ("Year", "Iso3_code", "txtVALUE"),
            "intl-unhcr-idmc/idmc.csv": ("year", "coo_iso", "total"),
            "intl-unhcr-idmc/population.csv.zst": ("year", "coo_iso", '"refugees"'),
            "br-rj-isp/BaseMunicipioMensal.csv.zst": ('"ano", "mes"', "fmun_cod", '"hom_doloso"'),
            "co-policia-homicidios/raw/homicidios_2019.xlsx":
                ("FECHA HECHO", "CODIGO DANE", "CANTIDAD"),
            "co-policia-homicidios/raw/homicidios_20032010.xlsx":
                ("FECHA DE HECHO", "MUNICIPIO", "CANTIDAD"),
            "co-policia-homicidios/poblacion_dane_2003_2023.csv":
                ("year", "municipio_code", "poblacion"),
        }
        for name, words in wanted.items():
            with self.subTest(name):
                country = {"co": "COL", "br": "BRA", "mx": "MEX"}.get(name[:2])
                draft = self.ok("observatory", "mapping", "draft",
                                *(["--country", country] if country else []), DATA / name)
                parsed = tomllib.loads(draft.text)
                self.assertIn("territory", parsed["dimensions"])
                for word in words:
                    self.assertIn(word, draft.text)


if __name__ == "__main__":
    main()
