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
                                   "no mas tarde de",
                                   "no mas tarde del",
                                   "nao mais tarde que",
                                   "nao mais tarde do que",
                                   "pas plus tard que",
                                   "pas plus tard qu en",
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
                                   "fin",
                                   "au plus tard fin",
                                   "fin de l",
                                   "fin de l annee",
                                   "fines del",
                                   "fines del ano",
                                   "finales del ano",
                                   "fin del ano",
                                   "fines de ano",
                                   "fins do ano de",
                                   "late",
                                   "finales del",
                                   "antes de fines del",
                                   "antes de finales del",
                                   "antes de que termine el",
                                   "fins de",
                                   "finais de",
                                   "fim do",
                                   "final do",
                                   "fim do ano de",
                                   "ate o fim",
                                   "ate o final",
                                   "ate o fim do",
                                   "ate o final do",
                                   "antes do fim",
                                   "antes do final",
                                   "antes do fim do",
                                   "antes do final do",
                                   "no fim",
                                   "no final",
                                   "the end of",
                                   "by the end of the",
                                   "the end of the year",
                                   "d ici l an",
                                   "d ici a l an",
                                   "d ici a l annee",
                                   "until",
                                   "through",
                                   "through the year",
                                   "through the end of",
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
                                   "au cours de"};
  return kList;
}

/// What makes a date the first on which something may be, not the last: "not before 2030",
/// "starting January 2030".
inline const PhraseList& not_before_words() {
  static const PhraseList kList = {"starting",
                                   "starting in",
                                   "starting on",
                                   "starting from",
                                   "beginning",
                                   "beginning in",
                                   "beginning on",
                                   "commencing",
                                   "commencing in",
                                   "commencing on",
                                   "as of",
                                   "as from",
                                   "from",
                                   "with effect from",
                                   "a partir de",
                                   "a partir del",
                                   "a partir del ano",
                                   "a partir do",
                                   "a partir do ano de",
                                   "a partir du",
                                   "desde",
                                   "desde o",
                                   "a contar de",
                                   "a contar del",
                                   "a contar do",
                                   "a compter de",
                                   "a compter du",
                                   "des",
                                   "des le",
                                   "comenzando en",
                                   "empezando en",
                                   "iniciando en",
                                   "comecando em",
                                   "a comecar em",
                                   "a commencer en",
                                   "not before",
                                   "never before",
                                   "no earlier than",
                                   "not earlier than",
                                   "no sooner than",
                                   "not prior to",
                                   "not until",
                                   "after",
                                   "no antes de",
                                   "no antes del",
                                   "nunca antes de",
                                   "no hasta",
                                   "despues de",
                                   "despues del",
                                   "tras",
                                   "nao antes de",
                                   "nao antes do",
                                   "nao antes da",
                                   "nunca antes de",
                                   "depois de",
                                   "apos",
                                   "apos o",
                                   "pas avant",
                                   "pas avant le",
                                   "jamais avant",
                                   "pas plus tot que",
                                   "pas plus tot qu en",
                                   "au plus tot en",
                                   "au plus tot le",
                                   "apres",
                                   "apres le"};
  return kList;
}

/// Before a term in which something is to be done.
inline const PhraseList& term_words() {
  static const PhraseList kList = {"within",
                                   "within the",
                                   "within the next",
                                   "within a period of",
                                   "no later than",
                                   "not later than",
                                   "no more than",
                                   "dentro de",
                                   "dentro de los",
                                   "plazo de",
                                   "plazo no mayor de",
                                   "plazo no mayor a",
                                   "plazo maximo de",
                                   "plazo no superior a",
                                   "a mas tardar",
                                   "a mas tardar en",
                                   "a mas tardar dentro de",
                                   "prazo de",
                                   "prazo maximo de",
                                   "prazo nao superior a",
                                   "no maximo",
                                   "no maximo em",
                                   "daqui a",
                                   "no mais tardar",
                                   "o mais tardar",
                                   "dentro dos",
                                   "dans",
                                   "dans les",
                                   "dans un delai de",
                                   "delai de",
                                   "delai maximal de",
                                   "delai ne depassant pas",
                                   "d ici",
                                   "au plus tard",
                                   "au plus tard dans les"};
  return kList;
}

