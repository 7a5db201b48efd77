// Code lists, concepts and attributes that are the same for every flow.
#include <fmt/format.h>

#include "sdmx_codes.hpp"

namespace atalaya::observatory::sdmx {
namespace {

Item item(std::string_view id, Names name) {
  return {std::string(id), {}, std::move(name)};
}

ItemList frequencies() {
  return {"CL_FREQ",
          text_of("Frequency", "Frecuencia", "Frequência", "Fréquence"),
          {item("A", text_of("Annual", "Anual", "Anual", "Annuelle")),
           item("D", text_of("Daily", "Diaria", "Diária", "Quotidienne")),
           item("M", text_of("Monthly", "Mensual", "Mensal", "Mensuelle")),
           item("Q", text_of("Quarterly", "Trimestral", "Trimestral", "Trimestrielle")),
           item("S", text_of("Half-yearly", "Semestral", "Semestral", "Semestrielle")),
           item("W", text_of("Weekly", "Semanal", "Semanal", "Hebdomadaire")),
           item("_U", text_of("Part of the period not known", "Parte del período no conocida",
                              "Parte do período não conhecida", "Partie de la période non connue")),
           item("_Z", text_of("Several periods together", "Varios períodos juntos",
                              "Vários períodos juntos", "Plusieurs périodes réunies"))}};
}

// The letters are those of the SDMX cross-domain list CL_OBS_STATUS 2.2.
ItemList observation_status() {
  return {
      "CL_OBS_STATUS",
      text_of("Observation status", "Estado de la observación", "Estado da observação",
              "Statut de l'observation"),
      {item("A", text_of("Normal value", "Valor normal", "Valor normal", "Valeur normale")),
       item("D", text_of("Definition differs", "Definición diferente", "Definição diferente",
                         "Définition différente")),
       item("E", text_of("Estimated value", "Valor estimado", "Valor estimado", "Valeur estimée")),
       item("O", text_of("Missing value", "Valor faltante", "Valor ausente", "Valeur manquante")),
       item("P", text_of("Provisional value", "Valor provisional", "Valor provisório",
                         "Valeur provisoire")),
       item("Q", text_of("Missing value; suppressed", "Valor faltante; suprimido",
                         "Valor ausente; suprimido", "Valeur manquante; supprimée")),
       item("U", text_of("Low reliability", "Baja fiabilidad", "Baixa confiabilidade",
                         "Faible fiabilité"))}};
}

ItemList confidentiality() {
  return {"CL_CONF_STATUS",
          text_of("Confidentiality", "Confidencialidad", "Confidencialidade", "Confidentialité"),
          {item("C", text_of("Hidden so that nobody can be recognised",
                             "Oculto para que nadie pueda ser reconocido",
                             "Oculto para que ninguém possa ser reconhecido",
                             "Masqué afin que personne ne puisse être reconnu")),
           item("F", text_of("Free", "Libre", "Livre", "Libre"))}};
}

ItemList cell_status() {
  return {"CL_CELL_STATUS",
          text_of("Status in this node's tables", "Estado en las tablas de este nodo",
                  "Estado nas tabelas deste nó", "Statut dans les tableaux de ce nœud"),
          {item("estimated", text_of("Estimated", "Estimado", "Estimado", "Estimé")),
           item("incomplete",
                text_of("A part was not given; the value is a lower bound",
                        "Falta una parte; el valor es un límite inferior",
                        "Falta uma parte; o valor é um limite inferior",
                        "Une partie n'a pas été donnée ; la valeur est une borne inférieure")),
           item("masked", text_of("Hidden by the source; the value is its lower bound",
                                  "Oculto por la fuente; el valor es su límite inferior",
                                  "Oculto pela fonte; o valor é seu limite inferior",
                                  "Masqué par la source ; la valeur est sa borne inférieure")),
           item("no_denominator", text_of("No denominator is held", "No hay denominador",
                                          "Não há denominador", "Pas de dénominateur")),
           item("normal", text_of("Normal", "Normal", "Normal", "Normal")),
           item("part_of_period", text_of("Only some months of the period were sent",
                                          "Solo se enviaron algunos meses del período",
                                          "Só foram enviados alguns meses do período",
                                          "Seuls certains mois de la période ont été envoyés")),
           item("provisional", text_of("Provisional", "Provisional", "Provisório", "Provisoire")),
           item("suppressed", text_of("Suppressed", "Suprimido", "Suprimido", "Supprimé")),
           item("unstable", text_of("Fewer than 10 events", "Menos de 10 hechos",
                                    "Menos de 10 ocorrências", "Moins de 10 faits"))}};
}

ItemList multipliers() {
  return {"CL_UNIT_MULT",
          text_of("Unit multiplier", "Multiplicador de la unidad", "Multiplicador da unidade",
                  "Multiplicateur d'unité"),
          {item("0", text_of("Units", "Unidades", "Unidades", "Unités"))}};
}

ItemList decimals() {
  ItemList list{
      "CL_DECIMALS",
      text_of("Decimals shown", "Decimales mostrados", "Decimais mostrados", "Décimales affichées"),
      {}};
  for (int i = 0; i <= 9; ++i) {
    list.items.push_back(item(fmt::format("{}", i), text_of(fmt::format("{}", i))));
  }
  return list;
}

std::string_view observation_letter(const Observation& o) {
  switch (o.status) {
    case CellStatus::normal:
      return "A";
    case CellStatus::provisional:
      return "P";
    case CellStatus::estimated:
    case CellStatus::masked:
      return "E";
    case CellStatus::unstable:
    case CellStatus::incomplete:
      return "U";
    case CellStatus::suppressed:
      return "Q";
    case CellStatus::part_of_period:
      return "D";
    case CellStatus::no_denominator:
      return o.is_missing ? "O" : "A";
  }
  return "A";
}

std::optional<std::string> optional_number(const std::optional<double>& value) {
  return value ? std::optional(number_text(*value)) : std::nullopt;
}

}  // namespace

std::vector<ItemList> fixed_codelists() {
  return {cell_status(), confidentiality(),    decimals(),
          frequencies(), observation_status(), multipliers()};
}

std::vector<Item> fixed_concepts() {
  return {
      item("FREQ", text_of("Frequency", "Frecuencia", "Frequência", "Fréquence")),
      item("UNIT_MEASURE",
           text_of("Unit of measure", "Unidad de medida", "Unidade de medida", "Unité de mesure")),
      item(kTime, text_of("Time period", "Período", "Período", "Période")),
      item("OBS_VALUE", text_of("Value", "Valor", "Valor", "Valeur")),
      item("OBS_STATUS", text_of("Observation status", "Estado de la observación",
                                 "Estado da observação", "Statut de l'observation")),
      item("CONF_STATUS",
           text_of("Confidentiality", "Confidencialidad", "Confidencialidade", "Confidentialité")),
      item("CELL_STATUS", text_of("Status in this node", "Estado en este nodo", "Estado neste nó",
                                  "Statut dans ce nœud")),
      item("LOWER",
           text_of("Lower bound (95 %, chance variation only; or of a masked value)",
                   "Límite inferior (95 %, solo variación aleatoria; o de un valor oculto)",
                   "Limite inferior (95 %, apenas variação aleatória; ou de um valor oculto)",
                   "Borne inférieure (95 %, variation aléatoire seule ; ou d'une valeur "
                   "masquée)")),
      item("UPPER",
           text_of("Upper bound (95 %, chance variation only; or of a masked value)",
                   "Límite superior (95 %, solo variación aleatoria; o de un valor oculto)",
                   "Limite superior (95 %, apenas variação aleatória; ou de um valor oculto)",
                   "Borne supérieure (95 %, variation aléatoire seule ; ou d'une valeur "
                   "masquée)")),
      item("POPULATION", text_of("Denominator", "Denominador", "Denominador", "Dénominateur")),
      item("RELEASE", text_of("Release", "Publicación", "Publicação", "Publication")),
      item("UNIT_MULT", text_of("Unit multiplier", "Multiplicador de la unidad",
                                "Multiplicador da unidade", "Multiplicateur d'unité")),
      item("DECIMALS", text_of("Decimals shown", "Decimales mostrados", "Decimais mostrados",
                               "Décimales affichées")),
  };
}

const std::vector<Attribute>& attributes() {
  static const std::vector<Attribute> kAttributes = {
      {"UNIT_MULT", "CL_UNIT_MULT", "", true, true},
      {"DECIMALS", "CL_DECIMALS", "", true, true},
      {"OBS_STATUS", "CL_OBS_STATUS", "", false, true},
      {"CONF_STATUS", "CL_CONF_STATUS", "", false, true},
      {"CELL_STATUS", "CL_CELL_STATUS", "", false, true},
      {"LOWER", "", "Double", false, false},
      {"UPPER", "", "Double", false, false},
      {"POPULATION", "", "Double", false, false},
      {"RELEASE", "", "String", false, true},
  };
  return kAttributes;
}

std::optional<std::string> attribute_value(const Catalogue& catalogue, const DataSet& set,
                                           const Observation& o, std::string_view attribute) {
  if (attribute == "UNIT_MULT") {
    return "0";
  }
  if (attribute == "DECIMALS") {
    const Indicator& indicator = *set.flow->indicator;
    const bool is_rate = set.code(o, set.flow->dimensions.size() - 1) != count_unit(indicator);
    return fmt::format("{}", is_rate || count_unit(indicator) != "NR" ? indicator.decimals : 0);
  }
  if (attribute == "OBS_STATUS") {
    return std::string(observation_letter(o));
  }
  if (attribute == "CONF_STATUS") {
    return o.status == CellStatus::suppressed ? "C" : "F";
  }
  if (attribute == "CELL_STATUS") {
    return std::string(to_string(o.status));
  }
  if (attribute == "LOWER") {
    return optional_number(o.lower);
  }
  if (attribute == "UPPER") {
    return optional_number(o.upper);
  }
  if (attribute == "POPULATION") {
    return optional_number(o.population);
  }
  return attribute == "RELEASE" ? std::optional(catalogue.releases[o.release].id) : std::nullopt;
}

}  // namespace atalaya::observatory::sdmx
