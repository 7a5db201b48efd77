#!/usr/bin/env python3
"""kill -9 at any moment, and a disk that fills up: all or nothing, and the node goes on.

ATALAYA_TEST_ROUNDS (default 6) is how often each thing is killed; ATALAYA_TEST_SEED varies the
moments, which are spread over the time that the thing takes when it is left alone."""

import http.client
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import time
import unittest

from support import Case, Server, items, main, mandates_page, run, start, wait_until

ROUNDS = int(os.environ.get("ATALAYA_TEST_ROUNDS", "6"))
SEED = int(os.environ.get("ATALAYA_TEST_SEED", "2026"))
ITEMS = 3000


class KillCase(Case):
    def setUp(self):
        super().setUp()
        self.rng = random.Random(SEED)
        self.big = [self.write(f"big{i}.txt", mandates_page(
            items(90 + i, ITEMS // 4), theme=f"SECURITY: Synthetic Part {i}")) for i in range(4)]

    def importing(self, node):
        return start("commitments", "import", "--node", node, *self.big,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @staticmethod
    def leaves(node):
        """Leaves of the log and items held, read without the program."""
        database = sqlite3.connect(f"file:{node / 'atalaya.db'}?mode=ro", uri=True)
        try:
            return tuple(database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
                         for table in ("ledger_leaves WHERE kind <> 'store.rows'", "appearances",
                                       "source_documents"))
        finally:
            database.close()

    def kill_after(self, process, seconds):
        """Whether it was still at work."""
        try:
            process.wait(timeout=seconds)
            return False
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return True

    def kill_when(self, process, condition):
        """Kills at the first sight of something on the disk."""
        while process.poll() is None and not condition():
            pass
        process.kill()
        process.wait()

    def moments(self, whole):
        """Seeded moments in each part of the time that it takes, 0 to 400 ms off."""
        for i in range(ROUNDS):
            yield max(0.0, whole * i / ROUNDS + self.rng.uniform(0, min(0.4, whole / ROUNDS)))


class Import(KillCase):
    def test_all_or_nothing(self):
        base = self.node("base")
        before = self.leaves(base)
        whole = self.folder / "whole"
        shutil.copytree(base, whole)
        begun = time.monotonic()
        self.ok("commitments", "import", "--node", whole, *self.big)
        seconds = time.monotonic() - begun
        after = self.leaves(whole)
        self.assertEqual((after[0] - before[0], after[1] - before[1]), (ITEMS + 4, ITEMS))

        node = self.folder / "node"
        shutil.copytree(base, node)
        killed, outcomes = 0, set()
        wal = node / "atalaya.db-wal"

        def grown(size):
            return lambda: wal.exists() and wal.stat().st_size > size

        attempts = [lambda p, s=s: self.kill_after(p, s) for s in self.moments(seconds)]
        # And right among the writes, wherever they are in time.
        attempts += [lambda p, s=s: self.kill_when(p, grown(s))
                     for s in (0, 60_000, 600_000, 2_400_000, 4_800_000)]
        for attempt in attempts:
            attempt(self.importing(node))
            killed += 1
            self.ledger(node)  # opens the node, and checks every leaf
            held = self.leaves(node)
            self.assertIn(held, (before, after))
            outcomes.add(held)
            if held == after:
                shutil.rmtree(node)
                shutil.copytree(base, node)
        self.assertIn(before, outcomes)
        # After all this the import completes, and gives what an undisturbed one gave.
        self.ok("commitments", "import", "--node", node, *self.big)
        self.assertEqual(self.leaves(node), after)
        self.assertEqual(set(self.held(node)), set(self.held(whole)))
        self.ledger(node)
        found = self.ok("commitments", "search", "--node", node, "--format", "json",
                        "forensic laboratories").json
        wanted = self.ok("commitments", "search", "--node", whole, "--format", "json",
                         "forensic laboratories").json
        self.assertEqual(found["total"], wanted["total"])
        self.assertEqual(found["index_behind"], 0)

    def test_killed_while_the_index_follows(self):
        node = self.node()
        process = self.importing(node)
        wait_until(lambda: self.leaves(node)[1] == ITEMS, 120, "the items in the store")
        process.kill()
        process.wait()
        self.ledger(node)
        found = self.ok("commitments", "search", "--node", node, "--format", "json", "synthetic")
        self.assertEqual(found.json["index_behind"], 0)
        self.assertGreaterEqual(found.json["total"], ITEMS)

    def test_killed_init_can_be_done_again(self):
        begun = time.monotonic()
        self.node("model")
        seconds = time.monotonic() - begun
        for i, moment in enumerate(self.moments(seconds)):
            folder = self.folder / f"init{i}"
            process = start("init", folder, "--country", "PAN", stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
            self.kill_after(process, moment)
            doctor = run("doctor", "--node", folder)
            if doctor.code == 0:
                self.ledger(folder)
                continue
            # What is there says that it is no node, to every command, and init makes one of it.
            self.assertEqual(doctor.code, 4, doctor)
            begun = (folder / "init.unfinished").exists()
            self.assertEqual(doctor.reason,
                             "app.init.unfinished" if begun else "app.node.missing", doctor)
            self.fails(4, "serve", "--node", folder, reason=doctor.reason)
            self.ok("init", folder, "--country", "PAN")
            self.assertTrue(self.ok("doctor", "--node", folder, "--format", "json").json["ok"])
            self.assertFalse((folder / "init.unfinished").exists())


class Backup(KillCase):
    def test_the_file_is_whole_or_absent(self):
        node = self.node()
        self.load(node, *self.big)
        size = self.ledger(node)["size"]
        begun = time.monotonic()
        self.ok("backup", "--node", node, self.folder / "model.backup")
        seconds = time.monotonic() - begun
        target = self.folder / "node.backup"
        for moment in self.moments(seconds * 1.1):
            process = start("backup", "--node", node, target, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
            self.kill_after(process, moment)
            if target.exists():
                again = self.folder / "again"
                self.ok("restore", target, again)
                self.assertEqual(self.ledger(again)["size"], size)
                shutil.rmtree(again)
                target.unlink()
        # What a killed one left behind is in nobody's way, and gone after the next.
        self.ok("backup", "--node", node, target)
        self.assertEqual([p.name for p in self.folder.glob("node.backup*")], ["node.backup"])
        self.ok("restore", target, self.folder / "again")
        self.assertEqual(self.ledger(node)["size"], size)

    def test_restore_that_was_killed_is_no_node(self):
        node = self.node()
        self.load(node, *self.big)
        backup = self.folder / "node.backup"
        self.ok("backup", "--node", node, backup)
        begun = time.monotonic()
        self.ok("restore", backup, self.folder / "model")
        seconds = time.monotonic() - begun
        target = self.folder / "target"
        for moment in self.moments(seconds):
            process = start("restore", backup, target, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
            self.kill_after(process, moment)
            if target.exists():
                self.assertEqual(self.ledger(target)["root"], self.ledger(node)["root"])
                shutil.rmtree(target)
        self.ok("restore", backup, target)
        self.assertEqual([p.name for p in self.folder.glob("target*")], ["target"])


class Serve(KillCase):
    def get(self, server, path):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def test_server_killed_while_importing(self):
        node = self.node()
        before = self.leaves(node)
        for i in range(2):
            server = Server(node)
            self.addCleanup(server.kill)
            process = self.importing(node)
            if i == 0:
                self.kill_after(process, self.rng.uniform(0, 0.4))
            else:
                wait_until(lambda: self.leaves(node)[1] == ITEMS, 120, "the items")
            server.kill()
            process.wait(timeout=120)
            self.ledger(node)
            self.assertIn(self.leaves(node)[1], (before[1], before[1] + ITEMS))
        self.assertEqual(process.returncode, 0)
        # The index lost its writer in the middle; it catches up.
        server = self.serve(node)
        self.assertEqual(self.get(server, "/healthz"), 200)
        found = wait_until(
            lambda: (lambda f: f if f["index_behind"] == 0 else None)(self.ok(
                "commitments", "search", "--node", node, "--format", "json", "synthetic").json),
            120, "the index")
        self.assertGreaterEqual(found["total"], ITEMS)

    def test_import_killed_beside_a_server(self):
        node = self.node()
        server = self.serve(node)
        for moment in (0.1, 0.5, 1.5):
            self.kill_after(self.importing(node), moment)
            self.assertEqual(self.get(server, "/en/"), 200)
            self.assertEqual(self.get(server, "/en/search?q=synthetic"), 200)
        self.ok("commitments", "import", "--node", node, *self.big)
        self.assertEqual(self.leaves(node)[1], ITEMS)
        self.assertEqual(self.get(server, "/en/commitments"), 200)
        self.assertEqual(server.stop()[0], 0)
        self.ledger(node)


@unittest.skipUnless(os.geteuid() == 0, "only root can make a small disk")
class DiskFull(KillCase):
    def small_disk(self, megabytes):
        disk = self.folder / "disk"
        disk.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", disk],
                              capture_output=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"no tmpfs here: {done.stderr.decode().strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        return disk

    def resize(self, disk, megabytes):
        subprocess.run(["mount", "-o", f"remount,size={megabytes}m", disk], check=True)

    def test_import(self):
        disk = self.small_disk(64)
        node = disk / "node"
        self.ok("init", node, "--country", "PAN")
        before = self.leaves(node)
        used = sum(p.stat().st_blocks * 512 for p in node.rglob("*") if p.is_file()) >> 20
        for room in (1, 3):
            self.resize(disk, used + 1 + room)
            answer = run("commitments", "import", "--node", node, *self.big)
            self.assertEqual(answer.code, 7, answer)
            self.assertIn("disk", answer.errors.lower())
            self.assertEqual(self.leaves(node), before)
            self.ledger(node)
        self.resize(disk, 200)
        self.ok("commitments", "import", "--node", node, *self.big)
        self.assertEqual(self.leaves(node)[1], ITEMS)
        self.ledger(node)

    def test_backup_and_export(self):
        node = self.node()
        self.load(node, *self.big)
        disk = self.small_disk(1)
        for command in (["backup", "--node", node, disk / "node.backup"],
                        ["commitments", "export", "--node", node, "--out", disk / "all.json"]):
            answer = run(*command)
            self.assertEqual(answer.code, 7, answer)
            self.assertEqual([p.name for p in pathlib.Path(disk).iterdir()], [])
        backup = self.folder / "node.backup"
        self.ok("backup", "--node", node, backup)
        # The backup is sound: nobody may be told to throw it away.
        answer = run("restore", backup, disk / "node")
        self.assertEqual(answer.code, 7, answer)
        self.assertNotIn("damaged", answer.errors)
        self.assertEqual([p.name for p in pathlib.Path(disk).iterdir()], [])


if __name__ == "__main__":
    main()
