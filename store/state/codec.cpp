#include "store/state/codec.hpp"

#include "store/state/byte_codec.hpp"

namespace mailmirror::store {
namespace {

enum class Presence : std::uint8_t { absent, there };

}  // namespace

std::string encode(const MailboxState& s) {
  Writer out;
  out.number(s.id.value()).text(s.name.utf8()).number(static_cast<std::uint8_t>(s.delimiter)).text(s.directory);
  out.number(s.uid_validity.value()).number(s.uid_next.value()).number(s.highest_modseq.value()).number(s.remote_messages);
  out.number(static_cast<std::uint8_t>(s.scanned ? Presence::there : Presence::absent));
  if (s.scanned) out.stamp(s.scanned->cur).stamp(s.scanned->new_);
  return out.text(s.object_id).take();
}

MailboxState decode_mailbox(std::string_view bytes) {
  Reader in(bytes);
  MailboxState s;
  s.id = MailboxId{in.number32()};
  const auto name = in.text();
  s.delimiter = static_cast<char>(in.number8());
  s.name = MailboxName(name, s.delimiter);
  s.directory = in.text();
  s.uid_validity = UidValidity{in.number32()};
  s.uid_next = Uid{in.number32()};
  s.highest_modseq = ModSeq{in.number()};
  s.remote_messages = in.number32();
  if (in.choice(Presence::there) == Presence::there) {
    FolderStamps stamps;
    stamps.cur = in.stamp();
    stamps.new_ = in.stamp();
    s.scanned = stamps;
  }
  s.object_id = in.text();
  in.finish();
  return s;
}

std::string encode(const Record& r) {
  Writer out;
  out.number(static_cast<std::uint8_t>(r.state)).flags(r.flags).text(r.unique);
  out.number(static_cast<std::uint8_t>(r.line_ends)).digest(r.digest).digest(r.served);
  out.number(r.file_size).number(r.server_size).time(r.internal_date).text(r.message_id);
  // Most servers have none, and records of before had no such field.
  if (!r.identity.empty()) out.text(r.identity);
  return out.take();
}

Record decode_record(Uid uid, std::string_view bytes) {
  Reader in(bytes);
  Record r;
  r.uid = uid;
  r.state = in.choice(RecordState::pending);
  r.flags = in.flags();
  r.unique = in.text();
  r.line_ends = in.choice(LineEnds::as_served);
  r.digest = in.digest();
  r.served = in.digest();
  r.file_size = in.number();
  r.server_size = in.number();
  r.internal_date = in.time();
  r.message_id = in.text();
  if (!in.at_end()) {
    r.identity = in.text();
    if (r.identity.empty()) throw DamagedValue{};
  }
  in.finish();
  return r;
}

std::string encode(const Intent& i) {
  Writer out;
  out.number(i.id).number(i.mailbox.value()).number(i.uid_validity.value()).number(i.uid_next_then.value()).text(i.unique);
  out.digest(i.wire_digest).number(i.wire_size).flags(i.flags).time(i.internal_date).text(i.message_id).time(i.created);
  return out.number(static_cast<std::uint8_t>(i.state)).take();
}

Intent decode_intent(std::string_view bytes) {
  Reader in(bytes);
  Intent i;
  i.id = in.number();
  i.mailbox = MailboxId{in.number32()};
  i.uid_validity = UidValidity{in.number32()};
  i.uid_next_then = Uid{in.number32()};
  i.unique = in.text();
  i.wire_digest = in.digest();
  i.wire_size = in.number();
  i.flags = in.flags();
  i.internal_date = in.time();
  i.message_id = in.text();
  i.created = in.time();
  i.state = in.choice(IntentState::moving);
  in.finish();
  return i;
}

std::string encode(const HistoryEntry& e) {
  Writer out;
  out.number(e.pass).time(e.time).number(static_cast<std::uint8_t>(e.kind)).number(static_cast<std::uint8_t>(e.origin));
  const bool as_called = e.directory == e.name;
  out.number(e.mailbox.value()).text(e.name).number(static_cast<std::uint8_t>(as_called ? Presence::absent : Presence::there));
  if (!as_called) out.text(e.directory);
  out.text(e.former).number(e.uid_validity.value()).number(e.uid.value());
  return out.text(e.unique).digest(e.digest).flags(e.before).flags(e.after).text(e.resting).text(e.restored_as).take();
}

HistoryEntry decode_history(std::string_view bytes) {
  Reader in(bytes);
  HistoryEntry e;
  e.pass = in.number();
  e.time = in.time();
  e.kind = in.choice(ChangeKind::mailbox_removed);
  e.origin = in.choice(ChangeOrigin::both);
  e.mailbox = MailboxId{in.number32()};
  e.name = in.text();
  e.directory = in.choice(Presence::there) == Presence::there ? in.text() : e.name;
  e.former = in.text();
  e.uid_validity = UidValidity{in.number32()};
  e.uid = Uid{in.number32()};
  e.unique = in.text();
  e.digest = in.digest();
  e.before = in.flags();
  e.after = in.flags();
  e.resting = in.text();
  e.restored_as = in.text();
  in.finish();
  return e;
}

std::string encode(const HeldDeletions& h) {
  Writer out;
  out.number(h.uid_validity.value()).time(h.since).number(static_cast<std::uint8_t>(h.reason)).number(h.messages);
  return out.uids(h.on_server).uids(h.here).take();
}

HeldDeletions decode_held(std::string_view bytes) {
  Reader in(bytes);
  HeldDeletions h;
  h.uid_validity = UidValidity{in.number32()};
  h.since = in.time();
  h.reason = in.choice(HeldReason::mailbox_deleted);
  h.messages = in.number();
  h.on_server = in.uids();
  h.here = in.uids();
  in.finish();
  return h;
}

std::string encode(const Binding& b) {
  Writer out;
  return out.text(b.host).text(b.user).text(b.root).text(b.layout).text(b.folder_encoding).take();
}

Binding decode_binding(std::string_view bytes) {
  Reader in(bytes);
  Binding b;
  b.host = in.text();
  b.user = in.text();
  b.root = in.text();
  b.layout = in.text();
  b.folder_encoding = in.text();
  in.finish();
  return b;
}

std::string encode(const DailyTraffic& traffic) {
  return Writer().number(static_cast<std::uint64_t>(traffic.day)).number(traffic.download).number(traffic.upload).take();
}

DailyTraffic decode_daily_traffic(std::string_view bytes) {
  Reader in(bytes);
  DailyTraffic traffic;
  traffic.day = static_cast<std::int64_t>(in.number());
  traffic.download = in.number();
  traffic.upload = in.number();
  in.finish();
  return traffic;
}

}  // namespace mailmirror::store
