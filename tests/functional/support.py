"""What the functional tests share: running the program, serving a node, making documents.

Every document made here is synthetic: it has the shape of an official page (markers, indentation,
citations, noise around it) and the words of nobody. The same seed gives the same bytes.
"""

import contextlib
import hashlib
import io
import json
import os
import pathlib
import queue
import random
import re
import shutil
import signal
import sqlite3
import resource
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zipfile
from html import escape

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DEADLINE = float(os.environ.get("ATALAYA_TEST_DEADLINE", "240"))

# Leaves that importing one document of up to some thousand items adds beside its items' own: its
# summary, and the digests of all rows written (docs/formats/ledger.md, "Digests of rows").
DOCUMENT_LEAVES = 2

# ---- the program ---------------------------------------------------------------------------


def program():
    path = os.environ.get("ATALAYA_PROGRAM", "")
    if not path or not os.access(path, os.X_OK):
        sys.exit("set ATALAYA_PROGRAM to the built program")
    return path


def environment(**changes):
    """The environment without the caller's language, so that messages are English."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("LC_") and k != "LANG"}
    env["LC_ALL"] = "C.UTF-8"
    env.update({k: v for k, v in changes.items() if v is not None})
    return env


class Answer:
    def __init__(self, command, code, out, err):
        self.command, self.code, self.out, self.err = command, code, out, err

    @property
    def text(self):
        return self.out.decode("utf-8")

    @property
    def errors(self):
        return self.err.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def reason(self):
        """The stable reason in brackets that ends every error."""
        found = re.findall(r"\[([a-z0-9_.]+)\]\s*$", self.errors)
        return found[-1] if found else ""

    def __repr__(self):
        return (f"{' '.join(map(str, self.command))}\n  code {self.code}\n"
                f"  out {self.out[-1500:]!r}\n  err {self.err[-1500:]!r}")


def run(*arguments, timeout=DEADLINE, env=None, memory=None):
    """`memory`: bytes of address space that the program may take."""
    command = [program(), *map(str, arguments)]
    limit = None if memory is None else lambda: resource.setrlimit(resource.RLIMIT_AS,
                                                                   (memory, memory))
    done = subprocess.run(command, capture_output=True, timeout=timeout, env=env or environment(),
                          stdin=subprocess.DEVNULL, check=False, preexec_fn=limit)
    return Answer(command[1:], done.returncode, done.stdout, done.stderr)


def start(*arguments, **options):
    """A command in the background."""
    return subprocess.Popen([program(), *map(str, arguments)], stdin=subprocess.DEVNULL,
                            stdout=options.pop("stdout", subprocess.PIPE),
                            stderr=options.pop("stderr", subprocess.PIPE),
                            env=options.pop("env", environment()), **options)


def wait_until(condition, seconds=DEADLINE, what="the condition"):
    """Polls until the condition gives something true, and returns it."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        time.sleep(0.05)


# ---- tests ---------------------------------------------------------------------------------


class Case(unittest.TestCase):
    """A test with a temporary folder and a short way to nodes and their contents."""

    maxDiff = 4000

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="atalaya-functional-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def ok(self, *arguments, **options):
        answer = run(*arguments, **options)
        self.assertEqual(answer.code, 0, answer)
        return answer

    def fails(self, code, *arguments, reason=None, **options):
        """Fails with the exit code, says so in words, and gives its reason."""
        answer = run(*arguments, **options)
        self.assertEqual(answer.code, code, answer)
        self.assertTrue(answer.errors.strip(), f"no message: {answer}")
        if code not in (0, 2):
            self.assertTrue(answer.reason, f"no reason in brackets: {answer}")
        if reason is not None:
            self.assertEqual(answer.reason, reason, answer)
        return answer

    def node(self, name="node", *more, store=None):
        folder = self.folder / name
        options = ["--store", store] if store else []
        self.ok("init", folder, "--name", f"Test {name}", "--country", "PAN", "--language", "en",
                *options, *more)
        return folder

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    def load(self, node, *files, accept=False, **options):
        """Imports, and gives the plans by file name. `accept`: items may leave a page held."""
        answer = self.ok("commitments", "import", "--node", node, "--format", "json",
                         *(["--accept-changes"] if accept else []), *files, **options)
        return {plan["file"]: plan for plan in answer.json}

    def export(self, node, form="json"):
        return self.ok("commitments", "export", "--node", node, "--format", form).out

    def held(self, node):
        """The commitments that have an official text, by id."""
        return {c["id"]: c for c in json.loads(self.export(node))["commitments"]
                if c["appearances"]}

    def ledger(self, node):
        report = self.ok("ledger", "verify", "--node", node, "--format", "json").json
        self.assertTrue(report["ok"], report)
        return report

    def state(self, node):
        """What must not change when nothing happened."""
        report = self.ledger(node)
        return report["size"], report["root"], self.export(node)

    def serve(self, node, *more):
        server = Server(node, *more)
        self.addCleanup(server.kill)
        return server


