#!/usr/bin/env python3
"""A served node as readers meet it: every page within reach, headers, caching, stopping."""

import concurrent.futures
import gzip
import html.parser
import http.client
import json
import re
import signal
import socket
import time
import urllib.parse

from support import (Case, Item, Server, items, main, mandates_page, ministers_commitment, primer,
                     priorities, run, wait_until)

PAGES_MAX = 400
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": r"no-referrer|same-origin|strict-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": r"camera=\(\)",
    "Content-Security-Policy": r"default-src 'none'.*frame-ancestors 'none'.*base-uri 'none'",
}


class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.lang, self.ids, self.links, self.loads, self.forms = None, set(), [], [], []
        self.duplicate_ids, self.inline, self.headings, self.unnamed = [], [], [], []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "html":
            self.lang = given.get("lang")
        if "id" in given:
            if given["id"] in self.ids:
                self.duplicate_ids.append(given["id"])
            self.ids.add(given["id"])
        if tag in ("a", "area") and given.get("href") is not None:
            # A source that was read on an old site is linked as it was read.
            if not (given["href"].startswith("http://") and "noopener" in given.get("rel", "")):
                self.links.append(given["href"])
        elif tag == "link" and given.get("rel") in ("canonical", "alternate"):
            self.links.append(given["href"])
        elif tag == "link":
            self.loads.append(given["href"])
        elif tag == "form":
            self.forms.append((given.get("method", "get").lower(), given.get("action", "")))
        elif tag == "h1":
            self.headings.append(tag)
        if tag == "script" and "src" not in given and given.get("type") not in (
                "application/json", "application/ld+json"):
            self.inline.append(tag)
        if tag == "img" and "alt" not in given:
            self.unnamed.append(given.get("src"))
        for name in ("src", "data", "poster"):
            if given.get(name):
                self.loads.append(given[name])
        self.inline += [n for n in given if n.startswith("on") or n == "style"]
        if tag == "style":
            self.inline.append(tag)


