#include "lineage_subjects.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include <atalaya/base/text.hpp>

namespace atalaya::commitments {

namespace {

/// One subject: phrases of word beginnings, '|' between phrases, blanks between words. A word of a
/// text matches a beginning when it starts with it; '.' ends a beginning that must be the word.
constexpr std::string_view kSubjects[] = {
    // drugs
    "drug|narcotic|psychotropic|droga|estupefacient|psicotropic|sicotropic|entorpecent|"
    "stupefiant|drogue",
    // demand for drugs
    "demand for|demand reduc|consum|addict|treatment|drug abuse|drug prevent|prevention of illicit|"
    "reduccion de la demanda|adiccion|adicto|tratamiento|abuso de drog|reducao da demanda|"
    "dependen|tratamento|reduction de la demande|toxicoman|traitement",
    // crops and alternative development
    "crop|cultivat|alternative development|cultivo|desarrollo alternativ|"
    "desenvolvimento alternativ|cultures illicit|developpement alternatif|"
    "developpement de substitution",
    // precursor chemicals
    "precursor|chemical|precurseur|quimic",
    // laundering and assets
    "launder|proceed|asset.|assets.|forfeit|freez|financial intelligence|financial institution|"
    "financial system|lavado de|blanqueo|activos|decomis|inteligencia financ|institucion financ|"
    "instituciones financ|lavagem|ativos|confisco|instituicoes financ|blanchiment|avoirs|"
    "confiscation|renseignement financ|institutions financ",
    // firearms
    "firearm|ammunition|explosive|weapon|small arms|arms traffic|illicit arms|arms and|"
    "drugs arms|drug and arms|in arms|armas de f|municion|explosiv|trafico de armas|trafico "
    "ilicito de armas|"
    "munic|armes a feu|munitions|explosif|trafic d armes",
    // confidence building
    "confidence|csbm|confianza|confianca|confiance",
    // peaceful settlement
    "dispute|peaceful|pacific|conflict|controversi|pacifica|differend|pacifique|conflit",
    // defence
    "defense.|military|armed forces|peacekeep|peace keep|defensa.|militar|fuerzas armadas|"
    "forcas armadas|defesa.|forces armees|mantenimiento de la paz",
    // mines
    "mine.|mines.|demining|landmine|antipersonnel|minas|desminado|desminagem|deminage",
    // terrorism
    "terror|antiterror",
    // organised crime
    "organized crime|transnational crime|criminal organization|transnational organized|"
    "criminal dynamic|criminal activit|criminal network|delincuencia organ|crimen organ|"
    "organizaciones crimin|crime organ|organizacoes crimin|criminalite transnation|"
    "criminalite organ|organisations crimin|organizations crimin",
    // corruption
    "corrupt|brib|corrup|cohecho|soborno|suborno",
    // trafficking in persons, smuggling of migrants
    "trafficking in person|trafficking of person|smuggling of migr|human traffick|migrant|trata de|"
    "trafico de migr|trafico ilicito de migr|trafico de pessoas|traite des|trafic de migr|"
    "trafic illicite de migr",
    // gangs
    "gang|pandill|maras|gangue",
    // youth
    "youth|young|child|adolescent|juvenile|joven|juvent|ninos|ninas|jovens|crianc|jeune|enfant",
    // women and gender
    "women|gender|girl|sexual|mujer|genero|ninas|mulher|femme|genre.|sexe|sexuel",
    // violence
    "violen",
    // prevention of crime
    "prevent crime|prevention of crime|crime prevent|prevention of violence|violence prevent|"
    "preventing crime|prevenir el delito|prevencion del delito|prevencion de la violencia|"
    "prevencao do crime|prevencao da violencia|prevenir o crime|prevention de la crim|"
    "prevention de la violence",
    // cyberspace
    "cyber|internet|digital|ict.|icts.|ciber|numerique|informatique",
    // police
    "police|policing|security force|polici|fuerzas de seguridad|forcas de seguranca|policier",
    // prisons
    "prison|reintegrat|penitenc|carcel|reinser|reintegra|presid|penitentiaire",
    // participation of citizens
    "community particip|citizen particip|citizen and community|particip|civil society|"
    "sociedad civil|sociedade civil|societe civile",
    // data
    "observator|data.|statistic|indicator|diagnos|parameter|datos|estadistic|indicador|"
    "dados|estatistic|donnees|statistique|indicateur|observatoire",
    // legal assistance and extradition
    "extradit|mutual legal|mutual assist|asistencia jur|asistencia judic|asistencia mutua|"
    "assistencia jur|assistencia mutua|extradic|entraide",
    // joining treaties
    "ratif|acced|signing|adhesion|adesao|firma de|assinatura",
    // evaluation
    "evaluat|monitor|mechanism|evaluac|avaliac|mecanismo|mecanisme|suivi|seguimiento",
    // small islands
    "small island|pequenos estados insul|petits etats insul",
    // borders
    "border|fronter|frontier",
    // human rights
    "human right|derechos human|direitos human|droits de l homme|droits humain",
    // defenders and the press
    "journalis|press.|defender|whistleblow|periodis|prensa|defensor|denunciant|jornalis|"
    "imprensa|presse.|defenseur",
    // multidimensional and human security
    "human security|multidimension|concept of security|seguridad human|seguranca human|"
    "securite humaine",
    // health
    "health|pandemi|salud|saude|sante.|sanitari|sanitair",
    // education and awareness
    "educat|school|campaign|awareness|educac|escuel|campan|escola|campanh|ecole|campagne|"
    "sensibili",
    // exchange of information
    "exchange of inform|information exchange|sharing of|intercambio de inf|intercambio de info|"
    "compartilhamento de|echange d inf|echanges d inf",
    // resources
    "donor|financial support|financial resource|resource|donant|recursos|doador|ressource|"
    "bailleur",
    // training
    "training|professionali|capacitac|profesionali|formation.|formacao",
    // law making
    "legislat|laws.|leyes|legislac|leis.|lois.",
    // elections
    "elector|eleic|eleccion",
};

struct Pattern {
  std::vector<std::string> words;  // beginnings; a '.' at the end closes the word
  std::uint8_t subject = 0;
};

bool begins(const std::string& word, const std::string& beginning) {
  if (beginning.ends_with('.')) {
    return word.size() + 1 == beginning.size() && beginning.starts_with(word);
  }
  return word.starts_with(beginning);
}

/// Patterns by the first three letters of their first word: none is shorter, save the exact ones.
struct Patterns {
  std::unordered_map<std::string, std::vector<Pattern>> by_head;

