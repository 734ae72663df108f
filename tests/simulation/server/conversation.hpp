// The server's side of one connection: bytes in, bytes out, nothing waits (RFC 9051, 7162, 4315, 6851, 3502).
#pragma once

#include "tests/simulation/planted_bug.hpp"
#include "tests/simulation/server/mail_store.hpp"
#include "tests/simulation/server/profile.hpp"
#include "tests/simulation/server/words.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::simulation {

/// What one server does, for all its connections.
struct ServerCounters {
  std::uint64_t commands = 0;
  std::uint64_t writes = 0;  ///< commands that change something, and bodies that were fetched
};

/// A rule that answers a command in the server's place, or not at all: refusals by the schedule.
using Refusal = std::function<std::optional<std::string>(const std::string& verb)>;

class Conversation {
 public:
  using Send = std::function<void(std::string)>;

  Conversation(MailStore& store, const Profile& profile, PlantedBug bug, ServerCounters& counters, Refusal refusal, Send send);

  void greet();
  /// Executes what is complete.
  void receive(std::string_view bytes);
  /// To be called after changes by others: a client in IDLE hears of them at once.
  void push();
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  std::optional<std::string> next_command();
  void execute(const std::string& text);
  std::string answer(const std::string& verb, Words& words);
  std::string answer_uid(Words& words);
  std::string answer_selected(const std::string& verb, Words& words);

  // Mailboxes (mailbox_commands.cpp).
  std::string list(Words& words);
  std::string status(Words& words);
  std::string select(Words& words);
  std::string manage(const std::string& verb, Words& words);
  void send_status(const StoredMailbox& mailbox, const std::string& items);
  void tell_resync(const StoredMailbox& mailbox, Words words);

  // Messages (message_commands.cpp).
  std::string append(Words& words);
  std::string fetch(Words& words);
  std::string store_flags(Words& words);
  std::string search(Words& words);
  std::string relocate(const std::string& verb, Words& words);
  std::string expunge(std::optional<std::vector<std::uint32_t>> among);
  std::string message_data(const StoredMessage& message, Words items);

  /// News of the selected mailbox: what vanished, came, or has other flags.
  void tell_changes();
  void tell_fetch(std::uint32_t uid, const std::string& items);
  [[nodiscard]] std::vector<std::uint32_t> uids_in(const std::string& set) const;
  [[nodiscard]] FlagSet settable(FlagSet flags) const;

  MailStore& store_;
  const Profile& profile_;
  PlantedBug bug_;
  ServerCounters& counters_;
  Refusal refusal_;
  Send send_;
  std::string buffer_;
  std::size_t scanned_ = 0;
  bool invited_ = false;
  bool ended_ = false;
  bool condstore_ = false;
  bool qresync_ = false;
  std::string idle_tag_;
  MailboxPtr selected_;
  std::vector<std::uint32_t> view_;          ///< the UIDs by sequence number, as the client was told
  std::map<std::uint32_t, FlagSet> told_;    ///< the flags that the client was told of or may ask for
};

std::string decoded_name(const std::string& wire);
std::string encoded_name(const std::string& utf8);

}  // namespace mailmirror::simulation
