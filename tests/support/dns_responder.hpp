// A DNS server of the test's own making, on 127.0.0.1 (UDP).
#pragma once

#include "tests/support/harness.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mailmirror::testing {

/// "example.org" as it stands on the wire; "" is the root.
std::string dns_name(std::string_view name);
std::string srv_data(std::uint16_t priority, std::uint16_t weight, std::uint16_t port, std::string_view target);
std::string mx_data(std::uint16_t preference, std::string_view host);

inline constexpr std::uint16_t kTypeMx = 15;
inline constexpr std::uint16_t kTypeSrv = 33;

/// A whole answer to a question for `name` and `type`; each record has its data as given.
std::string dns_answer(std::uint16_t id, std::string_view name, std::uint16_t type, const std::vector<std::string>& records);

/// Answers for as long as the object lives; what it has no records for doesn't exist (NXDOMAIN).
class DnsResponder {
 public:
  DnsResponder();
  ~DnsResponder();
  DnsResponder(const DnsResponder&) = delete;
  DnsResponder& operator=(const DnsResponder&) = delete;

  void add(const std::string& name, std::uint16_t type, std::string data);
  /// "127.0.0.1:PORT".
  [[nodiscard]] std::string address() const;
  /// The names that were asked for, "NAME/TYPE" each.
  [[nodiscard]] std::vector<std::string> asked() const;

 private:
  void serve();
  std::string answer_to(std::string_view question);

  int socket_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::uint16_t>, std::vector<std::string>> records_;
  std::vector<std::string> asked_;
  std::atomic<bool> ends_ = false;
  std::thread thread_;
};

}  // namespace mailmirror::testing