def contents(node):
    """A digest of every row of the node's store, without the program: cheap, and sees anything."""
    database = sqlite3.connect(f"file:{node / 'atalaya.db'}?mode=ro", uri=True)
    try:
        tables = [name for name, in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        digest = hashlib.sha256()
        for table in tables:
            for row in database.execute(f"SELECT * FROM {table} ORDER BY 1, 2"):
                digest.update(repr((table, row)).encode())
        return digest.hexdigest()
    finally:
        database.close()


def shared_documents():
    """The five real documents, which are not in the repository."""
    root = pathlib.Path(os.environ.get("ATALAYA_SHARED", SOURCE.parent / "shared"))
    files = sorted((root / "documents").glob("00[0-4]_*.txt"))
    if len(files) != 5:
        raise unittest.SkipTest(f"the five source documents are not in {root / 'documents'}; "
                                "set ATALAYA_SHARED")
    return {f.name[:3]: f for f in files}


# ---- a served node -------------------------------------------------------------------------


class Server:
    """`atalaya serve` on a port that the system chose."""

    def __init__(self, node, *more, listen="127.0.0.1:0"):
        self.process = start("serve", "--node", node, "--listen", listen, *more,
                             stderr=subprocess.STDOUT)
        self.lines, self.output = queue.Queue(), []
        threading.Thread(target=self._read, daemon=True).start()
        self.port = 0
        deadline = time.monotonic() + DEADLINE
        while not self.port:
            try:
                line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                self.kill()
                raise AssertionError(f"serve said nothing in time: {self.output}") from None
            if line is None:
                raise AssertionError(f"serve ended at once: {''.join(self.output)}")
            found = re.search(r" serves https?://.*:(\d+)", line)
            self.port = int(found.group(1)) if found else 0

    def _read(self):
        for line in self.process.stdout:
            self.output.append(line.decode("utf-8", "replace"))
            self.lines.put(self.output[-1])
        self.lines.put(None)

    def stop(self, seconds=30):
        """Ends it as an operator would; gives the exit code and the seconds that it took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=seconds)
        return code, time.monotonic() - begun

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()


# ---- words ---------------------------------------------------------------------------------

# Official translations share beginnings, numbers and names; so do these pairs.
VERBS = [("Strengthen", "Fortalecer"), ("Promote", "Promover"), ("Develop", "Desarrollar"),
         ("Establish", "Establecer"), ("Consider", "Considerar"), ("Coordinate", "Coordinar"),
         ("Facilitate", "Facilitar"), ("Implement", "Implementar"), ("Examine", "Examinar"),
         ("Adopt", "Adoptar"), ("Intensify", "Intensificar"), ("Evaluate", "Evaluar"),
         ("Formulate", "Formular"), ("Organize", "Organizar"), ("Incorporate", "Incorporar")]
OBJECTS = [("municipal observatories", "los observatorios municipales"),
           ("penitentiary programs", "los programas penitenciarios"),
           ("forensic laboratories", "los laboratorios forenses"),
           ("communication protocols", "los protocolos de comunicación"),
           ("statistical registers", "los registros estadísticos"),
           ("preventive patrols", "las patrullas preventivas"),
           ("maritime inspections", "las inspecciones marítimas"),
           ("telephonic emergency centers", "los centros telefónicos de emergencia"),
           ("juvenile orchestras", "las orquestas juveniles"),
           ("academic curricula", "los currículos académicos"),
           ("electronic notifications", "las notificaciones electrónicas"),
           ("ballistic archives", "los archivos balísticos"),
           ("regional simulations", "las simulaciones regionales"),
           ("psychological assistance", "la asistencia psicológica"),
           ("ambulance services", "los servicios de ambulancia"),
           ("interinstitutional commissions", "las comisiones interinstitucionales")]
PLACES = [("in tropical provinces", "en las provincias tropicales"),
          ("in metropolitan districts", "en los distritos metropolitanos"),
          ("along fluvial frontiers", "a lo largo de las fronteras fluviales"),
          ("in port terminals", "en las terminales portuarias"),
          ("in public universities", "en las universidades públicas"),
          ("in insular territories", "en los territorios insulares"),
          ("in agricultural communities", "en las comunidades agrícolas"),
          ("in mining corridors", "en los corredores mineros"),
          ("in commercial aerodromes", "en los aeródromos comerciales"),
          ("in archaeological zones", "en las zonas arqueológicas")]
ENDS = [("with volunteer musicians", "con músicos voluntarios"),
        ("with annual audits", "con auditorías anuales"),
        ("with transparent budgets", "con presupuestos transparentes"),
        ("with certified interpreters", "con intérpretes certificados"),
        ("with bilingual manuals", "con manuales bilingües"),
        ("with climatic sensors", "con sensores climáticos"),
        ("with rotating delegations", "con delegaciones rotativas"),
        ("with accessible formats", "con formatos accesibles"),
        ("with photographic exhibitions", "con exposiciones fotográficas")]

# Citations as the pages print them (document, place, year), newest first.
CITATIONS = {
    "en": ["(Lima Commitment. Peru, 2018)", "(Declaration of Port of Spain, 2009).",
           "(Declaration of Mar del Plata, 2005).", "(Plan of Action Québec, 2001).",
           "(Plan of Action Santiago, 1998).", "(Plan of Action Miami, 1994)."],
    "es": ["(Compromiso de Lima. Perú, 2018)", "(Declaración de Puerto España, 2009).",
           "(Declaración de Mar del Plata, 2005).", "(Plan de Acción Quebec, 2001).",
           "(Plan de Acción Santiago, 1998).", "(Plan de Acción Miami, 1994)."],
}
MEETINGS = ["summit-2018", "summit-2009", "summit-2005", "summit-2001", "summit-1998",
            "summit-1994"]


class Item:
    """A synthetic mandate in two languages."""

    def __init__(self, texts, citation, label="1.", level=1):
        self.texts, self.citation, self.label, self.level = texts, citation, label, level

    def printed(self, language):
        citation = "" if self.citation is None else " " + CITATIONS[language][self.citation]
        return self.texts[language] + citation


def sentence(rng, number):
    verb, thing, place, end = (rng.choice(words) for words in (VERBS, OBJECTS, PLACES, ENDS))
    other = rng.choice([o for o in OBJECTS if o is not thing])
    return {"en": f"{verb[0]} {thing[0]} and {other[0]} {place[0]} {end[0]}, under synthetic "
                  f"measure {number}.",
            "es": f"{verb[1]} {thing[1]} y {other[1]} {place[1]} {end[1]}, según la medida "
                  f"sintética {number}."}


def items(seed, count, numbers=None):
    """Mandates from new to old; `numbers` keeps their texts distinct from those of other seeds."""
    rng = random.Random(seed)
    first = seed * 100000 if numbers is None else numbers
    return [Item(sentence(rng, first + i), min(i * len(MEETINGS) // count, len(MEETINGS) - 1))
            for i in range(count)]


HEADS = {
    "en": ["Synthetic page for tests: Summits of the Americas", "     ",
           "Follow-up and Implementation: Mandates", " ", "", "2",
           "Click here for Related Ministerials", "   "],
    "es": ["Página sintética para pruebas: Cumbres de las Américas", "     ",
           "Seguimiento e Implementación: Mandatos", " ", "", "2",
           "Haga clic aquí para ver las ministeriales relacionadas", "   "],
}


def mandates_page(mandates, language="en", theme="SECURITY: Synthetic Matters", newline="\n"):
    """A Summit follow-up page as plain text; every number reads 1., as on the real ones."""
    lines = [*HEADS[language], theme, "MANDATES" if language == "en" else "MANDATOS", ""]
    for item in mandates:
        indent = "  " * item.level
        marker = item.label if item.level == 1 else f"• {item.label}"
        lines += [f"{indent}{marker} {item.printed(language)}", ""]
    lines += [" ", "2", "   ", "© synthetic", ""]
    return newline.join(lines)


def mandates_html(mandates, language="en", theme="SECURITY: Synthetic Matters", extra=""):
    rows = []
    for i, item in enumerate(mandates):
        if item.level > 1:
            continue
        below = []
        for sub in mandates[i + 1:]:
            if sub.level == 1:
                break
            below.append(f"<li>{escape(sub.label)} {escape(sub.printed(language))}</li>")
        nested = f"<ul>{''.join(below)}</ul>" if below else ""
        rows.append(f"<li>{escape(item.printed(language))}{nested}</li>")
    head = "".join(f"<p>{escape(line)}</p>" for line in HEADS[language] if line.strip())
    return (f"<!doctype html><html lang='{language}'><head><meta charset='utf-8'>"
            f"<title>{escape(HEADS[language][2])}</title></head><body>{head}{extra}"
            f"<p>{escape(theme)}</p><ol>{''.join(rows)}</ol><p>© synthetic</p></body></html>")


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def docx(body, parts=None):
    """A Word file around this content of w:body."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml",
                         f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
                         'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                         '<Default Extension="xml" ContentType="application/xml"/></Types>')
        archive.writestr("_rels/.rels",
                         f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
                         'Type="http://schemas.openxmlformats.org/officeDocument/2006/'
                         'relationships/officeDocument" Target="word/document.xml"/>'
                         '</Relationships>')
        archive.writestr("word/document.xml", '<?xml version="1.0" encoding="UTF-8"?>'
                         f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>')
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def paragraph(text):
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def mandates_docx(mandates, language="en", theme="SECURITY: Synthetic Matters"):
    body = "".join(paragraph(line) for line in [*HEADS[language], theme] if line.strip())
    for item in mandates:
        marker = item.label if item.level == 1 else f"• {item.label}"
        body += paragraph(f"{'  ' * item.level}{marker} {item.printed(language)}")
    return docx(body)


def pdf(pages):
    """A pdf with one page for each list of lines, in Helvetica and Windows' Latin letters."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>",
               "<< /Type /Pages /Kids [{}] /Count {} >>".format(
                   " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages))), len(pages)),
               "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    for i, lines in enumerate(pages):
        stream = "BT /F1 9 Tf 12 TL 40 780 Td\n"
        for line in lines:
            text = re.sub(r"([\\()])", r"\\\1", line)
            stream += f"({text}) Tj T*\n"
        stream += "ET"
        objects.append("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font "
                       f"<< /F1 3 0 R >> >> /Contents {5 + 2 * i} 0 R >>")
        objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\n"
                       "endstream")
    out, offsets = b"%PDF-1.4\n", []
    for i, body in enumerate(objects):
        offsets.append(len(out))
        out += f"{i + 1} 0 obj\n{body}\nendobj\n".encode("cp1252")
    start_of_table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    return out + (f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n"
                  f"{start_of_table}\n%%EOF\n").encode()


def ministers_commitment(seed=1):
    """A ministers' text: a preamble of recitals and operatives in blocks."""
    rng = random.Random(seed)
    lines = ["Ninth Synthetic Meeting of Ministers Responsible for Public Security in the Americas",
             "", "October 8, 2031", "",
             "We, the Ministers Responsible for Public Security, gathered for a synthetic test,",
             "", ""]
    for start_words in ("That", "Because", "RECOGNIZING that"):
        for _ in range(2):
            text = sentence(rng, rng.randrange(10**6))["en"].rstrip(".")
            lines += [f"{start_words} it matters to {text[0].lower()}{text[1:]};", ""]
        lines.append("")
    number = 0
    for block in (3, 2):
        lines.append("")
        for _ in range(block):
            number += 1
            lines += [f"{number}) {sentence(rng, 7000 + number)['en'].rstrip('.')};", ""]
    return "\n".join(lines)


def priorities(seed=1):
    """A parliamentary gathering's text: numbered priorities and a footnote of states."""
    rng = random.Random(seed)
    lines = ["**Third Synthetic Gathering of the ParlAmericas Parliamentary Network on Security**",
             "", "November 27-28, 2031", "Nowhere, Panama", "",
             "We, parliamentarians from the Americas and the Caribbean,¹ gathered for a test.", "",
             "The following priorities are adopted as a synthetic roadmap:", "",
             "¹ Argentina, Belize, Panama", ""]
    lines += [f"{i}. {sentence(rng, 8000 + i)['en']}" for i in range(1, 5)]
    return "\n".join(lines) + "\n"


def primer():
    """Guidance: key questions, dimensions of response and next steps."""
    return "\n".join([
        "Synthetic Matters in the Americas: A Primer for Parliamentarians", "",
        "This synthetic primer is intended to support parliamentarians in tests.", "",
        "Key questions for parliamentarians", "",
        "? Which synthetic registers does the country keep, and who reads them?",
        "? How often are synthetic registers audited?", "",
        "Responses", "",
        "✓ **Prevention:** Parliaments can fund synthetic measures that prevent harm.",
        "✓ **Protection:** Parliaments can protect synthetic witnesses.", "",
        "Next steps", "",
        "✓ Hold a synthetic hearing.", "✓ Publish a synthetic report.", "", "August 2025", ""])


def cases_mapping(file="", **columns):
    """How synthetic cases are read: date, place, sex, n and these columns by dimension."""
    columns = {"period": "date", "territory": "place", "sex": "sex"} | columns
    return f'''
id = "synthetic_homicides"
covers = "PAN"
title = "Synthetic homicides"
country = "PAN"
source_kind = "police"
synthetic = true
{file}
[defaults]
unit = "victims"
iccs = "0101"
''' + "".join(f'[dimensions.{name}]\ncolumn = "{column}"\n'
              for name, column in columns.items()) + '[value]\ncolumn = "n"\n'


POPULATION_MAPPING = """
id = "synthetic_population"
version = 1
kind = "population"
title = "Synthetic population"
country = "PAN"
source_kind = "population"
synthetic = true
[dimensions.period]
column = "year"
[dimensions.territory]
column = "place"
[value]
column = "n"
"""


def main():
    unittest.main(verbosity=2)
