#include "sync/base/environment.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cctype>

extern char** environ;  // NOLINT: POSIX names it so

namespace mailmirror {

Environment Environment::of_process() {
  Environment here;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string::npos) here.variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return here;
}

std::optional<std::string> Environment::get(const std::string& name) const {
  const auto found = variables.find(name);
  if (found == variables.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

std::filesystem::path Environment::home() const {
  if (const auto home = get("HOME")) return *home;
  const passwd* entry = getpwuid(getuid());
  return entry != nullptr ? entry->pw_dir : "/";
}

std::filesystem::path Environment::default_config_file() const {
  const auto base = get("XDG_CONFIG_HOME");
  return (base ? std::filesystem::path(*base) : home() / ".config") / "mailmirror" / "config.toml";
}

std::filesystem::path Environment::default_state_dir() const {
  const auto base = get("XDG_STATE_HOME");
  return (base ? std::filesystem::path(*base) : home() / ".local/state") / "mailmirror";
}

std::filesystem::path Environment::runtime_dir() const {
  if (const auto told = get("XDG_RUNTIME_DIR")) return *told;
  const auto usual = std::filesystem::path("/run/user") / std::to_string(getuid());
  std::error_code ignored;
  return std::filesystem::is_directory(usual, ignored) ? usual : home() / ".local/state";
}

std::optional<std::string> Environment::value_of(const std::string& name) const {
  if (auto value = get(name)) return value;
  if (name == "HOME") return home().string();
  if (name == "XDG_STATE_HOME") return (home() / ".local/state").string();
  if (name == "XDG_CONFIG_HOME") return (home() / ".config").string();
  if (name == "XDG_RUNTIME_DIR") return runtime_dir().string();
  if (name == "XDG_DATA_HOME") return (home() / ".local/share").string();
  return std::nullopt;
}

std::optional<std::string> Environment::expand(const std::string& path) const {
  std::string out;
  std::size_t at = 0;
  if (path == "~" || path.starts_with("~/")) {
    out = home().string();
    at = 1;
  }
  const auto is_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  while (at < path.size()) {
    if (path[at] != '$') {
      out += path[at++];
      continue;
    }
    const bool braced = path.compare(at, 2, "${") == 0;
    const auto start = at + (braced ? 2 : 1);
    auto end = start;
    while (end < path.size() && is_name(path[end])) ++end;
    const auto value = value_of(path.substr(start, end - start));
    if (!value || (braced && (end == path.size() || path[end] != '}'))) return std::nullopt;
    out += *value;
    at = braced ? end + 1 : end;
  }
  return out;
}

}  // namespace mailmirror
