#include "tests/simulation/server/conversation.hpp"

#include "imap/wire/modified_utf7.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace mailmirror::simulation {
namespace {

struct LiteralHead {
  std::size_t size;
  bool waits;
};

std::optional<LiteralHead> literal_at_end(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  const auto open = line.rfind('{');
  if (open == line.npos) return std::nullopt;
  LiteralHead head{0, !line.ends_with("+}")};
  std::from_chars(line.data() + open + 1, line.data() + line.size(), head.size);
  return head;
}

bool changes_something(const std::string& verb) {
  return verb == "APPEND" || verb == "STORE" || verb == "EXPUNGE" || verb == "MOVE" || verb == "COPY" || verb == "CREATE" || verb == "DELETE" ||
         verb == "RENAME";
}

}  // namespace

std::string decoded_name(const std::string& wire) {
  return imap::wire::decode_modified_utf7(wire).value();
}

std::string encoded_name(const std::string& utf8) {
  return imap::wire::encode_modified_utf7(utf8).value();
}

Conversation::Conversation(MailStore& store, const Profile& profile, PlantedBug bug, ServerCounters& counters, Refusal refusal, Send send)
    : store_(store), profile_(profile), bug_(bug), counters_(counters), refusal_(std::move(refusal)), send_(std::move(send)) {}

void Conversation::greet() {
  send_("* OK [CAPABILITY " + profile_.capabilities() + "] ready\r\n");
}

void Conversation::receive(std::string_view bytes) {
  buffer_ += bytes;
  while (!ended_) {
    const auto command = next_command();
    if (!command) return;
    execute(*command);
  }
}

std::optional<std::string> Conversation::next_command() {
  while (true) {
    const auto end = buffer_.find("\r\n", scanned_);
    if (end == std::string::npos) return std::nullopt;
    if (const auto literal = literal_at_end(std::string_view(buffer_).substr(scanned_, end - scanned_))) {
      if (literal->waits && !invited_) send_("+ go on\r\n");
      invited_ = true;
      if (buffer_.size() < end + 2 + literal->size) return std::nullopt;
      scanned_ = end + 2 + literal->size;
      invited_ = false;
      continue;
    }
    auto command = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 2);
    scanned_ = 0;
    return command;
  }
}

void Conversation::execute(const std::string& text) {
  if (!idle_tag_.empty()) {
    send_(std::exchange(idle_tag_, {}) + " OK idle no more\r\n");
    return;
  }
  ++counters_.commands;
  Words words(text);
  const auto tag = words.string();
  auto verb = words.keyword();
  if (verb == "IDLE") {
    idle_tag_ = tag;
    send_("+ idling\r\n");
    return push();
  }
  const bool by_uid = verb == "UID";
  if (by_uid) verb = words.keyword();
  if (changes_something(verb)) ++counters_.writes;
  auto said = refusal_(verb);
  if (!said) said = by_uid ? answer_selected(verb, words) : answer(verb, words);
  if (selected_) tell_changes();
  send_(tag + ' ' + *said + "\r\n");
}

void Conversation::push() {
  if (bug_ == PlantedBug::news_unheard) return;
  if (!idle_tag_.empty() && selected_) tell_changes();
}

std::string Conversation::answer(const std::string& verb, Words& words) {
  if (verb == "CAPABILITY") {
    send_("* CAPABILITY " + profile_.capabilities() + "\r\n");
    return "OK these";
  }
  if (verb == "LOGIN" || verb == "NOOP") return "OK done";
  if (verb == "NAMESPACE") {
    send_("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n");
    return "OK done";
  }
  if (verb == "ENABLE") {
    std::string enabled;
    while (!words.at_end()) {
      const auto name = words.keyword();
      if (name == "QRESYNC" && profile_.qresync) condstore_ = qresync_ = true;
      if (name == "CONDSTORE" && profile_.condstore) condstore_ = true;
      enabled += ' ' + name;
    }
    send_("* ENABLED" + enabled + "\r\n");
    return "OK done";
  }
  if (verb == "LOGOUT") {
    send_("* BYE until next time\r\n");
    ended_ = true;
    return "OK bye";
  }
  if (verb == "LIST") return list(words);
  if (verb == "STATUS") return status(words);
  if (verb == "SELECT" || verb == "EXAMINE") return select(words);
  if (verb == "UNSELECT") {
    selected_.reset();
    return "OK nothing is selected";
  }
  if (verb == "APPEND") return append(words);
  if (verb == "EXPUNGE") return selected_ ? expunge(std::nullopt) : "BAD nothing is selected";
  return manage(verb, words);
}

