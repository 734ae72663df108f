#include "cli/render_results.hpp"

#include "cli/text.hpp"
#include "cli/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace mailmirror::cli {
namespace {

using daemon::control::Json;

std::string text_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? printable(found->get<std::string>()) : "?";
}

std::uint64_t number_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

}  // namespace

std::string render_outcome(const daemon::control::SyncOutcome& outcome) {
  std::vector<std::string> parts;
  const auto add = [&parts](std::uint64_t count, std::string_view what) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, what));
  };
  add(outcome.downloaded, "downloaded");
  add(outcome.uploaded, "uploaded");
  add(outcome.removed, "removed");
  add(outcome.flags_changed, outcome.flags_changed == 1 ? "flag change" : "flag changes");
  const auto nothing = outcome.ok ? "nothing to do" : "nothing was done";
  const auto done = parts.empty() ? std::string(nothing) : fmt::format("{}", fmt::join(parts, ", "));
  auto text = fmt::format("{}: {}\n", outcome.ok ? "in sync" : "not in sync", done);
  if (outcome.held > 0) text += fmt::format("{} held: see 'mailmirror held'\n", counted(outcome.held, "deletion"));
  return text;
}

std::string render_held(const Json& result, const Look& look) {
  const auto held = result.is_object() ? result.value("held", Json::array()) : Json::array();
  std::string text;
  for (const auto& entry : held)
    if (entry.is_object())
      text += fmt::format("{}/{}: {} of {} would be deleted\n", look.paint(Colour::bold, text_in(entry, "account")),
                          text_in(entry, "mailbox"), number_in(entry, "held"), counted(number_in(entry, "messages"), "message"));
  if (text.empty()) return "nothing is held\n";
  return text +
         "'mailmirror approve ACCOUNT[/MAILBOX]' lets them happen, 'mailmirror reject ACCOUNT[/MAILBOX]' brings the messages "
         "back\n";
}

}  // namespace mailmirror::cli