/// Between a term and the day that it is counted from: "within six months of 1 January 2027".
inline const PhraseList& counted_from_words() {
  static const PhraseList kList = {"of",
                                   "from",
                                   "after",
                                   "following",
                                   "as of",
                                   "as from",
                                   "starting",
                                   "starting on",
                                   "starting from",
                                   "beginning on",
                                   "counted from",
                                   "counting from",
                                   "siguientes a",
                                   "siguientes al",
                                   "posteriores a",
                                   "posteriores al",
                                   "a partir de",
                                   "a partir del",
                                   "contados a partir de",
                                   "contados a partir del",
                                   "contado a partir de",
                                   "contado a partir del",
                                   "contados desde",
                                   "desde",
                                   "a contar de",
                                   "a contar del",
                                   "a contar desde",
                                   "despues de",
                                   "despues del",
                                   "seguintes a",
                                   "seguintes ao",
                                   "posteriores ao",
                                   "a partir do",
                                   "a partir do dia",
                                   "contados a partir do",
                                   "contados de",
                                   "contados do",
                                   "a contar do",
                                   "apos",
                                   "depois de",
                                   "depois do",
                                   "suivant",
                                   "suivants",
                                   "qui suivent",
                                   "qui suit",
                                   "a compter de",
                                   "a compter du",
                                   "a partir du",
                                   "apres",
                                   "des"};
  return kList;
}

inline const PhraseList& next_year_words() {
  static const PhraseList kList = {"next year",       "coming year",     "ano proximo",
                                   "proximo ano",     "ano que viene",   "ano que vem",
                                   "annee prochaine", "prochaine annee", "an prochain"};
  return kList;
}

inline const PhraseList& this_year_words() {
  static const PhraseList kList = {"this year",    "current year",   "este ano",
                                   "ano en curso", "presente ano",   "deste ano",
                                   "neste ano",    "ano em curso",   "corrente ano",
                                   "cette annee",  "annee en cours", "presente annee"};
  return kList;
}

/// "during the period 2010-2015"; "Strategy 2010-2015" is a name.
inline const PhraseList& period_words() {
  static const PhraseList kList = {
      "period",  "the years",  "periodo",   "el periodo", "los anos",   "os anos",    "quinquenio",
      "bienio",  "biennium",   "triennium", "trienio",    "quadrienio", "cuatrienio", "la periode",
      "periode", "les annees", "during",    "durante",    "pendant"};
  return kList;
}

/// Halves, quarters and the middle of a year, and how many months each has.
struct PartOfYear {
  PhraseList names;
  std::int32_t month, months;
};

inline const std::vector<PartOfYear>& parts_of_year() {
  static const std::vector<PartOfYear> kParts = {
      // Nobody is late who may still be within what is called the middle or the beginning.
      {{"mid", "middle of", "mediados de", "mediados del", "mediados del ano", "meados de", "mi",
        "milieu de", "milieu de l annee"},
       5,
       3},
      {{"early", "beginning of", "start of", "principios de", "comienzos de", "inicios de",
        "principios del ano", "inicio de", "comeco de", "debut", "debut de", "debut de l annee"},
       1,
       4},
      {{"first half of", "first semester of", "primer semestre de", "primer semestre del",
        "primeiro semestre de", "premier semestre de", "premier semestre"},
       1,
       6},
      {{"second half of", "second semester of", "segundo semestre de", "segundo semestre del",
        "second semestre de", "deuxieme semestre de", "second semestre", "deuxieme semestre"},
       7,
       6},
      {{"first quarter of", "primer trimestre de", "primer trimestre del", "primeiro trimestre de",
        "premier trimestre de", "premier trimestre", "q1 of", "q1"},
       1,
       3},
      {{"second quarter of", "segundo trimestre de", "segundo trimestre del", "second trimestre de",
        "deuxieme trimestre de", "deuxieme trimestre", "q2 of", "q2"},
       4,
       3},
      {{"third quarter of", "tercer trimestre de", "tercer trimestre del", "terceiro trimestre de",
        "troisieme trimestre de", "troisieme trimestre", "q3 of", "q3"},
       7,
       3},
      {{"fourth quarter of", "last quarter of", "final quarter of", "cuarto trimestre de",
        "cuarto trimestre del", "ultimo trimestre de", "ultimo trimestre del",
        "quarto trimestre de", "quatrieme trimestre de", "quatrieme trimestre",
        "dernier trimestre de", "q4 of", "q4"},
       10,
       3}};
  return kParts;
}

inline const PhraseList& articles() {
  static const PhraseList kList = {"the", "el", "la", "o", "le", "l", "au"};
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
