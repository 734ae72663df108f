// Where an address' mail is read: asked in an order, and told where each answer is from.
#pragma once

#include "daemon/setup/address.hpp"
#include "daemon/setup/dns_answer.hpp"
#include "daemon/setup/offer.hpp"
#include "sync/base/task.hpp"

#include <string>
#include <vector>

namespace mailmirror::daemon::setup {

/// Who can be asked. Errors are answers, too: they are shown, and the next one is asked.
class Sources {
 public:
  virtual ~Sources() = default;
  virtual Task<Result<std::vector<SrvRecord>>> srv(std::string name) = 0;
  virtual Task<Result<std::vector<MxRecord>>> mx(std::string domain) = 0;
  /// The body of a 200; kind missing for a 404 and the like.
  virtual Task<Result<std::string>> page(std::string url) = 0;
};

struct Asked {
  std::string whom;
  std::string answer;
};

struct Discovery {
  std::vector<Offer> offers;  ///< the best first, of one source
  std::vector<Asked> asked;   ///< in the order of asking
};

/// In this order, until one has an answer: the built-in list for the providers' own domains (what it knows no stranger can bend,
/// and nobody has to be asked); the DNS (RFC 6186, RFC 8314); the autoconfiguration of the domain, at its well-known places and in
/// Thunderbird's database; the built-in list, then autoconfiguration, for whoever takes in the domain's mail (MX).
/// Nothing secret is sent: the address goes to the domain's own autoconfig host alone.
Task<Discovery> discover(MailAddress address, Sources& sources);

}  // namespace mailmirror::daemon::setup
