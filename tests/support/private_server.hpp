// What every private server of the tests needs: ports, the account it runs under, the proof that it is the one that answers.
#pragma once

#include "tests/support/subprocess.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace mailmirror::testing {

/// As root, servers run as `nobody`; else as the user who runs the tests.
struct ServerAccount {
  /// Unset: no change of user.
  std::optional<UserIds> run_as;
  std::string user;
  std::string group;
};
ServerAccount account_for_servers();

/// Gives the folder and all in it to the account.
void hand_over(const fs::path& folder, const ServerAccount& account);

/// A port on 127.0.0.1 that nobody listens at now. It may be taken by the time that a server binds it: try again then.
std::uint16_t free_port();

/// The first bytes that the port's owner says; empty where nobody answers within two seconds.
std::string first_words(std::uint16_t port);

}  // namespace mailmirror::testing