  Patterns() {
    for (std::size_t subject = 0; subject < std::size(kSubjects); ++subject) {
      for (const std::string_view phrase : split(kSubjects[subject], '|')) {
        Pattern pattern;
        pattern.subject = static_cast<std::uint8_t>(subject);
        for (const std::string_view word : split(phrase, ' ')) {
          pattern.words.emplace_back(word);
        }
        std::string head = pattern.words.front().substr(0, 3);
        if (head.ends_with('.')) {
          head.pop_back();
        }
        by_head[head].push_back(std::move(pattern));
      }
    }
  }
};

bool stands_at(const Pattern& pattern, const std::vector<Word>& words, std::size_t at) {
  if (at + pattern.words.size() > words.size()) {
    return false;
  }
  for (std::size_t k = 0; k < pattern.words.size(); ++k) {
    if (!begins(words[at + k].key, pattern.words[k])) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::size_t subject_count() noexcept {
  return std::size(kSubjects);
}

Subjects subjects_of(const std::vector<Word>& words) {
  static const Patterns kPatterns;
  std::array<float, std::size(kSubjects)> counts{};
  for (std::size_t at = 0; at < words.size(); ++at) {
    const auto found = kPatterns.by_head.find(words[at].key.substr(0, 3));
    const auto shorter = kPatterns.by_head.find(words[at].key.substr(0, 2));
    for (const auto& it : {found, shorter}) {
      if (it == kPatterns.by_head.end()) {
        continue;
      }
      for (const Pattern& pattern : it->second) {
        if (stands_at(pattern, words, at)) {
          counts[pattern.subject] += 1.0F;
        }
      }
    }
  }
  Subjects subjects;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) {
      subjects.emplace_back(static_cast<std::uint8_t>(i), counts[i]);
    }
  }
  return subjects;
}

}  // namespace atalaya::commitments
