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

enum class ForwardedFlag : std::uint8_t { counts, ignored };

Holdings holdings_of(const MailStore& store, ForwardedFlag forwarded);
Holdings holdings_of(const FileTree& tree, const std::filesystem::path& maildir, ForwardedFlag forwarded);
/// What differs, in words; `name` is the device's.
std::vector<std::string> differences(const Holdings& server, const Holdings& device, const std::string& name);

}  // namespace mailmirror::simulation
