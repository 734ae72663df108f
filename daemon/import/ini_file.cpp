#include "daemon/import/ini_file.hpp"

#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailmirror::daemon::migration {
namespace {

constexpr std::size_t kMostSections = 2000;
constexpr std::size_t kMostLines = 50'000;
/// As ConfigParser's.
constexpr int kDeepest = 10;
constexpr std::size_t kLongestValue = 64 * 1024;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\f\v";
  const auto first = text.find_first_not_of(kBlank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

class Parser {
 public:
  Parser(std::string file, IniFile& into) : file_(std::move(file)), into_(into) {}

  void run(std::string_view text) {
    for (std::uint32_t number = 1; !text.empty(); ++number) {
      const auto end = std::min(text.find('\n'), text.size());
      if (number > kMostLines || into_.sections.size() > kMostSections) {
        mistake(number, "is far too long for a configuration");
        break;
      }
      take(text.substr(0, end), number);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    const auto defaults =
        std::find_if(into_.sections.begin(), into_.sections.end(), [](const auto& s) { return s.name == "DEFAULT"; });
    if (defaults == into_.sections.end()) return;
    for (auto& section : into_.sections)
      if (&section != &*defaults) section.defaults = &*defaults;
  }

 private:
  void mistake(std::uint32_t line, std::string what) { into_.mistakes.push_back({file_, line, std::move(what)}); }

  void take(std::string_view line, std::uint32_t number) {
    const auto text = trimmed(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') return;
    const bool indented = line.front() == ' ' || line.front() == '\t';
    if (indented && open_ != nullptr) {
      open_->text.append("\n").append(text);
      return;
    }
    if (text.front() == '[') return begin(text, number);
    key(text, number);
  }

  void begin(std::string_view text, std::uint32_t number) {
    open_ = nullptr;
    const auto end = text.find(']');
    if (end == text.npos) return mistake(number, "a section's name isn't closed by ']'");
    const std::string name(text.substr(1, end - 1));
    const auto known = std::find_if(into_.sections.begin(), into_.sections.end(), [&](const auto& s) { return s.name == name; });
    if (known != into_.sections.end()) return mistake(number, fmt::format("the section [{}] is there twice", name));
    auto& section = into_.sections.emplace_back();
    section.name = name;
    section.line = number;
  }

  void key(std::string_view text, std::uint32_t number) {
    const auto at = text.find_first_of("=:");
    if (into_.sections.empty() || at == text.npos) return mistake(number, "is neither a section nor 'key = value'");
    const auto key = ascii::to_lower(trimmed(text.substr(0, at)));
    auto& value = into_.sections.back().values[key];
    value = {std::string(trimmed(text.substr(at + 1))), number};
    open_ = &value;
  }

  std::string file_;
  IniFile& into_;
  IniValue* open_ = nullptr;
};

}  // namespace

const IniValue* IniSection::find(const std::string& key) const {
  if (const auto own = values.find(key); own != values.end()) return &own->second;
  return defaults == nullptr ? nullptr : defaults->find(key);
}

std::uint32_t IniSection::line_of(const std::string& key) const {
  const auto* value = find(key);
  return value == nullptr ? 0 : value->line;
}

/// "%%" is a percent sign.
bool IniSection::expand(const std::string& text, int depth, std::string& into) const {
  if (depth > kDeepest) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (into.size() > kLongestValue) return false;
    if (text[at] != '%') {
      into += text[at];
    } else if (text.compare(at, 2, "%%") == 0) {
      into += '%';
      ++at;
    } else {
      const auto end = text.find(")s", at);
      if (text.compare(at, 2, "%(") != 0 || end == text.npos) return false;
      const auto* value = find(ascii::to_lower(text.substr(at + 2, end - at - 2)));
      if (value == nullptr || !expand(value->text, depth + 1, into)) return false;
      at = end + 1;
    }
  }
  return true;
}

std::optional<std::string> IniSection::get(const std::string& key) const {
  const auto* value = find(key);
  std::string text;
  if (value == nullptr || !expand(value->text, 0, text)) return std::nullopt;
  return text;
}

const IniSection* IniFile::find(std::string_view name) const {
  const auto found = std::find_if(sections.begin(), sections.end(), [&](const auto& section) { return section.name == name; });
  return found == sections.end() ? nullptr : &*found;
}

void parse_ini(std::string_view text, const std::string& file, IniFile& into) {
  Parser(file, into).run(text);
}

}  // namespace mailmirror::daemon::migration
