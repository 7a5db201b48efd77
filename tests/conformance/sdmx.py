"""Foreign SDMX clients over a node with two synthetic releases: what they read is what
`atalaya observatory table` prints.

Needs rsdmx (Debian's r-cran-rsdmx) and the library sdmx1 (scripts/test installs it; another
interpreter that has it: ATALAYA_SDMX_PYTHON). What is absent is skipped; without both the exit code
is 77.
"""
import csv
import gzip
import http.client
import io
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
from urllib.parse import quote

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "functional"))
import support  # noqa: E402

INDICATOR, FLOW = "sexual_violence_rate", "DF_SEXUAL_VIOLENCE_RATE"
BY = "territory:admin1,period:year,sex"
MAPPING = """id = "cases"
title = "Cases, synthetic"
synthetic = true
country = "COL"
covers = "COL"
source_kind = "police"
[defaults]
unit = "victims"
[dimensions.period]
column = "year"
[dimensions.territory]
column = "place"
[dimensions.sex]
column = "sex"
[dimensions.iccs]
column = "offence"
[value]
column = "n"
"""
PEOPLE = """id = "people"
kind = "population"
synthetic = true
country = "COL"
source_kind = "population"
[dimensions.period]
column = "year"
[dimensions.territory]
column = "place"
[dimensions.sex]
column = "sex"
[value]
column = "n"
"""
PLACES = {"CO-ANT": 3_300_000, "CO-CUN": 1_600_000, "CO-VAC": 2_200_000, "CO-AMA": 40_000,
          "CO-VAU": 20_000}
PLAN = """id = "{id}"
name = "Synthetic {id}"
[decision]
by = "Test"
reason = "a test"
[[tables]]
indicator = "homicide_victims"
by = "territory:admin1,period:year"
where = "territory=COL"
"""
SECOND = f"""[[tables]]
indicator = "{INDICATOR}"
by = "{BY}"
where = "territory=COL"
[[tables]]
indicator = "homicide_victims"
by = "territory:admin1,period:year,sex"
where = "territory=COL"
"""


def cases(seed, offences):
    """Small numbers among large ones, so that some cells must be suppressed."""
    draw = random.Random(seed)
    lines = ["year,place,sex,offence,n"]
    for year in range(2018, 2024):
        for place in PLACES:
            small = place in ("CO-AMA", "CO-VAU")
            for sex in "FM":
                for offence in offences:
                    n = draw.randint(1, 9) if small else draw.randint(20, 400)
                    lines.append(f"{year},{place},{sex},{offence},{n}")
    return "\n".join(lines) + "\n"


def ok(*arguments):
    answer = support.run(*arguments)
    assert answer.code == 0, answer
    return answer


def build(folder):
    node = folder / "node"
    ok("init", node, "--name", "Synthetic node", "--country", "COL")
    mapping, plan = folder / "cases.toml", folder / "plan.toml"
    mapping.write_text(PEOPLE, encoding="utf-8")
    people = folder / "people.csv"
    people.write_text("year,place,sex,n\n" + "".join(
        f"{year},{place},{sex},{n + year}\n" for year in range(2018, 2024)
        for place, n in PLACES.items() for sex in "FM"), encoding="utf-8")
    ok("observatory", "load", "--node", node, "--source", "co_people", "--mapping", mapping, people)
    mapping.write_text(MAPPING, encoding="utf-8")
    for number, more in (("1", ""), ("2", SECOND)):
        data = folder / f"cases{number}.csv"
        data.write_text(cases(number, ("0101", "0301")), encoding="utf-8")
        ok("observatory", "load", "--node", node, "--source", "co_test", "--mapping", mapping, data)
        plan.write_text(PLAN.format(id=f"r{number}") + more, encoding="utf-8")
        ok("observatory", "release", "--node", node, "--plan", plan)
    return node


def number(text):
    return None if text in (None, "", "NaN", "NA") else float(text)


def expected(node, release="r2"):
    """(place, sex, year, unit) → (value, lower, upper, status), from the command line."""
    out = {}
    text = ok("observatory", "table", "--node", node, "--indicator", INDICATOR, "--by", BY,
              "--where", "territory=COL", "--release", release, "--format", "csv").text
    for row in csv.DictReader(io.StringIO(text)):
        key = (row["territory"], row["sex"], row["period"])
        out[(*key, "NR")] = (number(row["count"]), None, None, row["status"])
        out[(*key, "P_HTHAB")] = (number(row["rate"]), number(row["rate_low"]),
                                  number(row["rate_high"]), row["status"])
    assert len(out) > 50 and any(v[3] == "suppressed" for v in out.values()), out
    assert sum(v[1] is not None for v in out.values()) > 20, out
    return out


