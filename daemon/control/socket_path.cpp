#include "daemon/control/socket_path.hpp"

#include "sync/base/environment.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

namespace mailmirror::daemon::control {

Result<std::filesystem::path> socket_path(std::optional<std::filesystem::path> config_file) {
  const auto environment = Environment::of_process();
  const auto file = config_file.value_or(environment.default_config_file());
  const auto usual = environment.runtime_dir() / "mailmirror/control.sock";
  std::error_code failure;
  if (!std::filesystem::exists(file, failure)) {
    if (!config_file) return usual;
    return fail(ErrorKind::configuration, fmt::format("{}: no such file", file.string()));
  }
  try {
    const auto table = toml::parse_file(file.string());
    const auto told = table["daemon"]["socket"].value<std::string>();
    if (!told) return usual;
    const auto expanded = environment.expand(*told);
    if (!expanded) return fail(ErrorKind::configuration, fmt::format("{}: a variable in daemon.socket isn't set", file.string()));
    return std::filesystem::path(*expanded);
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    return fail(ErrorKind::configuration, fmt::format("{}:{}:{}: {}", file.string(), at.line, at.column, error.description()));
  }
}

}  // namespace mailmirror::daemon::control
