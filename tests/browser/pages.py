"""Every kind of page in a real browser: axe, layout at 320 and 1280 px, console, origins, weight.

Serves a node with synthetic documents (and the real ones where ATALAYA_SHARED has them) and runs
check.mjs over it, then an editor's day (editor.mjs). Needs Debian's chromium and `npm ci` in this
folder (scripts/test does that).
Exit code 77: skipped, with the reason.
"""
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


def main():
    if not shutil.which("chromium") or not (here / "node_modules").is_dir():
        print("skipped: chromium or tests/browser/node_modules is absent (scripts/setup test)")
        return 77
    out = pathlib.Path(os.environ.get("ATALAYA_SCREENSHOTS", here.parents[1] / "build/screenshots"))
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        node = folder / "node"
        support.run("init", node, "--name", "Synthetic node", "--country", "PAN")
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
        password = "cuatro caballos verdes bailan"
        subprocess.run([support.program(), "user", "add", "--node", node, "ana", "--role", "editor",
                        "--password-stdin"], input=password.encode() + b"\n", check=True)
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
