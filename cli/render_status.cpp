#include "cli/render_status.hpp"

#include "cli/text.hpp"
#include "cli/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace mailmirror::cli {
namespace {

using daemon::control::AccountStatus;
using daemon::control::MailboxStatus;
using daemon::control::StatusDocument;
using daemon::control::Time;

constexpr std::size_t kIndent = 2;
constexpr std::string_view kMargin = "  ";
/// Narrower than this, a name says nothing.
constexpr std::size_t kNarrowestName = 16;

Colour colour_of(const std::string& state) {
  if (state == "failed") return Colour::red;
  if (state == "held" || state == "paused") return Colour::yellow;
  return state == "idle" ? Colour::green : Colour::cyan;
}

std::string push_in_words(const std::string& push) {
  if (push == "notify") return "push by NOTIFY";
  return push == "idle" ? "push by IDLE" : "polling";
}

std::chrono::seconds between(Time from, Time to) {
  return std::chrono::duration_cast<std::chrono::seconds>(to - from);
}

std::uint64_t sum(const AccountStatus& account, std::uint64_t MailboxStatus::*member) {
  return std::accumulate(account.mailboxes.begin(), account.mailboxes.end(), std::uint64_t{0},
                         [member](std::uint64_t total, const MailboxStatus& mailbox) { return total + mailbox.*member; });
}

/// What stands behind an account's name and state.
std::string particulars(const AccountStatus& account, Time now) {
  std::vector<std::string> parts;
  if (account.in_flight)
    parts.push_back(fmt::format("{} of {} done, {}", account.in_flight->done, account.in_flight->total,
                                bytes_in_words(account.in_flight->bytes)));
  if (account.connections > 0) parts.push_back(push_in_words(account.push));
  parts.push_back(account.last_sync ? fmt::format("last sync {} ago", length_in_words(between(*account.last_sync, now)))
                                    : "never in sync yet");
  if (!account.mailboxes.empty())
    parts.push_back(fmt::format("{} in {}, {} unseen", counted(sum(account, &MailboxStatus::messages), "message"),
                                account.mailboxes.size() == 1 ? "1 mailbox" : fmt::format("{} mailboxes", account.mailboxes.size()),
                                sum(account, &MailboxStatus::unseen)));
  if (account.connections > 0) parts.push_back(counted(account.connections, "connection"));
  if (account.bytes_in + account.bytes_out > 0)
    parts.push_back(fmt::format("{} in, {} out", bytes_in_words(account.bytes_in), bytes_in_words(account.bytes_out)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string retry_in_words(std::chrono::seconds left) {
  return left.count() > 0 ? fmt::format("tried again in {}", length_in_words(left)) : "tried again now";
}

std::string trouble(const AccountStatus& account, Time now, const Look& look) {
  std::string text;
  if (account.error) text += look.paint(Colour::red, wrap(kMargin, printable(*account.error), kIndent, look.width));
  if (account.retry_at && account.state != "paused")
    text += wrap(kMargin, retry_in_words(between(now, *account.retry_at)), kIndent, look.width);
  const auto name = printable(account.name);
  if (account.state == "paused")
    text += wrap(kMargin, fmt::format("paused: 'mailmirror resume {}' goes on", name), kIndent, look.width);
  if (const auto held = sum(account, &MailboxStatus::held); held > 0)
    text += look.paint(
        Colour::yellow,
        wrap(kMargin,
             fmt::format("{} held: 'mailmirror approve {}' lets them happen, 'mailmirror reject {}' brings the messages back",
                         counted(held, "deletion"), name, name),
             kIndent, look.width));
  return text;
}

std::string remarks(const MailboxStatus& mailbox) {
  std::vector<std::string> parts;
  if (mailbox.pending_remote > 0) parts.push_back(fmt::format("{} to download", mailbox.pending_remote));
  if (mailbox.pending_local > 0) parts.push_back(fmt::format("{} to upload", mailbox.pending_local));
  if (mailbox.held > 0) parts.push_back(fmt::format("{} held", counted(mailbox.held, "deletion")));
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// The columns' widths in one account's table.
struct Columns {
  std::size_t name = display_width("MAILBOX");
  std::size_t messages = display_width("MESSAGES");
  std::size_t unseen = display_width("UNSEEN");
};

Columns columns_for(const AccountStatus& account, const Look& look) {
  Columns columns;
  for (const auto& mailbox : account.mailboxes) {
    columns.name = std::max(columns.name, display_width(printable(mailbox.name)));
    columns.messages = std::max(columns.messages, std::to_string(mailbox.messages).size());
    columns.unseen = std::max(columns.unseen, std::to_string(mailbox.unseen).size());
  }
  const auto rest = kIndent + 2 + columns.messages + 2 + columns.unseen;
  if (look.width && *look.width < rest + columns.name)
    columns.name = std::max(kNarrowestName, *look.width > rest ? *look.width - rest : 0);
  return columns;
}

std::string row(const Columns& columns, std::string_view name, std::string_view messages, std::string_view unseen) {
  return fmt::format("  {}  {}  {}", pad_right(clip(name, columns.name), columns.name), pad_left(messages, columns.messages),
                     pad_left(unseen, columns.unseen));
}

std::string table(const AccountStatus& account, const Look& look) {
  if (account.mailboxes.empty()) return "";
  const auto columns = columns_for(account, look);
  auto text = look.paint(Colour::dim, row(columns, "MAILBOX", "MESSAGES", "UNSEEN")) + '\n';
  for (const auto& mailbox : account.mailboxes) {
    text += row(columns, printable(mailbox.name), std::to_string(mailbox.messages), std::to_string(mailbox.unseen));
    if (const auto words = remarks(mailbox); !words.empty()) text += "  " + look.paint(Colour::yellow, words);
    text += '\n';
    if (mailbox.error) text += look.paint(Colour::red, wrap("    ", printable(*mailbox.error), 4, look.width));
  }
  return text;
}

std::string render_account(const AccountStatus& account, Time now, const Look& look) {
  const auto name = printable(account.name), state = printable(account.state);
  const auto plain = fmt::format("{}: {}, ", name, state);
  const auto painted = fmt::format("{}: {}, ", look.paint(Colour::bold, name), look.paint(colour_of(account.state), state));
  auto line = wrap(plain, particulars(account, now), kIndent, look.width);
  line.replace(0, plain.size(), painted);
  return line + trouble(account, now, look) + table(account, look);
}

}  // namespace

std::string render_status(const StatusDocument& status, Time now, const Look& look) {
  auto text = fmt::format("mailmirrord {}, running for {}\n", printable(status.version),
                          length_in_words(std::chrono::seconds(status.uptime_s)));
  for (const auto& account : status.accounts) text += '\n' + render_account(account, now, look);
  return text;
}

}  // namespace mailmirror::cli
