// What a server says, as plain values (RFC 3501 §7, RFC 9051 §7 and the extensions named below).
// They hold what was said, not what it means: a value here may still be absurd for the mailbox it speaks of.
#pragma once

#include "sync/base/flags.hpp"
#include "sync/base/mailbox_name.hpp"
#include "sync/base/uid.hpp"
#include "sync/base/uid_set.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mailmirror::imap::wire {

enum class Condition : std::uint8_t { ok, no, bad, preauth, bye };

/// Names in upper case, in the server's order: "IMAP4REV1", "AUTH=PLAIN".
struct CapabilityNames {
  std::vector<std::string> names;
  friend bool operator==(const CapabilityNames&, const CapabilityNames&) = default;
};

/// RFC 4315 §3. The set is empty where the server sent none.
struct AppendUid {
  UidValidity uid_validity;
  UidSet uids;
  friend bool operator==(const AppendUid&, const AppendUid&) = default;
};

/// Whether a COPYUID tells which message became which.
enum class Pairing : std::uint8_t {
  by_order,  ///< both sets came ascending and have one size: the n-th UID of `from` became the n-th of `to`
  unknown,   ///< sets of different sizes, empty or not ascending: search for the messages
};

/// RFC 4315 §3. Some servers send empty sets.
struct CopyUid {
  UidValidity uid_validity;
  UidSet from;
  UidSet to;
  Pairing pairing = Pairing::unknown;
  friend bool operator==(const CopyUid&, const CopyUid&) = default;
};

/// Whether clients may make keywords ("\*" in PERMANENTFLAGS).
enum class KeywordPolicy : std::uint8_t { listed_only, any };

struct PermanentFlags {
  FlagSet flags;
  KeywordPolicy keywords = KeywordPolicy::listed_only;
  friend bool operator==(const PermanentFlags&, const PermanentFlags&) = default;
};

/// The "[…]" of a status response. What `value` holds follows from the name; where a server's argument doesn't have the form
/// that its name asks for, `value` is the argument's text. A known name is one of:
/// CAPABILITY: CapabilityNames. APPENDUID: AppendUid. COPYUID: CopyUid. PERMANENTFLAGS: PermanentFlags. MODIFIED: UidSet.
/// UIDNEXT, UIDVALIDITY, UNSEEN, HIGHESTMODSEQ, APPENDLIMIT, MESSAGELIMIT: a number. MAILBOXID: text without parentheses.
struct ResponseCode {
  /// Upper case.
  std::string name;
  std::variant<std::monostate, CapabilityNames, AppendUid, CopyUid, std::uint64_t, PermanentFlags, UidSet, std::string> value;

  template <class T>
  [[nodiscard]] const T* get() const {
    return std::get_if<T>(&value);
  }
  friend bool operator==(const ResponseCode&, const ResponseCode&) = default;
};

/// The end of a command. Only ok, no and bad.
struct TaggedStatus {
  std::string tag;
  Condition condition = Condition::bad;
  std::optional<ResponseCode> code;
  std::string text;
  friend bool operator==(const TaggedStatus&, const TaggedStatus&) = default;
};

struct UntaggedStatus {
  Condition condition = Condition::ok;
  std::optional<ResponseCode> code;
  std::string text;
  friend bool operator==(const UntaggedStatus&, const UntaggedStatus&) = default;
};

/// "+ text": go on with the literal, or a SASL challenge in base64.
struct ContinuationRequest {
  std::string text;
  friend bool operator==(const ContinuationRequest&, const ContinuationRequest&) = default;
};

struct Capability {
  CapabilityNames capabilities;
  friend bool operator==(const Capability&, const Capability&) = default;
};

/// RFC 5161. Names in upper case.
struct Enabled {
  std::vector<std::string> names;
  friend bool operator==(const Enabled&, const Enabled&) = default;
};

/// Whether commands can name a mailbox that the server listed.
enum class NameForm : std::uint8_t {
  exact,    ///< the decoded name encodes to the bytes that the server sent (INBOX in any case)
  inexact,  ///< it doesn't: invalid modified UTF-7, or no UTF-8. `name` serves for telling the user alone
};

/// LIST (RFC 3501 §7.2.2, RFC 5258).
struct ListItem {
  /// Lower case, with the backslash: "\noselect", "\sent", "\haschildren".
  std::vector<std::string> attributes;
  /// nullopt: a flat name (NIL).
  std::optional<char> delimiter;
  MailboxName name;
  NameForm form = NameForm::exact;
  /// RFC 9051 §6.3.9.7.
  std::optional<MailboxName> old_name;

  /// `attribute` in lower case, with the backslash.
  [[nodiscard]] bool has(std::string_view attribute) const {
    return std::find(attributes.begin(), attributes.end(), attribute) != attributes.end();
  }
  friend bool operator==(const ListItem&, const ListItem&) = default;
};

