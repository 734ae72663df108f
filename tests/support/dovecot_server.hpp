// A private Dovecot 2.3 on 127.0.0.1, in a folder of its own, for as long as the object lives.
#pragma once

#include "tests/support/private_server.hpp"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace mailmirror::testing {

/// Which capabilities the server tells of. Those missing are only not named: Dovecot would still carry the commands out, so a
/// test that needs proof of their absence looks at the traffic.
enum class Profile : std::uint8_t {
  everything,
  no_qresync,
  no_condstore,  ///< nor QRESYNC, which builds on it
  no_notify,
  no_uidplus,  ///< nor MOVE, LITERAL+ and MULTIAPPEND: a server of 1996
  no_list_status,
};
inline constexpr Profile kAllProfiles[] = {Profile::everything, Profile::no_qresync, Profile::no_condstore,
                                           Profile::no_notify,  Profile::no_uidplus, Profile::no_list_status};
/// A word that may stand in a test's name.
std::string to_string(Profile profile);
inline std::ostream& operator<<(std::ostream& stream, Profile profile) {
  return stream << to_string(profile);
}

/// What the server shows to TLS clients; `off` listens without TLS alone.
enum class Certificate : std::uint8_t { off, good, expired, self_signed, wrong_host };

enum class MailFormat : std::uint8_t { maildir, sdbox };

struct DovecotOptions {
  Profile profile = Profile::everything;
  Certificate certificate = Certificate::off;
  MailFormat format = MailFormat::maildir;
  /// The hierarchy's delimiter.
  char separator = '/';
  /// What the server keeps of the password, with its scheme; SCRAM needs the password itself.
  std::string kept_password = "{PLAIN}pw";
  /// Lines added to its configuration.
  std::string more{};
};

/// The users u1 to u4, all with kPassword. As root it runs as `nobody`. The constructor returns once logins work.
class DovecotServer {
 public:
  static constexpr const char* kPassword = "pw";

  explicit DovecotServer(const DovecotOptions& options = {});

  /// Plain IMAP, with STARTTLS unless the certificate is off.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Implicit TLS.
  [[nodiscard]] std::uint16_t tls_port() const { return tls_port_; }
  /// The authority that signed the `good`, `expired` and `wrong_host` certificates.
  [[nodiscard]] fs::path ca_file() const { return folder_.path() / "tls/ca.crt"; }
  /// A client's certificate by that authority, for u1, and its key.
  [[nodiscard]] fs::path client_certificate() const { return folder_.path() / "tls/client.crt"; }
  [[nodiscard]] fs::path client_key() const { return folder_.path() / "tls/client.key"; }
  /// A user's mail as the server stores it: `format`'s files, with Dovecot's own.
  [[nodiscard]] fs::path mail_folder(std::string_view user) const { return folder_.path() / "mail" / user; }
  [[nodiscard]] fs::path log_file() const { return folder_.path() / "log"; }

  /// As an administrator does it. Ends every connection; mail stays.
  void stop();
  /// Again, on the same ports.
  void start();
  /// SIGKILL for the master and all its children.
  void kill();

 private:
  void launch();
  bool came_up();

  DovecotOptions options_;
  TempFolder folder_;
  std::string greeting_;
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  std::optional<Subprocess> process_;
};

}  // namespace mailmirror::testing
