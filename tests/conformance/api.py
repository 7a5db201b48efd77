"""schemathesis over the program's own OpenAPI document: no 5xx, no undocumented answer.

Needs `schemathesis` (scripts/test installs it into build/venv). Exit code 77: skipped.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "functional"))
import support  # noqa: E402


def main():
    tool = os.environ.get("ATALAYA_SCHEMATHESIS") or shutil.which("schemathesis")
    if not tool:
        print("skipped: schemathesis is absent (set ATALAYA_SCHEMATHESIS)")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        node = folder / "node"
        support.run("init", node, "--name", "Synthetic node", "--country", "PAN")
        page = folder / "synthetic.txt"
        page.write_text(support.mandates_page(support.items(7, 40)), encoding="utf-8")
        imported = support.run("commitments", "import", "--node", node, page)
        assert imported.code == 0, imported
        server = support.Server(node)
        try:
            checked = subprocess.run(
                [tool, "run", f"http://127.0.0.1:{server.port}/api/openapi.json", "--checks",
                 "not_a_server_error,status_code_conformance,content_type_conformance,"
                 "response_schema_conformance", "--max-examples", "12", "--workers", "1",
                 "--seed", "20260101", "--suppress-health-check", "all"], cwd=folder, timeout=900)
        finally:
            server.stop()
    return checked.returncode


if __name__ == "__main__":
    sys.exit(main())
