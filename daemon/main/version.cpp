#include "daemon/main/version.hpp"

#include <fmt/format.h>
#include <lmdb.h>
#include <openssl/crypto.h>
#include <zlib.h>
#include <boost/version.hpp>

namespace mailmirror::daemon {
namespace {

std::string lmdb_version() {
  int major = 0, minor = 0, patch = 0;
  mdb_version(&major, &minor, &patch);
  return fmt::format("{}.{}.{}", major, minor, patch);
}

std::string compiler() {
#if defined(__clang__)
  return fmt::format("clang++ {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#elif defined(__GNUC__)
  return fmt::format("g++ {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#else
  return "unknown";
#endif
}

}  // namespace

std::string version_text() {
  return fmt::format(
      "mailmirrord {}\n"
      "TLS:          {}\n"
      "database:     LMDB {}\n"
      "compression:  zlib {}\n"
      "systemd:      readiness, status and watchdog by its own protocol (no libsystemd)\n"
      "built by:     {}, Boost {}.{}\n",
      MAILMIRROR_VERSION, OpenSSL_version(OPENSSL_VERSION), lmdb_version(), zlibVersion(), compiler(), BOOST_VERSION / 100'000,
      BOOST_VERSION / 100 % 1000);
}

}  // namespace mailmirror::daemon
