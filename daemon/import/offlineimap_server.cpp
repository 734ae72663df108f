#include "daemon/import/offlineimap_server.hpp"

#include "daemon/config/loopback.hpp"
#include "daemon/import/certificates.hpp"
#include "daemon/import/python_forms.hpp"
#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mailmirror::daemon::migration {
namespace {

using config::Auth;
using config::SecretSource;
using config::Tls;

constexpr std::size_t kSha256Digits = 64;

class Server {
 public:
  Server(const IniSection& remote, const std::string& file, std::string_view module, const Environment& environment, Draft& draft)
      : remote_(remote), file_(file), module_(module), environment_(environment), draft_(draft) {}

  void run() {
    gmail_ = ascii::equal_ignoring_case(remote_.get("type").value_or(""), "Gmail");
    account().host = text("remotehost", "server's name");
    if (account().host.empty() && gmail_) account().host = "imap.gmail.com";
    if (account().host.empty()) missing("remotehost", "the server's name");
    account().user = text("remoteuser", "name to log in with");
    if (account().user.empty()) missing("remoteuser", "the name to log in with");
    tls();
    port();
    trust();
    auth();
    secret();
    for (const char* key : {"preauthtunnel", "transporttunnel"})
      if (has(key))
        obstacle(key,
                 "mailmirror has no tunnels: run it as a service of its own (such as 'ssh -N -L 1143:localhost:143 HOST'), write "
                 "remotehost = 127.0.0.1, "
                 "its port and ssl = no, starttls = no, and import again");
    if (has("remote_identity")) obstacle("remote_identity", "mailmirror logs in as the user alone, not in another one's name");
  }

 private:
  config::Account& account() { return draft_.account; }
  [[nodiscard]] bool has(const std::string& key) const { return remote_.line_of(key) != 0; }
  void note(const std::string& key, std::string message) {
    draft_.notes.push_back({file_, remote_.line_of(key), std::move(message)});
  }
  void obstacle(const std::string& key, std::string message) {
    draft_.obstacles.push_back({file_, remote_.line_of(key), std::move(message)});
  }

  /// An obstacle is told already where there is code.
  void missing(const std::string& key, std::string_view meaning) {
    if (!has(key + "eval") && !has(key))
      draft_.obstacles.push_back({file_, remote_.line, fmt::format("[{}] has no {}: write {}", remote_.name, key, meaning)});
  }

  /// The key itself, or its "…eval" where that is a plain text.
  std::string text(const std::string& key, std::string_view meaning) {
    const auto code = remote_.get(key + "eval");
    if (!code) return remote_.get(key).value_or("");
    if (auto value = python_text(*code)) return *value;
    obstacle(key + "eval",
             fmt::format("this is code, which mailmirror doesn't run: write the {} itself as {}, and import again", meaning, key));
    return "";
  }

  void tls() {
    if (is_yes(remote_.get("ssl"), true)) return;
    account().tls = is_yes(remote_.get("starttls"), true) ? Tls::starttls : Tls::none;
    if (account().tls == Tls::none && !config::is_loopback(account().host))
      obstacle("ssl",
               "this sends the password over the network in the clear: try ssl = yes or starttls = yes here, and import again");
  }

