#include "daemon/setup/setup_options.hpp"

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include <sstream>

namespace mailmirror::daemon::setup {
namespace {

namespace po = boost::program_options;

constexpr int kUsage = 2;

po::options_description described() {
  const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
  po::options_description options("Options");
  options.add_options()("host", text("NAME"), "the IMAP server; nobody is asked then")(
      "port", po::value<std::uint16_t>()->value_name("N"), "its port (993; 143 with starttls)")(
      "tls", text("HOW"), "implicit, starttls, or none (this machine only)")("user", text("NAME"), "what logs in (the address)")(
      "account", text("NAME"), "what the account is called here")("maildir", text("DIR"), "where its mail is to be (~/Mail/NAME)")(
      "layout", text("HOW"), "nested or maildir++")("mode", text("HOW"), "two-way, pull or archive")(
      "auth", text("HOW"), "password, oauth2, or a mechanism")("client-id", text("ID"), "of OAuth2")(
      "password-command", text("CMD"), "prints the password")("password-file", text("FILE"), "has it on its first line")(
      "token-command", text("CMD"), "prints an OAuth2 access token")("ca-file", text("FILE"),
                                                                     "issuers to trust in place of the system's")(
      "fingerprint", text("SHA256"), "the one certificate to trust")("yes", "take what is found and every default; ask nothing")(
      "no-login", "don't try it")("service", text("yes|no"), "start the user service, or don't")(
      "config", text("FILE"), "the configuration (~/.config/mailmirror/config.toml)")(
      "json", "one JSON document about what was written, on stdout; all else goes to stderr")("help", "this text");
  return options;
}

std::string help() {
  std::ostringstream text;
  text << "mailmirror init finds the mail server of an address, asks what it can't find\n"
          "out, tries the login, and writes the configuration. A password goes only to a\n"
          "server that was shown to you.\n\n"
          "Usage: mailmirror init ADDRESS [OPTIONS]\n\n"
       << described();
  return text.str();
}

void take(const po::variables_map& given, const char* name, std::optional<std::string>& into) {
  if (given.count(name) > 0) into = given[name].as<std::string>();
}

Leave wrong(const std::string& what) {
  return {kUsage, fmt::format("mailmirror: {}. 'mailmirror init --help' tells the options\n", what)};
}

std::variant<SetupOptions, Leave> understand(const po::variables_map& given) {
  if (given.count("help") > 0) return Leave{0, help()};
  SetupOptions options;
  if (given.count("address") == 0) return wrong("init needs the mail address");
  const auto addresses = given["address"].as<std::vector<std::string>>();
  if (addresses.size() > 1) return wrong(fmt::format("init takes one address, and not '{}', too", addresses[1]));
  options.address = addresses.front();
  take(given, "host", options.host);
  take(given, "user", options.user);
  take(given, "account", options.account);
  take(given, "maildir", options.maildir);
  take(given, "layout", options.layout);
  take(given, "mode", options.mode);
  take(given, "auth", options.auth);
  take(given, "client-id", options.client_id);
  take(given, "password-command", options.password_command);
  take(given, "password-file", options.password_file);
  take(given, "token-command", options.token_command);
  take(given, "ca-file", options.ca_file);
  take(given, "fingerprint", options.fingerprint);
  if (given.count("port") > 0) options.port = given["port"].as<std::uint16_t>();
  if (given.count("config") > 0) options.config = given["config"].as<std::string>();
  options.yes = given.count("yes") > 0;
  options.no_login = given.count("no-login") > 0;
  options.json = given.count("json") > 0;
  if (given.count("tls") > 0) {
    options.tls = tls_of(given["tls"].as<std::string>());
    if (!options.tls) return wrong(fmt::format("--tls can't be '{}': implicit, starttls or none", given["tls"].as<std::string>()));
  }
  if (given.count("service") > 0) {
    const auto word = given["service"].as<std::string>();
    if (word != "yes" && word != "no") return wrong("--service is yes or no");
    options.service = word == "yes";
  }
  return options;
}

}  // namespace

std::variant<SetupOptions, Leave> parse_setup_options(const std::vector<std::string>& words) {
  auto options = described();
  po::options_description all;
  all.add(options).add_options()("address", po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("address", -1);
  const auto style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  try {
    po::variables_map given;
    po::store(po::command_line_parser(words).options(all).positional(positional).style(style).run(), given);
    po::notify(given);
    return understand(given);
  } catch (const po::error& error) {
    return wrong(error.what());
  }
}

}  // namespace mailmirror::daemon::setup
