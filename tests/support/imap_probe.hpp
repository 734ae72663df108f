// A small IMAP client of its own, plain sockets and blocking, so that what the tests see of a server doesn't pass through the
// code under test.
#pragma once

#include "tests/support/harness.hpp"
#include "tests/support/imap_value.hpp"

#include <cstdint>
#include <ctime>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::testing {

struct ProbeMessage {
  std::uint32_t uid = 0;
  /// Wire names, without \Recent.
  std::set<std::string> flags;
  std::time_t internal_date = 0;
  /// As they came: CRLF line ends, usually.
  std::string bytes;
};

struct ProbeStatus {
  std::uint64_t messages = 0;
  std::uint64_t unseen = 0;
  std::uint64_t uid_next = 0;
  std::uint64_t uid_validity = 0;
  std::uint64_t highest_modseq = 0;
  friend bool operator==(const ProbeStatus&, const ProbeStatus&) = default;
};

/// One logged-in connection. Mailbox names are UTF-8 and go out in modified UTF-7. A NO or BAD throws HarnessError, as do broken
/// connections and answers that take longer than a minute.
class ImapProbe {
 public:
  ImapProbe(std::uint16_t port, std::string_view user, std::string_view password = "pw");
  ~ImapProbe();
  ImapProbe(const ImapProbe&) = delete;
  ImapProbe& operator=(const ImapProbe&) = delete;

  /// Mailboxes that can hold messages, sorted.
  std::vector<std::string> mailboxes();
  std::vector<std::string> subscribed();
  void create(std::string_view mailbox);
  void remove(std::string_view mailbox);
  void rename(std::string_view from, std::string_view to);

  /// The bytes go as they are. Returns the UID.
  std::uint32_t append(std::string_view mailbox, std::string_view bytes, const std::set<std::string>& flags = {},
                       std::time_t internal_date = kSomeDay);
  std::vector<ProbeMessage> fetch_all(std::string_view mailbox);
  ProbeStatus status(std::string_view mailbox);
  void add_flags(std::string_view mailbox, std::uint32_t uid, std::string_view flags);
  void remove_flags(std::string_view mailbox, std::uint32_t uid, std::string_view flags);
  void expunge(std::string_view mailbox, std::uint32_t uid);
  void move(std::string_view from, std::uint32_t uid, std::string_view to);

  /// Any other command; the untagged responses to it, each as a list of values.
  std::vector<ImapValue> command(std::string_view text);

  /// 2001-09-09 01:46:40 UTC.
  static constexpr std::time_t kSomeDay = 1'000'000'000;

 private:
  void select(std::string_view mailbox);
  void await_continuation(const std::string& tag);
  void send(std::string_view bytes);
  char next_byte();
  std::string read_bytes(std::size_t count);
  ImapValue read_response();
  std::vector<ImapValue> finish(const std::string& tag, std::string_view what);

  int socket_ = -1;
  unsigned last_tag_ = 0;
  std::string buffer_;
  std::size_t at_ = 0;
  ImapValue tagged_;
};

}  // namespace mailmirror::testing
