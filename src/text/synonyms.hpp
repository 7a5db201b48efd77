#pragma once
// Names of the field that mean the same, as data: whoever asks for one of them finds the others. A
// line belongs here only where no reader would tell its names apart ("trata" is no "tráfico de
// migrantes"); each name in the singular where it has one, since inflection does not matter.

#include <span>
#include <string_view>
#include <vector>

#include <atalaya/text/stem.hpp>

namespace atalaya::text {

struct SynonymLine {
  Language language;
  std::string_view names;  // separated by '|'; a name has one word or several
};

inline constexpr SynonymLine kSynonymLines[] = {
    {Language::en, "cybercrime|cyber crime|computer crime|computer-related crime"},
    {Language::en, "cybersecurity|cyber security"},
    {Language::en, "femicide|feminicide"},
    {Language::en, "drug trafficking|trafficking in drugs|narcotics trafficking|drug trade"},
    {Language::en, "money laundering|laundering of money|laundering of assets|asset laundering"},
    {Language::en, "human trafficking|trafficking in persons|trafficking in human beings"},
    {Language::en, "arms trafficking|trafficking in firearms|firearms trafficking|gun trafficking"},
    {Language::en, "domestic violence|family violence|intrafamily violence"},
    {Language::en, "prison|jail|penitentiary"},
    {Language::en, "homicide|murder"},
    {Language::es,
     "ciberdelito|ciberdelincuencia|cibercrimen|cibercriminalidad|delito cibernético|delito "
     "informático|delincuencia cibernética|crimen cibernético"},
    {Language::es, "ciberseguridad|seguridad cibernética"},
    {Language::es, "feminicidio|femicidio"},
    {Language::es, "narcotráfico|tráfico de drogas|tráfico de estupefacientes"},
    {Language::es, "lavado de dinero|lavado de activos|blanqueo de capitales|blanqueo de dinero"},
    {Language::es, "trata de personas|trata de seres humanos"},
    {Language::es, "crimen organizado|delincuencia organizada"},
    {Language::es, "violencia doméstica|violencia intrafamiliar|violencia familiar"},
    {Language::es, "prisión|cárcel|penitenciaría|centro penitenciario"},
    {Language::es, "homicidio|asesinato"},
    {Language::es, "soborno|cohecho"},
    {Language::pt,
     "cibercrime|ciberdelito|cibercriminalidade|crime cibernético|delito cibernético|crime "
     "informático"},
    {Language::pt, "cibersegurança|segurança cibernética"},
    {Language::pt, "feminicídio|femicídio"},
    {Language::pt, "narcotráfico|tráfico de drogas|tráfico de entorpecentes"},
    {Language::pt, "lavagem de dinheiro|lavagem de ativos|branqueamento de capitais"},
    {Language::pt, "tráfico de pessoas|tráfico de seres humanos"},
    {Language::pt, "crime organizado|criminalidade organizada|delinquência organizada"},
    {Language::pt, "violência doméstica|violência intrafamiliar|violência familiar"},
    {Language::pt, "prisão|presídio|cadeia|penitenciária"},
    {Language::pt, "homicídio|assassinato"},
    {Language::fr,
     "cybercriminalité|cybercrime|cyberdélinquance|criminalité informatique|délit informatique"},
    {Language::fr, "cybersécurité|sécurité informatique"},
    {Language::fr, "féminicide|fémicide"},
    {Language::fr, "narcotrafic|trafic de drogues|trafic de stupéfiants"},
    {Language::fr, "blanchiment d’argent|blanchiment de capitaux|blanchiment d’avoirs"},
    {Language::fr, "traite des personnes|traite des êtres humains"},
    {Language::fr, "crime organisé|criminalité organisée"},
    {Language::fr, "violence domestique|violence familiale|violence intrafamiliale"},
    {Language::fr, "prison|pénitencier|établissement pénitentiaire"},
    {Language::fr, "homicide|meurtre"},
};

using SynonymName = std::vector<Token>;         // with its function words
using SynonymGroup = std::vector<SynonymName>;  // that mean the same

/// The lines of one language, taken apart once.
[[nodiscard]] std::span<const SynonymGroup> synonyms(Language language);

/// Whether two words are the same, as stem.hpp says it.
[[nodiscard]] bool is_same_word(const Token& a, const Token& b);

}  // namespace atalaya::text
