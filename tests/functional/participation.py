#!/usr/bin/env python3
"""A submission from its form through two editors to a neighbour's pages, by the program alone."""

import html
import http.client
import json
import re
import time
import urllib.parse

from support import Case, main

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TEXT = "Synthetic: Ana Testigo saw that the office is closed. <script>alert(1)</script>\r\nTwo."


class Browser:
    """Without scripts: keeps the cookie and what a form hides."""

    def __init__(self, port):
        self.port, self.cookies, self.csrf = port, {}, ""

    def ask(self, path, form=None):
        headers = dict(FORM) if form is not None else {}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        body = None if form is None else urllib.parse.urlencode({"csrf": self.csrf, **form}, doseq=True)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET" if form is None else "POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, value = header.split(";")[0].split("=", 1)
            self.cookies[name] = value
        connection.close()
        return answer.status, text

    def sign_in(self, name, password):
        status, _ = self.ask("/en/sign-in", {"name": name, "password": password, "next": "/en"})
        assert status == 303, status
        self.csrf = json.loads(self.ask("/api/v1/me")[1])["csrf"]


class Participation(Case):
    def editor(self, node, name):
        made = self.ok("user", "add", "--node", node, name, "--role", "editor", "--generate",
                       "--format", "json").json
        return made["password"]

    def test_from_the_form_to_a_neighbour(self):
        here, there = self.node("here"), self.node("there")
        passwords = {name: self.editor(here, name) for name in ("edna", "olga")}
        server = self.serve(here)
        nobody, edna, olga = (Browser(server.port) for _ in range(3))
        listed = json.loads(nobody.ask("/api/v1/follow-up/cells?actor=PAN")[1])["cells"]
        cell = next(c for c in listed if c["applicability"] == "applicable")["commitment"]
        path = f"/es/follow-up/cells/{cell}/PAN/participate"
        _, page = nobody.ask(path)
        sent = {"form": re.search(r'name="form" value="([^"]+)"', page)[1],
                "kind": "alternative_report", "as_of": "2026-01-31", "title": "Una oficina cerrada",
                "text": TEXT, "attribution": "named", "name": "Foro\r\nBcc: x"}
        opened = time.monotonic()
        edna.sign_in("edna", passwords["edna"])
        olga.sign_in("olga", passwords["olga"])
        self.assertEqual(nobody.ask("/en/desk/participation")[0] // 100, 3)
        key = self.ok("ledger", "key", "--node", here).text.strip()
        self.ok("peers", "add", "--node", there, "Vecino", key)
        time.sleep(max(0.0, 3.1 - (time.monotonic() - opened)))

        status, page = nobody.ask(path, sent)
        self.assertEqual(status, 400, "Ana Testigo is found")
        self.assertIn("Ana Testigo", page)
        self.assertNotIn("<script>alert", page)
        status, page = nobody.ask(path, {**sent, "confirmed": "yes"})
        self.assertEqual(status, 200, page[-3000:])
        code = re.search(r"<code>([0-9a-z]{20})</code>", page)[1]
        self.assertIn("ya se había enviado", nobody.ask(path, {**sent, "confirmed": "yes"})[1])
        self.assertNotIn("oficina cerrada", nobody.ask(f"/es/follow-up/cells/{cell}/PAN")[1])

        _, page = edna.ask("/en/desk/participation")
        desk = "/en" + re.search(r'/en(/desk/participation/\d+)"', page)[1]
        act = {"seen": "received", "reason": "no_source", "text": "Name a source."}
        self.assertEqual(edna.ask(desk + "/decide", {**act, "step": "refuse"})[0], 303)
        appealed = nobody.ask("/es/participation/appeal", {"code": code, "text": "It has one."})
        self.assertEqual(appealed[0], 200)
        act = {"seen": "appealed", "step": "publish", "confirmed": "yes",
               "held_back": "Ana Testigo"}
        self.assertEqual(edna.ask(desk + "/decide", act)[0], 403, "who refused does not decide")
        status, page = olga.ask(desk + "/decide", act)
        self.assertEqual(status, 200, "what would be published is shown first")
        self.assertIn("[no se publica] saw", page)
        act["looked"] = re.search(r'name="looked" value="([0-9a-f]+)"', page)[1]
        act["checked"] = [html.unescape(one) for one in
                          re.findall(r'name="checked" value="([^"]*)"', page)]
        self.assertEqual(olga.ask(desk + "/decide", act)[0], 303)
        page = nobody.ask(f"/es/follow-up/cells/{cell}/PAN")[1]
        self.assertIn("oficina cerrada", page)
        self.assertIn("[no se publica] saw", page)
        self.assertIn("Foro Bcc: x", page)
        for place in (page, nobody.ask("/api/v1/follow-up/alternative-reports")[1],
                      nobody.ask("/en/participation")[1]):
            self.assertNotIn("Testigo", place)
        self.assertNotIn("<script>alert", page)
        counts = json.loads(nobody.ask("/api/v1/follow-up/participation")[1])
        self.assertEqual([c["reversed"] for c in counts["refusals"] if c["refused"]], [1])
        server.stop()
        self.assertIn("submissions", self.ok("doctor", "--node", here).text)
        self.carry(here, there, cell)

    def carry(self, here, there, cell):
        package = self.folder / "a.package"
        self.ok("followup", "export-package", "--node", here, "--out", package)
        self.assertNotIn(b"Testigo", package.read_bytes())
        before = self.ledger(there)["root"]
        plan = self.ok("followup", "import-package", "--node", there, "--dry-run", "--format",
                       "json", package).json
        self.assertEqual([r["change"] for r in plan["records"]], ["added"])
        bad = bytearray(package.read_bytes())
        bad[len(bad) // 2] ^= 1
        self.fails(3, "followup", "import-package", "--node", there,
                   self.write("bad.package", bytes(bad)))
        self.assertEqual(self.ledger(there)["root"], before)
        self.ok("followup", "import-package", "--node", there, package)
        after = self.ledger(there)["root"]
        self.ok("followup", "import-package", "--node", there, package)
        self.assertEqual(self.ledger(there)["root"], after)
        page = Browser(self.serve(there).port).ask(f"/en/follow-up/cells/{cell}/PAN")[1]
        self.assertIn("Published on the node Vecino", page)
        self.ok("peers", "remove", "--node", there, "Vecino")
        self.fails(6, "followup", "import-package", "--node", there, package,
                   reason="followup.package.untrusted")


if __name__ == "__main__":
    main()
