// Whether the server and a device hold the same.
#pragma once

#include "tests/simulation/local_programs.hpp"
#include "tests/simulation/server/mail_store.hpp"

#include <map>
#include <string>
#include <vector>

namespace mailmirror::simulation {

/// By mailbox: each message as its content and its flags, sorted.
using Holdings = std::map<std::string, std::vector<std::string>>;

/// What the server can't do shows in what it holds.
struct Allowance {
  bool forwarded_flag_is_local = false;  ///< it keeps no keywords
  bool deleted_may_stay = false;         ///< without UIDPLUS a deleted message may stay there as \Deleted (hard case 9)
};

Holdings holdings_of(const MailStore& store, Allowance allowance);
Holdings holdings_of(const FileTree& tree, const std::filesystem::path& maildir, Allowance allowance);
/// What differs, in words; `name` is the device's.
std::vector<std::string> differences(const Holdings& server, const Holdings& device, const std::string& name, Allowance allowance);

/// Messages of the server that the device doesn't hold in the same folder, whatever their flags, and that its users left alone; in words.
std::vector<std::string> missing_contents(const MailStore& store, const FileTree& tree, const std::filesystem::path& maildir,
                                          const Ledger& users, const std::string& name);

}  // namespace mailmirror::simulation
