#include "daemon/import/draft.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailmirror::daemon::migration {
namespace {

constexpr std::size_t kLongestName = 60;

bool may_stand_in_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

}  // namespace

std::string Note::to_string() const {
  return line == 0 ? fmt::format("{}: {}", file, message) : fmt::format("{}:{}: {}", file, line, message);
}

std::string account_name(const std::string& wanted) {
  std::string name;
  for (const char c : wanted.substr(0, kLongestName)) name += may_stand_in_a_name(c) ? c : '-';
  if (name.empty() || name.front() == '.') name.insert(0, "account-");
  return name;
}

std::string shell_word(const std::string& text) {
  const auto plain = [](char c) { return may_stand_in_a_name(c) || std::string_view("/:=@,+").find(c) != std::string_view::npos; };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string move_command(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code failure;
  const auto above = to.parent_path();
  const auto make = std::filesystem::exists(above, failure) ? "" : fmt::format("mkdir -p {} && ", shell_word(above.string()));
  return fmt::format("{}mv {} {}", make, shell_word(from.string()), shell_word(to.string()));
}

}  // namespace mailmirror::daemon::migration