std::string Conversation::answer_selected(const std::string& verb, Words& words) {
  if (!selected_) return "BAD nothing is selected";
  if (selected_->gone) return "NO [NONEXISTENT] the mailbox was deleted";
  if (verb == "FETCH") return fetch(words);
  if (verb == "STORE") return store_flags(words);
  if (verb == "SEARCH") return search(words);
  if (verb == "COPY" || (verb == "MOVE" && profile_.move)) return relocate(verb, words);
  if (verb == "EXPUNGE" && profile_.uidplus) {
    auto among = uids_in(words.string());
    return bug_ == PlantedBug::expunge_of_everything ? expunge(std::nullopt) : expunge(std::move(among));
  }
  return "BAD unknown command UID " + verb;
}

void Conversation::tell_changes() {
  const auto& now = selected_->messages;
  UidSet vanished;
  std::string expunges;
  for (std::size_t n = view_.size(); n-- > 0;) {
    if (now.contains(view_[n])) continue;
    vanished.insert(Uid{view_[n]});
    expunges += "* " + std::to_string(n + 1) + " EXPUNGE\r\n";
    told_.erase(view_[n]);
    view_.erase(view_.begin() + static_cast<std::ptrdiff_t>(n));
  }
  if (!vanished.empty()) send_(qresync_ ? "* VANISHED " + vanished.to_string() + "\r\n" : expunges);
  const auto before = view_.size();
  for (auto at = now.upper_bound(view_.empty() ? 0 : view_.back()); at != now.end(); ++at) {
    view_.push_back(at->first);
    told_[at->first] = at->second.flags;
  }
  if (view_.size() != before) send_("* " + std::to_string(view_.size()) + " EXISTS\r\n");
  for (const auto uid : view_)
    if (const auto& flags = now.at(uid).flags; told_[uid] != flags) {
      told_[uid] = flags;
      tell_fetch(uid, "FLAGS " + flags_text(flags));
    }
}

void Conversation::tell_fetch(std::uint32_t uid, const std::string& items) {
  const auto place = std::lower_bound(view_.begin(), view_.end(), uid) - view_.begin() + 1;
  std::string text = "* " + std::to_string(place) + " FETCH (UID " + std::to_string(uid);
  if (!items.empty()) text += ' ' + items;
  if (condstore_) text += " MODSEQ (" + std::to_string(selected_->messages.at(uid).mod_seq) + ')';
  send_(text + ")\r\n");
}

std::vector<std::uint32_t> Conversation::uids_in(const std::string& set) const {
  std::vector<std::uint32_t> uids;
  if (view_.empty()) return uids;
  auto text = set;
  for (auto star = text.find('*'); star != std::string::npos; star = text.find('*'))
    text.replace(star, 1, std::to_string(view_.back()));
  const auto wanted = UidSet::parse(text).value();
  for (const auto uid : view_)
    if (wanted.contains(Uid{uid}) && selected_->messages.contains(uid)) uids.push_back(uid);
  return uids;
}

FlagSet Conversation::settable(FlagSet flags) const {
  return profile_.keywords ? flags : FlagSet::from_bits(flags.bits()) - FlagSet{Flag::forwarded};
}

}  // namespace mailmirror::simulation