  void port() {
    account().port = account().tls == Tls::implicit ? 993 : 143;
    if (!has("remoteport") && !has("remoteporteval")) return;
    const auto value = has("remoteporteval") ? remote_.get("remoteporteval").value_or("") : remote_.get("remoteport").value_or("");
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), account().port);
    if (failure != std::errc() || end != value.data() + value.size() || account().port == 0)
      obstacle(has("remoteporteval") ? "remoteporteval" : "remoteport", fmt::format("'{}' is no port", value));
  }

  void trust() {
    if (const auto certificate = remote_.get("sslclientcert")) account().client_cert = *certificate;
    if (const auto key = remote_.get("sslclientkey")) account().client_key = *key;
    if (account().tls == Tls::none) return;
    if (const auto prints = remote_.get("cert_fingerprint")) fingerprint(*prints);
    const auto path = remote_.get("sslcacertfile");
    if (!path || *path == "OS-DEFAULT" || !account().fingerprint.empty()) return;
    const auto found = look_at_certificates(environment_.expand(*path).value_or(*path), config::is_loopback(account().host));
    using Kind = CertificateFile::Kind;
    if (found.kind == Kind::unreadable) obstacle("sslcacertfile", fmt::format("{} can't be read as PEM certificates", *path));
    if (found.kind == Kind::authorities) account().ca_file = *path;
    if (found.kind == Kind::one_server) account().fingerprint = found.fingerprint;
  }

  /// Old ones are of SHA-1, which can't be turned into ours.
  void fingerprint(const std::string& prints) {
    std::string digits;
    bool first = true;
    for (const char c : prints + ",") {
      if (c == ':' || c == ' ') continue;
      if (c != ',') {
        digits += ascii::lower(c);
        continue;
      }
      if (digits.size() == kSha256Digits && account().fingerprint.empty())
        account().fingerprint = "sha256:" + digits;
      else if (!first && !digits.empty())
        note("cert_fingerprint", "only one certificate can be pinned: the first with a SHA-256 is");
      digits.clear();
      first = false;
    }
    if (account().fingerprint.empty() && !has("sslcacertfile"))
      note("cert_fingerprint",
           "this isn't a SHA-256: the certificate is checked against the system's authorities; if it isn't by one of them, write "
           "fingerprint = "
           "\"sha256:…\" as mailmirror tells it at the first pass");
  }

  void auth() {
    const auto list = remote_.get("auth_mechanisms");
    if (!list) return;
    const auto name = ascii::to_upper(*list);
    if (name == "PLAIN")
      account().auth = Auth::plain;
    else if (name == "LOGIN")
      account().auth = Auth::login;
    else if (name == "XOAUTH2")
      account().auth = Auth::xoauth2;
    else if (name == "GSSAPI")
      obstacle("auth_mechanisms", "mailmirror can't log in by GSSAPI (Kerberos)");
    else if (name == "CRAM-MD5")
      note("auth_mechanisms", "mailmirror can't log in by CRAM-MD5: it takes the best way that the server offers");
  }

  void secret() {
    if (has("oauth2_access_token_eval") || has("oauth2_refresh_token") || has("oauth2_refresh_token_eval") ||
        has("oauth2_access_token"))
      return token();
    if (const auto code = remote_.get("remotepasseval")) return evaluated(*code);
    if (const auto path = remote_.get("remotepassfile")) {
      account().secret = {SecretSource::Kind::password_file, *path};
    } else if (const auto password = remote_.get("remotepass")) {
      account().secret = {SecretSource::Kind::password, *password};
      note("remotepass",
           "the password is copied as it is, into a file that only you can read; a 'password_command' would keep it out of files");
    } else {
      draft_.secret_hint = "no password stands in OfflineIMAP's configuration (it asks, or looks into ~/.netrc)";
    }
  }

  [[nodiscard]] std::optional<std::string> command_of(const std::string& code) const {
    auto command = python_command(code);
    return command ? command : python_call(code, module_);
  }

  void evaluated(const std::string& code) {
    if (const auto literal = python_text(code)) {
      account().secret = {SecretSource::Kind::password, *literal};
    } else if (const auto command = command_of(code)) {
      account().secret = {SecretSource::Kind::password_command, *command};
      note("remotepasseval", fmt::format("taken for the command '{}': see that it prints the password", *command));
    } else {
      draft_.secret_hint =
          fmt::format("remotepasseval (line {}) is code, which mailmirror doesn't run", remote_.line_of("remotepasseval"));
    }
  }

  void token() {
    if (account().auth != Auth::xoauth2) account().auth = Auth::automatic;
    const auto code = remote_.get("oauth2_access_token_eval");
    if (const auto command = code ? command_of(*code) : std::nullopt) {
      account().secret = {SecretSource::Kind::token_command, *command};
      return note("oauth2_access_token_eval",
                  fmt::format("taken for the command '{}': see that it prints an access token", *command));
    }
    const std::string key = code                          ? "oauth2_access_token_eval"
                            : has("oauth2_refresh_token") ? "oauth2_refresh_token"
                                                          : "oauth2_refresh_token_eval";
    obstacle(key, "this OAuth2 sign-in can't be taken over. 'mailmirror init " + account().user +
                      "' signs in by itself; or write oauth2_access_token_eval = subprocess.check_output([\"PROGRAM\", "
                      "\"ARGUMENT\"]) with a program that prints a "
                      "fresh access token, and import again");
  }

  const IniSection& remote_;
  const std::string& file_;
  std::string_view module_;
  const Environment& environment_;
  Draft& draft_;
  bool gmail_ = false;
};

}  // namespace

bool is_yes(const std::optional<std::string>& value, bool otherwise) {
  if (!value) return otherwise;
  const auto word = ascii::to_lower(*value);
  return word == "yes" || word == "true" || word == "on" || word == "1";
}

void take_over_server(const IniSection& remote, const std::string& file, std::string_view module, const Environment& environment,
                      Draft& draft) {
  Server(remote, file, module, environment, draft).run();
}

}  // namespace mailmirror::daemon::migration
