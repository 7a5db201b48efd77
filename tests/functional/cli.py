#!/usr/bin/env python3
"""The command line: it teaches, its exit codes are those of docs/reference/exit-codes.md, and
what it exports is the same twice and agrees with itself."""

import contextlib
import csv
import io
import json
import random
import re
import shutil
import sqlite3
import xml.etree.ElementTree as xml

from support import (Case, Item, environment, items, main, mandates_page, ministers_commitment,
                     priorities, run, sentence, shared_documents)

COMMANDS = [("init",), ("serve",), ("doctor",), ("backup",), ("restore",),
            ("commitments", "import"), ("commitments", "reread"), ("commitments", "theme"), ("commitments", "export"),
            ("commitments", "search"),
            ("commitments", "lineage"), ("ledger", "verify"), ("ledger", "checkpoint"),
            ("ledger", "prove"), ("ledger", "check-proof"), ("ledger", "key"), ("user", "add"),
            ("user", "list"), ("user", "roles"), ("user", "rename"), ("user", "password"),
            ("user", "disable"), ("user", "enable"), ("user", "second-factor"), ("user", "token"),
            ("user", "tokens"), ("user", "revoke"), ("observatory", "load"), ("observatory", "mapping", "draft"),
            ("observatory", "table"), ("observatory", "release"), ("observatory", "erase"),
            ("observatory", "releases"), ("observatory", "submissions"),
            ("observatory", "indicators"), ("observatory", "codes"), ("observatory", "synth"),
            ("observatory", "move-facts"), ("observatory", "link"), ("observatory", "linkages"),
            ("observatory", "alerts"), ("observatory", "quality"), ("observatory", "bulletin"),
            ("observatory", "boundaries"), ("treaties", "import"), ("treaties", "export"),
            ("reports", "import"), ("reports", "export"), ("registers", "list"),
            ("registers", "import"), ("registers", "export"), ("rounds", "list"), ("rounds", "export"),
            ("rounds", "import"), ("rounds", "report"), ("rounds", "questionnaire"), ("checklists", "list"),
            ("checklists", "export"), ("checklists", "import"), ("brief",), ("deadlines",),
            ("followup", "export-package"), ("followup", "import-package"), ("peers", "add"),
            ("peers", "list"), ("peers", "remove")]
FORMATS = ("json", "csv", "jsonld", "akn")


