#include "tests/simulation/server/mail_store.hpp"

#include <utility>

namespace mailmirror::simulation {

MailStore::MailStore() {
  create("INBOX");
}

MailboxPtr MailStore::mailbox(const std::string& name) const {
  const auto found = mailboxes_.find(name);
  return found == mailboxes_.end() ? nullptr : found->second;
}

std::vector<std::string> MailStore::names() const {
  std::vector<std::string> names;
  for (const auto& [name, mailbox] : mailboxes_) names.push_back(name);
  return names;
}

bool MailStore::has_children(const std::string& name) const {
  const auto next = mailboxes_.lower_bound(name + '/');
  return next != mailboxes_.end() && next->first.starts_with(name + '/');
}

bool MailStore::create(const std::string& name) {
  if (mailboxes_.contains(name)) return false;
  if (const auto slash = name.rfind('/'); slash != std::string::npos) create(name.substr(0, slash));
  auto made = std::make_shared<StoredMailbox>();
  made->name = name;
  made->uid_validity = next_validity_++;
  made->id = "F" + std::to_string(next_id_++);
  mailboxes_.emplace(name, std::move(made));
  changed();
  return true;
}

bool MailStore::remove(const std::string& name) {
  const auto found = mailboxes_.find(name);
  if (found == mailboxes_.end() || name == "INBOX" || has_children(name)) return false;
  found->second->gone = true;
  mailboxes_.erase(found);
  changed();
  return true;
}

bool MailStore::rename(const std::string& from, const std::string& to) {
  if (from == "INBOX" || !mailboxes_.contains(from) || mailboxes_.contains(to) || to.starts_with(from + '/')) return false;
  std::vector<std::pair<std::string, MailboxPtr>> moving;
  for (auto at = mailboxes_.begin(); at != mailboxes_.end();) {
    const bool concerned = at->first == from || at->first.starts_with(from + '/');
    if (concerned) moving.emplace_back(to + at->first.substr(from.size()), at->second);
    at = concerned ? mailboxes_.erase(at) : std::next(at);
  }
  if (const auto slash = to.rfind('/'); slash != std::string::npos) create(to.substr(0, slash));
  for (auto& [name, mailbox] : moving) {
    mailbox->name = name;
    mailboxes_[name] = std::move(mailbox);
  }
  changed();
  return true;
}

std::uint32_t MailStore::append(StoredMailbox& mailbox, std::string bytes, FlagSet flags, std::chrono::sys_seconds date, std::string email_id) {
  StoredMessage message;
  message.uid = mailbox.uid_next++;
  message.bytes = std::move(bytes);
  message.flags = std::move(flags);
  message.date = date;
  message.mod_seq = ++mailbox.highest_mod_seq;
  message.email_id = email_id.empty() ? "M" + std::to_string(next_id_++) : std::move(email_id);
  const auto uid = message.uid;
  mailbox.messages.emplace(uid, std::move(message));
  changed();
  return uid;
}

bool MailStore::store_flags(StoredMailbox& mailbox, std::uint32_t uid, StoreMode mode, const FlagSet& flags) {
  const auto found = mailbox.messages.find(uid);
  if (found == mailbox.messages.end()) return false;
  auto& message = found->second;
  auto after = flags;
  if (mode == StoreMode::add) after = message.flags | flags;
  if (mode == StoreMode::remove) after = message.flags - flags;
  if (after == message.flags) return true;
  message.flags = std::move(after);
  message.mod_seq = ++mailbox.highest_mod_seq;
  changed();
  return true;
}

bool MailStore::expunge(StoredMailbox& mailbox, std::uint32_t uid) {
  if (mailbox.messages.erase(uid) == 0) return false;
  mailbox.expunged[uid] = ++mailbox.highest_mod_seq;
  changed();
  return true;
}

std::optional<std::uint32_t> MailStore::copy(StoredMailbox& from, std::uint32_t uid, StoredMailbox& to) {
  const auto found = from.messages.find(uid);
  if (found == from.messages.end()) return std::nullopt;
  const auto original = found->second;
  return append(to, original.bytes, original.flags, original.date, original.email_id);
}

void MailStore::renumber(StoredMailbox& mailbox, Validity validity) {
  auto messages = std::exchange(mailbox.messages, {});
  mailbox.expunged.clear();
  if (validity == Validity::changes) mailbox.uid_validity = next_validity_++;
  mailbox.uid_next = 1;
  for (auto& [uid, message] : messages) {
    message.uid = mailbox.uid_next++;
    message.mod_seq = ++mailbox.highest_mod_seq;
    const auto fresh = message.uid;
    mailbox.messages.emplace(fresh, std::move(message));
  }
  changed();
}

void MailStore::changed() {
  ++changes_;
  if (listener_) listener_();
}

MailStore::Snapshot MailStore::snapshot() const {
  Snapshot all;
  for (const auto& [name, mailbox] : mailboxes_) all.emplace(name, *mailbox);
  return all;
}

void MailStore::restore(const Snapshot& snapshot) {
  for (auto& [name, mailbox] : mailboxes_) mailbox->gone = true;
  mailboxes_.clear();
  for (const auto& [name, mailbox] : snapshot) mailboxes_.emplace(name, std::make_shared<StoredMailbox>(mailbox));
  changed();
}

}  // namespace mailmirror::simulation
