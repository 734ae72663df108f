#include "sync/execute/download_once.hpp"

#include "sync/execute/twins.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

namespace mailmirror::sync {
namespace {

class OneDownload {
 public:
  OneDownload(MailboxWork work, imap::client::Session& session, DownloadProgress progress)
      : work_(work), session_(session), progress_(std::move(progress)) {}

  Task<Result<DownloadReport>> run(std::vector<Download> wanted) {
    while (!wanted.empty()) {
      const auto linked = co_await link(wanted);
      MAILMIRROR_CO_TRY(linked);
      const auto done = co_await download_mine(wanted);
      MAILMIRROR_CO_TRY(done);
      if (!wanted.empty()) co_await wait_for(wanted);
    }
    co_return std::move(report_);
  }

 private:
  /// What is linked leaves `wanted`.
  Task<Result<void>> link(std::vector<Download>& wanted) {
    std::uint64_t bytes = 0;
    for (const auto& one : wanted) bytes += one.message.size;
    auto twins = co_await link_twins(work_, std::move(wanted));
    MAILMIRROR_CO_TRY(twins);
    wanted = std::move(twins->left);
    for (const auto& one : wanted) bytes -= one.message.size;
    report_.downloaded += twins->linked;
    if (twins->linked > 0) progress_(twins->linked, bytes);
    co_return ok();
  }

  /// What nobody else is at. The rest stays in `wanted`.
  Task<Result<void>> download_mine(std::vector<Download>& wanted) {
    DownloadClaims::Held held(work_.account.claims);
    const auto is_mine = [&](const Download& one) { return one.message.identity.empty() || held.claim(one.message.identity); };
    const auto rest = std::stable_partition(wanted.begin(), wanted.end(), is_mine);
    std::vector<Download> mine(std::make_move_iterator(wanted.begin()), std::make_move_iterator(rest));
    wanted.erase(wanted.begin(), rest);
    AdoptableFiles none;
    auto done = co_await download(work_, session_, std::move(mine), std::move(none), progress_);
    MAILMIRROR_CO_TRY(done);
    report_.downloaded += done->downloaded;
    report_.unanswered = report_.unanswered | done->unanswered;
    co_return ok();
  }

  Task<void> wait_for(const std::vector<Download>& wanted) {
    std::vector<std::string> identities;
    for (const auto& one : wanted) identities.push_back(one.message.identity);
    co_await work_.account.claims.wait_until_free(std::move(identities));
  }

  MailboxWork work_;
  imap::client::Session& session_;
  DownloadProgress progress_;
  DownloadReport report_;
};

}  // namespace

Task<Result<DownloadReport>> download_once(MailboxWork work, imap::client::Session& session, std::vector<Download> wanted,
                                           AdoptableFiles adoptable, DownloadProgress progress) {
  // A file that may be one of these messages must not get a twin beside it: only a download's bytes tell.
  if (!adoptable.empty()) {
    auto plain = co_await download(work, session, std::move(wanted), std::move(adoptable), std::move(progress));
    co_return std::move(plain);
  }
  OneDownload once(work, session, std::move(progress));
  auto report = co_await once.run(std::move(wanted));
  co_return std::move(report);
}

}  // namespace mailmirror::sync
