// The configuration as values: every key of the file, checked and with its default.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::daemon::config {

enum class Tls : std::uint8_t { implicit, starttls, none };
enum class Auth : std::uint8_t {
  automatic,
  plain,
  login,
  scram_sha_256_plus,
  scram_sha_1_plus,
  scram_sha_256,
  scram_sha_1,
  xoauth2,
  oauthbearer,
  external,
};
enum class Layout : std::uint8_t { nested, maildir_plus_plus, flat };
enum class FolderEncoding : std::uint8_t { utf8, mutf7 };
enum class Mode : std::uint8_t { two_way, pull, archive };
enum class OnLocalDelete : std::uint8_t { expunge, trash, keep };

/// Where an account's secret comes from; exactly one is set.
struct SecretSource {
  enum class Kind : std::uint8_t {
    none,
    password,
    password_file,
    password_command,
    credential,  ///< systemd's (LoadCredential); the value is its name
    token_command,
    oauth2,  ///< the account's own sign-in
    prompt,  ///< somebody at the terminal has to be asked
  };
  Kind kind = Kind::none;
  std::string value;

  friend bool operator==(const SecretSource&, const SecretSource&) = default;
};

/// Who signs the user in, and as which registered application. Addresses that are "" come from the provider or issuer.
struct OAuth2 {
  enum class Provider : std::uint8_t { other, google, microsoft };
  Provider provider = Provider::other;
  std::string issuer;
  std::string client_id;
  std::string client_secret;
  std::string tenant = "common";
  std::vector<std::string> scopes;  ///< empty: the provider's for IMAP
  std::string authorize_url;
  std::string token_url;
  std::string device_url;
  std::filesystem::path ca_file;  ///< "": the system's store

  friend bool operator==(const OAuth2&, const OAuth2&) = default;
};

/// What may differ between mailboxes; unset: as the account says.
struct Override {
  std::vector<std::string> mailboxes;
  std::optional<Mode> mode;
  std::optional<OnLocalDelete> on_local_delete;
  std::optional<bool> delete_mailboxes;
  std::optional<bool> expunge;
  std::optional<std::uint64_t> max_message_size;
  std::optional<std::uint32_t> guard_messages;
  std::optional<std::uint32_t> guard_percent;

  friend bool operator==(const Override&, const Override&) = default;
};

struct Account {
  std::string name;
  std::string host;
  std::string user;
  Tls tls = Tls::implicit;
  std::uint16_t port = 993;
  std::filesystem::path ca_file;
  std::string fingerprint;
  std::filesystem::path client_cert;
  std::filesystem::path client_key;  ///< empty: the key stands in client_cert, too
  bool insecure_plaintext = false;
  Auth auth = Auth::automatic;
  SecretSource secret;
  OAuth2 oauth2;  ///< where the secret is of that kind
  std::filesystem::path maildir;
  Layout layout = Layout::nested;
  std::string inbox = "INBOX";  ///< its directory's name in nested and flat
  Mode mode = Mode::two_way;
  std::vector<std::string> mailboxes{"*"};
  std::vector<std::string> idle{"INBOX"};
  std::chrono::seconds poll_interval{300};
  FolderEncoding folder_encoding = FolderEncoding::utf8;
  OnLocalDelete on_local_delete = OnLocalDelete::expunge;
  std::string trash_mailbox;  ///< "": by special use
  bool delete_mailboxes = false;
  bool expunge = false;
  std::uint32_t guard_messages = 50;
  std::uint32_t guard_percent = 25;
  std::optional<std::chrono::days> attic_retention{30};  ///< nullopt: for ever
  std::uint64_t max_message_size = 0;                    ///< bytes; 0: no limit
  std::uint64_t daily_download = 0;                      ///< bytes of the wire a day (UTC); 0: no limit
  std::uint64_t daily_upload = 0;
  std::uint64_t memory_limit = 16 << 20;                 ///< bytes that one response of the server's may take
  std::uint32_t connections = 4;
  bool compress = true;
  std::vector<std::string> disable_extensions;
  std::vector<Override> overrides;

  friend bool operator==(const Account&, const Account&) = default;
};

struct Hooks {
  std::string on_new_mail;
  std::string on_change;
  std::string on_error;
};

struct Config {
  std::filesystem::path state_dir;
  std::filesystem::path socket;
  std::string log_level = "info";
  std::vector<Account> accounts;  ///< in the order of their names
  Hooks hooks;
};

}  // namespace mailmirror::daemon::config
