// A private Cyrus IMAP 3.6 on 127.0.0.1, in a folder of its own, for as long as the object lives: the second implementation that
// the programs have to get along with.
#pragma once

#include "tests/support/private_server.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace mailmirror::testing {

struct CyrusOptions {
  /// The SASL mechanisms on offer; Cyrus adds the -PLUS forms by itself where it can.
  std::string mechanisms = "PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256";
  /// The certificate's subject alternative name.
  std::string host = "localhost";
  /// Lines added to imapd.conf.
  std::string more{};
};

/// The users u1 and u2, both with kPassword. As root it runs as `nobody`. The constructor returns once it greets.
///
/// Its ways: no NOTIFY and no OAuth; pushes in IDLE within milliseconds; the mailbox names of tests mustn't hold %, { or "; `UID
/// FETCH 1:* (CHANGEDSINCE n VANISHED)` tells nothing of expunged messages above the highest that is left.
class CyrusServer {
 public:
  static constexpr const char* kPassword = "pw";

  /// Whether its programs are on this machine; else kHowToGetIt is the reason to skip.
  static bool available();
  static constexpr const char* kHowToGetIt = "there is no Cyrus IMAP here: run contrib/install-packages --tests";

  explicit CyrusServer(CyrusOptions options = {});

  /// Plain IMAP with STARTTLS.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Implicit TLS.
  [[nodiscard]] std::uint16_t tls_port() const { return tls_port_; }
  [[nodiscard]] fs::path ca_file() const { return folder_.path() / "tls/ca.crt"; }
  [[nodiscard]] fs::path log_file() const { return folder_.path() / "log"; }
  /// All that u1's connections have said and heard so far, whatever TLS and compression made of it.
  [[nodiscard]] std::string spoken() const;

 private:
  void write_configuration(const ServerAccount& account) const;
  void add_user(const std::string& name, const ServerAccount& account) const;
  void launch(const ServerAccount& account);
  bool came_up();

  CyrusOptions options_;
  TempFolder folder_;
  /// Cyrus greets with it, and users' passwords are filed under it.
  std::string name_;
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  std::optional<Subprocess> master_;
};

}  // namespace mailmirror::testing
