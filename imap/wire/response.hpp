// What a server says, as plain values. Names are decoded, numbers checked; what isn't understood is kept as Unknown.
#pragma once

#include "sync/base/flags.hpp"
#include "sync/base/mailbox_name.hpp"
#include "sync/base/uid.hpp"
#include "sync/base/uid_set.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mailmirror::imap::wire {

enum class Condition : std::uint8_t { ok, no, bad, preauth, bye };

using CapabilityNames = std::vector<std::string>;

/// APPENDUID (RFC 4315 §3); several UIDs for MULTIAPPEND.
struct AppendUid {
  UidValidity uid_validity;
  UidSet uids;
};

/// COPYUID (RFC 4315 §3), in the order given, since it pairs source and destination. Empty sets occur (Microsoft).
struct CopyUid {
  UidValidity uid_validity;
  std::vector<Uid> from;
  std::vector<Uid> to;
};

struct PermanentFlags {
  FlagSet flags;
  bool any_keyword = false;  ///< \* was there
};

/// MESSAGELIMIT (RFC 9738 §3): the command stopped after `messages`; the lowest UID that it took care of, where it told one.
struct MessageLimit {
  std::uint32_t messages = 0;
  std::optional<Uid> lowest_done;
};

/// INPROGRESS (RFC 9585 §4): how far a long command is. `goal` is absent where the server doesn't know it.
struct InProgress {
  std::string tag;
  std::optional<std::uint32_t> done;
  std::optional<std::uint32_t> goal;
};

/// The part in brackets (RFC 3501 §7.1). `value` is text for codes without a type of their own.
struct ResponseCode {
  std::string name;  ///< upper case
  std::variant<std::monostate, CapabilityNames, AppendUid, CopyUid, std::uint64_t, PermanentFlags, MessageLimit, InProgress,
               std::string>
      value;
};

struct TaggedStatus {
  std::string tag;
  Condition condition = Condition::ok;
  std::optional<ResponseCode> code;
  std::string text;
};

struct UntaggedStatus {
  Condition condition = Condition::ok;
  std::optional<ResponseCode> code;
  std::string text;
};

struct ContinuationRequest {
  std::string text;  ///< base64 during AUTHENTICATE
};

struct Capability {
  CapabilityNames names;
};

struct Enabled {
  CapabilityNames names;
};

/// Whether commands can name a mailbox that the server listed.
enum class NameForm : std::uint8_t {
  exact,
  inexact,  ///< not modified UTF-7: told as well as can be, but it encodes to other bytes than the server's
};

struct ListItem {
  std::vector<std::string> attributes;  ///< lower case
  std::optional<char> delimiter;        ///< nullopt: NIL, no hierarchy
  MailboxName mailbox;
  NameForm form = NameForm::exact;
  std::optional<MailboxName> old_name;  ///< OLDNAME (RFC 5465 §5.4)
  bool subscribed_only = false;         ///< it was LSUB
};

struct MailboxStatus {
  MailboxName mailbox;
  std::optional<std::uint32_t> messages;
  std::optional<Uid> uid_next;
  std::optional<UidValidity> uid_validity;
  std::optional<std::uint32_t> unseen;
  std::optional<ModSeq> highest_modseq;
  std::optional<std::uint64_t> size;
  std::optional<std::string> mailbox_id;
  std::optional<std::uint64_t> append_limit;  ///< RFC 7889; absent where the mailbox has none of its own
};

struct Flags {
  FlagSet flags;
};

struct Exists {
  std::uint32_t messages = 0;
};

struct Recent {
  std::uint32_t messages = 0;
};

struct Expunge {
  std::uint32_t sequence = 0;
};

/// RFC 7162 §3.2.10.
struct Vanished {
  enum class When : std::uint8_t { earlier, now };
  When when = When::now;
  UidSet uids;
};

struct Search {
  std::vector<std::uint32_t> numbers;
  std::optional<ModSeq> mod_seq;
};

/// RFC 4731.
struct Esearch {
  std::string tag;
  bool by_uid = false;
  std::optional<UidSet> all;
  std::optional<UidSet> partial;  ///< RFC 9394 §3.1: the page that was asked for; empty for NIL
  std::optional<std::uint32_t> min;
  std::optional<std::uint32_t> max;
  std::optional<std::uint32_t> count;
  std::optional<ModSeq> mod_seq;
};

/// A part of a message that isn't streamed ("BODY[HEADER.FIELDS (MESSAGE-ID)]"), without the brackets, upper case.
struct Section {
  std::string name;
  std::string bytes;
};

struct Fetch {
  std::uint32_t sequence = 0;
  std::optional<Uid> uid;
  std::optional<FlagSet> flags;
  std::optional<ModSeq> mod_seq;
  std::optional<std::uint64_t> size;
  std::optional<std::chrono::sys_seconds> internal_date;
  std::vector<Section> sections;
  std::optional<std::string> email_id;
  std::optional<std::uint64_t> gm_msgid;
  bool has_body = false;  ///< its BODY[] went by as events before
};

/// One limit of a quota root (RFC 9208 §5.1); STORAGE counts units of 1024 octets.
struct QuotaResource {
  std::string name;  ///< upper case
  std::uint64_t usage = 0;
  std::uint64_t limit = 0;
};

struct Quota {
  std::string root;
  std::vector<QuotaResource> resources;
};

struct QuotaRoots {
  MailboxName mailbox;
  std::vector<std::string> roots;
};

struct NamespaceEntry {
  std::string prefix;
  std::optional<char> delimiter;
};

struct Namespace {
  std::vector<NamespaceEntry> personal;
  std::vector<NamespaceEntry> others;
  std::vector<NamespaceEntry> shared;
};

struct Id {
  std::vector<std::pair<std::string, std::string>> fields;
};

/// Legal or at least harmless, and nothing to us.
struct Unknown {
  std::string text;
};

using Response = std::variant<TaggedStatus, UntaggedStatus, ContinuationRequest, Capability, Enabled, ListItem, MailboxStatus,
                              Flags, Exists, Recent, Expunge, Vanished, Search, Esearch, Fetch, Namespace, Id, Quota, QuotaRoots,
                              Unknown>;

}  // namespace mailmirror::imap::wire
