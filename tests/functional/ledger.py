#!/usr/bin/env python3
"""The log: whoever keeps a checkpoint elsewhere sees any change to what was logged before it."""

import re
import shutil
import sqlite3

from support import DOCUMENT_LEAVES, Case, items, main, mandates_page, run

TABLES = {  # every column of the log, and how to change one row of it
    "ledger_head": ["size", "root", "frontier"],
    "ledger_leaves": ["leaf_index", "leaf_hash", "kind", "subject", "leaf"],
    "ledger_nodes": ["hash"],
    "ledger_payloads": ["salt", "payload"],
    "ledger_checkpoints": ["note"],
}


class Ledger(Case):
    def setUp(self):
        super().setUp()
        self.home = self.node()
        self.load(self.home, self.write("one.txt", mandates_page(items(40, 30))))
        self.key = self.ok("ledger", "key", "--node", self.home).text.strip()
        self.kept = self.folder / "kept.checkpoint"
        self.ok("ledger", "checkpoint", "--node", self.home, "--out", self.kept)

    def grow(self, node=None):
        self.load(node or self.home, self.write("two.txt", mandates_page(
            items(41, 20), theme="SECURITY: Grown")))

    def verify(self, node, *checkpoints):
        kept = [word for c in checkpoints for word in ("--checkpoint", c)]
        return run("ledger", "verify", "--node", node, "--format", "json", *kept)

    def detected(self, node, *checkpoints):
        answer = self.verify(node, *checkpoints)
        self.assertEqual(answer.code, 8, answer)
        self.assertIn(answer.reason, ("ledger.verify.failed",), answer)
        report = answer.json
        self.assertFalse(report["ok"])
        self.assertGreater(report["problem_count"], 0)
        self.assertTrue(all(p["reason"] and p["detail"] for p in report["problems"]))
        return report

    def copy(self, name="copy"):
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.home, target)
        return target


class Checkpoints(Ledger):
    def test_the_note_is_in_the_public_form(self):
        lines = self.kept.read_text().split("\n")
        self.assertEqual(lines[3], "")
        self.assertRegex(lines[1], r"^[1-9][0-9]*$")
        self.assertRegex(lines[2], r"^[A-Za-z0-9+/]{43}=$")
        self.assertRegex(lines[4], "^\u2014 [^ ]+ [A-Za-z0-9+/=]+$")
        self.assertEqual(lines[5:], [""])

    def test_an_old_checkpoint_holds_after_more_imports(self):
        before = self.ledger(self.home)["size"]
        self.grow()
        answer = self.verify(self.home, self.kept)
        self.assertEqual(answer.code, 0, answer)
        self.assertEqual(answer.json["known_checkpoints_checked"], 1)
        self.assertEqual(answer.json["size"], before + 20 + DOCUMENT_LEAVES)
        second = self.folder / "second.checkpoint"
        self.ok("ledger", "checkpoint", "--node", self.home, "--out", second)
        self.assertEqual(self.verify(self.home, self.kept, second).json[
            "known_checkpoints_checked"], 2)

    def test_a_log_that_did_not_grow_keeps_its_checkpoint(self):
        again = self.ok("ledger", "checkpoint", "--node", self.home).out
        self.assertEqual(again, self.kept.read_bytes())

    def test_rewind_to_an_old_copy_is_detected(self):
        old = self.copy("old")
        self.grow()
        newer = self.folder / "newer.checkpoint"
        self.ok("ledger", "checkpoint", "--node", self.home, "--out", newer)
        self.assertEqual(self.verify(old).code, 0, "an old copy alone is consistent in itself")
        self.detected(old, newer)
        # And growing another way from there does not hide it.
        self.load(old, self.write("other.txt", mandates_page(items(42, 40), theme="SECURITY: Fork")))
        self.assertEqual(self.verify(old).code, 0)
        self.detected(old, newer)
        self.assertEqual(self.verify(old, self.kept).code, 0)

    def test_another_nodes_checkpoint_is_no_checkpoint_of_this(self):
        other = self.node("other")
        foreign = self.folder / "foreign"
        self.ok("ledger", "checkpoint", "--node", other, "--out", foreign)
        answer = self.verify(self.home, foreign)
        self.assertIn(answer.code, (3, 8), answer)

    def test_a_flipped_checkpoint_is_refused(self):
        text = self.kept.read_text()
        size = text.split("\n")[1]
        for wrong in (text.replace(f"\n{size}\n", f"\n{int(size) - 1}\n", 1), text[:-8],
                      text.replace("\u2014", "-"), text[::-1], "",
                      text.replace(text.split("\n")[2][:4], "AAAA", 1)):
            path = self.write("wrong.checkpoint", wrong)
            self.assertIn(self.verify(self.home, path).code, (3, 8), wrong)