/// STATUS (RFC 3501 §7.2.4; RFC 7162, 8438, 8474). Items that weren't sent are nullopt.
struct MailboxStatus {
  MailboxName name;
  std::optional<std::uint32_t> messages;
  std::optional<Uid> uid_next;
  std::optional<UidValidity> uid_validity;
  std::optional<std::uint32_t> unseen;
  std::optional<ModSeq> highest_modseq;
  /// Octets of all messages.
  std::optional<std::uint64_t> size;
  std::optional<std::string> mailbox_id;
  friend bool operator==(const MailboxStatus&, const MailboxStatus&) = default;
};

/// FLAGS: those that the mailbox knows.
struct Flags {
  FlagSet flags;
  friend bool operator==(const Flags&, const Flags&) = default;
};

struct Exists {
  std::uint32_t messages = 0;
  friend bool operator==(const Exists&, const Exists&) = default;
};

struct Recent {
  std::uint32_t messages = 0;
  friend bool operator==(const Recent&, const Recent&) = default;
};

/// A sequence number; numbers above it go down by one. 0 where a broken server says so.
struct Expunge {
  std::uint32_t seq = 0;
  friend bool operator==(const Expunge&, const Expunge&) = default;
};

/// RFC 7162 §3.2.10.
struct Vanished {
  enum class When : std::uint8_t { earlier, now };
  When when = When::now;
  UidSet uids;
  friend bool operator==(const Vanished&, const Vanished&) = default;
};

/// UIDs or sequence numbers, as the command asked.
struct Search {
  std::vector<std::uint32_t> numbers;
  std::optional<ModSeq> modseq;
  friend bool operator==(const Search&, const Search&) = default;
};

/// RFC 4731. Without `all` and with `count` 0 or absent nothing matched.
struct Esearch {
  enum class Numbers : std::uint8_t { sequence, uid };
  /// "" where the server named none.
  std::string tag;
  Numbers numbers = Numbers::sequence;
  std::optional<UidSet> all;
  std::optional<std::uint32_t> count;
  std::optional<std::uint32_t> min;
  std::optional<std::uint32_t> max;
  std::optional<ModSeq> modseq;
  friend bool operator==(const Esearch&, const Esearch&) = default;
};

/// A part of a message that isn't streamed: BODY[HEADER.FIELDS (…)], BODY[1.MIME], RFC822.HEADER.
struct Section {
  /// What stands between the brackets, in upper case: "HEADER.FIELDS (MESSAGE-ID)"; "HEADER" and "TEXT" for RFC822.HEADER and
  /// RFC822.TEXT. Servers differ in quoting and spaces within it.
  std::string name;
  /// The first octet's place, where only a part was asked for ("<0>").
  std::optional<std::uint64_t> origin;
  /// nullopt: NIL.
  std::optional<std::string> bytes;
  friend bool operator==(const Section&, const Section&) = default;
};

/// FETCH (RFC 3501 §7.4.2; RFC 7162, 8474), and UIDFETCH (RFC 9586), which has no sequence number.
struct Fetch {
  /// 0 in a UIDFETCH.
  std::uint32_t seq = 0;
  /// nullopt also where a broken server sent 0.
  std::optional<Uid> uid;
  std::optional<FlagSet> flags;
  std::optional<ModSeq> modseq;
  /// RFC822.SIZE: an estimate on some servers.
  std::optional<std::uint64_t> size;
  /// nullopt also where it was no date.
  std::optional<std::chrono::sys_seconds> internal_date;
  std::vector<Section> sections;
  std::optional<std::string> email_id;
  std::optional<std::uint64_t> gm_msgid;
  /// A BodyBegin … BodyEnd of this message came before. False where the server said BODY[] NIL or left the value out: then
  /// nothing is known of the message's bytes.
  bool has_body = false;
  friend bool operator==(const Fetch&, const Fetch&) = default;
};

/// RFC 2342. Extension data is left out.
struct Namespace {
  struct Entry {
    /// As on the wire, not decoded: it goes back to the server in patterns.
    std::string prefix;
    std::optional<char> delimiter;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  std::vector<Entry> personal;
  std::vector<Entry> other_users;
  std::vector<Entry> shared;
  friend bool operator==(const Namespace&, const Namespace&) = default;
};

/// RFC 2971. Keys in lower case; NIL values are "".
struct Id {
  std::vector<std::pair<std::string, std::string>> fields;
  friend bool operator==(const Id&, const Id&) = default;
};

/// Legal or tolerable, but nothing that this program acts on. `text` is what followed "* ", without the line end.
struct Unknown {
  std::string text;
  friend bool operator==(const Unknown&, const Unknown&) = default;
};

using Response = std::variant<TaggedStatus, UntaggedStatus, ContinuationRequest, Capability, Enabled, ListItem, MailboxStatus, Flags,
                              Exists, Recent, Expunge, Vanished, Search, Esearch, Fetch, Namespace, Id, Unknown>;

}  // namespace mailmirror::imap::wire
