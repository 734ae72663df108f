#include "cli/commands.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

namespace mailmirror::cli {
namespace {

constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();

constexpr std::string_view kOptions =
    "Options:\n"
    "  --config FILE   the configuration, which tells where the socket is (~/.config/mailmirror/config.toml)\n"
    "  --socket PATH   the daemon's socket itself\n"
    "  --json          JSON documents in place of words: one, or one a line for streams\n"
    "  --help          this text; after a command, that command's\n"
    "  --version       tell the version\n";

constexpr std::string_view kExitStatus =
    "Exit status: 0 done; 1 the command failed; 2 usage or configuration; 3 no daemon answers.\n";

std::string usage_of(const Command& command) {
  std::string usage(command.name);
  if (!command.operands.empty()) usage += fmt::format(" {}", command.operands);
  if (command.extra == Extra::wait) usage += " [--wait]";
  if (command.extra == Extra::events) usage += " [--events E,...]";
  if (command.extra == Extra::take_over) usage += " [--dry-run]";
  if (command.extra == Extra::undo) usage += " [--list | --pass N | --since TIME] [--mailbox NAME] [--dry-run]";
  if (command.extra == Extra::way) usage += " [--device | --browser | --paste]";
  return usage;
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> kCommands{
      {"status", "[ACCOUNT]", "accounts, connections, mailboxes, counts, what failed and when it is tried again", 0, 1},
      {"sync", "[ACCOUNT[/MAILBOX]]...", "a pass now", 0, kAny, Extra::wait, Availability::now,
       "Without an account: all of them. With --wait it shows the progress and returns when the pass is done, with exit status 1 "
       "if it\n"
       "failed; interrupting it leaves the pass running.\n"},
      {"watch", "", "what happens, as it happens, until interrupted", 0, 0, Extra::events, Availability::now,
       "Events: connected, disconnected, sync-started, progress, message-added, message-removed, flags-changed, message-moved,\n"
       "mailbox-created, mailbox-removed, mailbox-renamed, sync-finished, held, error. --events names those to show.\n"},
      {"pause", "[ACCOUNT]", "stop mirroring; lasts over a restart of the daemon", 0, 1},
      {"resume", "[ACCOUNT]", "go on after a pause", 0, 1},
      {"held", "[ACCOUNT]", "deletions that wait for a decision, since they are so many", 0, 1},
      {"approve", "ACCOUNT[/MAILBOX]", "let the held deletions happen", 1, 1},
      {"reject", "ACCOUNT[/MAILBOX]", "bring the messages of the held deletions back", 1, 1},
      {"log", "[ACCOUNT]", "what the passes did, the latest first", 0, 1},
      {"undo", "[ACCOUNT[/MAILBOX]]", "bring back from the attic what a pass removed", 0, 1, Extra::undo, Availability::now,
       "Without options: what the latest pass that removed a message removed. --list shows the passes that did. --pass N takes that\n"
       "one, --since TIME all from then on: \"2h\", \"3d\", \"today\", \"yesterday\", \"2026-11-23\", \"2026-11-23T10:00\" (local time).\n"
       "--dry-run only tells what would come back. Messages come back into their mailbox's folder with the flags that they had, and\n"
       "are uploaded as new ones; doing it twice does nothing twice. What was deleted here has no copy in the attic: that is told,\n"
       "and the exit status is 1. Works while the daemon runs.\n"},
      {"login", "ACCOUNT", "sign in by OAuth2, once or when a sign-in has ended", 1, 1, Extra::way, Availability::now,
       "For accounts with a section [account.NAME.oauth2]; daemon/README.md, \"Signing in\", tells what stands in it. --device shows a code\n"
       "to be typed into a browser on any machine, --browser opens one here and waits for it, --paste is for a machine without one: it\n"
       "takes the address that a browser elsewhere ends at. Without an option: the first of them that the provider and this machine\n"
       "have. Works with and without a running daemon; a running one goes on with the account at once. The tokens are kept in\n"
       "STATE_DIR/ACCOUNT/token.json, for you alone, and are renewed by themselves.\n"},
      {"reload", "", "read the configuration again; a bad one changes nothing", 0, 0},
      {"stop", "", "stop the daemon cleanly", 0, 0},
      {"init", "ADDRESS [OPTIONS]", "set an account up: find its server, ask, try, write the configuration", 0, kAny, Extra::none,
       Availability::now, "", Worker::program_verbatim},
      {"doctor", "[ACCOUNT]", "check the whole set-up, and say what mends it", 0, 1, Extra::none, Availability::now,
       "Configuration, permissions, clock, watches, and for each account its disk, name, certificate, login and capabilities. Changes\n"
       "nothing; works with and without a running daemon. Exit status 1: something failed.\n",
       Worker::program},
      {"verify", "", "compare mail with its records", 0, kAny, Extra::none, Availability::later},
      {"restore", "", "bring messages back from the attic", 0, kAny, Extra::none, Availability::later},
      {"export", "", "write mail elsewhere", 0, kAny, Extra::none, Availability::later},
      {"import", "PROGRAM [FILE]", "take over the accounts and Maildirs of mbsync or offlineimap", 1, 2, Extra::take_over, Availability::now,
       "PROGRAM is mbsync (its FILE ~/.mbsyncrc or $XDG_CONFIG_HOME/isyncrc) or offlineimap ($XDG_CONFIG_HOME/offlineimap/config or\n"
       "~/.offlineimaprc). Writes the accounts into the configuration, and touches no mail: the first pass then matches files and\n"
       "messages and transfers only what differs. Each server is asked, by a login that only lists, whether it calls its mailboxes as\n"
       "the directories are called. Whatever can't be taken over is told with its place and what to do. --dry-run only tells all of\n"
       "it. Exit status 1: some account wasn't taken over.\n"}};
  return kCommands;
}

const Command* find_command(std::string_view name) {
  const auto& all = commands();
  const auto found = std::find_if(all.begin(), all.end(), [name](const Command& command) { return command.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string help() {
  std::string text =
      "mailmirror controls mailmirrord, the daemon that keeps IMAP accounts and local Maildirs equal.\n\n"
      "Usage: mailmirror [--config FILE | --socket PATH] [--json] COMMAND [ARGUMENTS]\n\nCommands:\n";
  std::vector<std::string_view> later;
  for (const auto& command : commands()) {
    if (command.availability == Availability::now)
      text += fmt::format("  {:<36} {}\n", usage_of(command), command.summary);
    else
      later.push_back(command.name);
  }
  return text + fmt::format("\nNot in this version: {}\n\n{}\n{}", fmt::join(later, ", "), kOptions, kExitStatus);
}

std::string help(const Command& command) {
  auto text =
      fmt::format("mailmirror {}: {}\n\nUsage: mailmirror [OPTIONS] {}\n\n", command.name, command.summary, usage_of(command));
  if (command.availability == Availability::later) text += "This command isn't in this version.\n\n";
  if (!command.details.empty()) text += fmt::format("{}\n", command.details);
  return text + std::string(kOptions);
}

}  // namespace mailmirror::cli
