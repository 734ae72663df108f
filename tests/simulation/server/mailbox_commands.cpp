#include "tests/simulation/server/conversation.hpp"

#include <algorithm>

namespace mailmirror::simulation {
namespace {

std::string quoted(const std::string& name) {
  return '"' + encoded_name(name) + '"';
}

std::string special_use(const std::string& name) {
  return name == "Trash" ? " \\Trash" : "";
}

}  // namespace

/// LIST "" PATTERN [RETURN (SPECIAL-USE STATUS (…))]: the pattern is "*" or a name.
std::string Conversation::list(Words& words) {
  words.string();
  const auto pattern = words.string();
  std::string items;
  if (words.keyword() == "RETURN") {
    Words options(words.list());
    for (auto text = std::string(); !options.at_end();)
      if (options.keyword() == "STATUS") items = options.list();
  }
  for (const auto& name : store_.names()) {
    if (pattern != "*" && decoded_name(pattern) != name) continue;
    const std::string children = store_.has_children(name) ? "\\HasChildren" : "\\HasNoChildren";
    send_("* LIST (" + children + special_use(name) + ") \"/\" " + quoted(name) + "\r\n");
    if (!items.empty()) send_status(*store_.mailbox(name), items);
  }
  return "OK listed";
}

std::string Conversation::status(Words& words) {
  const auto mailbox = store_.mailbox(decoded_name(words.string()));
  if (!mailbox) return "NO [NONEXISTENT] no such mailbox";
  send_status(*mailbox, words.list());
  return "OK told";
}

void Conversation::send_status(const StoredMailbox& mailbox, const std::string& items) {
  std::string told;
  Words words(items);
  while (!words.at_end()) {
    const auto item = words.keyword();
    std::string value;
    if (item == "MESSAGES") value = std::to_string(mailbox.messages.size());
    if (item == "UIDNEXT") value = std::to_string(mailbox.uid_next);
    if (item == "UIDVALIDITY") value = std::to_string(mailbox.uid_validity);
    if (item == "HIGHESTMODSEQ") value = std::to_string(mailbox.highest_mod_seq);
    if (item == "MAILBOXID") value = '(' + mailbox.id + ')';
    if (item == "UNSEEN")
      value = std::to_string(std::count_if(mailbox.messages.begin(), mailbox.messages.end(),
                                           [](const auto& one) { return !one.second.flags.contains(Flag::seen); }));
    if (!value.empty()) told += (told.empty() ? "" : " ") + item + ' ' + value;
  }
  send_("* STATUS " + quoted(mailbox.name) + " (" + told + ")\r\n");
}

std::string Conversation::select(Words& words) {
  const auto mailbox = store_.mailbox(decoded_name(words.string()));
  if (selected_ && qresync_) send_("* OK [CLOSED] the mailbox before\r\n");
  selected_ = mailbox;
  view_.clear();
  told_.clear();
  if (!mailbox) return "NO [NONEXISTENT] no such mailbox";
  for (const auto& [uid, message] : mailbox->messages) {
    view_.push_back(uid);
    told_[uid] = message.flags;
  }
  const std::string forwarded = profile_.keywords ? " $Forwarded \\*" : "";
  send_("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n");
  send_("* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft" + forwarded + ")] these stay\r\n");
  const auto unheard = bug_ == PlantedBug::expunges_unheard ? mailbox->expunged.size() : 0;
  send_("* " + std::to_string(view_.size() + unheard) + " EXISTS\r\n* 0 RECENT\r\n");
  send_("* OK [UIDVALIDITY " + std::to_string(mailbox->uid_validity) + "] so\r\n");
  send_("* OK [UIDNEXT " + std::to_string(mailbox->uid_next) + "] so\r\n");
  if (profile_.condstore) send_("* OK [HIGHESTMODSEQ " + std::to_string(mailbox->highest_mod_seq) + "] so\r\n");
  if (profile_.object_id) send_("* OK [MAILBOXID (" + mailbox->id + ")] so\r\n");
  Words parameters(words.list());
  const auto parameter = parameters.keyword();
  if (parameter == "CONDSTORE") condstore_ = true;
  if (parameter == "QRESYNC" && qresync_) tell_resync(*mailbox, Words(parameters.list()));
  return "OK [READ-WRITE] selected";
}

/// RFC 7162 §3.2.5: UIDVALIDITY, MODSEQ, and perhaps the UIDs that the client knows.
void Conversation::tell_resync(const StoredMailbox& mailbox, Words words) {
  if (words.string() != std::to_string(mailbox.uid_validity)) return;
  const auto since = std::stoull(words.string());
  std::optional<UidSet> known;
  if (!words.at_end() && words.peek() != '(') known = UidSet::parse(words.string());
  UidSet vanished;
  for (const auto& [uid, mod_seq] : mailbox.expunged)
    if (mod_seq > since && (!known || known->contains(Uid{uid}))) vanished.insert(Uid{uid});
  if (!vanished.empty() && bug_ != PlantedBug::expunges_unheard) send_("* VANISHED (EARLIER) " + vanished.to_string() + "\r\n");
  for (const auto& [uid, message] : mailbox.messages)
    if (message.mod_seq > since) tell_fetch(uid, "FLAGS " + flags_text(message.flags));
}

std::string Conversation::manage(const std::string& verb, Words& words) {
  const auto name = decoded_name(words.string());
  if (verb == "CREATE") return store_.create(name) ? "OK created" : "NO [ALREADYEXISTS] it is there";
  if (verb == "DELETE") return store_.remove(name) ? "OK deleted" : "NO it can't be deleted";
  if (verb == "RENAME") return store_.rename(name, decoded_name(words.string())) ? "OK renamed" : "NO it can't be renamed";
  if (verb == "SUBSCRIBE" || verb == "UNSUBSCRIBE") return "OK noted";
  return "BAD unknown command " + verb;
}

}  // namespace mailmirror::simulation
