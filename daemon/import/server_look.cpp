#include "daemon/import/server_look.hpp"

#include "daemon/account/account_options.hpp"
#include "daemon/config/secret.hpp"
#include "imap/client/extension/namespaces.hpp"
#include "imap/client/mailboxes.hpp"
#include "imap/client/open_session.hpp"
#include "imap/transport/tcp.hpp"
#include "sync/base/ascii.hpp"
#include "sync/base/task_scope.hpp"
#include "sync/base/timeout.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <set>

namespace mailmirror::daemon::migration {
namespace {

namespace client = imap::client;

constexpr std::chrono::seconds kPatience{30};
constexpr std::size_t kMostToldOf = 5;

std::string slashed(std::string name, char delimiter) {
  if (delimiter != '\0') std::replace(name.begin(), name.end(), delimiter, '/');
  return name;
}

ServerNames names_of(const std::vector<client::ListedMailbox>& listed, const std::string& prefix) {
  ServerNames names;
  char delimiter = '\0';
  for (const auto& mailbox : listed) {
    if (mailbox.delimiter != '\0') delimiter = mailbox.delimiter;
    if (mailbox.selectable == client::Selectable::yes) names.mailboxes.push_back(slashed(mailbox.name.utf8(), mailbox.delimiter));
  }
  names.prefix = slashed(MailboxName(prefix, delimiter).utf8(), delimiter);
  return names;
}

Task<Result<ServerNames>> ask(client::Environment environment, client::SessionOptions options) {
  auto session = co_await client::open_session(environment, std::move(options));
  MAILMIRROR_CO_TRY(session);
  Result<ServerNames> names = ServerNames{};
  auto body = [&](TaskGroup& group) -> Task<void> {
    group.spawn((*session)->run());
    const auto listed = co_await client::list_mailboxes(**session, client::StatusItems::none);
    if (listed)
      names = names_of(*listed, client::personal_prefix((*session)->namespaces()));
    else
      names = listed.error();
    co_await (*session)->logout();
  };
  co_await run_in_group(body);
  co_return names;
}

bool is_in_inbox(std::string_view name) {
  return ascii::equal_ignoring_case(name.substr(0, name.find('/')), "INBOX");
}

/// "Lists/*" is "INBOX/Lists/*"; all, special uses and the INBOX stay what they are.
std::string with_prefix(const std::string& pattern, const std::string& prefix) {
  const bool excludes = pattern.starts_with('!');
  const auto text = pattern.substr(excludes ? 1 : 0);
  if (text == "*" || text.starts_with('\\') || is_in_inbox(text)) return pattern;
  return (excludes ? "!" : "") + prefix + text;
}

}  // namespace

Result<ServerNames> look_at_server(const config::Account& account) {
  auto secret = config::obtain_secret(account.secret);
  MAILMIRROR_TRY(secret);
  auto options = session_options(account);
  options.login.secret = std::move(*secret);
  asio::io_context network(1);
  BlockingPool pool(1);
  RealClock clock;
  SecureRandom random;
  imap::transport::TcpConnector connector(pool, clock);
  const client::Environment environment{clock, pool, random, connector, null_log()};
  Result<ServerNames> names = fail(ErrorKind::network, "no answer");
  std::exception_ptr failure;
  auto task = with_deadline(clock, clock.steady_now() + kPatience, account.host, ask(environment, std::move(options)));
  asio::co_spawn(network, std::move(task), [&](std::exception_ptr thrown, Result<ServerNames> answer) {
    failure = thrown;
    if (!thrown) names = std::move(answer);
    network.stop();
  });
  network.run();
  if (failure) std::rethrow_exception(failure);
  return names;
}

void compare_with_server(const ServerNames& server, const Survey& survey, const std::filesystem::path& root,
                         const std::string& file, Draft& draft) {
  const std::set<std::string> there(server.mailboxes.begin(), server.mailboxes.end());
  if (draft.leaves_out_namespace && !server.prefix.empty() && !draft.only_what_is_here)
    for (auto& pattern : draft.account.mailboxes) pattern = with_prefix(pattern, server.prefix);
  std::vector<std::string> here_alone;
  std::size_t moves = 0;
  for (const auto& folder : survey.adopted) {
    if (there.contains(folder.mailbox)) continue;
    if (server.prefix.empty() || !there.contains(server.prefix + folder.mailbox)) {
      here_alone.push_back(folder.mailbox);
    } else if (++moves <= kMostToldOf) {
      auto directory = root / folder.directory;
      auto target = root / server.prefix / folder.directory;
      if (draft.account.layout != config::Layout::nested) {
        auto prefix = server.prefix;
        std::replace(prefix.begin(), prefix.end(), '/', '.');
        const bool dotted = folder.directory.starts_with('.');
        target = root / ((dotted ? "." : "") + prefix + folder.directory.substr(dotted ? 1 : 0));
      } else if (draft.account.inbox != "INBOX" && is_in_inbox(server.prefix)) {
        target = root / (draft.account.inbox + server.prefix.substr(5)) / folder.directory;
      }
      draft.obstacles.push_back({file, 0,
                                 fmt::format("the server calls the mailbox '{0}{1}', the other program leaves out the '{0}': with "
                                             "the directory as it is, its mail would "
                                             "be downloaded again. Run {2}, and import again",
                                             server.prefix, folder.mailbox, move_command(directory, target))});
    }
  }
  if (moves > kMostToldOf) draft.obstacles.push_back({file, 0, fmt::format("and so for {} more", moves - kMostToldOf)});
  if (!here_alone.empty())
    draft.notes.push_back(
        {file, 0,
         fmt::format("the server doesn't have {}: the first pass makes what is here and not there", fmt::join(here_alone, ", "))});
}

}  // namespace mailmirror::daemon::migration
