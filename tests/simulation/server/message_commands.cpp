#include "imap/wire/date_time.hpp"
#include "sync/base/ascii.hpp"
#include "tests/simulation/server/conversation.hpp"

#include <algorithm>

namespace mailmirror::simulation {
namespace {

/// The line "Message-ID: …" with its CRLF, and the empty line after it; only the latter where there is none.
std::string message_id_field(const std::string& bytes) {
  const auto header = bytes.substr(0, bytes.find("\r\n\r\n") + 2);
  const auto at = header.find("Message-ID:");
  if (at == std::string::npos) return "\r\n";
  return header.substr(at, header.find("\r\n", at) + 2 - at) + "\r\n";
}

std::string literal(const std::string& bytes) {
  return '{' + std::to_string(bytes.size()) + "}\r\n" + bytes;
}

std::string set_text(const std::vector<std::uint32_t>& uids) {
  std::string text;
  for (const auto uid : uids) text += (text.empty() ? "" : ",") + std::to_string(uid);
  return text;
}

}  // namespace

/// One message, or several (RFC 3502).
std::string Conversation::append(Words& words) {
  const auto mailbox = store_.mailbox(decoded_name(words.string()));
  if (!mailbox) return "NO [TRYCREATE] no such mailbox";
  std::vector<std::uint32_t> uids;
  while (!words.at_end()) {
    const auto flags = settable(flags_in(words.list()));
    const auto date = imap::wire::parse_date_time(words.string());
    const auto bytes = words.string();
    uids.push_back(store_.append(*mailbox, bytes, flags, date.value()));
    if (bug_ == PlantedBug::append_sent_twice) store_.append(*mailbox, bytes, flags, date.value());
  }
  if (!profile_.uidplus) return "OK appended";
  return "OK [APPENDUID " + std::to_string(mailbox->uid_validity) + ' ' + set_text(uids) + "] appended";
}

std::string Conversation::fetch(Words& words) {
  const auto uids = uids_in(words.string());
  const auto items = words.list();
  Words modifiers(words.list());
  const auto since = modifiers.keyword() == "CHANGEDSINCE" ? std::stoull(modifiers.string()) : 0;
  for (const auto uid : uids) {
    const auto& message = selected_->messages.at(uid);
    if (since > 0 && message.mod_seq <= since) continue;
    tell_fetch(uid, message_data(message, Words(items)));
  }
  return "OK fetched";
}

/// Without the UID, which every FETCH of ours carries.
std::string Conversation::message_data(const StoredMessage& message, Words items) {
  std::string data;
  while (!items.at_end()) {
    const auto item = items.keyword();
    std::string value;
    if (item == "FLAGS") {
      value = "FLAGS " + flags_text(message.flags);
      told_[message.uid] = message.flags;
    }
    if (item == "INTERNALDATE") value = "INTERNALDATE \"" + imap::wire::format_date_time(message.date) + '"';
    if (item == "RFC822.SIZE") value = "RFC822.SIZE " + std::to_string(message.bytes.size());
    if (item == "EMAILID") value = "EMAILID (" + message.email_id + ')';
    if (item == "BODY.PEEK[HEADER.FIELDS") {
      items.string();
      value = "BODY[HEADER.FIELDS (MESSAGE-ID)] " + literal(message_id_field(message.bytes));
    }
    if (item == "BODY.PEEK[]") {
      ++counters_.writes;
      value = "BODY[] " + literal(message.bytes);
    }
    if (!value.empty()) data += (data.empty() ? "" : " ") + value;
  }
  return data;
}

std::string Conversation::store_flags(Words& words) {
  const auto uids = uids_in(words.string());
  const auto item = words.keyword();
  const auto flags = settable(flags_in(words.list()));
  const auto mode = item.front() == '+' ? StoreMode::add : item.front() == '-' ? StoreMode::remove : StoreMode::replace;
  for (const auto uid : uids) {
    const auto before = selected_->messages.at(uid).mod_seq;
    store_.store_flags(*selected_, uid, mode, flags);
    if (!item.ends_with(".SILENT")) continue;
    // What the client did itself it isn't told but for the MODSEQ (RFC 7162 §3.1.3); changes by others it still hears.
    const auto& message = selected_->messages.at(uid);
    auto& told = told_[uid];
    told = mode == StoreMode::add ? told | flags : mode == StoreMode::remove ? told - flags : flags;
    if (condstore_ && message.mod_seq != before) tell_fetch(uid, "");
  }
  return "OK stored";
}

/// ALL, DELETED, or UID SET ALL.
std::string Conversation::search(Words& words) {
  auto key = words.keyword();
  bool extended = false;
  if (key == "RETURN") {
    extended = true;
    words.list();
    key = words.keyword();
  }
  auto among = view_;
  if (key == "UID") {
    among = uids_in(words.string());
    key = words.keyword();
  }
  std::vector<std::uint32_t> found;
  for (const auto uid : among) {
    const auto message = selected_->messages.find(uid);
    if (message == selected_->messages.end()) continue;
    if (key == "ALL" || message->second.flags.contains(Flag::deleted)) found.push_back(uid);
  }
  if (extended) {
    send_("* ESEARCH UID" + (found.empty() ? "" : " ALL " + set_text(found)) + "\r\n");
  } else {
    auto numbers = set_text(found);
    std::replace(numbers.begin(), numbers.end(), ',', ' ');
    send_("* SEARCH" + (numbers.empty() ? "" : ' ' + numbers) + "\r\n");
  }
  return "OK searched";
}

/// COPY and MOVE (RFC 6851 §4.3: COPYUID before the expunges).
std::string Conversation::relocate(const std::string& verb, Words& words) {
  const auto uids = uids_in(words.string());
  const auto to = store_.mailbox(decoded_name(words.string()));
  if (!to) return "NO [TRYCREATE] no such mailbox";
  std::vector<std::uint32_t> copies;
  for (const auto uid : uids) copies.push_back(*store_.copy(*selected_, uid, *to));
  std::string code;
  if (profile_.uidplus && !uids.empty())
    code = "[COPYUID " + std::to_string(to->uid_validity) + ' ' + set_text(uids) + ' ' + set_text(copies) + "] ";
  if (verb == "COPY") return "OK " + code + "copied";
  if (!code.empty()) send_("* OK " + code + "moved\r\n");
  if (bug_ == PlantedBug::move_leaves_origin) return "OK moved";
  for (const auto uid : uids) store_.expunge(*selected_, uid);
  return "OK moved";
}

std::string Conversation::expunge(std::optional<std::vector<std::uint32_t>> among) {
  for (const auto uid : among.value_or(view_)) {
    const auto found = selected_->messages.find(uid);
    if (found != selected_->messages.end() && found->second.flags.contains(Flag::deleted)) store_.expunge(*selected_, uid);
  }
  return "OK expunged";
}

}  // namespace mailmirror::simulation
