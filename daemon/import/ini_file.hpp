// The syntax of OfflineIMAP's configuration, as Python's ConfigParser reads it: sections, keys, continued lines, %(…)s.
#pragma once

#include "daemon/import/draft.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::daemon::migration {

struct IniValue {
  std::string text;  ///< as it stands, lines joined by '\n'
  std::uint32_t line = 0;
};

class IniSection {
 public:
  std::string name;
  std::uint32_t line = 0;
  /// Keys in lower case.
  std::map<std::string, IniValue> values;
  /// The section [DEFAULT], whose keys every section has; nullptr in that section itself.
  const IniSection* defaults = nullptr;

  /// With every %(key)s replaced. nullopt: there is no such key, or it refers to one that isn't there or to itself.
  [[nodiscard]] std::optional<std::string> get(const std::string& key) const;
  /// Where the key stands; 0: nowhere.
  [[nodiscard]] std::uint32_t line_of(const std::string& key) const;

 private:
  [[nodiscard]] const IniValue* find(const std::string& key) const;
  bool expand(const std::string& text, int depth, std::string& into) const;
};

struct IniFile {
  std::vector<IniSection> sections;
  std::vector<Note> mistakes;

  IniFile() = default;
  IniFile(const IniFile&) = delete;
  IniFile& operator=(const IniFile&) = delete;

  [[nodiscard]] const IniSection* find(std::string_view name) const;
};

/// Anything goes in. `into` must be empty; its sections refer to each other.
void parse_ini(std::string_view text, const std::string& file, IniFile& into);

}  // namespace mailmirror::daemon::migration
