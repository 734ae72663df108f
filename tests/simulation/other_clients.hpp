// What other clients and the server's own programs do to the account: mail arrives, is read, moved, deleted; mailboxes come and go.
#pragma once

#include "sync/base/clock.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/planted_bug.hpp"
#include "tests/simulation/seeded_random.hpp"
#include "tests/simulation/server/mail_store.hpp"
#include "tests/simulation/server/profile.hpp"

#include <optional>
#include <string>

namespace mailmirror::simulation {

class OtherClients {
 public:
  OtherClients(MailStore& store, const Clock& clock, Ledger& ledger, const Profile& profile, PlantedBug bug)
      : store_(store), clock_(clock), ledger_(ledger), profile_(profile), bug_(bug) {}

  // Each returns a line for the trace; "" where there was nothing to do it to.
  std::string deliver(SeededRandom random);
  std::string flag(SeededRandom random);
  std::string move(SeededRandom random);
  std::string copy(SeededRandom random);
  std::string expunge(SeededRandom random);
  std::string create_mailbox(SeededRandom random);
  std::string rename_mailbox(SeededRandom random);
  std::string delete_mailbox(SeededRandom random);
  std::string renumber(SeededRandom random);

 private:
  struct Choice {
    MailboxPtr mailbox;
    std::uint32_t uid;
    std::string bytes;
  };
  std::optional<Choice> any_message(SeededRandom& random) const;
  MailboxPtr any_mailbox(SeededRandom& random) const;

  MailStore& store_;
  const Clock& clock_;
  Ledger& ledger_;
  const Profile& profile_;
  PlantedBug bug_;
};

}  // namespace mailmirror::simulation
