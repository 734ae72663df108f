#include "imap/client/flag_store.hpp"

#include "imap/client/uid_commands.hpp"

#include <utility>

namespace mailmirror::imap::client {
namespace {

/// Some servers echo a FETCH in spite of .SILENT, or its MODSEQ (RFC 7162 §3.1.3): no news to anybody.
class EchoHandler final : public ResponseHandler {
 public:
  explicit EchoHandler(const UidSet& uids) : uids_(uids) {}

  bool take(const wire::Response& response) override {
    const auto* const fetch = std::get_if<wire::Fetch>(&response);
    return fetch != nullptr && fetch->uid && uids_.contains(*fetch->uid);
  }

 private:
  const UidSet& uids_;
};

}  // namespace

Task<Result<void>> store_flags(Session& session, UidSet uids, FlagChange change, FlagSet flags) {
  const auto* const item = change == FlagChange::add ? "+FLAGS.SILENT" : "-FLAGS.SILENT";
  CommandFor make = [&](const std::string& part) { return wire::Command("UID STORE").raw(part).raw(item).flags(flags); };
  EchoHandler handler(uids);
  Judge judge = demand_ok_or_expunged;
  auto done = co_await run_on_uids(session, uids, std::move(make), &handler, std::move(judge));
  co_return done;
}

}  // namespace mailmirror::imap::client