class ServerCase(Case):
    def setUp(self):
        super().setUp()
        self.home = self.node()
        page = items(80, 14)
        page[2:2] = [Item({"en": "Support synthetic measures through the following:",
                           "es": "Apoyar medidas sintéticas mediante lo siguiente:"}, None),
                     Item(items(81, 1)[0].texts, 0, "a.", 2)]
        self.load(self.home, self.write("en.txt", mandates_page(page)))
        self.load(self.home, self.write("es.txt", mandates_page(page, "es", "SEGURIDAD: S")),
                  self.write("m.txt", ministers_commitment()),
                  self.write("p.txt", priorities()), self.write("g.txt", primer()))

    def get(self, path, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            connection.request(method, path, body=body, headers={
                k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            answer.body = answer.read()
            return answer
        finally:
            connection.close()

    def check_headers(self, path, answer):
        for name, pattern in HEADERS.items():
            value = answer.getheader(name)
            self.assertIsNotNone(value, f"{path}: no {name}")
            self.assertRegex(value, pattern, f"{path}: {name}")
        policy = answer.getheader("Content-Security-Policy")
        self.assertNotIn("unsafe", policy, path)
        self.assertNotRegex(policy, r"\*|https?:|data:", path)
        self.assertIsNone(answer.getheader("Set-Cookie"), path)
        self.assertNotRegex(answer.getheader("Server") or "", r"\d", path)


class Crawl(ServerCase):
    """Follows every link of this node; everything wrong is told at once."""

    def test_every_page_within_reach(self):
        self.server = self.serve(self.home)
        self.origin = f"http://127.0.0.1:{self.server.port}"
        self.problems, self.fragments = [], []
        self.waiting = [("/en/", "start"), ("/es/", "start"), ("/pt/", "start"), ("/fr/", "start")]
        pages, seen = {}, set()
        while self.waiting and len(seen) < PAGES_MAX:
            path, source = self.waiting.pop(0)
            if path in seen:
                continue
            seen.add(path)
            answer = self.get(path)
            try:
                self.check_headers(path, answer)
            except AssertionError as wrong:
                self.problems.append(str(wrong))
            if answer.status in (302, 303):
                self.waiting.append((answer.getheader("Location"), path))
            elif answer.status != 200:
                self.problems.append(f"{path} answers {answer.status}, linked from {source}")
            elif answer.getheader("Content-Type").startswith("text/html"):
                pages[path] = self.read(path, answer)
        for path, target, fragment in self.fragments:
            if target in pages and urllib.parse.unquote(fragment) not in pages[target].ids:
                self.problems.append(f"{path} links {target}#{fragment}, which is not there")
        self.assertEqual(self.problems, [], "\n".join(self.problems[:40]))
        self.assertGreater(len(pages), 60)
        kinds = {"/".join(p.split("?")[0].split("/")[:3]) for p in seen}
        for kind in ("/en/commitments", "/es/commitments", "/en/themes", "/en/meetings",
                     "/en/treaties"):
            self.assertIn(kind, kinds)

    def read(self, path, answer):
        page = Links()
        page.feed(answer.body.decode("utf-8"))
        language = path.split("/")[1]
        for what, is_value, ought in (
                ("lang", page.lang, language),
                ("Content-Language", answer.getheader("Content-Language"), language),
                ("ids given twice", page.duplicate_ids, []),
                ("inline scripts or styles", page.inline, []),
                ("images without alternative", page.unnamed, []),
                ("number of h1", len(page.headings), 1)):
            if is_value != ought:
                self.problems.append(f"{path}: {what}: {is_value}, not {ought}")
        for found in page.loads:
            target = urllib.parse.urljoin(self.origin + path, found)
            if target.startswith(self.origin + "/"):
                self.waiting.insert(0, (target[len(self.origin):], path))
            else:
                self.problems.append(f"{path} loads {found} from elsewhere")
        for _, action in page.forms:
            if not urllib.parse.urljoin(self.origin + path, action).startswith(self.origin + "/"):
                self.problems.append(f"{path} sends a form to {action}")
        for found in page.links:
            self.follow(path, found)
        return page

    def follow(self, path, found):
        target, fragment = urllib.parse.urldefrag(urllib.parse.urljoin(self.origin + path, found))
        if not target.startswith(self.origin + "/"):
            if not re.match(r"https://|mailto:", found):
                self.problems.append(f"{path} links {found}")
            return
        target = target[len(self.origin):]
        if fragment:
            self.fragments.append((path, target, fragment))
        if not re.match(r"/(pt|fr)/.", target):  # the same pages with other words
            self.waiting.append((target, path))

    def test_answers_that_are_no_pages(self):
        self.server = self.serve(self.home)
        for path, status in (("/en/nothing", 404), ("/xx/", 404), ("/en/commitments/none", 404),
                             ("/api/v1/nothing", 404), ("/assets/none.js", 404),
                             ("/en/../../etc/passwd", (400, 404)),
                             ("/en/%2e%2e/%2e%2e/etc/passwd", (400, 404)),
                             ("/en/commitments/%00", (400, 404)), ("/en/%ff", (400, 404)),
                             ("/en/search?q=%ff%fe", (200, 400)),
                             ("/en/search?q=" + "x" * 5000, (200, 400, 414)),
                             ("/" + "a" * 40000, (414, 431, 400)),
                             ("/en/commitments?page=-1", (200, 400, 404)),
                             ("/en/search?q=%3Cscript%3Ealert(1)%3C/script%3E", 200)):
            with self.subTest(path=path[:50]):
                answer = self.get(path)
                self.assertIn(answer.status, status if isinstance(status, tuple) else (status,))
                self.check_headers(path[:50], answer)
                self.assertNotIn(b"<script>alert", answer.body)
        self.assertIn(self.get("/en/", method="DELETE").status, (404, 405, 501))
        self.assertIn(self.get("/en/", method="POST", body="").status, (403, 404, 405))
        self.assertIn(self.get("/en/", method="POST", body="x").status, (403, 404, 405, 413))
        problem = self.get("/api/v1/nothing")
        self.assertEqual(problem.getheader("Content-Type"), "application/problem+json")
        self.assertLessEqual({"status", "title"}, set(json.loads(problem.body)))


class Caching(ServerCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve(self.home)

    def assets(self):
        page = Links()
        page.feed(self.get("/en/").body.decode())
        return [a for a in page.loads if a.startswith("/assets/")]

    def test_etag_gives_304(self):
        for path in ("/en/", "/en/commitments", "/api/openapi.json", *self.assets()):
            with self.subTest(path=path):
                first = self.get(path)
                tag = first.getheader("ETag")
                self.assertRegex(tag or "", r'^(W/)?"[^"]+"$')
                again = self.get(path, If_None_Match=tag)
                self.assertEqual((again.status, again.body), (304, b""))
                self.assertEqual(again.getheader("ETag"), tag)
                self.assertEqual(self.get(path, If_None_Match='"other"').status, 200)
                self.assertEqual(self.get(path, If_None_Match=f'"other", {tag}').status, 304)

    def test_compressed(self):
        for path in ("/en/", "/en/commitments", self.assets()[0], "/api/openapi.json"):
            plain = self.get(path, Accept_Encoding="identity")
            self.assertIsNone(plain.getheader("Content-Encoding"))
            if not re.match(r"text/|application/(json|javascript)", plain.getheader("Content-Type")):
                continue
            with self.subTest(path=path):
                packed = self.get(path, Accept_Encoding="gzip")
                self.assertEqual(packed.getheader("Content-Encoding"), "gzip")
                self.assertEqual(gzip.decompress(packed.body), plain.body)
                self.assertIn("accept-encoding", packed.getheader("Vary", "").lower())
                small = self.get(path, Accept_Encoding="gzip, deflate, br")
                self.assertEqual(small.getheader("Content-Encoding"), "br")
                self.assertLess(len(small.body), len(plain.body))
                self.assertNotEqual(small.getheader("ETag"), packed.getheader("ETag"))
                self.assertIsNone(self.get(path, Accept_Encoding="gzip;q=0, br;q=0")
                                  .getheader("Content-Encoding"))

    def test_first_load_is_small(self):
        sizes = {path: len(self.get(path, Accept_Encoding="br").body)
                 for path in ("/en/", *self.assets())}
        self.assertLess(sum(sizes.values()), 200_000, sizes)

    def test_assets_are_kept_for_ever_and_pages_are_asked_for(self):
        self.assertTrue(self.assets())
        for path in self.assets():
            self.assertIn("immutable", self.get(path).getheader("Cache-Control"))
        self.assertRegex(self.get("/en/").getheader("Cache-Control"), "no-cache|max-age=0")

    def test_head(self):
        for path in ("/en/", "/en/commitments", "/healthz", "/en/nothing"):
            whole, head = self.get(path), self.get(path, method="HEAD")
            self.assertEqual((head.status, head.body), (whole.status, b""))
            self.assertEqual(head.getheader("Content-Length"), whole.getheader("Content-Length"))
            self.assertEqual(head.getheader("ETag"), whole.getheader("ETag"))
            self.check_headers(path, head)

    def test_front_door_speaks_the_readers_language(self):
        for wanted, path in (("es-PA,es;q=0.9,en;q=0.5", "/es/"), ("pt-BR", "/pt/"), ("fr", "/fr/"),
                             ("de, en;q=0.2", "/en/"), ("xx", "/en/")):
            answer = self.get("/", Accept_Language=wanted)
            self.assertIn(answer.status, (302, 303, 307))
            self.assertEqual(answer.getheader("Location"), path)
            self.assertIn("accept-language", answer.getheader("Vary").lower())


class Living(ServerCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve(self.home)

    def test_sigterm_stops_within_five_seconds(self):
        code, seconds = self.server.stop()
        self.assertEqual(code, 0)
        self.assertLess(seconds, 5)
        self.ledger(self.home)
        again = self.serve(self.home)
        again.process.send_signal(signal.SIGINT)
        self.assertEqual(again.process.wait(timeout=30), 0)

    def test_stops_with_idle_and_slow_readers_connected(self):
        idle = socket.create_connection(("127.0.0.1", self.server.port))
        slow = socket.create_connection(("127.0.0.1", self.server.port))
        slow.sendall(b"GET /en/ HTTP/1.1\r\nHost: x\r\nX-")
        code, seconds = self.server.stop()
        self.assertEqual(code, 0)
        self.assertLess(seconds, 5)
        idle.close()
        slow.close()

    def test_the_same_port_twice(self):
        other = self.node("other")
        answer = run("serve", "--node", other, "--listen", f"127.0.0.1:{self.server.port}",
                     timeout=60)
        self.assertEqual(answer.code, 7, answer)
        self.assertIn(str(self.server.port), answer.errors)
        self.assertEqual(self.get("/healthz").status, 200)

    def test_the_same_node_twice(self):
        """A second server is refused, commands are not, and a killed server leaves nothing."""
        first = self.server
        refused = self.fails(5, "serve", "--node", self.home, "--listen", "127.0.0.1:0",
                             reason="store.served")
        self.assertIn(str(first.process.pid), refused.errors)
        self.load(self.home, self.write("late.txt", mandates_page(items(86, 5),
                                                                  theme="SECURITY: Both")))
        name = next(n for n, c in self.held(self.home).items()
                    if c["appearances"][0]["source_file"] == "late.txt")
        wait_until(lambda: self.get(f"/en/commitments/{name}").status == 200, 20, "its page")
        self.assertTrue(self.ok("doctor", "--node", self.home, "--format", "json").json["ok"])
        first.kill()
        self.server = self.serve(self.home)
        self.assertEqual(self.get("/healthz").status, 200)
        self.assertEqual(self.server.stop()[0], 0)
        self.ledger(self.home)

    def test_other_host_names_are_refused_when_they_are_listed(self):
        node = self.node("named")
        toml = node / "node.toml"
        text = re.sub(r"(?m)^#?\s*host_names.*$", "", toml.read_text())
        toml.write_text('host_names = ["http://atalaya.example/"]\n' + text)
        self.fails(3, "serve", "--node", node, reason="app.config.bad")
        toml.write_text('host_names = ["Atalaya.example:8443"]\n' + text)
        self.server = self.serve(node)
        self.assertIn(b'"http://atalaya.example:8443/en/methods"',
                      self.get("/en/methods", Host="atalaya.example").body)
        self.assertEqual(self.get("/healthz", Host="atalaya.example").status, 200)
        self.assertEqual(self.get("/en/", Host="rebind.example").status, 421)

    def test_import_by_command_shows_within_five_seconds(self):
        self.assertIn(b"synthetic", self.get("/en/search?q=synthetic").body)
        page = [*items(85, 4), Item({"en": "Promote zygomorphic synthetic lanterns in harbours."},
                                    5)]
        self.load(self.home, self.write("late.txt", mandates_page(page, theme="SECURITY: Late")))
        begun = time.monotonic()
        name = next(n for n, c in self.held(self.home).items()
                    if "zygomorphic" in c["text"]["en"])
        # The tests share their machine; five seconds is the promise of a machine of one's own.
        wait_until(lambda: self.get(f"/en/commitments/{name}").status == 200, 20, "its page")
        wait_until(lambda: name in self.get("/en/search?q=zygomorphic").body.decode(), 20,
                   "the search")
        wait_until(lambda: b"late.txt" in self.get("/en/documents").body, 20, "the documents")
        found = self.ok("commitments", "search", "--node", self.home, "--format", "json",
                        "zygomorphic")
        self.assertEqual([h["id"] for h in found.json["hits"]], [name])
        self.assertLess(time.monotonic() - begun, 60)

    def test_commands_work_beside_a_server(self):
        for command in (["doctor"], ["ledger", "verify"], ["ledger", "checkpoint"],
                        ["commitments", "export"], ["user", "list"],
                        ["commitments", "search", "synthetic"]):
            with self.subTest(command=command):
                self.ok(command[0], *command[1:2], "--node", self.home, *command[2:])

    def test_many_readers_at_once(self):
        paths = ["/en/", "/es/commitments", "/en/search?q=forensic", "/healthz"] * 15
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            self.assertEqual({a.status for a in pool.map(self.get, paths)}, {200})


class Ports(Case):
    def test_listen_is_checked(self):
        node = self.node()
        for listen in ("127.0.0.1", "127.0.0.1:99999", "nowhere:1", ":80x", "300.1.1.1:80"):
            with self.subTest(listen=listen):
                answer = run("serve", "--node", node, "--listen", listen, timeout=60)
                self.assertIn(answer.code, (3, 7), answer)
                self.assertRegex(answer.errors, "--listen|IP address")
                self.assertNotIn("node.toml", answer.errors)

    def test_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest("no IPv6 here")
        server = Server(self.node(), listen="[::1]:0")
        self.addCleanup(server.kill)
        connection = http.client.HTTPConnection("::1", server.port, timeout=30)
        connection.request("GET", "/healthz")
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()


if __name__ == "__main__":
    main()
