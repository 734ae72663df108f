#include "daemon/main/pass_words.hpp"

#include <fmt/format.h>

#include <array>

namespace mailmirror::daemon {
namespace {

std::string word_for(sync::PassEvent::Kind kind) {
  using Kind = sync::PassEvent::Kind;
  switch (kind) {
    case Kind::progress: return "progress";
    case Kind::message_added: return "message-added";
    case Kind::message_removed: return "message-removed";
    case Kind::message_moved: return "message-moved";
    case Kind::flags_changed: return "flags-changed";
    case Kind::mailbox_created: return "mailbox-created";
    case Kind::mailbox_removed: return "mailbox-removed";
    case Kind::mailbox_renamed: return "mailbox-renamed";
    case Kind::held: return "held";
    case Kind::error: return "error";
  }
  return "error";
}

}  // namespace

std::string to_word(AccountState state) {
  constexpr std::array<const char*, 6> kWords{"connecting", "syncing", "idle", "paused", "held", "failed"};
  return kWords.at(static_cast<std::size_t>(state));
}

std::string to_word(Push push) {
  constexpr std::array<const char*, 3> kWords{"notify", "idle", "poll"};
  return kWords.at(static_cast<std::size_t>(push));
}

control::Event to_control(const sync::PassEvent& event, const std::string& account, SystemTime now) {
  using Kind = sync::PassEvent::Kind;
  control::Event told;
  told.type = word_for(event.kind);
  told.account = account;
  told.time = now;
  told.mailbox = event.mailbox.utf8();
  if (event.uid) told.uid = event.uid->value();
  told.path = event.path;
  if (event.kind != Kind::progress && event.kind != Kind::error) told.origin = event.origin == sync::Origin::remote ? "remote" : "local";
  if (event.kind == Kind::message_added || event.kind == Kind::flags_changed) told.flags = event.flags.wire_names();
  if (event.kind == Kind::progress) told.progress = control::InFlight{event.done, event.total, event.bytes};
  told.message = event.text;
  return told;
}

std::string summary_of(const sync::PassReport& report) {
  if (report.error) return report.error->message;
  control::SyncOutcome sum;
  add_to(sum, "", report);
  if (sum.downloaded + sum.uploaded + sum.removed + sum.flags_changed == 0) return "nothing to do";
  return fmt::format("{} downloaded, {} uploaded, {} removed, {} flag changes", sum.downloaded, sum.uploaded, sum.removed, sum.flags_changed);
}

std::vector<std::string> problems_of(const std::string& account, const sync::PassReport& report) {
  std::vector<std::string> lines;
  if (report.error) lines.push_back(fmt::format("{}: {}", account, report.error->message));
  for (const auto& mailbox : report.mailboxes) {
    const auto place = fmt::format("{}/{}", account, mailbox.name.utf8());
    if (mailbox.error) lines.push_back(fmt::format("{}: {}", place, mailbox.error->message));
    for (const auto& note : mailbox.notes) lines.push_back(fmt::format("{}: {}", place, note));
    if (!mailbox.held.empty())
      lines.push_back(fmt::format("{}: {} deletion(s) are held: so many at once may be an accident. In the daemon 'mailmirror approve {}' lets "
                                  "them happen and 'mailmirror reject {}' brings the messages back; guard_messages and guard_percent set the limits",
                                  place, mailbox.held.size(), place, place));
    if (mailbox.orphans > 0)
      lines.push_back(fmt::format("{}: {} file(s) here are held: the server has numbered this mailbox anew, or went back to an older state, and no "
                                  "longer has their messages. In the daemon 'mailmirror approve {}' lays them into the attic and 'mailmirror "
                                  "reject {}' uploads them",
                                  place, mailbox.orphans, place, place));
  }
  return lines;
}

void add_to(control::SyncOutcome& outcome, const std::string& account, const sync::PassReport& report) {
  outcome.ok = outcome.ok && report.clean();
  for (auto& line : problems_of(account, report)) outcome.problems.push_back(std::move(line));
  for (const auto& mailbox : report.mailboxes) {
    outcome.downloaded += mailbox.downloaded;
    outcome.uploaded += mailbox.uploaded;
    outcome.removed += mailbox.removed_locally + mailbox.removed_remotely;
    outcome.flags_changed += mailbox.flags_changed;
    outcome.held += mailbox.held.size() + mailbox.orphans;
  }
}

}  // namespace mailmirror::daemon
