// What a certificate file of another program means to us: an authority to trust, or one certificate to pin.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace mailmirror::daemon::migration {

struct CertificateFile {
  enum class Kind : std::uint8_t {
    unreadable,   ///< not there, or no PEM file
    system,       ///< the system's own store, which is our default
    authorities,  ///< as `ca_file`
    one_server    ///< one certificate that isn't an authority's, or of a server on this machine: as `fingerprint`
  };
  Kind kind = Kind::unreadable;
  /// Of the first certificate: "sha256:" and hexadecimal digits.
  std::string fingerprint;
};

/// BLOCKS. `local_server`: the server is on this machine, as Proton's Bridge is, whose certificate is an authority of its own.
CertificateFile look_at_certificates(const std::filesystem::path& file, bool local_server);

}  // namespace mailmirror::daemon::migration