class Help(Case):
    def test_the_program_teaches(self):
        text = self.ok("--help").text
        for word in ("init", "serve", "doctor", "backup", "restore", "commitments", "ledger",
                     "user", "Exit codes", "--format json", "atalaya init mynode"):
            self.assertIn(word, text)

    def test_every_command_explains_itself(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                text = self.ok(*command, "--help").text
                self.assertGreater(len(text.splitlines()), 3)
                lines = [line for line in text.splitlines() if re.match(r"  -?-?\w", line)]
                for line in lines:
                    if not line.startswith("  atalaya "):
                        self.assertRegex(line.strip(), r"\s{2,}|$", f"{command}: {line}")

    def test_the_commands_listed_are_those_tested(self):
        groups = ("commitments", "ledger", "user", "observatory", "observatory mapping", "treaties",
                  "reports", "registers", "rounds", "checklists", "followup", "peers")
        listed = set()
        for group in ("", *groups):
            text = self.ok(*group.split(), "--help").text
            part = text.split("Subcommands:")[1].split("\n\n")[0]
            listed |= {(*group.split(), line.split()[0]) for line in part.splitlines()
                       if re.match(r"  \w", line)}
        listed -= {tuple(group.split()) for group in groups}
        self.assertEqual(listed, set(COMMANDS))

    def test_every_description_has_words_in_four_languages(self):
        """A description that the catalogues lack would be English everywhere."""
        def described(tongue):
            lines = self.ok("--help-all", env=environment(LC_ALL=tongue)).text.splitlines()
            found = [re.split(r" {2,}", line.rstrip())[-1] for line in lines
                     if line.startswith("  ")]
            return [words for words in found if " " in words and "TEXT" not in words]
        english = described("en")
        self.assertGreater(len(english), 100)
        for tongue in ("es", "pt", "fr"):
            with self.subTest(tongue=tongue):
                same = {text for text in described(tongue) if text in english}
                self.assertEqual(same, set())

    def test_version(self):
        self.assertRegex(self.ok("--version").text, r"^\d+\.\d+\.\d+\n$")


class ExitCodes(Case):
    def test_wrong_usage(self):
        self.fails(2)
        self.fails(2, "fly")
        self.fails(2, "init")
        self.fails(2, "init", self.folder / "n", "--role", "king")
        self.assertFalse((self.folder / "n").exists())
        self.fails(2, "commitments", "search", "--node", "x", "--lang", "de", "police")
        self.fails(2, "commitments", "lineage", "--node", "x", "--lang", "xx", "some-id")
        self.fails(2, "doctor", "--node", "x", "--format", "yaml")

    def test_wrong_usage_is_named_in_the_terminals_language(self):
        cases = [(("comitments", "import"), "comitments", "atalaya commitments"),
                 (("import", "x.txt"), "import", "atalaya commitments import"),
                 (("commitments", "serach"), "serach", "atalaya commitments search"),
                 (("doctor", "--nod", "x"), "--nod", "--node"),
                 (("commitments", "export", "--node", "x", "--ot", "y"), "--ot", "--out"),
                 (("doctor", "--node", "x", "--format", "yaml"), "yaml", "json"),
                 (("commitments", "search", "--node", "x", "--limit", "many", "a"), "many",
                  "--limit"),
                 (("commitments", "search", "--node", "x", "--limit", "0", "a"), "--limit", "100"),
                 (("doctor",), "--node", "doctor --help"),
                 (("doctor", "--node"), "--node", "doctor --help"),
                 (("doctor", "--node", "x", "y"), "y", "doctor --help"),
                 (("commitments",), "import", "search"),
                 ((), "commitments", "serve"),
                 (("ledger", "check-proof", "nowhere", "--key", "k"), "nowhere", "FILE")]
        english = re.compile(r"\b(The|the|is|not|required|expected|Value|value|command|with|"
                             r"following|arguments?|were|Did|mean|needs|Could)\b")
        for arguments, *words in cases:
            with self.subTest(arguments=arguments):
                for language in ("es_PA.UTF-8", "pt_BR.UTF-8", "fr_CA.UTF-8"):
                    answer = self.fails(2, *arguments, env=environment(LC_ALL=language))
                    for word in words:
                        self.assertIn(word, answer.errors)
                    self.assertNotRegex(answer.errors.replace("--help", ""), english)
                self.assertIn(words[0], self.fails(2, *arguments).errors)

    def test_a_workbook_is_sent_to_the_observatory(self):
        import zipfile
        node = self.node()
        book = self.folder / "homicides.xlsx"
        with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr("[Content_Types].xml", "<Types/>")
            out.writestr("xl/workbook.xml", "<workbook/>")
        for language, word in (("C.UTF-8", "is a table"), ("es_PA.UTF-8", "es una tabla")):
            answer = self.fails(3, "commitments", "import", "--node", node, book,
                                reason="files.table", env=environment(LC_ALL=language))
            self.assertIn(word, answer.errors)
            self.assertIn("atalaya observatory load", answer.errors)

    def test_init_refuses_what_it_cannot_use(self):
        for more in (["--country", "Panama"], ["--country", "XXX"], ["--country", "PAN", "--name",
                     "two\nlines"], ["--country", "PAN", "--name", "a\x1b[31mb"],
                     ["--country", "PAN", "--listen", "nowhere"]):
            with self.subTest(more=more):
                answer = self.fails(3, "init", self.folder / "n", *more, reason="app.option")
                self.assertIn(more[-2], answer.errors)
                self.assertFalse((self.folder / "n").exists())
        answer = self.fails(3, "init", self.folder / "n", "--country", "XYZ", reason="app.option",
                            env=environment(LC_ALL="es_PA.UTF-8"))
        self.assertIn("--country", answer.errors.splitlines()[0])
        self.assertIn("ISO 3166-1", answer.errors.splitlines()[0])

    def test_what_cannot_be_is_wrong_usage_in_the_readers_language(self):
        node = self.node()
        answer = self.fails(2, "ledger", "prove", "--node", node,
                            env=environment(LC_ALL="es_PA.UTF-8"))
        self.assertIn("dé", answer.errors.lower())
        answer = self.fails(3, "backup", "--node", node, self.folder / "none" / "b",
                            reason="app.backup.folder")
        self.assertIn("none", answer.errors)

    def test_the_language_follows_the_country(self):
        for more, language in (([], "en"), (["--country", "PAN"], "es"), (["--country", "BRA"], "pt"),
                               (["--country", "HTI"], "fr"), (["--country", "SUR"], "en"),
                               (["--country", "pry", "--language", "fr"], "fr")):
            node = self.folder / "-".join(["node", *more])
            with self.subTest(more=more):
                made = self.ok("init", node, *more, "--format", "json").json
                self.assertEqual(made["language"], language)
                self.assertIn(f'language = "{language}"', (node / "node.toml").read_text())

    def test_the_role_follows_the_country(self):
        for more, role in (([], "regional"), (["--country", "PAN"], "national"),
                           (["--country", "PAN", "--role", "parliament"], "parliament")):
            node = self.folder / (role + "-node")
            self.assertEqual(self.ok("init", node, *more, "--format", "json").json["role"], role)
        self.fails(3, "init", self.folder / "n", "--role", "national", reason="app.option")

    def test_scopes_are_those_of_the_routes(self):
        node = self.node()
        self.ok("user", "add", "--node", node, "ana", "--role", "editor", "--generate")
        # Whom an account speaks for is one that the catalogue knows.
        self.ok("user", "add", "--node", node, "iris", "--role", "focal_point@cicad", "--generate")
        self.fails(3, "user", "add", "--node", node, "ivo", "--role", "focal_point", "--generate",
                   reason="identity.role_whose")
        for nobody in ("focal_point@XXX", "focal_point@nobody", "reader@XXX"):
            self.fails(3, "user", "add", "--node", node, "ivo", "--role", nobody, "--generate",
                       reason="identity.territory")
        token = ["user", "token", "--node", node, "ana", "--token-name", "t", "--scope"]
        answer = self.fails(3, *token, "bogus:zz", reason="app.user.scope")
        self.assertIn("commitments:write", answer.errors)
        self.assertIn("me:read", answer.errors)
        self.ok(*token, "me:read", "--scope", "commitments:write")
        # What none of the account's roles may do no token of it may, either.
        answer = self.fails(3, *token, "me:read", "--scope", "metrics:read",
                            reason="app.user.scope_roles")
        self.assertIn("commitments:write", answer.errors)

    def test_init_twice(self):
        node = self.node()
        before = sorted((p.name, p.stat().st_size) for p in node.rglob("*") if p.is_file())
        answer = self.fails(5, "init", node, "--country", "PAN", reason="app.init.exists")
        self.assertIn(str(node), answer.errors)
        self.assertEqual(before,
                         sorted((p.name, p.stat().st_size) for p in node.rglob("*") if p.is_file()))

    def test_missing_node(self):
        gone = self.folder / "gone"
        kept = self.write("page.txt", mandates_page(items(1, 4)))
        for command in (["serve"], ["backup"], ["commitments", "import"],
                        ["commitments", "export"], ["commitments", "search"],
                        ["commitments", "lineage"], ["ledger", "checkpoint"], ["ledger", "verify"],
                        ["user", "list"]):
            words = {"backup": [self.folder / "b"], "import": [kept], "search": ["police"],
                     "lineage": ["x"]}.get(command[-1], [])
            with self.subTest(command=command):
                answer = self.fails(4, *command, "--node", gone, *words)
                self.assertIn("gone", answer.errors)
                self.assertFalse(gone.exists())

    def test_missing_things(self):
        node = self.node()
        self.fails(4, "commitments", "lineage", "--node", node, "summit-2001-nothing")
        self.fails(4, "commitments", "import", "--node", node, self.folder / "no.txt")
        self.fails(4, "ledger", "prove", "--node", node, "--leaf", "999999")
        self.fails(2, "ledger", "prove", "--node", node)

    def test_output_that_cannot_be_written(self):
        node = self.node()
        self.fails(7, "commitments", "export", "--node", node, "--out", self.folder / "no" / "x")
        self.fails(3, "backup", "--node", node, self.folder / "no" / "x",
                   reason="app.backup.folder")

    def test_message_in_the_terminals_language(self):
        self.write("something", "x")
        for tongue, word in (("es_PA.UTF-8", "carpeta"), ("fr_CA.UTF-8", "dossier"),
                             ("pt_BR.UTF-8", "pasta"), ("en_BZ.UTF-8", "folder")):
            answer = self.fails(5, "init", self.folder, "--country", "PAN",
                                reason="app.init.exists", env=environment(LC_ALL=tongue))
            self.assertIn(word, answer.errors.lower(), tongue)


class Doctor(Case):
    def test_healthy_and_broken(self):
        node = self.node()
        self.load(node, self.write("page.txt", mandates_page(items(1, 12))))
        report = self.ok("doctor", "--node", node, "--format", "json").json
        self.assertTrue(report["ok"], report)
        self.assertEqual({c["status"] for c in report["checks"]} - {"ok", "warning"}, set())
        kinds = {c["check"] for c in report["checks"]}
        self.assertLessEqual({"configuration", "key", "store", "ledger", "search index"}, kinds)
        self.ok("doctor", "--node", node)

        def broken(change, check):
            copy = self.folder / "broken"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(node, copy)
            change(copy)
            answer = self.fails(8, "doctor", "--node", copy, "--format", "json")
            bad = [c for c in answer.json["checks"] if c["status"] == "problem"]
            self.assertIn(check, [c["check"] for c in bad], answer)
            self.assertTrue(all(c["advice"] for c in bad), bad)

        broken(lambda n: (n / "keys" / "node.key").unlink(), "key")
        broken(lambda n: (n / "atalaya.db").unlink(), "store")
        broken(lambda n: (n / "atalaya.db").write_bytes(b"x" * 5000), "store")
        broken(lambda n: (n / "node.toml").write_text("colour = 'red'\n"), "configuration")
        broken(lambda n: (n / "node.toml").unlink(), "configuration")

    def test_what_changed_beside_the_store(self):
        node = self.node()
        self.load(node, self.write("page.txt", mandates_page(items(1, 12))))

        def check(name, *more, code=0):
            answer = run("doctor", "--node", node, "--format", "json", *more)
            self.assertEqual(answer.code, code, answer)
            return [c for c in answer.json["checks"] if c["check"] == name]
        toml = node / "node.toml"
        toml.write_text(toml.read_text().replace('"PAN"', '"COL"'))
        changed, = check("settings", code=8)
        self.assertIn("COL", changed["detail"])
        self.assertIn("PAN", changed["detail"])
        self.assertIn("--record-settings", changed["advice"])
        size = self.ledger(node)["size"]
        self.assertEqual(check("settings", "--record-settings")[0]["status"], "ok")
        self.assertGreater(self.ledger(node)["size"], size)
        self.assertEqual(check("settings")[0]["status"], "ok")
        (node / "facts").mkdir(exist_ok=True)
        (node / "facts" / "more.seg").write_bytes(b"synthetic")
        self.assertEqual([c["status"] for c in check("facts")], ["warning", "ok"])
        self.assertIn("facts/more.seg", check("facts")[0]["detail"])
        # Another language's index in the place of one is not read as that one's.
        shutil.rmtree(node / "index" / "es")
        shutil.copytree(node / "index" / "en", node / "index" / "es")
        self.assertIn("behind", check("search index")[0]["detail"])

    def test_an_init_that_was_killed_is_said_and_done_again(self):
        node = self.node()
        (node / "init.unfinished").touch()
        (node / "atalaya.db").unlink()
        for command in (["doctor"], ["serve"], ["commitments", "export"], ["backup"]):
            words = [self.folder / "b"] if command == ["backup"] else []
            answer = self.fails(4, *command, "--node", node, *words, reason="app.init.unfinished")
            self.assertIn(str(node), answer.errors)
        self.ok("init", node, "--country", "PER")
        self.assertTrue(self.ok("doctor", "--node", node, "--format", "json").json["ok"])

    def test_unknown_setting_names_its_line(self):
        node = self.node()
        toml = node / "node.toml"
        toml.write_text(toml.read_text() + "\ncolour = 'red'\n")
        line = toml.read_text().splitlines().index("colour = 'red'") + 1
        answer = self.fails(3, "commitments", "export", "--node", node)
        self.assertIn("colour", answer.errors)
        self.assertRegex(answer.errors, rf"\b{line}\b")


class Data(Case):
    """What is printed, on synthetic documents."""

    def setUp(self):
        super().setUp()
        self.home = self.node("desk")
        mandates = items(7, 24)
        rng = random.Random(9)
        mandates[2:2] = [
            Item({"en": "Support synthetic measures through the following:"}, None),
            Item(sentence(rng, 990001), 0, "a.", 2), Item(sentence(rng, 990002), 0, "b.", 2)]
        self.files = [self.write("mandates.txt", mandates_page(mandates)),
                      self.write("ministers.txt", ministers_commitment()),
                      self.write("priorities.txt", priorities())]
        self.load(self.home, *self.files)

    def test_what_is_printed_speaks_four_languages_and_json_one(self):
        page = self.write("new.txt", mandates_page(items(70, 9)))
        commands = (["doctor", "--node", self.home], ["ledger", "verify", "--node", self.home],
                    ["commitments", "import", "--dry-run", "--node", self.home, page])
        for command in commands:
            english = self.ok(*command).text.splitlines()
            programs = self.ok(*command, "--format", "json").json
            for tongue in ("es", "pt", "fr"):
                with self.subTest(command=command[0], tongue=tongue):
                    lines = self.ok(*command, env=environment(LC_ALL=tongue)).text.splitlines()
                    self.assertEqual(len(lines), len(english))
                    # A file's own words, and what is the same everywhere, apart.
                    same = [line for line in lines
                            if line in english and not line.startswith("    ")]
                    self.assertLessEqual(len(same), len(lines) // 4, same)
                    answer = self.ok(*command, "--format", "json", env=environment(LC_ALL=tongue))
                    if command[0] != "doctor":  # free space changes by itself
                        self.assertEqual(answer.json, programs)
                    else:
                        self.assertEqual([(c["check"], c["advice"]) for c in answer.json["checks"]],
                                         [(c["check"], c["advice"]) for c in programs["checks"]])
        ours = self.ok("ledger", "verify", "--node", self.home, env=environment(ATALAYA_LANG="fr"))
        self.assertIn("atalaya doctor", ours.text)
        self.assertIn("journal", ours.text)

    def test_a_file_is_not_written_over_unless_asked(self):
        out = self.write("kept", "synthetic words that somebody kept")
        key = self.ok("ledger", "key", "--node", self.home).text
        for command in (["ledger", "checkpoint", "--node", self.home],
                        ["ledger", "prove", "--node", self.home, "--leaf", "0"],
                        ["commitments", "export", "--node", self.home],
                        ["checklists", "export", "--node", self.home]):
            with self.subTest(command=command):
                answer = self.fails(5, *command, "--out", out, reason="app.output.exists")
                self.assertIn("--replace", answer.errors)
                self.assertIn(str(out), answer.errors)
                self.assertEqual(out.read_text(), "synthetic words that somebody kept")
        self.ok("ledger", "checkpoint", "--node", self.home, "--out", out, "--replace")
        self.assertIn(key.split("+")[0], out.read_text())
        fresh = self.folder / "checkpoint.json"
        self.ok("ledger", "checkpoint", "--node", self.home, "--format", "json", "--out", fresh)
        self.assertEqual(json.loads(fresh.read_text())["note"], out.read_text())

    def test_windows_unicode_is_read_as_the_same_page(self):
        text = mandates_page(items(71, 4))
        plans = []
        for name, data in (("a.txt", text.encode()),
                           ("b.txt", b"\xff\xfe" + text.encode("utf-16-le")),
                           ("c.txt", b"\xfe\xff" + text.encode("utf-16-be"))):
            path = self.folder / name
            path.write_bytes(data)
            plan = self.ok("commitments", "import", "--dry-run", "--node", self.home, "--format",
                           "json", path).json[0]
            plans.append({k: plan[k] for k in ("items", "new", "citations_printed", "warnings")})
        self.assertEqual(plans[0]["items"], 4)
        self.assertEqual(plans[1:], plans[:1] * 2)

    def test_search_names_what_stands_beside_the_commitments(self):
        answer = self.ok("commitments", "search", "--node", self.home, "--format", "json",
                         "recognizing matters").json
        self.assertGreaterEqual(answer["texts_total"], 1)
        self.assertEqual({t["role"] for t in answer["texts"]}, {"recital"})
        self.assertFalse({h["id"] for h in answer["hits"]} & {t["source"] for t in answer["texts"]})
        self.assertIn("Recital", self.ok("commitments", "search", "--node", self.home,
                                         "recognizing matters").text)
        for nothing in ("", "   "):
            answer = self.fails(2, "commitments", "search", "--node", self.home, nothing,
                                reason="app.usage.empty_query")
            self.assertIn("atalaya commitments export", answer.errors)

    def test_doctor_says_what_can_be_said_of_a_node_that_does_not_open(self):
        def checks(node, *bad):
            answer = self.fails(8, "doctor", "--node", node, "--format", "json")
            by_name = {c["check"]: c["status"] for c in answer.json["checks"]}
            self.assertEqual({k for k, v in by_name.items() if v == "problem"}, set(bad), answer)
            return by_name
        other = self.folder / "other"
        shutil.copytree(self.home, other)
        with contextlib.closing(sqlite3.connect(other / "atalaya.db")) as database:
            database.execute("UPDATE schema_migrations SET sha256 = 'synthetic' WHERE number = 1")
            database.commit()
        self.assertLessEqual({"ledger", "rows", "tables", "key"}, set(checks(other, "node", "tables")))
        (other / "node.toml").write_text("name = ")
        self.assertIn("ledger", checks(other, "configuration", "node", "tables"))
        (other / "atalaya.db").unlink()
        self.assertEqual(checks(other, "configuration")["key"], "ok")

    def test_json_everywhere(self):
        some = next(iter(self.held(self.home)))
        backup = self.folder / "node.backup"
        proof = self.folder / "proof"
        key = self.ok("ledger", "key", "--node", self.home, "--format", "json").json["key"]
        self.ok("ledger", "prove", "--node", self.home, "--leaf", "0", "--out", proof)
        add = self.ok("user", "add", "--node", self.home, "ana", "--role", "editor", "--generate",
                      "--format", "json").json
        self.assertIsInstance(add, dict)
        for command in (["doctor", "--node", self.home],
                        ["commitments", "import", "--dry-run", "--node", self.home, *self.files],
                        ["commitments", "search", "--node", self.home, "synthetic"],
                        ["commitments", "lineage", "--node", self.home, some],
                        ["ledger", "verify", "--node", self.home],
                        ["ledger", "checkpoint", "--node", self.home],
                        ["ledger", "check-proof", proof, "--key", key],
                        ["user", "list", "--node", self.home],
                        ["user", "roles", "--node", self.home, "ana", "--role", "coder"],
                        ["user", "rename", "--node", self.home, "ana", "--display-name",
                         "Ana Editora"],
                        ["user", "password", "--node", self.home, "ana", "--generate"],
                        ["user", "second-factor", "--node", self.home, "ana"],
                        ["user", "token", "--node", self.home, "ana", "--token-name", "t",
                         "--scope", "me:read"],
                        ["user", "tokens", "--node", self.home, "ana"],
                        ["user", "disable", "--node", self.home, "ana"],
                        ["user", "enable", "--node", self.home, "ana"],
                        ["backup", "--node", self.home, backup],
                        ["restore", backup, self.folder / "again"],
                        ["init", self.folder / "other", "--country", "PER"]):
            with self.subTest(command=command):
                answer = self.ok(*command, "--format", "json")
                self.assertIsInstance(answer.json, (dict, list))
                self.assertEqual(answer.err, b"")

    def test_exports_are_the_same_twice_and_whole_in_files(self):
        for form in FORMATS:
            with self.subTest(form=form):
                first = self.export(self.home, form)
                self.assertEqual(first, self.export(self.home, form))
                out = self.folder / f"out.{form}"
                answer = self.ok("commitments", "export", "--node", self.home, "--format", form,
                                 "--out", out)
                self.assertEqual(answer.out, b"")
                self.assertEqual(out.read_bytes(), first)
                self.assertEqual(list(self.folder.glob("*.partial")), [])
        # What is no file (a pipe here, /dev/full elsewhere) is written into, not replaced.
        answer = self.ok("commitments", "export", "--node", self.home, "--format", "csv",
                         "--out", "/dev/stdout")
        self.assertEqual(answer.out, self.export(self.home, "csv"))

    def test_the_same_documents_give_another_node_the_same_commitments(self):
        other = self.node("other")
        self.load(other, *reversed(self.files))
        ours, theirs = self.held(self.home), self.held(other)
        self.assertEqual(set(ours), set(theirs))
        for name, commitment in ours.items():
            self.assertEqual(commitment["text"], theirs[name]["text"])
            self.assertEqual(commitment["clauses"], theirs[name]["clauses"])

    def test_exports_agree(self):
        check_exports(self, self.home)

    def test_dry_run_changes_nothing(self):
        before = self.state(self.home)
        page = self.write("new.txt", mandates_page(items(70, 9)))
        plan = self.ok("commitments", "import", "--dry-run", "--node", self.home, "--format",
                       "json", page).json[0]
        self.assertEqual((plan["items"], plan["new"]), (9, 9))
        self.assertEqual(before, self.state(self.home))

    def test_search_in_two_languages_of_texts_and_four_of_titles(self):
        first = self.ok("commitments", "search", "--node", self.home, "--format", "json",
                        '"synthetic measure 990001"').json
        self.assertEqual(first["total"], 1)
        self.assertIn("synthetic", first["hits"][0]["snippet"])
        # The catalogue's own titles are found with no document at hand, accents or not.
        for language, words in (("en", "money laundering"), ("es", "lavado de activos"),
                                ("pt", "lavagem de dinheiro"), ("fr", "blanchiment"),
                                ("es", "prevencion"), ("fr", "prevention"), ("pt", "prevencao"),
                                ("en", "laundring")):
            with self.subTest(language=language, words=words):
                found = self.ok("commitments", "search", "--node", self.home, "--lang", language,
                                "--format", "json", "--limit", "5", words).json
                self.assertGreater(found["total"], 0)
                self.assertLessEqual(len(found["hits"]), 5)
                self.assertLessEqual({"year", "meeting", "theme"}, set(found["facets"]))
        nothing = self.ok("commitments", "search", "--node", self.home, "--format", "json",
                          "zzzzqqqq").json
        self.assertEqual((nothing["total"], nothing["hits"]), (0, []))
        for words in ('"', '"(', "-", "a OR", "*", "NOT NOT", "((((", "x" * 5000, "ñ"):
            with self.subTest(words=words[:10]):
                answer = run("commitments", "search", "--node", self.home, "--format", "json",
                             "--", words)
                self.assertIn(answer.code, (0, 2, 3), answer)
        # Marks that nobody sees are no words.
        self.fails(2, "commitments", "search", "--node", self.home, "\u202e",
                   reason="app.usage.empty_query")

    def test_lineage_ranks_with_reasons(self):
        rng = random.Random(3)
        words = sentence(rng, 1)["en"]
        later = [Item({"en": words.replace("measure 1", "measure 41")}, 0),
                 *items(81, 3)]
        earlier = [Item({"en": words.replace("measure 1", "measure 42")}, 5), *items(82, 3)]
        self.load(self.home, self.write("a.txt", mandates_page(later, theme="SECURITY: One")),
                  self.write("b.txt", mandates_page(earlier, theme="SECURITY: Two")))
        ids = {text["text"]["en"]: name for name, text in self.held(self.home).items()}
        subject, answer = (next(n for t, n in ids.items() if t.endswith(f"measure {m}."))
                           for m in (41, 42))
        found = self.ok("commitments", "lineage", "--node", self.home, "--format", "json",
                        "--limit", "10", subject).json
        self.assertEqual(found["id"], subject)
        ranked = [c["id"] for c in found["candidates"]]
        self.assertEqual(ranked[0], answer)
        self.assertNotIn(subject, ranked)
        self.assertEqual(len(ranked), len(set(ranked)))
        scores = [c["score"] for c in found["candidates"]]
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertTrue(all(c["reasons"] for c in found["candidates"]))


def check_exports(case, node):
    """One content in four formats; AKN and JSON-LD are read by foreign readers."""
    whole = json.loads(case.export(node))
    commitments = whole["commitments"]
    ids = [c["id"] for c in commitments]
    case.assertEqual(len(ids), len(set(ids)))
    held = {c["id"] for c in commitments if c["appearances"]}
    case.assertTrue(held)

    table = case.export(node, "csv")
    case.assertTrue(table.startswith(b"\xef\xbb\xbf"))
    case.assertNotRegex(table.replace(b"\r\n", b""), b"\r")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline="")))
    case.assertEqual({row["id"] for row in rows} & held, held)
    case.assertLessEqual({row["id"] for row in rows}, set(ids))
    places = [(row["source_file"], row["ordinal"]) for row in rows if row["ordinal"]]
    case.assertEqual(sorted(places), sorted((a["source_file"], str(a["ordinal"]))
                                            for c in commitments for a in c["appearances"]))
    for row in rows:
        for cell in row.values():
            case.assertNotRegex(cell or "", r"\A[=+@\t\r]|\A-(?![0-9])")

    linked = json.loads(case.export(node, "jsonld"))
    case.assertIn("@context", linked)
    text = json.dumps(linked)
    for name in held:
        case.assertIn(name, text)
    case.assertRegex(text, "skos")
    # Whole addresses, as readers disagree about what is relative to a URN; none of them empty.
    for address in re.findall(r'"@id": "([^"]*)"', text):
        case.assertRegex(address, r"\Aurn:atalaya:(themes|\w+:[^:]+)\Z")

    tree = xml.fromstring(case.export(node, "akn"))
    space = "{http://docs.oasis-open.org/legaldocml/ns/akn/3.0}"
    case.assertEqual(tree.tag, space + "akomaNtoso")
    guids = {e.get("GUID") for e in tree.iter() if e.get("GUID")}
    case.assertEqual({g for g in ids if any(g in guid for guid in guids)}, held)
    for document in tree.iter():
        if document.tag in (space + "statement", space + "doc"):
            eids = [e.get("eId") for e in document.iter() if e.get("eId")]
            case.assertEqual(len(eids), len(set(eids)), "eIds of one document are unique")
    return whole


