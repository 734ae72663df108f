#include "daemon/doctor/report.hpp"

#include "daemon/setup/console.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace mailmirror::daemon::doctor {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kCheckWidth = 14;
constexpr std::size_t kIndent = 2 + kCheckWidth + 1 + 6;

std::string coloured(State state, Colour colour) {
  const auto word = fmt::format("{:<5}", to_string(state));
  if (colour == Colour::no) return word;
  const int number = state == State::ok ? 32 : state == State::warn ? 33 : 31;
  return fmt::format("\x1b[{}m{}\x1b[0m", number, word);
}

std::string line_of(const Finding& finding, Colour colour) {
  auto text = fmt::format("  {:<{}} {} {}\n", finding.check, kCheckWidth, coloured(finding.state, colour),
                          setup::wrapped(setup::harmless(finding.message), kIndent, kColumns, kIndent));
  if (finding.remedy.empty()) return text;
  return text + std::string(kIndent, ' ') +
         setup::wrapped("-> " + setup::harmless(finding.remedy), kIndent + 3, kColumns, kIndent) + "\n";
}

std::size_t count_of(const Findings& findings, State state) {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [state](const auto& one) { return one.state == state; }));
}

std::string summary_of(const Findings& findings) {
  const auto counted = [](std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
  };
  const auto faults = count_of(findings, State::fail);
  const auto warnings = count_of(findings, State::warn);
  if (faults + warnings == 0) return "Everything is in order.";
  if (warnings == 0) return counted(faults, "fault") + '.';
  if (faults == 0) return counted(warnings, "warning") + "; nothing that keeps mail from being mirrored.";
  return counted(faults, "fault") + ", " + counted(warnings, "warning") + '.';
}

}  // namespace

std::string to_string(State state) {
  switch (state) {
    case State::ok: return "ok";
    case State::warn: return "warn";
    case State::fail: return "fail";
  }
  return "fail";
}

bool is_well(const Findings& findings) {
  return count_of(findings, State::fail) == 0;
}

std::string render(const Findings& findings, Colour colour) {
  std::string text = "this machine\n";
  std::string account;
  for (const auto& finding : findings) {
    if (finding.account != account) text += fmt::format("\naccount {}\n", setup::harmless(finding.account));
    account = finding.account;
    text += line_of(finding, colour);
  }
  return text + '\n' + summary_of(findings) + '\n';
}

std::string render_json(const Findings& findings) {
  const auto or_null = [](const std::string& text) { return text.empty() ? nlohmann::json() : nlohmann::json(text); };
  nlohmann::json all = nlohmann::json::array();
  for (const auto& finding : findings)
    all.push_back({{"account", or_null(finding.account)},
                   {"check", finding.check},
                   {"state", to_string(finding.state)},
                   {"message", finding.message},
                   {"remedy", or_null(finding.remedy)}});
  const nlohmann::json document{{"ok", is_well(findings)}, {"findings", all}};
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace mailmirror::daemon::doctor
