#include "daemon/import/mbsync_account.hpp"

#include "daemon/config/loopback.hpp"
#include "daemon/import/certificates.hpp"
#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace mailmirror::daemon::migration {
namespace {

using config::Auth;
using config::SecretSource;
using config::Tls;

/// Of no meaning here, or done better without asking.
const std::set<std::string> kDropped{"timeout",     "pipelinedepth", "sslversions",        "tlsversions",
                                     "requirecram", "usetlsv1",      "usetlsv1.1",         "usetlsv1.2",
                                     "usesslv2",    "usesslv3",      "systemcertificates", "cipherstring"};

class Connection {
 public:
  Connection(const MbsyncSection& section, const std::string& file, const Environment& environment, Draft& draft)
      : section_(section), file_(file), environment_(environment), draft_(draft) {}

  void run() {
    host();
    user();
    tls();
    port();
    certificates();
    secret();
    auth();
    if (const auto* line = section_.find("tunnel"))
      obstacle(*line,
               "mailmirror has no Tunnel: run it as a service of its own (such as 'ssh -N -L 1143:localhost:143 HOST'), write Host "
               "127.0.0.1, its "
               "Port and SSLType None in place of it, and import again");
    for (const auto& line : section_.lines)
      if (line.keyword == "disableextension" || line.keyword == "disableextensions") disable(line);
  }

 private:
  config::Account& account() { return draft_.account; }
  void note(const MbsyncLine& line, std::string message) { draft_.notes.push_back({file_, line.number, std::move(message)}); }
  void obstacle(const MbsyncLine& line, std::string message) {
    draft_.obstacles.push_back({file_, line.number, std::move(message)});
  }
  void obstacle(std::string message) { draft_.obstacles.push_back({file_, section_.line, std::move(message)}); }

  /// "imaps:host" is of old times.
  void host() {
    const auto* line = section_.find("host");
    if (line == nullptr) {
      if (section_.find("tunnel") == nullptr) obstacle(fmt::format("'{}' has no Host", section_.name));
      return;
    }
    account().host = line->arguments.front();
    if (account().host.starts_with("imaps:")) {
      account().host.erase(0, 6);
      imaps_ = true;
    }
  }

  void user() {
    if (const auto* line = section_.find("user")) {
      account().user = line->arguments.front();
      return;
    }
    const auto* command = section_.find("usercmd");
    if (command != nullptr)
      return obstacle(*command, "mailmirror takes the name itself, not a command that tells it: write User in place of UserCmd");
    obstacle(fmt::format("'{}' has no User: write the name to log in with", section_.name));
  }

  void tls() {
    account().tls = imaps_ ? Tls::implicit : Tls::starttls;
    for (const char* keyword : {"useimaps", "requiressl"})
      if (const auto* line = section_.find(keyword)) old_tls(*line);
    const auto* line = section_.find("tlstype") != nullptr ? section_.find("tlstype") : section_.find("ssltype");
    if (line == nullptr) return check_plaintext(section_.find("requiressl"));
    const auto type = ascii::to_lower(line->arguments.front());
    if (type == "none")
      account().tls = Tls::none;
    else if (type == "starttls")
      account().tls = Tls::starttls;
    else if (type == "imaps")
      account().tls = Tls::implicit;
    else
      obstacle(*line, fmt::format("'{}' is no way to connect that mbsync knows: None, STARTTLS or IMAPS", line->arguments.front()));
    check_plaintext(line);
  }

  void old_tls(const MbsyncLine& line) {
    const bool yes = ascii::to_lower(line.arguments.front()) == "yes";
    if (line.keyword == "useimaps") account().tls = yes ? Tls::implicit : Tls::starttls;
    if (line.keyword == "requiressl" && !yes) note(line, "mailmirror always insists on TLS: RequireSSL no has no effect");
  }

  void check_plaintext(const MbsyncLine* line) {
    if (account().tls != Tls::none || config::is_loopback(account().host) || line == nullptr) return;
    obstacle(*line, "this sends the password over the network in the clear: try STARTTLS or IMAPS here, and import again");
  }

