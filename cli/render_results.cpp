#include "cli/render_results.hpp"

#include "cli/text.hpp"
#include "cli/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <vector>

namespace mailmirror::cli {
namespace {

using daemon::control::HeldMailbox;

std::string side_of(const HeldMailbox& mailbox) {
  std::vector<std::string> sides;
  if (mailbox.on_server > 0) sides.push_back(fmt::format("{} on the server", mailbox.on_server));
  if (mailbox.here > 0) sides.push_back(fmt::format("{} here", mailbox.here));
  if (mailbox.orphans > 0) sides.push_back(fmt::format("{} that the server lost", mailbox.orphans));
  return sides.empty() ? "" : fmt::format(": {}", fmt::join(sides, ", "));
}

std::string reason_of(const HeldMailbox& mailbox) {
  if (mailbox.reason == "many") return "more within an hour than guard_messages and guard_percent allow";
  if (mailbox.reason == "all") return "nothing would be left in the mailbox";
  if (mailbox.reason == "mailbox-deleted") return "the whole mailbox was deleted";
  if (mailbox.reason == "server-lost-them")
    return "the server numbered the mailbox anew or went back in time: approving lays the files into the attic, rejecting uploads them";
  return "";
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

std::string render_held(const std::vector<daemon::control::HeldMailbox>& held, const Look& look) {
  std::string text;
  for (const auto& mailbox : held) {
    text += fmt::format("{}/{}: {} of {}", look.paint(Colour::bold, printable(mailbox.account)), printable(mailbox.mailbox), mailbox.held,
                        counted(mailbox.messages, "message"));
    text += fmt::format(" would go{}{}\n", side_of(mailbox), mailbox.since ? ", since " + local_date_and_time(*mailbox.since) : "");
    if (const auto why = reason_of(mailbox); !why.empty()) text += fmt::format("  {}\n", why);
  }
  if (text.empty()) return "nothing is held\n";
  return text +
         "'mailmirror approve ACCOUNT[/MAILBOX]' lets them happen, 'mailmirror reject ACCOUNT[/MAILBOX]' brings the messages "
         "back\n";
}

}  // namespace mailmirror::cli
