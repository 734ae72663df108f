#include "imap/auth/gs2.hpp"

#include <fmt/format.h>

namespace mailmirror::imap::auth {

std::string gs2_name(std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    if (c == ',')
      escaped += "=2C";
    else if (c == '=')
      escaped += "=3D";
    else
      escaped += c;
  }
  return escaped;
}

std::string gs2_header(const Binding& binding, std::string_view authorization) {
  std::string flag = "n";
  if (binding.flag == Binding::Flag::server_cannot) flag = "y";
  if (binding.flag == Binding::Flag::bound) flag = "p=" + binding.channel.type;
  return authorization.empty() ? flag + ",," : fmt::format("{},a={},", flag, gs2_name(authorization));
}

}  // namespace mailmirror::imap::auth
