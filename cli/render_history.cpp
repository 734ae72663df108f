#include "cli/render_history.hpp"

#include "cli/text.hpp"
#include "cli/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mailmirror::cli {
namespace {

using daemon::control::PassEntry;
using daemon::control::UndoOutcome;

/// A line stays readable.
constexpr std::size_t kNamesShown = 4;

std::string removed_in_words(const PassEntry& pass) {
  std::vector<std::string> parts;
  if (pass.resting > 0) parts.push_back(fmt::format("{} in the attic", pass.resting));
  if (pass.restored > 0) parts.push_back(fmt::format("{} brought back", pass.restored));
  const auto words = fmt::format("{} removed", pass.removed);
  return parts.empty() ? words : fmt::format("{} ({})", words, fmt::join(parts, ", "));
}

std::string done_in_words(const PassEntry& pass) {
  std::vector<std::string> parts;
  const auto add = [&parts](std::uint64_t count, std::string_view what) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, what));
  };
  add(pass.added, "added");
  if (pass.removed > 0) parts.push_back(removed_in_words(pass));
  add(pass.moved, "moved");
  if (pass.flags_changed > 0) parts.push_back(counted(pass.flags_changed, "flag change"));
  if (pass.mailboxes_changed > 0) parts.push_back(counted(pass.mailboxes_changed, "mailbox change"));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string where(const std::vector<std::string>& mailboxes) {
  std::vector<std::string> names;
  for (const auto& name : mailboxes)
    if (names.size() < kNamesShown) names.push_back(printable(name));
  if (mailboxes.size() > names.size()) names.push_back(fmt::format("and {} more", mailboxes.size() - names.size()));
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string render_passes(const std::vector<PassEntry>& passes, const Look& look) {
  if (passes.empty()) return "the history is empty\n";
  std::string text;
  for (const auto& pass : passes)
    text += fmt::format("{} {} {}  {}: {}\n", look.paint(Colour::bold, printable(pass.account)), pad_left(std::to_string(pass.pass), 6),
                        local_date_and_time(pass.time), where(pass.mailboxes), done_in_words(pass));
  return text;
}

std::string render_undo(const UndoOutcome& outcome) {
  auto text = fmt::format("{}: {} {}\n", printable(outcome.account), counted(outcome.restored, "message"),
                          outcome.dry_run ? "would come back" : "came back");
  if (outcome.restored_before > 0) text += fmt::format("{} had been brought back before\n", counted(outcome.restored_before, "message"));
  if (outcome.lost > 0) text += fmt::format("{} can't be brought back:\n", counted(outcome.lost, "message"));
  for (const auto& message : outcome.messages)
    if (!message.detail.empty())
      text += fmt::format("  {}, UID {}: {}\n", printable(message.mailbox), message.uid, printable(message.detail));
  if (outcome.messages.size() < outcome.restored + outcome.restored_before + outcome.lost) text += "  (further ones aren't shown)\n";
  if (outcome.restored + outcome.restored_before == 0) text += "'mailmirror undo --list' shows all passes that removed something\n";
  return text;
}

}  // namespace mailmirror::cli
