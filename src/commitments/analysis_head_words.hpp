#pragma once
// Words by which head verbs are found, as data. Private to the module.

#include <set>
#include <string>

#include <atalaya/base/text.hpp>

#include "analysis_parts.hpp"

namespace atalaya::commitments::head_words {

using WordSet = std::set<std::string, std::less<>>;

inline const WordSet& connectors() {
  static const WordSet kSet = {
      "and",        "or",        "also", "moreover", "similarly", "accordingly", "furthermore",
      "further",    "therefore", "thus", "hereby",   "likewise",  "finally",     "both",
      "we",         "y",         "e",    "o",        "asimismo",  "ademas",      "tambien",
      "igualmente", "por",       "ello", "bem",      "como",      "assim",       "alem",
      "disso",      "tambem",    "et",   "ou",       "egalement", "aussi",       "en",
      "outre",      "nous",      "nos",  "they",     "le",        "fully",       "fortement"};
  return kSet;
}

inline const WordSet& lead_ins(Language language) {
  static const WordSet kEnglish = {
      "in",      "with",        "as",         "within", "on",          "under",         "by",
      "through", "taking",      "bearing",    "given",  "while",       "because",       "for",
      "to",      "recognizing", "recalling",  "noting", "considering", "acknowledging", "during",
      "upon",    "following",   "before",     "until",  "after",       "from",          "at",
      "between", "over",        "throughout", "every",  "each"};
  static const WordSet kOthers = {"con",          "en",           "de",           "dentro",
                                  "teniendo",     "tomando",      "conforme",     "a",
                                  "reconociendo", "considerando", "mediante",     "segun",
                                  "com",          "no",           "na",           "tendo",
                                  "levando",      "reconhecendo", "dans",         "avec",
                                  "compte",       "tenant",       "conformement", "reconnaissant",
                                  "considerant",  "afin",         "pour",         "para",
                                  "sur",          "sous",         "au",           "aux",
                                  "antes",        "hasta",        "durante",      "desde",
                                  "tras",         "ante",         "neste",        "nesta",
                                  "nesse",        "nessa",        "nos",          "nas",
                                  "ate",          "apos",         "ao",           "aos",
                                  "em",           "pelo",         "pela",         "d",
                                  "avant",        "apres",        "pendant",      "lors",
                                  "des",          "jusqu",        "par",          "selon",
                                  "entre",        "cada",         "chaque",       "tous",
                                  "depuis",       "depois",       "despues"};
  return language == Language::en ? kEnglish : kOthers;
}

/// What opens a condition or an exception, which may have a subject and a verb of its own: "Unless
/// domestic law provides otherwise, …". In Portuguese "se" is one only in front of no verb.
inline const PhraseList& conditions(Language language) {
  static const PhraseList kEnglish = {"unless",
                                      "where",
                                      "wherever",
                                      "when",
                                      "whenever",
                                      "if",
                                      "once",
                                      "except",
                                      "subject to",
                                      "provided that",
                                      "without",
                                      "insofar as",
                                      "notwithstanding",
                                      "despite",
                                      "according to",
                                      "although",
                                      "though",
                                      "even",
                                      "should",
                                      "consistent with",
                                      "pursuant to",
                                      "depending on",
                                      "prior to",
                                      "regardless"};
  static const PhraseList kSpanish = {
      "salvo",       "excepto",  "a menos que",     "a no ser que", "cuando",  "si",
      "siempre que", "sin",      "donde",           "mientras",     "una vez", "sujeto a",
      "no obstante", "pese a",   "a pesar",         "aunque",       "bajo",    "previo",
      "previa",      "debido a", "siempre y cuando"};
  static const PhraseList kPortuguese = {
      "salvo",   "exceto",       "a menos que", "a nao ser que", "quando",      "se",
      "sempre",  "sem",          "onde",        "enquanto",      "uma vez",     "sujeito a",
      "sob",     "nao obstante", "apesar",      "caso",          "tao logo",    "assim que",
      "segundo", "conforme",     "embora",      "ainda que",     "tanto quanto"};
  static const PhraseList kFrench = {
      "sauf",       "excepte",  "hormis",      "a moins que", "a moins d", "a moins de",
      "lorsque",    "lorsqu",   "quand",       "si",          "s il",      "s ils",
      "sans",       "tant que", "une fois",    "nonobstant",  "malgre",    "le cas echeant",
      "autant que", "sous",     "chaque fois", "la ou",       "suivant"};
  return language == Language::en   ? kEnglish
         : language == Language::es ? kSpanish
         : language == Language::pt ? kPortuguese
                                    : kFrench;
}

inline const WordSet& purpose_words() {
  static const WordSet kSet = {"to",   "para", "a",    "de",  "en",  "por", "al",  "em",
                               "pour", "d",    "afin", "que", "sem", "sin", "sans"};
  return kSet;
}

/// Who cannot be asked: "Future generations will inherit …", "poverty will fall".
inline const WordSet& nobodies() {
  static const WordSet kSet = {
      "generations", "generaciones", "geracoes",      "history",     "historia",   "histoire",
      "crime",       "crimen",       "crimes",        "violence",    "violencia",  "poverty",
      "pobreza",     "pauvrete",     "world",         "mundo",       "monde",      "threat",
      "threats",     "amenaza",      "amenazas",      "ameaca",      "ameacas",    "menace",
      "menaces",     "challenge",    "challenges",    "desafio",     "desafios",   "defi",
      "defis",       "problems",     "problemas",     "problemes",   "homicides",  "homicidios",
      "delinquency", "delincuencia", "criminalidade", "criminalite", "corruption", "corrupcion",
      "corrupcao"};
  return kSet;
}

/// Those who speak in these texts.
inline const WordSet& speakers() {
  static const WordSet kSet = {"governments",   "states",   "countries", "ministers", "parties",
                               "leaders",       "estados",  "paises",    "gobiernos", "ministros",
                               "partes",        "lideres",  "governos",  "etats",     "pays",
                               "gouvernements", "ministres"};
  return kSet;
}

}  // namespace atalaya::commitments::head_words
