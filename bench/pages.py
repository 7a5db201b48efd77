"""Synthetic pages of mandates for the benchmarks: the shape of the official pages, nobody's words.

A vocabulary of invented words, one a language, is used by Zipf's law between the real function
words of the language, because index and queries cost what frequent and rare words make them cost.
Every item carries the citation of a real adopted text, so that the import recognises kind,
language, meeting and document. The same seed and numbers give the same bytes.
"""

import bisect
import itertools
import random

LANGUAGES = ("en", "es", "pt", "fr")
VOCABULARY = 30_000
ITEMS_A_PAGE = 1_000

# Some hundred syllables, because the dictionary for corrections costs what pieces of words share.
SYLLABLES = [first + middle + last
             for first in "b c d f g l m n p r s t v br cl cr gr pl pr tr qu ch".split()
             for middle in "aeiou" for last in ("", "", "n", "r", "s", "l")]
ENDINGS = {"en": ("s", "ing", "ed", "tion", "ment", "ity"),
           "es": ("s", "es", "ción", "miento", "dad", "o"),
           "pt": ("s", "ção", "ções", "mento", "dade", "o"),
           "fr": ("s", "tion", "ment", "ité", "eux", "ique")}
FUNCTION_WORDS = {
    "en": "the of and to in for with on by from at that which as their this all its such other "
          "through among within between against under is are be".split(),
    "es": "de la que el en y los las del para con por una al su sus como entre sobre más este "
          "esta según hacia desde sin es son".split(),
    "pt": "de a que o em e os as da do dos das para com por uma ao seu suas como entre sobre mais "
          "este esta não pelo pela é são".split(),
    "fr": "de la que le en et les des du pour avec par une au aux ses leurs comme entre sur plus "
          "cette ces dans ainsi est sont".split()}
VERBS = {
    "en": "Strengthen Promote Develop Establish Consider Coordinate Facilitate Implement "
          "Adopt Ratify Encourage Evaluate".split(),
    "es": "Fortalecer Promover Desarrollar Establecer Considerar Coordinar Facilitar Implementar "
          "Adoptar Ratificar Alentar Evaluar".split(),
    "pt": "Fortalecer Promover Desenvolver Estabelecer Considerar Coordenar Facilitar Implementar "
          "Adotar Ratificar Incentivar Avaliar".split(),
    "fr": "Renforcer Promouvoir Élaborer Établir Examiner Coordonner Faciliter Mettre "
          "Adopter Ratifier Encourager Évaluer".split()}
HEADS = {"en": "Follow-up and Implementation: Mandates",
         "es": "Seguimiento e Implementación: Mandatos",
         "pt": "Acompanhamento e Implementação: Mandatos",
         "fr": "Suivi et mise en œuvre : Mandats"}
HEADINGS = {"en": "MANDATES", "es": "MANDATOS", "pt": "MANDATOS", "fr": "MANDATS"}

# (document, place, year) as pages print it, newest first.
CITATIONS = {
    "en": ("(Lima Commitment. Peru, 2018)",
           "(Declaration of Port of Spain, 2009).", "(Plan of Action Mar del Plata, 2005).",
           "(Declaration of Nuevo León, 2004).", "(Plan of Action Québec, 2001).",
           "(Declaration of Santiago, 1998).", "(Plan of Action Santiago, 1998).",
           "(Plan of Action Miami, 1994)."),
    "es": ("(Compromiso de Lima. Perú, 2018)",
           "(Declaración de Puerto España, 2009).", "(Plan de Acción Mar del Plata, 2005).",
           "(Declaración de Nuevo León, 2004).", "(Plan de Acción Quebec, 2001).",
           "(Declaración de Santiago, 1998).", "(Plan de Acción Santiago, 1998).",
           "(Plan de Acción Miami, 1994)."),
    "pt": ("(Compromisso de Lima. Peru, 2018)",
           "(Declaração de Port of Spain, 2009).", "(Plano de Ação Mar del Plata, 2005).",
           "(Declaração de Nuevo León, 2004).", "(Plano de Ação Québec, 2001).",
           "(Declaração de Santiago, 1998).", "(Plano de Ação Santiago, 1998).",
           "(Plano de Ação Miami, 1994)."),
    "fr": ("(Engagement de Lima. Pérou, 2018)",
           "(Déclaration de Port of Spain, 2009).", "(Plan d'action Mar del Plata, 2005).",
           "(Déclaration de Nuevo León, 2004).", "(Plan d'action Québec, 2001).",
           "(Déclaration de Santiago, 1998).", "(Plan d'action Santiago, 1998).",
           "(Plan d'action Miami, 1994)."),
}


