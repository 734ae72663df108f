#include "store/state/codec.hpp"

#include <cstring>

namespace mailmirror::store {
namespace {

constexpr std::uint64_t kLongestString = 64 * 1024;
constexpr std::uint64_t kMostKeywords = 4096;

class Writer {
 public:
  Writer& number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(0x80 | (value & 0x7f));
    out_ += static_cast<char>(value);
    return *this;
  }
  Writer& text(std::string_view value) {
    number(value.size());
    out_ += value;
    return *this;
  }
  Writer& digest(const Digest& value) {
    out_.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
    return *this;
  }
  /// Times before 1970 exist in mail: zigzag.
  Writer& time(std::chrono::sys_seconds value) {
    const auto n = value.time_since_epoch().count();
    return number((static_cast<std::uint64_t>(n) << 1) ^ static_cast<std::uint64_t>(n >> 63));
  }
  Writer& flags(const FlagSet& value) {
    number(value.bits()).number(value.keywords().size());
    for (const auto& keyword : value.keywords()) text(keyword);
    return *this;
  }
  Writer& stamp(const DirectoryStamp& value) {
    return number(value.inode).number(value.mtime_ns).number(value.ctime_ns).number(value.birth_ns);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(take(1)[0]);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    throw DamagedValue{};
  }
  std::uint32_t number32() {
    const auto value = number();
    if (value > 0xffffffff) throw DamagedValue{};
    return static_cast<std::uint32_t>(value);
  }
  template <class Enum>
  Enum choice(Enum last) {
    const auto value = number();
    if (value > static_cast<std::uint64_t>(last)) throw DamagedValue{};
    return static_cast<Enum>(value);
  }
  std::string text() {
    const auto length = number();
    if (length > kLongestString) throw DamagedValue{};
    return std::string(take(length));
  }
  Digest digest() {
    Digest value;
    const auto raw = take(value.bytes.size());
    std::memcpy(value.bytes.data(), raw.data(), raw.size());
    return value;
  }
  std::chrono::sys_seconds time() {
    const auto zigzag = number();
    const auto n = static_cast<std::int64_t>(zigzag >> 1) ^ -static_cast<std::int64_t>(zigzag & 1);
    return std::chrono::sys_seconds(std::chrono::seconds(n));
  }
  FlagSet flags() {
    auto value = FlagSet::from_bits(static_cast<std::uint8_t>(number() & 0xff));
    const auto keywords = number();
    if (keywords > kMostKeywords) throw DamagedValue{};
    for (std::uint64_t n = 0; n < keywords; ++n) value.insert_keyword(text());
    return value;
  }
  DirectoryStamp stamp() {
    DirectoryStamp value;
    value.inode = number();
    value.mtime_ns = number();
    value.ctime_ns = number();
    value.birth_ns = number();
    return value;
  }
  void finish() const {
    if (!bytes_.empty()) throw DamagedValue{};
  }

 private:
  std::string_view take(std::uint64_t length) {
    if (length > bytes_.size()) throw DamagedValue{};
    const auto piece = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return piece;
  }

  std::string_view bytes_;
};

}  // namespace

std::string encode(const MailboxState& s) {
  Writer out;
  out.number(s.id.value()).text(s.name.utf8()).number(static_cast<std::uint8_t>(s.delimiter)).text(s.directory);
  out.number(s.uid_validity.value()).number(s.uid_next.value()).number(s.highest_modseq.value()).number(s.remote_messages);
  out.number(s.scanned ? 1 : 0);
  if (s.scanned) out.stamp(s.scanned->cur).stamp(s.scanned->new_);
  return out.text(s.object_id).take();
}

MailboxState decode_mailbox(std::string_view bytes) {
  Reader in(bytes);
  MailboxState s;
  s.id = MailboxId{in.number32()};
  const auto name = in.text();
  s.delimiter = static_cast<char>(in.number() & 0xff);
  s.name = MailboxName(name, s.delimiter);
  s.directory = in.text();
  s.uid_validity = UidValidity{in.number32()};
  s.uid_next = Uid{in.number32()};
  s.highest_modseq = ModSeq{in.number()};
  s.remote_messages = in.number32();
  if (in.number() != 0) {
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
  out.number(r.uid.value()).number(static_cast<std::uint8_t>(r.state)).flags(r.flags).text(r.unique);
  out.number(static_cast<std::uint8_t>(r.line_ends)).digest(r.digest).digest(r.served);
  return out.number(r.file_size).number(r.server_size).time(r.internal_date).text(r.message_id).take();
}

Record decode_record(std::string_view bytes) {
  Reader in(bytes);
  Record r;
  r.uid = Uid{in.number32()};
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
  i.state = in.choice(IntentState::confirmed);
  in.finish();
  return i;
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

}  // namespace mailmirror::store
