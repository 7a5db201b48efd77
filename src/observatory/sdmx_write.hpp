#pragma once
// What the writers of messages share.

#include <string>
#include <string_view>

#include <atalaya/base/xml.hpp>
#include <atalaya/observatory/sdmx_message.hpp>

#include "sdmx_codes.hpp"

namespace atalaya::observatory::sdmx {

/// A JSON string with its quotes.
[[nodiscard]] std::string json_text(std::string_view text);
/// Seconds, UTC: "2026-11-22T06:38:47Z".
[[nodiscard]] std::string date_time(UtcTime time);
/// "IREF" and the moment: an identifier of a message.
[[nodiscard]] std::string message_id(UtcTime now);
/// "2.0", or as SDMX 3.0 writes it "2.0.0-draft": what has no extension may never change, and code
/// lists gain codes with every release.
[[nodiscard]] std::string version_text(std::int32_t version, bool is_semantic);
/// The same of a structure. Schemes of agencies and providers always have one version.
[[nodiscard]] std::string version_of(std::string_view id, std::int32_t version, bool is_semantic);

/// Walks through the observations of a message in series, in pieces of bounded size.
class SeriesWriter : public DataWriter {
 public:
  explicit SeriesWriter(DataMessage message);
  [[nodiscard]] Result<bool> next(std::string& out) final;

 protected:
  virtual void begin(std::string& out) = 0;
  virtual void begin_set(std::string& out, const DataSet& set) = 0;
  /// Observations [first, last) of one series; of a flat message a run of them.
  virtual void series(std::string& out, const DataSet& set, std::size_t first,
                      std::size_t last) = 0;
  virtual void end_set(std::string& out, const DataSet& set) = 0;
  virtual void end(std::string& out) = 0;

  [[nodiscard]] const DataMessage& message() const noexcept { return message_; }

  [[nodiscard]] bool is_flat() const noexcept { return is_flat_; }

  /// The dimension at the observation; nothing for TIME_PERIOD.
  [[nodiscard]] std::optional<std::size_t> turned() const noexcept { return turned_; }

  [[nodiscard]] bool with_attributes() const noexcept {
    return message_.detail == Detail::full || message_.detail == Detail::nodata;
  }

  [[nodiscard]] bool with_observations() const noexcept {
    return message_.detail == Detail::full || message_.detail == Detail::dataonly;
  }

  /// Attributes stand at the series only where a series is over time.
  [[nodiscard]] bool at_series(const Attribute& attribute) const noexcept {
    return attribute.of_series && !is_flat_ && !turned_;
  }

  [[nodiscard]] std::string_view dimension_at_observation() const noexcept {
    return is_flat_ ? std::string_view("AllDimensions") : message_.at_observation;
  }

 private:
  [[nodiscard]] bool same_series(const DataSet& set, std::size_t a, std::size_t b) const;
  void sort(DataSet& set) const;
  Result<bool> read_on(DataSet& set);
  DataMessage message_;
  bool is_flat_ = false;
  std::optional<std::size_t> turned_;
  enum class Stage { begin, set, series, end, done };
  Stage stage_ = Stage::begin;
  std::size_t set_ = 0, at_ = 0;
};

[[nodiscard]] std::unique_ptr<DataWriter> create_xml_writer(DataMessage message);
[[nodiscard]] std::unique_ptr<DataWriter> create_json_writer(DataMessage message);
[[nodiscard]] std::unique_ptr<DataWriter> create_csv_writer(DataMessage message);

}  // namespace atalaya::observatory::sdmx
