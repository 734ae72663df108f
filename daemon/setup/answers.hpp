// What a new account is to be: collected from the command line, from what was found, and from the user.
#pragma once

#include "daemon/config/config.hpp"
#include "daemon/setup/address.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace mailmirror::daemon::setup {

enum class SignIn : std::uint8_t { password, oauth2, token_command };

/// How a password is kept.
enum class Keeping : std::uint8_t {
  file,      ///< a new file beside the configuration, 0600
  its_file,  ///< a file of the user's that holds it already
  command,   ///< a command that prints it
};

/// The command line of `mailmirrord --init`. What is set here isn't asked.
struct SetupOptions {
  std::string address{};
  std::optional<std::string> host{};
  std::optional<std::uint16_t> port{};
  std::optional<config::Tls> tls{};
  std::optional<std::string> user{};
  std::optional<std::string> account{};
  std::optional<std::string> maildir{};
  std::optional<std::string> layout{};
  std::optional<std::string> mode{};
  std::optional<std::string> auth{};  ///< "password", "oauth2", or a value of the setting `auth`
  std::optional<std::string> client_id{};
  std::optional<std::string> password_command{};
  std::optional<std::string> password_file{};
  std::optional<std::string> token_command{};
  std::optional<std::string> ca_file{};
  std::optional<std::string> fingerprint{};
  std::optional<std::filesystem::path> config{};
  bool yes = false;  ///< take what was found and every default; ask nothing
  bool no_login = false;
  bool json = false;              ///< one document on stdout at the end; all words go to stderr
  std::optional<bool> service{};  ///< start the user service; nullopt: ask
};

struct Answers {
  MailAddress address;
  std::string source;  ///< who named the server
  std::string host;
  std::uint16_t port = 993;
  config::Tls tls = config::Tls::implicit;
  std::string user;
  std::string note;

  std::string account;
  std::string maildir;  ///< as it will stand in the file: "~/Mail/example"
  std::string layout = "nested";
  std::string mode = "two-way";
  std::string auth = "auto";
  std::string ca_file;
  std::string fingerprint;

  SignIn sign_in = SignIn::password;
  std::string provider;  ///< of OAuth2
  std::string issuer;
  std::string scopes;
  std::string client_id;
  std::string client_secret;

  Keeping keeping = Keeping::file;
  std::string secret_place;  ///< the command, or the file
  std::string password;      ///< as typed; empty: the place has it
};

/// "implicit", "starttls", "none", as in the configuration; and in words.
std::string to_setting(config::Tls tls);
std::string to_words(config::Tls tls);
std::optional<config::Tls> tls_of(std::string_view setting);

/// No control characters: it may stand in a line.
bool is_printable(std::string_view text);

}  // namespace mailmirror::daemon::setup
