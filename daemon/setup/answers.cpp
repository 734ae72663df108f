#include "daemon/setup/answers.hpp"

#include <algorithm>

namespace mailmirror::daemon::setup {

std::string to_setting(config::Tls tls) {
  switch (tls) {
    case config::Tls::implicit: return "implicit";
    case config::Tls::starttls: return "starttls";
    case config::Tls::none: return "none";
  }
  return "implicit";
}

std::string to_words(config::Tls tls) {
  switch (tls) {
    case config::Tls::implicit: return "TLS from the start";
    case config::Tls::starttls: return "TLS by STARTTLS";
    case config::Tls::none: return "no TLS (this machine only)";
  }
  return "";
}

std::optional<config::Tls> tls_of(std::string_view setting) {
  if (setting == "implicit") return config::Tls::implicit;
  if (setting == "starttls") return config::Tls::starttls;
  if (setting == "none") return config::Tls::none;
  return std::nullopt;
}

bool is_printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

}  // namespace mailmirror::daemon::setup
