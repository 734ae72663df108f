// What concerns this machine and the configuration as a whole. All of it blocks.
#pragma once

#include "daemon/config/load.hpp"
#include "daemon/doctor/finding.hpp"

#include <filesystem>

namespace mailmirror::daemon::doctor {

/// The configuration's mistakes, one by one, or that it is good.
Findings check_configuration(const std::filesystem::path& file, const config::Loaded& loaded);

/// Who may read and change the files and folders that mailmirror trusts.
Findings check_permissions(const std::filesystem::path& file, const config::Config& config);

/// Whether a daemon answers at the configuration's socket.
Finding check_daemon(const config::Config& config);

/// Certificates and the times of messages depend on it.
Finding check_clock();

/// Each folder of mail takes a watch.
Finding check_watches(const config::Config& config);

/// `folders` against what the kernel allows this user.
Finding judge_watches(std::uint64_t folders, std::uint64_t most);

}  // namespace mailmirror::daemon::doctor