  void port() {
    account().port = account().tls == Tls::implicit ? 993 : 143;
    const auto* line = section_.find("port");
    if (line == nullptr) return;
    const auto& text = line->arguments.front();
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), account().port);
    if (failure != std::errc() || end != text.data() + text.size() || account().port == 0)
      obstacle(*line, fmt::format("'{}' is no port", text));
  }

  void certificates() {
    if (const auto* line = section_.find("clientcertificate")) account().client_cert = line->arguments.front();
    if (const auto* line = section_.find("clientkey")) account().client_key = line->arguments.front();
    const auto* line = section_.find("certificatefile");
    if (line == nullptr || account().tls == Tls::none) return;
    using Kind = CertificateFile::Kind;
    const auto& path = line->arguments.front();
    const auto file = look_at_certificates(environment_.expand(path).value_or(path), config::is_loopback(account().host));
    if (file.kind == Kind::unreadable) return obstacle(*line, fmt::format("{} can't be read as PEM certificates", path));
    if (file.kind == Kind::one_server) {
      account().fingerprint = file.fingerprint;
      note(*line, fmt::format("{} is the certificate of this one server: it is pinned by its fingerprint, which has to be changed "
                              "when the server gets a new one",
                              path));
    }
    if (file.kind != Kind::authorities) return;
    account().ca_file = path;
    const auto* system = section_.find("systemcertificates");
    if (system == nullptr || ascii::to_lower(system->arguments.front()) != "no")
      note(*line, fmt::format("the authorities in {} are trusted in place of the system's, not beside them; if the server's is a "
                              "public one, remove 'ca_file'",
                              path));
  }

  /// An access token comes the same way as a password.
  void secret() {
    if (const auto* line = section_.find("passcmd")) {
      auto command = line->arguments.front();
      if (command.starts_with('+')) command.erase(0, 1);
      account().secret = {SecretSource::Kind::password_command, command};
    } else if (const auto* password = section_.find("pass")) {
      account().secret = {SecretSource::Kind::password, password->arguments.front()};
      note(*password,
           "the password is copied as it is, into a file that only you can read; a 'password_command' would keep it out of files");
    } else {
      draft_.secret_hint = "mbsync asks for this password each time, which a daemon can't";
    }
  }

  void auth() {
    static const std::map<std::string, Auth> kKnown{{"login", Auth::login},
                                                    {"plain", Auth::plain},
                                                    {"xoauth2", Auth::xoauth2},
                                                    {"oauthbearer", Auth::oauthbearer},
                                                    {"external", Auth::external},
                                                    {"scram-sha-1", Auth::scram_sha_1},
                                                    {"scram-sha-256", Auth::scram_sha_256},
                                                    {"scram-sha-1-plus", Auth::scram_sha_1_plus},
                                                    {"scram-sha-256-plus", Auth::scram_sha_256_plus}};
    const auto* line = section_.find("authmechs") != nullptr ? section_.find("authmechs") : section_.find("authmech");
    if (line == nullptr) return;
    // A token is no password, whatever else is allowed beside it.
    for (const auto& name : line->arguments)
      if (ascii::to_lower(name) == "xoauth2" || ascii::to_lower(name) == "oauthbearer")
        return token(*line, kKnown.at(ascii::to_lower(name)));
    if (line->arguments.size() > 1 || line->arguments.front() == "*") return;
    const auto found = kKnown.find(ascii::to_lower(line->arguments.front()));
    if (found == kKnown.end())
      return note(*line, fmt::format("mailmirror can't log in by {}: it takes the best way that the server offers",
                                     line->arguments.front()));
    account().auth = found->second;
  }

  void token(const MbsyncLine& line, Auth mechanism) {
    account().auth = mechanism;
    if (account().secret.kind == SecretSource::Kind::password_command)
      account().secret.kind = SecretSource::Kind::token_command;
    else
      obstacle(line, "a token ends within the hour: write a PassCmd that gets a fresh one, and import again");
  }

  void disable(const MbsyncLine& line) {
    for (const auto& name : line.arguments) account().disable_extensions.push_back(ascii::to_upper(name));
  }

  const MbsyncSection& section_;
  const std::string& file_;
  const Environment& environment_;
  Draft& draft_;
  bool imaps_ = false;
};

}  // namespace

void take_over_connection(const MbsyncSection& section, const std::string& file, const Environment& environment, Draft& draft) {
  Connection(section, file, environment, draft).run();
}

const std::set<std::string>& connection_keywords() {
  static const auto kAll = [] {
    std::set<std::string> all{"host",
                              "port",
                              "user",
                              "usercmd",
                              "pass",
                              "passcmd",
                              "tunnel",
                              "authmechs",
                              "authmech",
                              "ssltype",
                              "tlstype",
                              "useimaps",
                              "requiressl",
                              "certificatefile",
                              "clientcertificate",
                              "clientkey",
                              "disableextension",
                              "disableextensions"};
    all.insert(kDropped.begin(), kDropped.end());
    return all;
  }();
  return kAll;
}

}  // namespace mailmirror::daemon::migration
