// Standard populations. Weights as published, divided by their sum once.
#include <algorithm>
#include <array>
#include <cstddef>

#include <atalaya/observatory/rates.hpp>

namespace atalaya::observatory {
namespace {

template <std::size_t n>
constexpr std::array<StandardWeight, n> shares(std::array<StandardWeight, n> weights) {
  double sum = 0;
  for (const StandardWeight& weight : weights) {
    sum += weight.weight;
  }
  for (StandardWeight& weight : weights) {
    weight.weight /= sum;
  }
  return weights;
}

constexpr auto kEsp2013 = shares<19>({{{"Y_LT5", 5000},
                                       {"Y5T9", 5500},
                                       {"Y10T14", 5500},
                                       {"Y15T19", 5500},
                                       {"Y20T24", 6000},
                                       {"Y25T29", 6000},
                                       {"Y30T34", 6500},
                                       {"Y35T39", 7000},
                                       {"Y40T44", 7000},
                                       {"Y45T49", 7000},
                                       {"Y50T54", 7000},
                                       {"Y55T59", 6500},
                                       {"Y60T64", 6000},
                                       {"Y65T69", 5500},
                                       {"Y70T74", 5000},
                                       {"Y75T79", 4000},
                                       {"Y80T84", 2500},
                                       {"Y85T89", 1500},
                                       {"Y_GE90", 1000}}});

constexpr auto kWho2000 = shares<18>({{{"Y_LT5", 8.86},
                                       {"Y5T9", 8.69},
                                       {"Y10T14", 8.60},
                                       {"Y15T19", 8.47},
                                       {"Y20T24", 8.22},
                                       {"Y25T29", 7.93},
                                       {"Y30T34", 7.61},
                                       {"Y35T39", 7.15},
                                       {"Y40T44", 6.59},
                                       {"Y45T49", 6.04},
                                       {"Y50T54", 5.37},
                                       {"Y55T59", 4.55},
                                       {"Y60T64", 3.72},
                                       {"Y65T69", 2.96},
                                       {"Y70T74", 2.21},
                                       {"Y75T79", 1.52},
                                       {"Y80T84", 0.91},
                                       {"Y_GE85", 0.63}}});

constexpr std::array<StandardPopulation, 2> kStandards{{
    {"esp2013", "European Standard Population 2013",
     "Eurostat, Revision of the European Standard Population, 2013", kEsp2013},
    {"who2000", "WHO World Standard Population 2000-2025",
     "Ahmad and others, Age standardization of rates: a new WHO standard, GPE Discussion Paper 31, "
     "WHO 2001; its weights sum to 100.03 and are divided by that",
     kWho2000},
}};

}  // namespace

std::span<const StandardPopulation> standard_populations() noexcept {
  return kStandards;
}

const StandardPopulation* find_standard_population(std::string_view id) noexcept {
  const auto* const found = std::ranges::find(kStandards, id, &StandardPopulation::id);
  return found == kStandards.end() ? nullptr : found;
}

}  // namespace atalaya::observatory
