#include "daemon/control/socket_path.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

namespace mailmirror::daemon::control {

std::filesystem::path default_socket(const Environment& environment) {
  return environment.runtime_dir() / "mailmirror/control.sock";
}

Result<std::filesystem::path> socket_path(const std::optional<std::filesystem::path>& config_file, const Environment& environment) {
  const auto file = config_file.value_or(environment.default_config_file());
  std::error_code failure;
  if (!std::filesystem::exists(file, failure)) {
    if (!config_file && !failure) return default_socket(environment);
    return fail(ErrorKind::configuration, fmt::format("{}: {}. Name the configuration with --config, or the socket with --socket",
                                                      file.string(), failure ? failure.message() : "there is no such file"));
  }
  try {
    const auto table = toml::parse_file(file.string());
    const auto told = table["daemon"]["socket"].value<std::string>();
    if (!told) return default_socket(environment);
    const auto expanded = environment.expand(*told);
    if (!expanded) return fail(ErrorKind::configuration, fmt::format("{}: a variable in daemon.socket isn't set", file.string()));
    return std::filesystem::path(*expanded).lexically_normal();
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    return fail(ErrorKind::configuration, fmt::format("{}:{}:{}: {}", file.string(), at.line, at.column, error.description()));
  }
}

}  // namespace mailmirror::daemon::control
