#pragma once
// The words around dates, in four languages (folded: small letters, no accents): what makes a date
// a last day, a day on which something is held, or one that is over. Data of analysis_dates.cpp.

#include "analysis_parts.hpp"

namespace atalaya::commitments {

inline const PhraseList& before_words() {
  static const PhraseList kList = {"before",   "before the",  "prior to",  "prior to the",
                                   "antes de", "antes de la", "antes del", "antes do",
                                   "antes da", "avant",       "avant le",  "avant la"};
  return kList;
}

inline const PhraseList& until_words() {
  static const PhraseList kList = {"by",
                                   "by the year",
                                   "by the end of",
                                   "by year end",
                                   "before the end of",
                                   "prior to the end of",
                                   "no later than the end of",
                                   "antes de fines de",
                                   "antes de finales de",
                                   "antes de fin de",
                                   "antes del fin de",
                                   "antes del final de",
                                   "antes de que termine",
                                   "antes do fim de",
                                   "antes do final de",
                                   "avant la fin de",
                                   "avant fin",
                                   "a fines de",
                                   "a finales de",
                                   "a final de",
                                   "al final de",
                                   "al cierre de",
                                   "para fines de",
                                   "para finales de",
                                   "no fim de",
                                   "no final de",
                                   "no encerramento de",
                                   "ao final de",
                                   "ate o ano",
                                   "ate o ano de",
                                   "a la fin de",
                                   "a la cloture de",
                                   "d ici fin",
                                   "d ici l an",
                                   "d ici a l an",
                                   "d ici a l annee",
                                   "until",
                                   "no later than",
                                   "not later than",
                                   "at the latest",
                                   "at the latest in",
                                   "on or before",
                                   "on or before the",
                                   "el o antes del",
                                   "en o antes de",
                                   "en o antes del",
                                   "em ou antes de",
                                   "no dia ou antes de",
                                   "le ou avant le",
                                   "a mas tardar en",
                                   "a mas tardar",
                                   "hasta",
                                   "para",
                                   "para el ano",
                                   "ate",
                                   "ate o final de",
                                   "o mais tardar em",
                                   "d ici",
                                   "au plus tard en",
                                   "au plus tard",
                                   "jusqu en",
                                   "jusqu a",
                                   "d ici a",
                                   "a mas tardar el",
                                   "a mas tardar el dia",
                                   "hasta el",
                                   "hasta el fin de",
                                   "o mais tardar no dia",
                                   "o mais tardar no",
                                   "ate o",
                                   "ate o dia",
                                   "ate o fim de",
                                   "au plus tard le",
                                   "d ici au",
                                   "d ici le",
                                   "d ici la fin de",
                                   "d ici a la fin de",
                                   "jusqu au"};
  return kList;
}

inline const PhraseList& in_words() {
  static const PhraseList kList = {"in",
                                   "during",
                                   "en",
                                   "durante",
                                   "em",
                                   "no",
                                   "en el ano",
                                   "pendant",
                                   "in the course of",
                                   "during the course of",
                                   "over the course of",
                                   "en el curso de",
                                   "en el transcurso de",
                                   "durante el transcurso de",
                                   "no decorrer de",
                                   "no curso de",
                                   "ao longo de",
                                   "dans le courant de",
                                   "au cours de",
                                   "as of",
                                   "a partir de",
                                   "a partir del",
                                   "a partir del ano",
                                   "a compter de"};
  return kList;
}

inline const PhraseList& scheduled_words() {
  static const PhraseList kList = {"to be held",
                                   "will be held",
                                   "being held",
                                   "shall be held",
                                   "will take place",
                                   "to take place",
                                   "taking place",
                                   "hosting",
                                   "will be hosted",
                                   "to be hosted",
                                   "scheduled for",
                                   "to be convened",
                                   "will be convened",
                                   "se celebrara",
                                   "se realizara",
                                   "se llevara a cabo",
                                   "a celebrarse",
                                   "a realizarse",
                                   "a ser celebrada",
                                   "que tendra lugar",
                                   "tendra lugar",
                                   "sera sede",
                                   "ser sede",
                                   "que se celebrara",
                                   "prevista para",
                                   "programada para",
                                   "sera realizada",
                                   "sera realizado",
                                   "a ser realizada",
                                   "a realizar se",
                                   "tera lugar",
                                   "sera celebrada",
                                   "se realizara em",
                                   "qui se tiendra",
                                   "se tiendra",
                                   "qui aura lieu",
                                   "aura lieu",
                                   "sera tenue",
                                   "devant se tenir",
                                   "doit se tenir",
                                   "prevue"};
  return kList;
}

inline const PhraseList& over_words() {
  static const PhraseList kList = {
      "held",       "adopted",   "approved",  "published",  "gathered",  "reached",  "signed",
      "convened",   "hosted",    "concluded", "issued",     "launched",  "since",    "celebrada",
      "celebradas", "celebrado", "realizada", "realizadas", "realizado", "adoptada", "adoptado",
      "aprobada",   "aprobado",  "publicado", "firmada",    "desde",     "adotada",  "adotado",
      "aprovada",   "aprovado",  "assinada",  "tenue",      "tenues",    "tenu",     "adoptee",
      "adopte",     "approuvee", "signee",    "depuis"};
  return kList;
}

inline const PhraseList& holding_words() {
  static const PhraseList kList = {
      "hold",      "to host",       "convene",     "organize",  "celebrar", "convocar",
      "organizar", "ser anfitrion", "ser sede de", "acoger",    "realizar", "sediar",
      "acolher",   "tenir",         "accueillir",  "convoquer", "organiser"};
  return kList;
}

}  // namespace atalaya::commitments
