"""Every kind of page in a real browser: axe, layout at 320 and 1280 px, console, origins, weight.

Serves a node with synthetic documents (and the real ones where ATALAYA_SHARED has them) and runs
check.mjs over it, then an editor's day (editor.mjs). Needs Debian's chromium and `npm ci` in this
folder (scripts/test does that).
Exit code 77: skipped, with the reason.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "functional"))
import support  # noqa: E402


MAPPING = """
id = "{id}"
kind = "{kind}"
title = "{id}, synthetic"
synthetic = true
country = "PAN"
covers = "PAN"
source_kind = "{source}"
[defaults]
{defaults}
[dimensions.period]
column = "year"
[dimensions.territory]
column = "code"
prefix = "PAN_"
level = "admin2"
{territory}
[value]
column = "n"
"""

PLAN = """
id = "synthetic-municipalities"
name = "Synthetic municipalities"
[decision]
by = "Test"
reason = "Made-up cases."
[[tables]]
indicator = "homicide_rate"
by = "territory:admin2,period:year"
where = "territory=PAN"
source = "cases"
rate = "smoothed"
"""


def release_municipalities(node, folder):
    """Three made-up municipalities with people, cases and shapes: submissions 4 and 5."""
    enroll = 'enroll = true\nname_column = "name"\nparent_column = "parent"'
    loads = [("people", "population", "population", "", enroll,
              "year,code,name,parent,n\n2023,8001,Uno,PA-8,200000\n"
              "2023,8002,Dos,PA-8,30000\n2023,8003,Tres,PA-8,5000\n"),
             ("cases", "facts", "police", 'unit = "victims"\niccs = "0101"', "",
              "year,code,n\n2023,8001,21\n2023,8002,2\n2023,8003,1\n")]
    for name, kind, source, defaults, territory, rows in loads:
        mapping, file = folder / f"{name}.toml", folder / f"{name}.csv"
        mapping.write_text(MAPPING.format(id=name, kind=kind, source=source, defaults=defaults,
                                          territory=territory), encoding="utf-8")
        file.write_text(rows, encoding="utf-8")
        loaded = support.run("observatory", "load", "--node", node, "--source", name,
                             "--mapping", mapping, file)
        assert loaded.code == 0, loaded
    squares = [{"type": "Feature", "id": code, "properties": {"name": name},
                "geometry": {"type": "Polygon", "coordinates": [
                    [[x, 8], [x + 1, 8], [x + 1, 9], [x, 9], [x, 8]]]}}
               for code, name, x in (("8001", "Uno", -80), ("8002", "Dos", -79), ("8003", "Tres", -78))]
    shapes, plan = folder / "shapes.geojson", folder / "plan.toml"
    shapes.write_text(json.dumps({"type": "FeatureCollection", "features": squares}), encoding="utf-8")
    plan.write_text(PLAN, encoding="utf-8")
    for words in (["boundaries", "--node", node, "--country", "PAN", "--level", "2", "--source",
                   "synthetic", shapes], ["release", "--node", node, "--plan", plan]):
        done = support.run("observatory", *words)
        assert done.code == 0, done


def main():
    if not shutil.which("chromium") or not (here / "node_modules").is_dir():
        print("skipped: chromium or tests/browser/node_modules is absent (scripts/setup test)")
        return 77
    out = pathlib.Path(os.environ.get("ATALAYA_SCREENSHOTS", here.parents[1] / "build/screenshots"))
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        node = folder / "node"
        support.run("init", node, "--name", "Synthetic node", "--country", "PAN", "--language", "en")
        try:
            documents = list(support.shared_documents().values())
        except unittest.SkipTest:
            documents = []
        if not documents:
            page = folder / "synthetic.txt"
            page.write_text(support.mandates_page(support.items(7, 40)), encoding="utf-8")
            ministers = folder / "ministers.txt"
            ministers.write_text(support.ministers_commitment(), encoding="utf-8")
            documents = [page, ministers]
        imported = support.run("commitments", "import", "--node", node, *documents)
        assert imported.code == 0, imported
        plan = here.parents[1] / "docs/guides/releases/catalogue_homicides.toml"
        released = support.run("observatory", "release", "--node", node, "--plan", plan)
        assert released.code == 0, released
        release_municipalities(node, folder)
        password = "cuatro caballos verdes bailan"
        subprocess.run([support.program(), "user", "add", "--node", node, "ana", "--role", "editor",
                        "--role", "analyst", "--password-stdin"], input=password.encode() + b"\n", check=True)
        server = support.Server(node)
        try:
            checked = subprocess.run(
                ["node", "check.mjs", f"http://127.0.0.1:{server.port}", str(out), *sys.argv[1:]], cwd=here, timeout=1500)
            edited = subprocess.run(
                ["node", "editor.mjs", f"http://127.0.0.1:{server.port}", str(out), "ana",
                 password], cwd=here, timeout=300)
        finally:
            server.stop()
    return checked.returncode or edited.returncode


if __name__ == "__main__":
    sys.exit(main())
