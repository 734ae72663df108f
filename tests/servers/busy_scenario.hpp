// One pass that has everything to do: messages, flags, moves, deletions and mailboxes, in both directions. The sweeps break it at
// every point, and it always has to come out the same.
#pragma once

#include "tests/servers/world.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace mailmirror::testing {

class BusyScenario {
 public:
  enum class Extent : std::uint8_t {
    messages,   ///< in INBOX and Archive, where every mailbox stays as it is
    everything  ///< mailboxes come, go and get other names, too
  };

  /// Mirrors an account once, quietly; then both sides change. The next pass has everything to do.
  explicit BusyScenario(World& world, Extent extent = Extent::everything);

  /// Both sides hold what they should and the same, each message once; what the server's side deleted rests in the attic; and
  /// another pass changes nothing.
  [[nodiscard]] ::testing::AssertionResult came_out_right();

 private:
  void fill();
  void change_here();
  void change_there();
  void fill_mailboxes();
  void change_mailboxes_here();
  void change_mailboxes_there();
  /// Onto the server, and into the Maildir.
  std::string put(std::string_view mailbox);
  void deliver(std::string_view mailbox);
  [[nodiscard]] fs::path local(std::size_t number) const;
  [[nodiscard]] ::testing::AssertionResult flags_are_right();
  [[nodiscard]] ::testing::AssertionResult attic_is_right() const;
  [[nodiscard]] ::testing::AssertionResult stays_still();

  World& world_;
  Extent extent_;
  /// INBOX at the first pass; with LF, as all that follows.
  std::vector<std::string> inbox_;
  std::vector<std::uint32_t> uids_;
  std::map<std::string, std::vector<std::string>> expected_;
  std::map<std::string, std::set<std::string>> flags_;
  std::vector<std::string> in_attic_;
};

}  // namespace mailmirror::testing
