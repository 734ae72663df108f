#include "tests/support/private_server.hpp"

#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>

namespace mailmirror::testing {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::string user_name(uid_t id) {
  const passwd* entry = ::getpwuid(id);
  if (entry == nullptr) throw HarnessError("servers need a user with a name; this one has none");
  return entry->pw_name;
}

std::string group_name(gid_t id) {
  const group* entry = ::getgrgid(id);
  if (entry == nullptr) throw HarnessError("servers need a group with a name; this one has none");
  return entry->gr_name;
}

}  // namespace

ServerAccount account_for_servers() {
  if (::geteuid() != 0) return {std::nullopt, user_name(::geteuid()), group_name(::getegid())};
  const UserIds ids = nobody();
  return {ids, user_name(ids.user), group_name(ids.group)};
}

void hand_over(const fs::path& folder, const ServerAccount& account) {
  if (!account.run_as) return;
  const auto give = [&](const fs::path& path) {
    if (::lchown(path.c_str(), account.run_as->user, account.run_as->group) != 0) throw_errno("chown " + path.string());
  };
  give(folder);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) give(entry.path());
}

std::uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw_errno("socket");
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(descriptor);
  if (!bound) throw_errno("find a free port");
  return ntohs(address.sin_port);
}

std::string first_words(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw_errno("socket");
  const timeval limit{2, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const sockaddr_in address = loopback(port);
  std::array<char, 1024> bytes{};
  ssize_t count = 0;
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    count = ::recv(descriptor, bytes.data(), bytes.size(), 0);
  ::close(descriptor);
  return {bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

}  // namespace mailmirror::testing
