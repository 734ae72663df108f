#include "daemon/account/held.hpp"

#include <string_view>

namespace mailmirror::daemon {
namespace {

std::string to_word(store::HeldReason reason) {
  switch (reason) {
    case store::HeldReason::many: return "many";
    case store::HeldReason::all: return "all";
    case store::HeldReason::mailbox_deleted: return "mailbox-deleted";
  }
  return "";
}

void add_entry(control::HeldMailbox& mailbox, std::string_view side, const store::Record& record) {
  if (mailbox.entries.size() < control::kMostListed)
    mailbox.entries.push_back({std::string(side), record.uid.value(), record.message_id, record.internal_date});
}

/// BLOCKS.
control::HeldMailbox held_in(const store::ReadTxn& read, const store::MailboxState& state) {
  control::HeldMailbox mailbox;
  mailbox.mailbox = state.name.utf8();
  mailbox.messages = read.count(state.id);
  if (const auto held = read.held(state.id)) {
    mailbox.since = held->since;
    mailbox.reason = to_word(held->reason);
    mailbox.on_server = held->on_server.size();
    mailbox.here = held->here.size();
    for (const auto& record : read.records(state.id, held->on_server)) add_entry(mailbox, "server", record);
    for (const auto& record : read.records(state.id, held->here)) add_entry(mailbox, "here", record);
  }
  for (const auto& orphan : read.orphans(state.id)) {
    ++mailbox.orphans;
    add_entry(mailbox, "orphan", orphan.record);
  }
  if (mailbox.orphans > 0 && mailbox.reason.empty()) mailbox.reason = "server-lost-them";
  mailbox.held = mailbox.on_server + mailbox.here + mailbox.orphans;
  return mailbox;
}

}  // namespace

Task<Result<std::vector<control::HeldMailbox>>> held_in(std::shared_ptr<sync::Account> account, std::set<MailboxName> mailboxes) {
  auto look = [&]() -> Result<std::vector<control::HeldMailbox>> {
    try {
      std::vector<control::HeldMailbox> held;
      const auto read = account->db().read();
      for (const auto& state : read.mailboxes()) {
        if (!mailboxes.contains(state.name)) continue;
        auto mailbox = held_in(read, state);
        mailbox.account = account->settings().name;
        if (mailbox.held > 0) held.push_back(std::move(mailbox));
      }
      return held;
    } catch (const ErrorException& failure) {
      return failure.error();
    }
  };
  auto held = co_await account->surroundings().pool.run(look);
  co_return held;
}

}  // namespace mailmirror::daemon
