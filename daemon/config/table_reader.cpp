#include "daemon/config/table_reader.hpp"

#include "daemon/control/nearest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace mailmirror::daemon::config {
namespace {

struct NumberWithUnit {
  std::uint64_t number = 0;
  std::string unit;
};

std::optional<NumberWithUnit> split_unit(const std::string& text) {
  NumberWithUnit result;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result.number);
  if (error != std::errc{}) return std::nullopt;
  result.unit.assign(end, text.data() + text.size());
  return result;
}

}  // namespace

const toml::node* TableReader::find(std::string_view key) {
  asked_.emplace_back(key);
  return table_.get(key);
}

bool TableReader::has(std::string_view key) {
  return find(key) != nullptr;
}

void TableReader::error_at(const toml::source_region& where, std::string message) {
  errors_.push_back(
      {file_, static_cast<std::uint32_t>(where.begin.line), static_cast<std::uint32_t>(where.begin.column), std::move(message)});
}

void TableReader::error_at_key(std::string_view key, std::string message) {
  for (const auto& [k, node] : table_)
    if (k.str() == key) return error_at(k.source(), std::move(message));
  error_at_table(std::move(message));
}

void TableReader::wrong_type(const toml::node& node, std::string_view key, std::string_view wanted) {
  error_at(node.source(), fmt::format("'{}' must be {}", key, wanted));
}

void TableReader::wrong_value(const toml::node& node, std::string_view key, const std::string& value,
                              const std::vector<std::string>& allowed) {
  const auto near = control::nearest(value, allowed);
  error_at(node.source(), fmt::format("'{}' can't be \"{}\": {}it is one of {}", key, value,
                                      near ? "did you mean \"" + *near + "\"? " : "", fmt::join(allowed, ", ")));
}

std::optional<std::string> TableReader::text(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto value = node->value_exact<std::string>()) return value;
  wrong_type(*node, key, "a text in quotes");
  return std::nullopt;
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto value = node->value_exact<bool>()) return value;
  wrong_type(*node, key, "true or false");
  return std::nullopt;
}

std::optional<std::uint32_t> TableReader::number(std::string_view key, std::uint32_t least, std::uint32_t most) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<std::int64_t>();
  if (value && *value >= least && *value <= most) return static_cast<std::uint32_t>(*value);
  wrong_type(*node, key, fmt::format("a whole number from {} to {}", least, most));
  return std::nullopt;
}

std::optional<std::vector<std::string>> TableReader::texts(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* array = node->as_array();
  std::vector<std::string> values;
  bool good = array != nullptr;
  if (good)
    for (const auto& entry : *array) {
      const auto value = entry.value_exact<std::string>();
      good = good && value.has_value();
      if (value) values.push_back(*value);
    }
  if (good) return values;
  wrong_type(*node, key, "a list of texts: [\"…\", \"…\"]");
  return std::nullopt;
}

std::optional<std::filesystem::path> TableReader::path(std::string_view key) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  const auto expanded = environment_.expand(*value);
  if (!expanded) {
    error_at(table_.get(key)->source(), fmt::format("'{}': a variable in \"{}\" isn't set", key, *value));
    return std::nullopt;
  }
  if (expanded->empty() || expanded->front() != '/') {
    error_at(table_.get(key)->source(), fmt::format("'{}' must be an absolute path, or begin with ~ or a variable", key));
    return std::nullopt;
  }
  auto path = std::filesystem::path(*expanded).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

std::optional<std::chrono::seconds> TableReader::duration(std::string_view key) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  const std::vector<std::pair<std::string, std::uint64_t>> units{{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
  const auto parts = split_unit(*value);
  for (const auto& [unit, seconds] : units)
    if (parts && parts->unit == unit && parts->number <= 1'000'000'000 / seconds)
      return std::chrono::seconds(static_cast<std::int64_t>(parts->number * seconds));
  wrong_type(*table_.get(key), key, "a time such as \"30s\", \"5m\", \"2h\" or \"30d\"");
  return std::nullopt;
}

std::optional<std::uint64_t> TableReader::size(std::string_view key) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  const std::vector<std::pair<std::string, unsigned>> units{{"", 0}, {"K", 10}, {"M", 20}, {"G", 30}};
  const auto parts = split_unit(*value);
  for (const auto& [unit, shift] : units)
    if (parts && parts->unit == unit && parts->number <= std::numeric_limits<std::uint64_t>::max() >> shift)
      return parts->number << shift;
  wrong_type(*table_.get(key), key, "a size such as \"0\", \"500K\", \"25M\" or \"1G\"");
  return std::nullopt;
}

const toml::table* TableReader::table(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return nullptr;
  if (const auto* table = node->as_table()) return table;
  wrong_type(*node, key, "a section");
  return nullptr;
}

std::vector<const toml::table*> TableReader::tables(std::string_view key) {
  const auto* node = find(key);
  std::vector<const toml::table*> found;
  if (node == nullptr) return found;
  const auto* array = node->as_array();
  bool good = array != nullptr;
  if (good)
    for (const auto& entry : *array) {
      const auto* table = entry.as_table();
      good = good && table != nullptr;
      if (table != nullptr) found.push_back(table);
    }
  if (!good) wrong_type(*node, key, fmt::format("sections [[{}.{}]]", name_, key));
  return found;
}

void TableReader::finish() {
  for (const auto& [key, node] : table_) {
    if (std::find(asked_.begin(), asked_.end(), key.str()) != asked_.end()) continue;
    const auto near = control::nearest(key.str(), asked_);
    error_at(key.source(), fmt::format("unknown key '{}'{}{}", key.str(), name_.empty() ? "" : " in [" + name_ + "]",
                                       near ? ": did you mean '" + *near + "'?" : ""));
  }
}

}  // namespace mailmirror::daemon::config