def same(what, seen, wanted):
    assert seen.keys() == wanted.keys(), (what, sorted(seen.keys() ^ wanted.keys())[:5])
    for key, values in wanted.items():
        for a, b in zip(seen[key], values):
            near = a == b or (isinstance(a, float) and isinstance(b, float) and
                              abs(a - b) <= 1e-9 * max(1, abs(b)))
            assert near, (what, key, seen[key], values)


def check_r(base, wanted):
    done = subprocess.run(["Rscript", here / "sdmx_client.R", base + "/v1", FLOW],
                          capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    parts = {}
    for line in done.stdout.splitlines():
        if line.startswith("## "):
            name = line.split()[1]
            parts[name] = []
        else:
            parts[name].append(line)
    tables = {name: list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
              for name, lines in parts.items()}
    assert {row["id"] for row in tables["flows"]} == {FLOW, "DF_HOMICIDE_VICTIMS"}, tables["flows"]
    assert {row["id"]: row["label.es"] for row in tables["sex"]}["F"] == "Mujer", tables["sex"]
    seen = {(r["REF_AREA"], r["SEX"], r["obsTime"], r["UNIT_MEASURE"]):
            (number(r["obsValue"]), number(r["LOWER"]), number(r["UPPER"]), r["CELL_STATUS"])
            for r in tables["data"]}
    # R prints 15 digits of numbers; bounds are texts.
    same("rsdmx", seen, wanted)
    print(f"rsdmx: {len(seen)} observations equal")


def check_python(python, base, wanted):
    for generation in ("v1", "v2"):
        done = subprocess.run([python, here / "sdmx_client.py", generation, base, FLOW],
                              capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        found = json.loads(done.stdout)
        assert found["structure"]["dimensions"] == [
            "FREQ", "REF_AREA", "SEX", "UNIT_MEASURE", "TIME_PERIOD"], found["structure"]
        for form, rows in found["forms"].items():
            seen = {}
            for key, value, notes in rows:
                place = (key["REF_AREA"], key["SEX"], key["TIME_PERIOD"], key["UNIT_MEASURE"])
                seen[place] = (value, number(notes.get("LOWER")), number(notes.get("UPPER")),
                               notes["CELL_STATUS"])
                hidden = notes["CELL_STATUS"] == "suppressed"
                assert notes["OBS_STATUS"] == ("Q" if hidden else notes["OBS_STATUS"]), notes
                assert notes["CONF_STATUS"] == ("C" if hidden else "F"), notes
                assert key["FREQ"] == "A" and notes["RELEASE"] == "r2", (key, notes)
            same(f"sdmx1 {generation} {form}", seen, wanted)
        assert found["tree"] == {"COL": {place: {} for place in PLACES}}, found["tree"]
        if generation == "v1":
            assert found["flows"] == ["DF_HOMICIDE_VICTIMS", FLOW], found["flows"]
            assert found["available"]["UNIT_MEASURE"] == ["NR", "P_HTHAB"], found["available"]
            series = {(k[0], k[1], k[3]) for k in wanted}
            assert found["preview"] == len(series), found["preview"]
        print(f"sdmx1 {generation}: {', '.join(found['forms'])}: {len(wanted)} equal each")


class Web:
    def __init__(self, port):
        self.port = port

    def get(self, path, **headers):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        link.request("GET", quote(path, safe="/?&=+*,.:[]%"), headers=headers)
        answer = link.getresponse()
        body = answer.read()
        if answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        link.close()
        return answer.status, answer.headers, body.decode("utf-8")

    def rows(self, path, generation="1.0.0"):
        accept = f"application/vnd.sdmx.data+csv;version={generation}"
        status, _, body = self.get(path, Accept=accept)
        assert status == 200, (path, status, body)
        return list(csv.DictReader(io.StringIO(body)))


def check_http(web, wanted):
    data = f"/sdmx/v1/data/ATALAYA,{FLOW},1.0"
    status, headers, _ = web.get(f"{data}/A.CO-ANT.F.NR/ALL/", **{"Accept-Encoding": "gzip"})
    assert status == 200 and "Accept" in headers["Vary"], (status, headers)
    assert headers["Content-Type"].startswith("application/vnd.sdmx.genericdata+xml"), headers
    status, _, body = web.get(f"{data}/A.CO-ANT.F.NR/", **{"If-None-Match": headers["ETag"]})
    assert (status, body) == (304, ""), status
    status, headers, _ = web.get(f"{data}/all?format=csv", **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip", headers
    for accept, status in (("application/xml", 200), ("application/pdf", 406),
                           ("text/html,*/*;q=0.1", 200), ("application/json;q=0", 406),
                           ("application/pdf, application/json;q=0.5", 200)):
        assert web.get(f"{data}/all", Accept=accept)[0] == status, accept
    for path, status, code in (
            (f"{data}/A.XXX.F.NR", 404, "100"), (f"{data}/A.B", 400, "150"),
            (f"{data}/A.<.F.NR", 400, "150"), (f"{data}/all?startPeriod=20x", 400, "140"),
            (f"{data}/all?detail=most", 400, "140"), ("/sdmx/v1/data/DF_NONE", 404, "100"),
            (f"{data}/all?firstNObservations=-1", 400, "140"),
            (f"/sdmx/v1/data/ATALAYA,{FLOW},9.0", 404, "100"),
            (f"/sdmx/v1/schema/dataflow/ATALAYA/{FLOW}", 501, "501"),
            ("/sdmx/v1/datathing", 400, "140"), ("/sdmx/v1/reportingtaxonomy", 404, "100"),
            ("/sdmx/v1/dataflow?references=cousins", 400, "140"),
            (f"{data}/all?dimensionAtObservation=AGE", 400, "140")):
        seen, headers, body = web.get(path)
        assert seen == status and f'code="{code}"' in body, (path, seen, body)
        seen, headers, body = web.get(path, Accept="application/json")
        assert seen == status and json.loads(body)["errors"][0]["code"] == int(code), body
    assert web.get(f"/sdmx/v2/data/dataflow/ATALAYA/{FLOW}/1.0.0/A.XXX.F.NR")[0] == 204


def check_queries(web, wanted):
    data = f"/sdmx/v1/data/{FLOW}"
    key = "A.CO-ANT+CO-VAC..P_HTHAB"
    rows = web.rows(f"{data}/{key}?startPeriod=2019-01-01&endPeriod=2020-06-30")
    assert {(r["REF_AREA"], r["TIME_PERIOD"]) for r in rows} == {
        (a, y) for a in ("CO-ANT", "CO-VAC") for y in ("2019", "2020")}, rows
    assert len(rows) == 8, rows
    assert {r["TIME_PERIOD"] for r in web.rows(f"{data}/{key}?lastNObservations=2")} == {
        "2022", "2023"}
    assert {r["TIME_PERIOD"] for r in
            web.rows(f"{data}/{key}?firstNObservations=1&lastNObservations=1")} == {"2018", "2023"}
    assert "OBS_STATUS" not in web.rows(f"{data}/{key}?detail=dataonly")[0]
    keys = web.rows(f"{data}/{key}?detail=serieskeysonly")
    assert len(keys) == 4 and "OBS_VALUE" not in keys[0], keys
    labels = web.get(f"{data}/{key}?labels=both&lang=pt", Accept="text/csv")[2]
    assert "F: Mulher" in labels, labels[:400]

    new = f"/sdmx/v2/data/dataflow/ATALAYA/{FLOW}/+"
    filters = "c[REF_AREA]=CO-ANT,CO-VAC&c[TIME_PERIOD]=ge:2019+le:2020&c[UNIT_MEASURE]=ne:NR"
    again = web.rows(f"{new}?{filters}", "2.0.0")
    assert [r["OBS_VALUE"] for r in again] == [r["OBS_VALUE"] for r in rows], again
    assert web.rows(f"{new}/*.CO-ANT.*.NR,*.CO-VAC.F.NR", "2.0.0")
    page = web.rows(f"{new}?{filters}&offset=2&limit=3", "2.0.0")
    assert [r["OBS_VALUE"] for r in page] == [r["OBS_VALUE"] for r in rows[2:5]], page
    for form, version in (("application/vnd.sdmx.data+json", "2.0.0"),
                          ("application/vnd.sdmx.data+json", "1.0.0")):
        body = json.loads(web.get(f"{new}?{filters}", Accept=f"{form};version={version}")[2])
        sets = body["data"]["dataSets"][0]["series"]
        values = [o[0] for s in sets.values() for o in s["observations"].values()]
        assert values == [number(r["OBS_VALUE"]) for r in rows], (version, values)
    exact = json.loads(web.get(f"/sdmx/v2/availability/dataflow/ATALAYA/{FLOW}/+/A.CO-ANT.F.*/SEX",
                               Accept="application/vnd.sdmx.structure+json;version=2.0.0")[2])
    assert "CO-ANT" not in json.dumps(exact) and '"F"' in json.dumps(exact), exact
    wider = json.loads(web.get(f"/sdmx/v1/availableconstraint/{FLOW}/A.CO-ANT.F./all/all?"
                               "mode=available", Accept="application/json")[2])
    region = {k["id"]: k.get("values") for k in
              wider["data"]["contentConstraints"][0]["cubeRegions"][0]["keyValues"]}
    assert region["SEX"] == ["F", "M"] and "CO-VAC" in region["REF_AREA"], region


def check_history(web, node):
    """homicide_victims was published twice: without sex in r1, and with it in r2."""
    listed = {r["release"]: r["published_at"] for r in
              ok("observatory", "releases", "--node", node, "--format", "json").json}
    totals = {}
    for release in ("r1", "r2"):
        text = ok("observatory", "table", "--node", node, "--indicator", "homicide_victims", "--by",
                  "territory:admin1,period:year", "--where", "territory=COL", "--release", release,
                  "--format", "csv").text
        totals[release] = sorted(float(r["count"]) for r in csv.DictReader(io.StringIO(text)))
    new = "/sdmx/v2/data/dataflow/ATALAYA/DF_HOMICIDE_VICTIMS/+/A.*._T.NR"
    old = web.rows(f"{new}?asOf={listed['r1']}", "2.0.0")
    assert sorted(float(r["OBS_VALUE"]) for r in old) == totals["r1"], old
    assert {r["RELEASE"] for r in web.rows(new, "2.0.0")} == {"r2"}
    assert sorted(float(r["OBS_VALUE"]) for r in web.rows(new, "2.0.0")) == totals["r2"]
    assert web.get(f"{new}?asOf=2001-01-01")[0] == 204
    later = listed["r2"]
    assert web.get(f"/sdmx/v1/data/DF_HOMICIDE_VICTIMS/all?updatedAfter={later}")[0] == 404
    body = web.get("/sdmx/v1/data/DF_HOMICIDE_VICTIMS/A.._T.NR?includeHistory=true",
                   Accept="application/vnd.sdmx.structurespecificdata+xml;version=2.1")[2]
    assert body.count("<mes:DataSet ") == 2, body[:2000]
    assert body.count("validFromDate") == 2 and body.count("validToDate") == 1
    # The dimension SEX came with r2, so the structure has a second version.
    assert 'version="2.0"' in web.get("/sdmx/v1/datastructure/all/DSD_HOMICIDE_VICTIMS")[2]
    # In 3.0 a version without an extension never changes; lists of codes do.
    for version in ("+", "2.0.0", "2.0.0-draft"):
        text = web.get(f"/sdmx/v2/structure/datastructure/ATALAYA/DSD_HOMICIDE_VICTIMS/{version}"
                       "?references=children",
                       Accept="application/vnd.sdmx.structure+xml;version=3.0.0")[2]
        assert 'version="2.0.0-draft"' in text and ":CL_SEX(1.0.0-draft)" in text, text[:3000]
    assert "(1.0.0)" not in text, text[:3000]


def sdmx_python():
    for python in (os.environ.get("ATALAYA_SDMX_PYTHON"),
                   support.SOURCE / "build/venv-sdmx/bin/python", sys.executable):
        if python and os.access(python, os.X_OK) and subprocess.run(
                [python, "-c", "import sdmx"], capture_output=True, check=False).returncode == 0:
            return python
    return None


def has_rsdmx():
    return shutil.which("Rscript") and subprocess.run(
        ["Rscript", "-e", "library(rsdmx)"], capture_output=True, check=False).returncode == 0


def main():
    python, r = sdmx_python(), has_rsdmx()
    if not python and not r:
        print("skipped: neither sdmx1 (set ATALAYA_SDMX_PYTHON) nor rsdmx is installed")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        node = build(pathlib.Path(folder))
        wanted = expected(node)
        server = support.Server(node)
        try:
            base, web = f"http://127.0.0.1:{server.port}/sdmx", Web(server.port)
            check_http(web, wanted)
            check_queries(web, wanted)
            check_history(web, node)
            if r:
                check_r(base, wanted)
            if python:
                check_python(python, base, wanted)
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
