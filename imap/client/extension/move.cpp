#include "imap/client/extension/move.hpp"

#include "imap/client/expunge.hpp"
#include "imap/client/flag_store.hpp"
#include "imap/client/uid_commands.hpp"

#include <string_view>
#include <utility>

namespace mailmirror::imap::client {
namespace {

/// COPYUID comes in the tagged answer, or in an untagged OK before it (RFC 6851 §4.3).
class CopyUidHandler final : public ResponseHandler {
 public:
  bool take(const wire::Response& response) override {
    const auto* const status = std::get_if<wire::UntaggedStatus>(&response);
    return status != nullptr && note(status->code);
  }

  bool note(const std::optional<wire::ResponseCode>& code) {
    const auto* const told = code ? std::get_if<wire::CopyUid>(&code->value) : nullptr;
    if (told == nullptr) return false;
    // Sets of different sizes pair nothing.
    if (told->from.size() != told->to.size()) return true;
    relocation.uid_validity = told->uid_validity;
    for (std::size_t n = 0; n < told->from.size(); ++n) relocation.pairs.push_back({told->from[n], told->to[n]});
    return true;
  }

  Relocation relocation;
};

Task<Result<Relocation>> relocate(Session& session, std::string_view verb, UidSet uids, MailboxName to) {
  CopyUidHandler handler;
  CommandFor make = [&](const std::string& part) {
    wire::Command command(verb);
    command.raw(part).mailbox(to, session.name_encoding());
    return command;
  };
  Judge judge = [&](const wire::TaggedStatus& status, std::string_view command) {
    handler.note(status.code);
    return demand_ok_or_expunged(status, command);
  };
  const auto done = co_await run_on_uids(session, std::move(uids), std::move(make), &handler, std::move(judge));
  if (!done) co_return error_in(done, to.utf8());
  co_return std::move(handler.relocation);
}

/// One by one where the server mixes up which UID became which.
Task<Result<Relocation>> relocate_as_told(Session& session, std::string_view verb, UidSet uids, MailboxName to) {
  if (!session.has(Quirk::mixed_up_copyuid)) {
    auto whole = co_await relocate(session, verb, std::move(uids), std::move(to));
    co_return std::move(whole);
  }
  Relocation all;
  while (!uids.empty()) {
    auto one = co_await relocate(session, verb, uids.take_front(1), to);
    MAILMIRROR_CO_TRY(one);
    all.uid_validity = one->uid_validity;
    all.pairs.insert(all.pairs.end(), one->pairs.begin(), one->pairs.end());
  }
  co_return std::move(all);
}

}  // namespace

Task<Result<Relocation>> copy_messages(Session& session, UidSet uids, MailboxName to) {
  return relocate_as_told(session, "UID COPY", std::move(uids), std::move(to));
}

Task<Result<Relocation>> move_messages(Session& session, UidSet uids, MailboxName to) {
  if (session.capabilities().has(Extension::move)) {
    auto moved = co_await relocate_as_told(session, "UID MOVE", std::move(uids), std::move(to));
    co_return std::move(moved);
  }
  auto copied = co_await copy_messages(session, uids, std::move(to));
  MAILMIRROR_CO_TRY(copied);
  FlagSet deleted;
  deleted.insert(Flag::deleted);
  const auto marked = co_await store_flags(session, uids, FlagChange::add, std::move(deleted));
  MAILMIRROR_CO_TRY(marked);
  if (session.capabilities().has(Extension::uidplus)) {
    const auto gone = co_await uid_expunge(session, std::move(uids));
    MAILMIRROR_CO_TRY(gone);
    co_return std::move(copied);
  }
  const auto outcome = co_await expunge_exactly(session, uids);
  MAILMIRROR_CO_TRY(outcome);
  if (*outcome == ExpungeOutcome::others_are_deleted_too) copied->left_behind = std::move(uids);
  co_return std::move(copied);
}

}  // namespace mailmirror::imap::client
