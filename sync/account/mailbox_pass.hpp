// One pass over one mailbox: observe both sides, plan, carry out, until both are equal.
#pragma once

#include "sync/account/pass_report.hpp"
#include "sync/account/session_source.hpp"
#include "sync/execute/mailbox_work.hpp"
#include "sync/observe/local.hpp"

#include <cstdint>
#include <functional>
#include <set>
#include <string>

namespace mailmirror::sync {

/// What is known of the server's side before the mailbox is selected.
enum class RemoteHint : std::uint8_t {
  unchanged,  ///< STATUS equals the checkpoint: nothing to look at there
  look,       ///< changed, or not known
};

/// What was there when files that moved between folders were sought. What goes or comes later may be a move, too: the next pass asks.
struct Sought {
  std::set<std::string> files;  ///< without a record
  UidSet missing;               ///< their files weren't there, nor in any other folder
};

struct MailboxPassInput {
  MailboxWork work;  ///< its state is the base's; the pass updates it and writes it back
  RemoteHint remote = RemoteHint::look;
  LocalHint local;
  GuardDecisions decisions;
  Sought sought;
  std::optional<MailboxName> trash;  ///< where `OnLocalDelete::trash` moves messages; nullopt: there is no such mailbox
  std::function<void(std::uint64_t messages, std::uint64_t bytes)> expected;  ///< told when downloads are planned
  std::function<void(std::uint64_t messages, std::uint64_t bytes)> progress;  ///< told when some are done
};

/// Takes a session only if there is something to ask or tell the server. Errors of the mailbox stand in the report; what was done
/// before an error stays done and recorded.
Task<MailboxReport> run_mailbox_pass(MailboxPassInput input, SessionSource& sessions);

}  // namespace mailmirror::sync
