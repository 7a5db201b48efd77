#!/usr/bin/env python3
"""Backup while the node works, restore into a new folder, and the same on PostgreSQL.

PostgreSQL is tried when ATALAYA_TEST_POSTGRES holds its address; postgres_server run sets it."""

import hashlib
import http.client
import os
import re
import shutil
import subprocess
import unittest
import uuid

from support import (DOCUMENT_LEAVES, Case, items, main, mandates_page, ministers_commitment, primer,
                     priorities, run, start, wait_until)

FORMS = ("json", "csv", "jsonld", "akn")


class BackupCase(Case):
    def files(self):
        return [self.write("one.txt", mandates_page(items(70, 25))),
                self.write("es.txt", mandates_page(items(70, 25), "es", "SEGURIDAD: Sintética")),
                self.write("two.txt", ministers_commitment()),
                self.write("three.txt", priorities()), self.write("four.txt", primer())]

    def full(self, name="node", **options):
        """A node with 25 mandates in two languages, 5 of ministers and 4 of parliaments."""
        node = self.node(name, **options)
        english, *others = self.files()
        self.load(node, english)
        self.load(node, *others)
        return node

    def exports(self, node):
        return {form: self.export(node, form) for form in FORMS}

    def back_up(self, node, name="node.backup"):
        target = self.folder / name
        said = self.ok("backup", "--node", node, target, "--format", "json").json
        self.assertEqual(said["bytes"], target.stat().st_size)
        self.assertEqual(target.stat().st_mode & 0o077, 0, "it holds the private key")
        self.assertEqual(sorted(p.name for p in self.folder.glob(f"{name}*")), [name])
        return target

    def restore(self, backup, name="restored", *more):
        folder = self.folder / name
        self.ok("restore", backup, folder, *more)
        return folder


