#include "analysis_verbs.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

namespace atalaya::commitments {

namespace {

struct Row {
  std::string_view en;
  VerbType type;
  std::string_view es, pt, fr;  // infinitives, folded; several separated by '|'
  bool noun_like = false;
};

constexpr auto U = VerbType::undertake;
constexpr auto P = VerbType::promote;
constexpr auto D = VerbType::delegate;
constexpr auto A = VerbType::urge;
constexpr auto S = VerbType::state;

// The binding and the non-binding verbs are kept apart as in United Nations practice (decides,
// requests; encourages, invites, calls upon).
constexpr Row kRows[] = {
    {"accede", U, "adherir", "aderir", "adherer"},
    {"adapt", U, "adaptar|adecuar", "adaptar|adequar", "adapter"},
    {"address", U, "abordar|enfrentar", "abordar|enfrentar", "aborder|affronter", true},
    {"adhere", U, "", "", ""},
    {"adopt", U, "adoptar", "adotar", "adopter"},
    {"agree", U, "acordar|convenir", "acordar|concordar", "convenir"},
    {"allocate", U, "asignar", "alocar|destinar", "allouer"},
    {"amend", U, "modificar|reformar", "emendar|modificar", "modifier|reviser"},
    {"analyze", U, "analizar", "analisar", "analyser"},
    {"apply", U, "aplicar", "aplicar", "appliquer"},
    {"articulate", U, "articular", "articular", "articuler"},
    {"assess", U, "evaluar", "avaliar", "evaluer"},
    {"assist", U, "asistir|ayudar", "assistir|ajudar", "aider|assister"},
    {"build", U, "construir", "construir", "construire|batir"},
    {"carry", U, "llevar", "levar", "mener"},
    {"combat", U, "combatir", "combater", "combattre"},
    {"commit", U, "comprometer|comprometerse", "comprometer|comprometer-se", "engager"},
    {"complement", U, "complementar", "complementar", "completer"},
    {"complete", U, "completar", "completar|concluir", "achever"},
    {"conclude", U, "concluir", "", "conclure"},
    {"conduct", U, "realizar", "realizar", "realiser|effectuer", true},
    {"consider", U, "considerar", "considerar", "envisager|examiner"},
    {"consolidate", U, "consolidar", "consolidar", "consolider"},
    {"continue", U, "continuar|seguir|proseguir", "continuar|prosseguir", "continuer|poursuivre"},
    {"control", U, "controlar", "controlar", "controler", true},
    {"convene", U, "convocar", "convocar", "convoquer"},
    {"cooperate", U, "cooperar", "cooperar", "cooperer"},
    {"coordinate", U, "coordinar", "coordenar", "coordonner"},
    {"create", U, "crear", "criar", "creer"},
    {"decide", U, "decidir", "decidir", "decider"},
    {"define", U, "definir", "definir", "definir"},
    {"design", U, "disenar", "projetar|desenhar", "concevoir", true},
    {"destroy", U, "destruir", "destruir", "detruire"},
    {"develop", U, "desarrollar|elaborar", "desenvolver|elaborar", "developper|elaborer"},
    {"dismantle", U, "desarticular|desmantelar", "desarticular|desmantelar", "demanteler"},
    {"eliminate", U, "eliminar", "eliminar", "eliminer"},
    {"enact", U, "promulgar", "promulgar", "promulguer"},
    {"enhance", U, "mejorar|potenciar", "aprimorar|intensificar", "ameliorer|accroitre"},
    {"ensure", U, "asegurar|garantizar|velar", "assegurar|garantir", "assurer|garantir|veiller"},
    {"eradicate", U, "erradicar", "erradicar", "eradiquer"},
    {"establish", U, "establecer", "estabelecer", "etablir"},
    {"evaluate", U, "", "", ""},
    {"examine", U, "examinar", "examinar", ""},
    {"exchange", U, "intercambiar", "intercambiar|trocar", "echanger", true},
    {"expand", U, "ampliar|expandir", "ampliar|expandir", "elargir|etendre"},
    {"explore", U, "explorar", "explorar", "explorer"},
    {"extradite", U, "extraditar", "extraditar", "extrader"},
    {"facilitate", U, "facilitar", "facilitar", "faciliter"},
    {"fight", U, "luchar", "lutar", "lutter", true},
    {"finance", U, "financiar", "financiar", "financer", true},
    {"follow", U, "dar", "dar|acompanhar", "suivre|donner"},
    {"formulate", U, "formular", "formular", "formuler"},
    {"generate", U, "generar", "gerar", "generer"},
    {"guarantee", U, "", "", "", true},
    {"harmonize", U, "armonizar", "harmonizar", "harmoniser"},
    {"hold", U, "celebrar", "celebrar", "tenir"},
    {"host", U, "acoger|auspiciar", "acolher|sediar", "accueillir", true},
    {"identify", U, "identificar", "identificar", "identifier|recenser"},
    {"implement", U, "implementar|ejecutar|instrumentar", "implementar|executar", "mettre"},
    {"improve", U, "", "melhorar", ""},
    {"incorporate", U, "incorporar", "incorporar", "incorporer"},
    {"increase", U, "aumentar|incrementar", "aumentar|incrementar", "augmenter", true},
    {"integrate", U, "integrar", "integrar", "integrer"},
    {"intensify", U, "intensificar", "", "intensifier"},
    {"investigate", U, "investigar", "investigar", "enqueter"},
    {"join", U, "unir|sumar", "unir|juntar", "unir|joindre"},
    {"launch", U, "lanzar", "lancar", "lancer", true},
    {"lend", U, "prestar", "prestar", "preter"},
    {"limit", U, "limitar", "limitar", "limiter", true},
    {"maintain", U, "mantener", "manter", "maintenir"},
    {"make", U, "hacer", "fazer", "faire"},
    {"mobilize", U, "movilizar", "mobilizar", "mobiliser"},
    {"modernize", U, "modernizar", "modernizar", "moderniser"},
    {"monitor", U, "monitorear|vigilar", "monitorar", "surveiller", true},
    {"negotiate", U, "negociar", "negociar", "negocier"},
    {"participate", U, "participar", "participar", "participer"},
    {"penalize", U, "penalizar", "penalizar", "penaliser"},
    {"pinpoint", U, "", "", ""},
    {"pledge", U, "", "", "", true},
    {"prepare", U, "preparar", "preparar", "preparer"},
    {"present", U, "presentar", "apresentar", "presenter", true},
    {"prevent", U, "prevenir|evitar|impedir", "prevenir|evitar|impedir", "prevenir|empecher"},
    {"prioritize", U, "priorizar", "priorizar", "prioriser"},
    {"prohibit", U, "prohibir", "proibir", "interdire"},
    {"prosecute", U, "enjuiciar|procesar", "processar", "poursuivre"},
    {"protect", U, "proteger", "proteger", "proteger"},
    {"provide", U, "proporcionar|brindar|prestar", "proporcionar|fornecer|prestar", "fournir"},
    {"punish", U, "castigar|sancionar", "punir|sancionar", "punir|sanctionner"},
    {"pursue", U, "procurar", "", ""},
    {"ratify", U, "ratificar", "ratificar", "ratifier"},
    {"redouble", U, "redoblar", "redobrar", "redoubler"},
    {"reduce", U, "reducir", "reduzir", "reduire"},
    {"regulate", U, "regular|reglamentar", "regular|regulamentar", "reglementer|reguler"},
    {"reinforce", U, "reforzar", "reforcar", "renforcer"},
    {"reinvigorate", U, "revitalizar", "revitalizar", "revitaliser"},
    {"renew", U, "renovar", "renovar", "renouveler"},
    {"report", U, "informar", "informar|relatar", "rapporter|informer", true},
    {"resolve", U, "resolver", "resolver", "resoudre", true},
    {"respect", U, "respetar", "respeitar", "respecter", true},
    {"respond", U, "responder", "responder", "repondre"},
    {"review", U, "revisar", "revisar|rever", "revoir|reviser", true},
    {"safeguard", U, "salvaguardar", "salvaguardar", "sauvegarder", true},
    {"seek", U, "buscar|procurar", "buscar|procurar", "chercher|rechercher"},
    {"sensitize", U, "sensibilizar", "sensibilizar", "sensibiliser"},
    {"share", U, "compartir", "compartilhar", "partager", true},
    {"sign", U, "firmar|suscribir", "assinar|subscrever", "signer", true},
    {"standardize", U, "estandarizar", "padronizar", "normaliser"},
    {"step", U, "", "", "", true},
    {"strengthen", U, "fortalecer", "fortalecer", ""},
    {"strive", U, "esforzar", "esforcar", "efforcer"},
    {"endeavor", U, "", "", ""},
    {"submit", U, "someter", "submeter", "soumettre"},
    {"take", U, "tomar", "tomar", "prendre"},
    {"train", U, "capacitar|formar", "capacitar|formar", "former", true},
    {"try", U, "intentar|tratar", "tentar", "tenter|essayer"},
    {"underline", S, "subrayar", "sublinhar", "souligner"},
    {"undertake", U, "emprender", "empreender", "entreprendre"},
    {"update", U, "actualizar", "atualizar", "actualiser", true},
    {"use", U, "utilizar|usar", "utilizar|usar", "utiliser", true},
    {"work", U, "trabajar", "trabalhar", "travailler|oeuvrer", true},
    {"accelerate", U, "acelerar|agilizar", "acelerar|agilizar", "accelerer"},
    {"achieve", U, "lograr|alcanzar", "alcancar|lograr", "atteindre|realiser"},
    {"advance", U, "avanzar", "avancar", "avancer", true},
    {"broaden", U, "", "", ""},
    {"collect", U, "recopilar|recolectar", "coletar", "collecter|recueillir"},
    {"counter", U, "contrarrestar", "contrabalancar", "contrer"},
    {"curb", U, "frenar", "coibir|refrear", "freiner|juguler"},
    {"deepen", U, "profundizar", "aprofundar", "approfondir"},
    {"deny", U, "denegar|negar", "negar", "refuser"},
    {"designate", U, "designar", "designar", "designer"},
    {"detect", U, "detectar", "detectar", "detecter|deceler"},
    {"disrupt", U, "desbaratar", "interromper", "perturber"},
    {"disseminate", U, "difundir|divulgar", "difundir|divulgar", "diffuser"},
    {"draft", U, "redactar", "redigir", "rediger", true},
    {"educate", U, "educar", "educar", "eduquer"},
    {"empower", U, "empoderar", "empoderar", "autonomiser"},
    {"enable", U, "", "", "permettre"},
    {"expedite", U, "", "", ""},
    {"extend", U, "extender", "estender", ""},
    {"finalize", U, "finalizar|concluir", "finalizar|concluir", "finaliser"},
    {"freeze", U, "congelar", "congelar", "geler"},
    {"gather", U, "reunir", "reunir", "reunir"},
    {"give", U, "", "", "donner"},
    {"impede", U, "", "", ""},
    {"manage", U, "gestionar|administrar", "gerir|administrar", "gerer"},
    {"mark", U, "marcar", "marcar", "marquer", true},
    {"mitigate", U, "mitigar", "mitigar", "attenuer"},
    {"obtain", U, "obtener", "obter", "obtenir"},
    {"overcome", U, "superar", "superar", "surmonter"},
    {"preserve", U, "preservar", "preservar", "preserver"},
    {"publish", U, "publicar", "publicar", "publier"},
    {"raise", U, "elevar", "elevar", "sensibiliser", true},
    {"reach", U, "", "atingir", "", true},
    {"rehabilitate", U, "rehabilitar", "reabilitar", "readapter"},
    {"render", U, "rendir", "", "rendre"},
    {"restore", U, "restaurar|restablecer", "restaurar|restabelecer", "retablir"},
    {"revitalize", U, "revitalizar", "revitalizar", "revitaliser"},
    {"seize", U, "incautar|decomisar", "apreender", "saisir"},
    {"simplify", U, "simplificar", "simplificar", "simplifier"},
    {"study", U, "estudiar", "estudar", "etudier", true},
    {"sustain", U, "sostener", "sustentar", "soutenir"},
    {"tackle", U, "", "", ""},
    {"trace", U, "rastrear|localizar", "rastrear", "tracer", true},
    {"upgrade", U, "", "", "", true},
    {"culminate", U, "culminar", "culminar", "aboutir"},
    {"promote", P, "promover|propiciar", "promover|propiciar", "promouvoir"},
    {"support", P, "apoyar|respaldar", "apoiar|respaldar", "appuyer|soutenir", true},
    {"foster", P, "fomentar|favorecer", "fomentar|favorecer", "favoriser|encourager"},
    {"stimulate", P, "estimular|impulsar", "estimular|impulsionar", "stimuler|promouvoir"},
    {"underpin", P, "", "", ""},
    {"back", P, "", "", "", true},
    {"endorse", P, "avalar|endosar", "endossar", "enteriner|approuver"},
    {"advocate", A, "abogar", "defender", "preconiser", true},
    {"request", D, "solicitar|pedir", "solicitar|pedir", "demander|prier", true},
    {"entrust", D, "encomendar|encargar", "encarregar|incumbir", "charger|confier"},
    {"instruct", D, "instruir|encargar", "instruir", ""},
    {"mandate", D, "mandatar", "", "mandater", true},
    {"direct", D, "", "", "", true},
    {"task", D, "", "", "", true},
    {"assign", D, "", "atribuir", "attribuer"},
    {"urge", A, "instar|urgir", "instar", "exhorter"},
    {"encourage", A, "alentar|animar", "incentivar|encorajar|estimular", "inciter"},
    {"invite", A, "invitar", "convidar", "inviter"},
    {"call", A, "llamar|exhortar", "exortar|conclamar|instar", "appeler", true},
    {"recommend", A, "recomendar", "recomendar", "recommander"},
    {"exhort", A, "", "", ""},
    {"appeal", A, "", "apelar", "", true},
    {"acknowledge", S, "", "", ""},
    {"affirm", S, "afirmar", "afirmar", "affirmer"},
    {"appreciate", S, "apreciar", "apreciar", "apprecier"},
    {"commend", S, "encomiar|felicitar", "elogiar|felicitar", "feliciter|louer"},
    {"condemn", S, "condenar", "condenar", "condamner"},
    {"declare", S, "declarar", "declarar", "declarer"},
    {"emphasize", S, "enfatizar", "enfatizar", ""},
    {"express", S, "expresar", "expressar", "exprimer", true},
    {"highlight", S, "destacar|resaltar", "destacar|ressaltar", "", true},
    {"look", S, "", "", "", true},
    {"note", S, "notar|observar", "notar|observar", "noter|constater", true},
    {"pay", U, "", "", "", true},
    {"reaffirm", S, "reafirmar", "reafirmar", "reaffirmer"},
    {"recall", S, "recordar", "recordar|lembrar", "rappeler"},
    {"recognize", S, "reconocer", "reconhecer", "reconnaitre"},
    {"reiterate", S, "reiterar", "reiterar", "reiterer"},
    {"state", S, "manifestar", "manifestar", "", true},
    {"stress", S, "", "", "", true},
    {"thank", S, "agradecer", "agradecer", "remercier"},
    {"underscore", S, "", "", ""},
    {"value", S, "valorar", "valorizar", "", true},
    {"welcome", S, "acoger|saludar", "acolher|saudar", "saluer|accueillir"},
    {"believe", S, "", "", "croire"},
    {"bear", S, "", "", ""},
};

constexpr std::array<std::string_view, 3> kDoubled = {"commit", "submit", "underpin"};

using Forms = std::unordered_map<std::string, Verb>;

void add(Forms& forms, std::string key, const Row& row, VerbForm form) {
  forms.try_emplace(std::move(key), Verb{row.en, row.type, row.noun_like, form});
}

void add_english(Forms& forms, const Row& row) {
  const std::string base(row.en);
  const bool silent_e = base.ends_with('e') && !base.ends_with("ee");
  const bool y = base.ends_with('y') && !base.ends_with("ay") && !base.ends_with("ey");
  std::string stem = silent_e ? base.substr(0, base.size() - 1) : base;
  if (std::ranges::find(kDoubled, row.en) != kDoubled.end()) {
    stem += base.back();
  }
  add(forms, base, row, VerbForm::base);
  add(forms, stem + "ing", row, VerbForm::gerund);
  const std::string past = y ? base.substr(0, base.size() - 1) + "i" : stem;
  add(forms, past + "ed", row, VerbForm::participle);
  const bool hiss = base.ends_with("ss") || base.ends_with("sh") || base.ends_with("ch");
  add(forms, y ? base.substr(0, base.size() - 1) + "ies" : base + (hiss ? "es" : "s"), row,
      VerbForm::third);
}

/// Spanish and Portuguese: -ar, -er, -ir.
void add_iberian(Forms& forms, const std::string& infinitive, const Row& row) {
  add(forms, infinitive, row, VerbForm::base);
  if (infinitive.size() < 4) {
    return;
  }
  const std::string stem = infinitive.substr(0, infinitive.size() - 2);
  const char vowel = infinitive[infinitive.size() - 2];
  add(forms, stem + vowel + "mos", row, VerbForm::first);
  add(forms, stem + vowel + "mo", row, VerbForm::first);  // "comprometemo-nos"
  add(forms, stem + (vowel == 'a' ? "ando" : "iendo"), row, VerbForm::gerund);
  add(forms, stem + vowel + "ndo", row, VerbForm::gerund);
}

void add_french(Forms& forms, const std::string& infinitive, const Row& row) {
  add(forms, infinitive, row, VerbForm::base);
  const auto put = [&](std::string stem) {
    add(forms, stem + "ons", row, VerbForm::first);
    add(forms, stem + "ant", row, VerbForm::gerund);
  };
  const std::string stem = infinitive.substr(0, infinitive.size() - 2);
  if (infinitive.ends_with("ger")) {
    put(stem + "e");
  } else if (infinitive.ends_with("naitre")) {
    put(infinitive.substr(0, infinitive.size() - 4) + "aiss");
  } else if (infinitive.ends_with("enir")) {
    put(stem);
  } else if (infinitive.ends_with("ir") && !infinitive.ends_with("oir")) {
    put(stem + "iss");
  } else if (infinitive.ends_with("prendre")) {
    put(infinitive.substr(0, infinitive.size() - 3));
  } else {
    put(stem);
  }
}

template <class Add>
void add_all(Forms& forms, std::string_view infinitives, const Row& row, Add add_one) {
  for (const std::string_view one : split(infinitives, '|')) {
    if (one.size() > 2) {
      add_one(forms, std::string(one), row);
    }
  }
}

Forms forms_of(Language language) {
  Forms forms;
  for (const Row& row : kRows) {
    switch (language) {
      case Language::en:
        add_english(forms, row);
        break;
      case Language::es:
        add_all(forms, row.es, row, add_iberian);
        break;
      case Language::pt:
        add_all(forms, row.pt, row, add_iberian);
        break;
      case Language::fr:
        add_all(forms, row.fr, row, add_french);
        break;
    }
  }
  return forms;
}

}  // namespace

std::optional<Verb> find_verb(std::string_view key, Language language) {
  static const std::array<Forms, 4> kForms = {forms_of(Language::en), forms_of(Language::es),
                                              forms_of(Language::pt), forms_of(Language::fr)};
  const Forms& forms = kForms[static_cast<std::size_t>(language)];
  const auto at = forms.find(std::string(key));
  if (at == forms.end()) {
    return std::nullopt;
  }
  return at->second;
}

namespace {

// "abstenerse", "protegerlos": the infinitive without the pronoun that Spanish writes with it.
std::string_view without_pronoun(std::string_view key) {
  for (const std::string_view pronoun : {"se", "lo", "la", "le", "los", "las", "les", "nos"}) {
    const std::string_view stem = key.substr(0, key.size() - std::min(key.size(), pronoun.size()));
    const bool infinitive = stem.ends_with("ar") || stem.ends_with("er") || stem.ends_with("ir");
    if (key.ends_with(pronoun) && infinitive) {
      return stem;
    }
  }
  return key;
}

}  // namespace

bool looks_infinitive(std::string_view key, Language language) noexcept {
  if (language == Language::es) {
    key = without_pronoun(key);
  }
  if (language == Language::en || key.size() < 5) {
    return false;
  }
  if (key.ends_with("er") || key.ends_with("ir")) {
    return true;
  }
  return language == Language::fr ? key.ends_with("re") : key.ends_with("ar");
}

std::string infinitive_of_future(std::string_view text, const Word& word, Language language) {
  constexpr std::size_t kLeast = 5;  // letters of a future tense that is no other word
  static constexpr std::array<std::string_view, 14> kOthers = {
      "queremos", "requeremos", "esperemos", "consideremos", "corremos", "recorremos", "verao",
      "barao",    "camera",     "opera",     "front",        "affront",  "extra",      "environs"};
  if (language == Language::en || word.key.size() < kLeast || word.upper ||
      std::ranges::find(kOthers, word.key) != kOthers.end()) {
    return {};
  }
  // The accents tell "considerarán" from "consideran", which is no future.
  const std::string_view printed = text.substr(word.begin, word.end - word.begin);
  const auto stem = [&](std::string_view ending, std::string_view folded) {
    return printed.ends_with(ending) ? word.key.substr(0, word.key.size() - folded.size() + 1)
                                     : std::string();
  };
  std::string found;
  if (language == Language::fr) {
    found =
        printed.ends_with("érons") || printed.ends_with("éra") ? std::string() : stem("ra", "ra");
    found = found.empty() ? stem("ront", "ront") : found;
    for (const std::string_view ending : {"erons", "irons", "drons", "rrons", "vrons"}) {
      found = found.empty() && !printed.ends_with("érons") && word.key.ends_with(ending)
                  ? stem("rons", "rons")
                  : found;
    }
    if (!found.empty() && !find_verb(found, language) && find_verb(found + "e", language)) {
      found += "e";  // "construir" is the stem of "construire"
    }
    return found;
  }
  found = stem("remos", "remos");
  found = found.empty() ? stem("rá", "ra") : found;
  found = found.empty() && language == Language::es ? stem("rán", "ran") : found;
  if (language == Language::pt) {
    found = found.empty() ? stem("rão", "rao") : found;
    const bool infinitive = found.ends_with("ar") || found.ends_with("er") ||
                            found.ends_with("ir") || found.ends_with("or");
    return infinitive ? found : std::string();  // "padrão" is none
  }
  return found;
}

}  // namespace atalaya::commitments
