// What concerns one account's mail and state on this machine. All of it blocks.
#pragma once

#include "daemon/config/config.hpp"
#include "daemon/doctor/finding.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace mailmirror::daemon::doctor {

Finding check_maildir(const config::Account& account);

/// Room and inodes, where the mail and where the state is.
Findings check_disks(const config::Account& account, const std::filesystem::path& state_dir);

/// `what` is a place in words. nullopt: there is enough.
struct Room {
  std::uint64_t bytes = 0;
  std::uint64_t inodes = 0;
  bool counts_inodes = true;
};
std::optional<Finding> judge_room(const Room& room, const std::string& account, const std::string& what);

/// Network file systems tell nothing of what others write, and one Maildir must not be mirrored from two machines.
Finding check_file_system(const config::Account& account);

/// The name of a file system that lies elsewhere, by statfs' magic number; nullopt for all others.
std::optional<std::string> remote_file_system(std::uint64_t magic);

/// Whether somebody holds the account's lock, and who: the daemon at our socket (which mirrors `mirrored_here`), or another one.
Finding check_lock(const config::Account& account, const std::filesystem::path& state_dir, bool mirrored_here);

/// Whether the daemon at the socket knows this account.
bool is_mirrored_at(const std::filesystem::path& socket, const std::string& account);

}  // namespace mailmirror::daemon::doctor
