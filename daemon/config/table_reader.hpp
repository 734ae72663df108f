// One TOML table read key by key: types checked, unknown keys found, every mistake with its place.
#pragma once

#include "daemon/config/load.hpp"
#include "sync/base/environment.hpp"

#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mailmirror::daemon::config {

/// Reads nothing twice; `finish` tells the keys that nobody asked for.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string name, std::string file, const Environment& environment, ConfigErrors& errors)
      : table_(table), name_(std::move(name)), file_(std::move(file)), environment_(environment), errors_(errors) {}

  [[nodiscard]] bool has(std::string_view key);

  std::optional<std::string> text(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::uint32_t> number(std::string_view key, std::uint32_t least, std::uint32_t most);
  std::optional<std::vector<std::string>> texts(std::string_view key);
  /// Expanded and absolute.
  std::optional<std::filesystem::path> path(std::string_view key);
  /// "30s", "5m", "2h", "30d".
  std::optional<std::chrono::seconds> duration(std::string_view key);
  /// "0", "500K", "25M", "1G".
  std::optional<std::uint64_t> size(std::string_view key);
  template <class Enum>
  std::optional<Enum> choice(std::string_view key, const std::vector<std::pair<std::string, Enum>>& values);

  const toml::table* table(std::string_view key);
  /// An array of tables.
  std::vector<const toml::table*> tables(std::string_view key);

  void error_at_key(std::string_view key, std::string message);
  void error_at_table(std::string message) { error_at(table_.source(), std::move(message)); }
  void finish();

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  const toml::node* find(std::string_view key);
  void error_at(const toml::source_region& where, std::string message);
  void wrong_type(const toml::node& node, std::string_view key, std::string_view wanted);
  void wrong_value(const toml::node& node, std::string_view key, const std::string& value, const std::vector<std::string>& allowed);

  const toml::table& table_;
  std::string name_;
  std::string file_;
  const Environment& environment_;
  ConfigErrors& errors_;
  std::vector<std::string> asked_;
};

template <class Enum>
std::optional<Enum> TableReader::choice(std::string_view key, const std::vector<std::pair<std::string, Enum>>& values) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  std::vector<std::string> allowed;
  for (const auto& [word, meaning] : values) {
    if (word == *value) return meaning;
    allowed.push_back(word);
  }
  wrong_value(*table_.get(key), key, *value, allowed);
  return std::nullopt;
}

}  // namespace mailmirror::daemon::config