class Words:
    """The vocabulary of one language and its frequencies; texts come from a generator of theirs."""

    def __init__(self, language, seed):
        self.language = language
        rng = random.Random(f"{seed} vocabulary {language}")
        self.words = ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) +
                      rng.choice(ENDINGS[language]) for _ in range(VOCABULARY)]
        self.cumulated = list(itertools.accumulate(1 / (i + 3) for i in range(VOCABULARY)))

    def word(self, rng):
        return self.words[bisect.bisect_left(self.cumulated, rng.random() * self.cumulated[-1])]

    def sentence(self, rng, words):
        functions = FUNCTION_WORDS[self.language]
        out = [rng.choice(VERBS[self.language])]
        for i in range(words - 1):
            word = rng.choice(functions) if rng.random() < 0.4 else self.word(rng)
            out.append(word + "," if i % 11 == 10 else word)
        return " ".join(out).rstrip(",")

    def query(self, rng):
        """One to three words, as frequent as they are written; a function word now and then."""
        words = [self.word(rng) for _ in range(rng.choice((1, 2, 2, 2, 3)))]
        if rng.random() < 0.2:
            words.insert(1, rng.choice(FUNCTION_WORDS[self.language]))
        if rng.random() < 0.05 and len(words[0]) > 6:  # a typing mistake
            words[0] = words[0][:3] + words[0][4:]
        return " ".join(words)


def page(words, number, seed, items=ITEMS_A_PAGE):
    """The text of page `number`. Levels and meetings differ from page to page, so that no page
    looks like the translation of another."""
    language = words.language
    rng = random.Random(f"{seed} page {number}")
    shares = [rng.random() + 0.05 for _ in CITATIONS[language]]
    cited = sorted(rng.choices(range(len(shares)), weights=shares, k=items))
    lines = ["Synthetic page for measuring: Summits of the Americas", "     ", HEADS[language],
             " ", "", "2", "   ", f"SECURITY: synthetic matters {number}", HEADINGS[language], ""]
    below = 0
    for i, citation in enumerate(cited):
        text = words.sentence(rng, rng.randint(20, 70))
        if below == 0 and i + 4 < items and rng.random() < 0.04:
            below = rng.randint(2, 4)
            lines += [f"  1. {text}:", ""]
            continue
        marker = "    •" if below else "  1."
        below = max(0, below - 1)
        lines += [f"{marker} {text}. {CITATIONS[language][citation]}", ""]
    return "\n".join([*lines, " ", "© synthetic", ""])


def write_pages(folder, items, seed):
    """Writes the pages that are not there yet; the languages take turns. Gives the files."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabularies = {}
    files = []
    for number, first in enumerate(range(0, items, ITEMS_A_PAGE)):
        language = LANGUAGES[number % len(LANGUAGES)]
        count = min(ITEMS_A_PAGE, items - first)
        path = folder / f"page-{number:04}-{language}-{count}.txt"
        files.append(path)
        if path.exists():
            continue
        if language not in vocabularies:
            vocabularies[language] = Words(language, seed)
        unfinished = path.with_suffix(".new")
        unfinished.write_text(page(vocabularies[language], number, seed, count), encoding="utf-8")
        unfinished.rename(path)
    return files