class RealDocuments(Case):
    """The five source documents; skipped where they are not at hand."""

    def test_counts(self):
        files = shared_documents()
        node = self.node()
        plans = {name[:3]: plan for name, plan in self.load(node, *files.values()).items()}

        def numbers(name, *keys):
            return tuple(plans[name][key] for key in keys)

        counts = ("items", "level_1", "level_2", "citations_printed")
        self.assertEqual(numbers("001", *counts), (146, 139, 7, 137))
        self.assertEqual(numbers("003", *counts), (21, 20, 1, 20))
        self.assertEqual(numbers("003", "duplicates", "new"), (18, 3))
        self.assertEqual(numbers("001", "citations_by_status"), (
            {"own": 137, "from_child": 4, "from_sibling": 3, "inferred": 2},))
        self.assertEqual(numbers("004", "items", "blocks", "recitals", "statements_of_position"), (
            31, {"1": 6, "2": 2, "3": 4, "4": 3, "5": 8, "6": 8}, 21, 1))
        self.assertEqual(numbers("000", "items", "states", "treaties"), (7, 21, 5))
        self.assertEqual(plans["002"]["guidance"], {"key_question": 9, "response_dimension": 4,
                                                    "next_step": 9, "good_practice": 3})
        self.assertEqual({n: p["kind"] for n, p in plans.items()}, {
            "000": "parliamentary_priorities", "001": "summit_mandates", "002": "primer",
            "003": "summit_mandates", "004": "ministers_commitment"})

        whole = check_exports(self, node)
        held = [c for c in whole["commitments"] if c["appearances"]]
        self.assertEqual(len(held), 149 + 31 + 7)
        self.assertEqual(sum(len(c["appearances"]) == 2 for c in held), 18)
        self.assertEqual([(s["actor"], s["on_role"], s["on_ordinal"])
                          for s in whole["statements_of_position"]], [("ECU", "recital", 15)])
        self.check_texts(whole, files)
        self.check_inferred(whole)

        before = self.state(node)
        again = self.load(node, *files.values())
        self.assertTrue(all(p["known"] and p["new"] == 0 and p["unchanged"] == p["items"]
                            for p in again.values()), again)
        self.assertEqual(before, self.state(node))

    def check_texts(self, whole, files):
        contents = {f.name: f.read_bytes() for f in files.values()}
        seen = 0
        for commitment in whole["commitments"]:
            for place in commitment["appearances"]:
                self.assertIn(place["text"].encode(), contents[place["source_file"]], place["line"])
                lines = contents[place["source_file"]].decode().split("\n")
                self.assertIn(place["text"][:60], lines[place["line"] - 1])
                seen += 1
        self.assertEqual(seen, 146 + 21 + 31 + 7)
        for recital in whole["recitals"]:
            self.assertIn(recital["text"].encode(), contents[recital["source_file"]])

    def check_inferred(self, whole):
        page = [a for c in whole["commitments"] for a in c["appearances"]
                if a["source_file"].startswith("001")]
        by_ordinal = {a["ordinal"]: a for a in page}
        self.assertEqual(sorted(by_ordinal), list(range(1, 147)))
        self.assertEqual([o for o, a in sorted(by_ordinal.items())
                          if a["citation"]["status"] == "inferred"], [60, 61])
        self.assertEqual([o for o, a in sorted(by_ordinal.items())
                          if a["citation"]["status"] == "from_child"], [1, 5, 17, 67])
        for ordinal in (60, 61):
            self.assertEqual(by_ordinal[ordinal]["effective"]["meeting"], "summit-2004")
            self.assertIsNone(by_ordinal[ordinal]["citation"]["raw"])

    def test_all_instruments_and_institutions_are_linked(self):
        """38 and 60 (design, commitments.md 1.4 and 1.5), each counted once over all that is held:
        commitments, recitals, guidance, and the documents with their notes and lists."""
        node = self.node()
        self.load(node, *shared_documents().values())
        whole = json.loads(self.export(node))
        for kind, number in (("instruments", 38), ("institutions", 60)):
            inside = {name for part in ("commitments", "recitals", "guidance")
                      for item in whole[part] for name in item[kind]}
            documents = {named["id"] for source in whole["source_documents"]
                         for named in source[kind]}
            self.assertEqual(len(inside | documents), number)
            self.assertEqual(len(documents), number)
        # Recitals and guidance name bodies, and no instrument.
        self.assertEqual([sum(bool(item["institutions"]) for item in whole[part])
                          for part in ("recitals", "guidance")], [4, 2])
        years = {(source["source_file"][:3], named["printed_year"])
                 for source in whole["source_documents"] for named in source["instruments"]
                 if named["id"] == "untoc" and named["printed_year"]}
        self.assertEqual(years, {("000", 2000), ("002", 2003)})

    def test_one_by_one_in_any_order_gives_the_same_ids(self):
        files = shared_documents()
        one, other = self.node("one"), self.node("other")
        self.load(one, *files.values())
        for name in ("003", "004", "000", "001", "002"):
            self.load(other, files[name])
        self.assertEqual(set(self.held(one)), set(self.held(other)))


if __name__ == "__main__":
    main()
