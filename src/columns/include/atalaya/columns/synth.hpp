#pragma once
// Synthetic victims: data of a country that does not exist, for demonstrations and measurements.
//
// The country is Sintetia, with the user-assigned codes XA and XAA of ISO 3166-1. Nobody in the
// file exists; the head of every file says so. Same rows and seed give the same bytes on every
// machine and with every version of this format (the generator is SplitMix64 and integers only).

#include <cstdint>
#include <functional>
#include <string>

#include <atalaya/base/result.hpp>

namespace atalaya::columns {

inline constexpr std::uint64_t kSynthRowsMax = 2'000'000'000;

/// Called now and then with the rows written so far; false ends the work.
using SynthProgress = std::function<bool(std::uint64_t rows)>;

/// One victim a row, 2014 to 2023, RFC 4180, UTF-8, "\n" ends of line; columns
/// `date,sintetia_code,sintetia_name,sex,age,weapon,offence,context,synthetic_victims`.
/// Sex is M, F or empty; age in years or empty; one name holds a comma and is quoted. Frequencies
/// are Zipf-like, so that a full cross-table has a few large and very many small cells.
/// An existing file is replaced; after a failure there is none.
/// Fails with invalid_argument (columns.synth.rows: 0 or more than kSynthRowsMax), exhausted
/// (columns.synth.disk_full), unavailable (columns.synth.io), conflict (columns.synth.stopped).
Result<void> write_synthetic_victims(const std::string& path, std::uint64_t rows,
                                     std::uint64_t seed, const SynthProgress& progress = {});

/// The inhabitants to go with it: `year,sintetia_code,sex,age_from,age_to,population`, five-year
/// bands to 75-79, then 80 and over (age_to empty). Same failures.
Result<void> write_synthetic_population(const std::string& path, std::uint64_t seed);

}  // namespace atalaya::columns
