#include "daemon/setup/look_around.hpp"

#include "imap/client/mailboxes.hpp"
#include "imap/client/open_session.hpp"
#include "sync/base/task_scope.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace mailmirror::daemon::setup {
namespace {

namespace client = imap::client;

Sight sight_of(const std::vector<client::ListedMailbox>& mailboxes) {
  Sight sight;
  std::uint64_t bytes = 0;
  bool sized = false;
  for (const auto& mailbox : mailboxes) {
    if (mailbox.selectable == client::Selectable::no) continue;
    sight.mailboxes.push_back(mailbox.name.utf8());
    if (!mailbox.status) continue;
    sight.messages += mailbox.status->messages.value_or(0);
    sized = sized || mailbox.status->size.has_value();
    bytes += mailbox.status->size.value_or(0);
  }
  if (sized) sight.bytes = bytes;
  return sight;
}

}  // namespace

Task<Result<Sight>> look_around(client::Environment environment, client::SessionOptions options) {
  auto session = co_await client::open_session(environment, std::move(options));
  MAILMIRROR_CO_TRY(session);
  Result<Sight> seen = Sight{};
  auto body = [&](TaskGroup& group) -> Task<void> {
    group.spawn((*session)->run());
    const auto mailboxes = co_await client::list_mailboxes(**session, client::StatusItems::counts_and_size);
    if (mailboxes) {
      seen = sight_of(*mailboxes);
      seen->capabilities = (*session)->capabilities().names();
    } else {
      seen = mailboxes.error();
    }
    co_await (*session)->logout();
  };
  co_await run_in_group(body);
  co_return seen;
}

std::string size_in_words(std::uint64_t bytes) {
  constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (size >= 1024 && unit + 1 < kUnits.size()) {
    size /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::string to_words(const Sight& sight) {
  const auto counted = [](std::uint64_t count, std::string_view noun, std::string_view plural) {
    return fmt::format("{} {}", count, count == 1 ? noun : plural);
  };
  auto text = counted(sight.mailboxes.size(), "mailbox", "mailboxes") + ", " + counted(sight.messages, "message", "messages");
  return sight.bytes ? text + ", " + size_in_words(*sight.bytes) : text;
}

}  // namespace mailmirror::daemon::setup