class Changes(Ledger):
    """Somebody with the database file and sqlite3 changes one thing."""

    def change(self, statement, *parameters):
        node = self.copy()
        database = sqlite3.connect(node / "atalaya.db")
        database.execute("PRAGMA foreign_keys = OFF")
        with database:
            changed = database.execute(statement, parameters).rowcount
        database.close()
        self.assertGreaterEqual(changed, 1, statement)
        return node

    def test_any_flipped_value(self):
        database = sqlite3.connect(self.home / "atalaya.db")
        for table, columns in TABLES.items():
            self.assertGreater(database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0], 0,
                               table)
            for column in columns:
                with self.subTest(table=table, column=column):
                    row, old = database.execute(
                        f"SELECT rowid, {column} FROM {table} ORDER BY rowid LIMIT 1 OFFSET "
                        f"(SELECT COUNT(*) / 2 FROM {table})").fetchone()
                    if isinstance(old, int):
                        new = old + 100000
                    elif isinstance(old, str):
                        new = old[:-3] + ("x" if old[-3] != "x" else "y") + old[-2:]
                    else:
                        new = bytes([*old[:-1], old[-1] ^ 1])
                    node = self.change(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", new, row)
                    self.detected(node)
        database.close()

    def test_deletion_reordering_and_truncation(self):
        size = self.ledger(self.home)["size"]
        for statement in (
                "DELETE FROM ledger_leaves WHERE leaf_index = 3",
                f"DELETE FROM ledger_leaves WHERE leaf_index = {size - 1}",
                "UPDATE ledger_leaves SET leaf_index = CASE leaf_index WHEN 2 THEN -2 + 100000 "
                "ELSE 2 END WHERE leaf_index IN (2)",
                "DELETE FROM ledger_nodes",
                "DELETE FROM ledger_head"):
            with self.subTest(statement=statement):
                self.detected(self.change(statement))

    def test_two_leaves_exchanged(self):
        node = self.copy()
        database = sqlite3.connect(node / "atalaya.db")
        rows = database.execute("SELECT leaf_hash, kind, subject, leaf FROM ledger_leaves WHERE "
                                "leaf_index IN (4, 5) ORDER BY leaf_index").fetchall()
        with database:
            for index, row in ((5, rows[0]), (4, rows[1])):
                database.execute("UPDATE ledger_leaves SET leaf_hash = ?, kind = ?, subject = ?, "
                                 "leaf = ? WHERE leaf_index = ?", (*row, index))
        database.close()
        self.detected(node)

    def test_truncation_that_mends_the_head_needs_the_kept_checkpoint(self):
        """Everything after the start of the log removed: even when the rest is made to agree."""
        empty = self.node("fresh")
        node = self.copy()
        shutil.copy(empty / "atalaya.db", node / "atalaya.db")
        for side in ("-wal", "-shm"):
            (node / f"atalaya.db{side}").unlink(missing_ok=True)
        self.assertIn(self.verify(node, self.kept).code, (3, 8))

    def test_a_payload_that_went_without_a_record_of_its_erasure(self):
        node = self.change("DELETE FROM ledger_payloads WHERE leaf_index = 4")
        self.assertEqual(self.detected(node)["problems"][0]["leaf"], 4)

    def test_damaged_pages_of_the_file(self):
        node = self.copy()
        for side in ("-wal", "-shm"):
            (node / f"atalaya.db{side}").unlink(missing_ok=True)
        path = node / "atalaya.db"
        content = bytearray(path.read_bytes())
        for at in range(4096, len(content), 4096 * 3):
            content[at:at + 600] = b"\xa5" * 600
        path.write_bytes(content)
        answer = self.verify(node)
        self.assertEqual(answer.code, 8, answer)
        self.assertEqual(run("doctor", "--node", node).code, 8)


class Proofs(Ledger):
    def check(self, proof, *more, key=None):
        return run("ledger", "check-proof", proof, "--key", key or self.key, "--format", "json",
                   *more)

    def test_inclusion_round_trip_without_the_node(self):
        proof = self.folder / "leaf.proof"
        self.ok("ledger", "prove", "--node", self.home, "--leaf", "7", "--payload", "--out", proof)
        shutil.rmtree(self.home)
        answer = self.check(proof)
        self.assertEqual(answer.code, 0, answer)
        self.assertEqual((answer.json["kind"], answer.json["leaf"]["index"]), ("inclusion", 7))
        self.assertIn("payload", answer.json)
        key = self.write("key.txt", self.key + "\n")
        self.assertEqual(self.check(proof, key=key).code, 0)

    def test_consistency_round_trip(self):
        size = self.kept.read_text().split("\n")[1]
        self.grow()
        proof = self.folder / "grown.proof"
        self.ok("ledger", "prove", "--node", self.home, "--from", size, "--out", proof)
        answer = self.check(proof, "--checkpoint", self.kept)
        self.assertEqual(answer.code, 0, answer)
        self.assertEqual(answer.json["kind"], "consistency")

    def test_flipped_proofs_are_refused(self):
        size = self.kept.read_text().split("\n")[1]
        self.grow()
        leaf, grown = self.folder / "leaf.proof", self.folder / "grown.proof"
        self.ok("ledger", "prove", "--node", self.home, "--leaf", "7", "--payload", "--out", leaf)
        self.ok("ledger", "prove", "--node", self.home, "--from", size, "--out", grown)
        other = self.ok("ledger", "key", "--node", self.node("other")).text.strip()
        for proof, more in ((leaf, ()), (grown, ("--checkpoint", self.kept))):
            self.assertIn(self.check(proof, *more, key=other).code, (3, 8))
            lines = proof.read_text().split("\n")
            for number, line in enumerate(lines):
                for found in list(re.finditer(r"[A-Za-z0-9]", line))[::max(1, len(line) // 2)]:
                    at = found.start()
                    changed = line[:at] + ("B" if line[at] != "B" else "C") + line[at + 1:]
                    wrong = self.write("wrong.proof", "\n".join(
                        [*lines[:number], changed, *lines[number + 1:]]))
                    with self.subTest(proof=proof.name, line=number, at=at):
                        answer = self.check(wrong, *more)
                        self.assertIn(answer.code, (3, 8), f"{line!r} became {changed!r}: {answer}")
            for cut in ("", "\n".join(lines[:-3]), "\n".join(lines) + "more\n"):
                self.assertIn(self.check(self.write("wrong.proof", cut), *more).code, (3, 8))


if __name__ == "__main__":
    main()
