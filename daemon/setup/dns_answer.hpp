// What a DNS server answered, taken apart: SRV (RFC 2782) and MX. Its octets are a stranger's.
#pragma once

#include "sync/base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mailmirror::daemon::setup {

struct SrvRecord {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string target;  ///< "": the service isn't offered

  friend bool operator==(const SrvRecord&, const SrvRecord&) = default;
};

struct MxRecord {
  std::uint16_t preference = 0;
  std::string host;

  friend bool operator==(const MxRecord&, const MxRecord&) = default;
};

/// The best first: by priority, then the heavier ones. Records that name no possible host are left out, and so are all beyond the
/// first
/// 32. Errors (protocol): no DNS answer.
Result<std::vector<SrvRecord>> parse_srv(std::span<const unsigned char> packet);

/// The most preferred first.
Result<std::vector<MxRecord>> parse_mx(std::span<const unsigned char> packet);

}  // namespace mailmirror::daemon::setup