class Backup(BackupCase):
    def test_round_trip(self):
        node = self.full()
        kept = self.folder / "kept.checkpoint"
        self.ok("ledger", "checkpoint", "--node", node, "--out", kept)
        backup = self.back_up(node)
        again = self.restore(backup)
        self.assertEqual(self.exports(node), self.exports(again))
        self.assertEqual(self.ledger(node)["root"], self.ledger(again)["root"])
        self.ok("ledger", "verify", "--node", again, "--checkpoint", kept)
        self.assertEqual(self.ok("ledger", "key", "--node", node).out,
                         self.ok("ledger", "key", "--node", again).out)
        self.assertEqual((again.stat().st_mode & 0o777, (again / "keys" / "node.key").stat().st_mode
                          & 0o777), (0o700, 0o600))
        self.assertTrue(self.ok("doctor", "--node", again, "--format", "json").json["ok"])
        found = [self.ok("commitments", "search", "--node", n, "--format", "json",
                         "forensic laboratories").json for n in (node, again)]
        self.assertEqual(found[0]["total"], found[1]["total"])
        self.assertGreater(found[1]["total"], 0)
        # It is a node like any other: it goes on growing from there.
        self.load(again, self.write("more.txt", mandates_page(items(71, 9), theme="SECURITY: New")))
        self.ok("ledger", "verify", "--node", again, "--checkpoint", kept)
        # And an import that the old one holds is known to the new one.
        self.assertTrue(all(p["known"] for p in self.load(again, *self.files()).values()))

    def test_while_served_and_imported(self):
        node = self.full()
        server = self.serve(node)
        importing = [start("commitments", "import", "--node", node, self.write(
            f"big{i}.txt", mandates_page(items(72 + i, 150), theme=f"SECURITY: Big {i}")),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for i in range(2)]
        backups = []
        while any(p.poll() is None for p in importing) or len(backups) < 2:
            backups.append(self.back_up(node, f"during{len(backups)}.backup"))
        # Two imports at once: one may be told to try again, neither is half there.
        for process in importing:
            self.assertIn(process.returncode, (0, 5, 7), process.stderr.read())
            process.stderr.close()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("GET", "/healthz")
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        after = self.folder / "after.checkpoint"
        self.ok("ledger", "checkpoint", "--node", node, "--out", after)
        roots = set()
        for i, backup in enumerate((backups[0], backups[len(backups) // 2], backups[-1])):
            again = self.restore(backup, f"restored{i}")
            self.ledger(again)
            held = self.held(again)
            self.assertIn(len(held) - 25 - 5 - 4, (0, 150, 300))
            roots.add(self.ledger(again)["root"])
        server.stop()
        self.assertIn(self.ledger(node)["root"], roots | {self.ledger(node)["root"]})

    def test_never_overwrites(self):
        node = self.full()
        backup = self.back_up(node)
        before = backup.read_bytes()
        self.fails(5, "backup", "--node", node, backup, reason="app.backup.exists")
        self.assertEqual(backup.read_bytes(), before)
        self.fails(5, "restore", backup, node, reason="app.restore.exists")
        self.ledger(node)
        empty = self.folder / "empty"
        empty.mkdir()
        answer = run("restore", backup, empty)
        self.assertIn(answer.code, (0, 5), answer)


class Damaged(BackupCase):
    def test_refused_and_no_folder_left(self):
        backup = self.back_up(self.full())
        whole = backup.read_bytes()
        size = len(whole)

        def flipped(at):
            return whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1:]

        magic, lines, digest, body = whole.split(b"\n", 3)

        def listed(parts):
            """The same file with another list of parts and its right digest."""
            return b"\n".join([magic, parts, hashlib.sha256(parts).hexdigest().encode(), body])

        self.assertEqual(listed(lines), whole)
        cases = {"empty": b"", "text": b"hello\n" * 100, "head": whole[:20],
                 "half": whole[:size // 2], "last byte": whole[:-1], "longer": whole + b"x",
                 "twice": whole + whole, "no body": whole[:len(whole) - len(body)],
                 "other name": listed(lines.replace(b"keys/node.key", b"../../node.key")),
                 "absolute": listed(lines.replace(b'"keys/node.key"', b'"/tmp/xx/e.key"')),
                 "size": listed(lines.replace(b'"size":', b'"size":9', 1)),
                 "another list": whole.replace(b'"size":', b'"size" :', 1),
                 "flipped digest": flipped(len(magic) + len(lines) + 5),
                 "flipped head": flipped(60), "flipped middle": flipped(size // 2),
                 "flipped end": flipped(size - 3), "flipped start": flipped(size // 10)}
        for name, content in cases.items():
            with self.subTest(case=name):
                bad = self.write("bad.backup", content)
                target = self.folder / "target"
                answer = run("restore", bad, target)
                self.assertIn(answer.code, (3, 8), answer)
                self.assertIn("bad.backup", answer.errors)
                self.assertEqual([p.name for p in self.folder.glob("target*")], [])
        self.assertEqual(list(self.folder.glob("**/../node.key")), [])
        self.restore(backup)

    def test_missing(self):
        answer = run("restore", self.folder / "no.backup", self.folder / "target")
        self.assertIn(answer.code, (2, 4), answer)
        self.assertFalse((self.folder / "target").exists())


@unittest.skipUnless(os.environ.get("ATALAYA_TEST_POSTGRES"),
                     "ATALAYA_TEST_POSTGRES names no server")
class Postgres(BackupCase):
    """The same content gives the same bytes on both engines."""

    def setUp(self):
        super().setUp()
        self.server = os.environ["ATALAYA_TEST_POSTGRES"]

    def sql(self, statement, address=None):
        done = subprocess.run(["psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-c",
                               statement, address or self.server], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def database(self):
        """A fresh database, gone after the test."""
        name = f"atalaya_{uuid.uuid4().hex[:12]}"
        self.sql(f"CREATE DATABASE {name}")
        self.addCleanup(self.sql, f"DROP DATABASE {name} WITH (FORCE)")
        head, _, tail = self.server.partition("?")
        return f"{head.rpartition('/')[0]}/{name}" + (f"?{tail}" if tail else "")

    @staticmethod
    def timeless(exports):
        """Without the moments at which things were done, all that two runs may not share."""
        return {form: re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "WHEN",
                             content.decode()) for form, content in exports.items()}

    def test_import_and_export_are_those_of_sqlite(self):
        ours, theirs = self.full("sqlite"), self.full("postgres", store=self.database())
        self.assertFalse((theirs / "atalaya.db").exists())
        for form, content in self.timeless(self.exports(theirs)).items():
            self.assertEqual(self.timeless(self.exports(ours))[form] == content, True, form)
        self.assertEqual(self.ledger(ours)["size"], self.ledger(theirs)["size"])
        self.assertTrue(all(p["known"] for p in self.load(theirs, *self.files()).values()))
        self.assertTrue(self.ok("doctor", "--node", theirs, "--format", "json").json["ok"])
        found = [self.ok("commitments", "search", "--node", n, "--format", "json", "forensic").json
                 for n in (ours, theirs)]
        # Hits of the same score stand in the order in which the index met them.
        ours_found, theirs_found = ([(-h["score"], h["id"]) for h in f["hits"]] for f in found)
        self.assertEqual(sorted(ours_found), sorted(theirs_found))
        self.assertEqual(found[0]["facets"], found[1]["facets"])
        one = next(iter(self.held(ours)))
        ranked = [self.ok("commitments", "lineage", "--node", n, "--format", "json", one).json
                  for n in (ours, theirs)]
        self.assertEqual(ranked[0], ranked[1])

    def test_to_postgresql_and_back(self):
        node = self.full()
        kept = self.folder / "kept.checkpoint"
        self.ok("ledger", "checkpoint", "--node", node, "--out", kept)
        there = self.restore(self.back_up(node), "there", "--store", self.database())
        self.assertFalse((there / "atalaya.db").exists())
        self.assertEqual(self.exports(node), self.exports(there))
        self.ok("ledger", "verify", "--node", there, "--checkpoint", kept)
        back = self.restore(self.back_up(there, "there.backup"), "back", "--store", "sqlite")
        self.assertTrue((back / "atalaya.db").exists())
        self.assertEqual(self.exports(node), self.exports(back))
        self.ok("ledger", "verify", "--node", back, "--checkpoint", kept)

    def test_init_takes_an_empty_database_only(self):
        address = self.database()
        node = self.full(store=address)
        before = self.state(node)
        backup = self.back_up(self.node("small"), "small.backup")
        for command in (["init", self.folder / "second", "--country", "PAN"],
                        ["restore", backup, self.folder / "third"]):
            self.fails(5, *command, "--store", address, reason="app.store.node")
        self.assertEqual(before, self.state(node))
        others = self.database()
        self.sql("CREATE TABLE accounts (id INT); CREATE TABLE theirs (id INT)", others)
        for command in (["init", self.folder / "second", "--country", "PAN"],
                        ["restore", backup, self.folder / "third"]):
            answer = self.fails(5, *command, "--store", others, reason="app.store.taken")
            self.assertIn("theirs", answer.errors)
        self.assertEqual(self.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'",
                                  others).strip(), "2")
        self.assertFalse((self.folder / "second").exists())

    def test_one_server_at_a_time(self):
        node = self.node(store=self.database())
        server = self.serve(node)
        copy = self.folder / "copy"
        shutil.copytree(node, copy)
        self.fails(5, "serve", "--node", copy, "--listen", "127.0.0.1:0", reason="store.served")
        self.load(node, self.write("one.txt", mandates_page(items(70, 3))))
        server.kill()
        self.serve(copy)

    def test_a_bad_file_changes_nothing(self):
        node = self.full(store=self.database())
        before = self.state(node)
        self.fails(3, "commitments", "import", "--node", node,
                   self.write("good.txt", mandates_page(items(75, 5))),
                   self.write("bad.txt", b"  1. \xff\n"))
        self.assertEqual(before, self.state(node))

    def test_killed_import_leaves_nothing_or_all(self):
        node = self.full(store=self.database())
        size = self.ledger(node)["size"]
        big = self.write("big.txt", mandates_page(items(76, 600), theme="SECURITY: Big"))
        for delay in (0.05, 0.4, 1.0, 2.0):
            process = start("commitments", "import", "--node", node, big,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=delay)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self.assertIn(self.ledger(node)["size"] - size, (0, 600 + DOCUMENT_LEAVES))
        self.load(node, big)
        self.assertEqual(self.ledger(node)["size"], size + 600 + DOCUMENT_LEAVES)

    def test_a_database_that_is_down(self):
        node = self.full(store=self.database())
        toml = node / "node.toml"
        toml.write_text(toml.read_text().replace("host=", "host=/nowhere"))
        answer = run("commitments", "export", "--node", node)
        self.assertEqual(answer.code, 7, answer)

    def test_served(self):
        node = self.full(store=self.database())
        server = self.serve(node)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for path in ("/en/", "/es/", "/en/commitments", "/healthz"):
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            self.assertEqual(answer.status, 200, body[:300])
        one = next(iter(self.held(node)))
        self.load(node, self.write("late.txt", mandates_page(items(77, 6), theme="SECURITY: L")))
        late = next(n for n, c in self.held(node).items()
                    if c["appearances"][0]["source_file"] == "late.txt")

        def shown():
            connection.request("GET", f"/en/commitments/{late}")
            answer = connection.getresponse()
            answer.read()
            return answer.status == 200

        wait_until(shown, 15, "the page of what was imported")
        self.assertNotEqual(one, late)
        connection.close()
        self.assertEqual(server.stop()[0], 0)


if __name__ == "__main__":
    main()
