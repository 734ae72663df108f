// The process' environment as a value, so that tests bring their own.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace mailmirror {

struct Environment {
  std::map<std::string, std::string> variables;

  /// The one of this process.
  static Environment of_process();

  /// nullopt where it is unset or empty.
  [[nodiscard]] std::optional<std::string> get(const std::string& name) const;

  /// HOME, else the user database's.
  [[nodiscard]] std::filesystem::path home() const;
  /// $XDG_CONFIG_HOME/mailmirror/config.toml, else ~/.config/…
  [[nodiscard]] std::filesystem::path default_config_file() const;
  /// $XDG_STATE_HOME/mailmirror, else ~/.local/state/…
  [[nodiscard]] std::filesystem::path default_state_dir() const;

  /// $XDG_RUNTIME_DIR, else /run/user/UID if it is there, else (no login session) ~/.local/state.
  [[nodiscard]] std::filesystem::path runtime_dir() const;

  /// A leading "~", "$VAR" and "${VAR}" replaced. The XDG variables have their standard defaults. nullopt: a variable isn't set.
  [[nodiscard]] std::optional<std::string> expand(const std::string& path) const;

 private:
  [[nodiscard]] std::optional<std::string> value_of(const std::string& name) const;
};

}  // namespace mailmirror
