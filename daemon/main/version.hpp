// What `mailmirrord --version` tells: the version, and what this build is made of.
#pragma once

#include <string>

namespace mailmirror::daemon {

/// "mailmirrord 0.1.0", then a line for each part: TLS, the database, compression, the service manager, the compiler.
std::string version_text();

}  // namespace mailmirror::daemon
