#include "daemon/setup/config_text.hpp"

#include <fmt/format.h>

#include <sstream>

namespace mailmirror::daemon::setup {
namespace {

constexpr std::string_view kHead =
    "# mailmirror's configuration, written by 'mailmirror init'. 'mailmirrord --check' tells every mistake in it with its place;\n"
    "# 'mailmirror reload' makes a running daemon take over what was changed.\n"
    "\n"
    "# [daemon]\n"
    "# log_level = \"info\"             # error warn info debug trace\n"
    "\n";

std::string setting(std::string_view key, const std::string& value, std::string_view comment) {
  const auto line = fmt::format("{} = {}", key, value);
  return comment.empty() ? line + '\n' : fmt::format("{:<32} # {}\n", line, comment);
}

/// As a key: only what holds a dot needs quotes.
std::string toml_key(const std::string& name) {
  return name.find('.') == std::string::npos ? name : toml_string(name);
}

/// The words of a text, as an array.
std::string toml_strings(const std::string& text) {
  std::string result;
  std::istringstream words(text);
  for (std::string word; words >> word;) result += (result.empty() ? "" : ", ") + toml_string(word);
  return '[' + result + ']';
}

std::string secret_of(const Answers& answers) {
  if (answers.sign_in == SignIn::oauth2) return "";
  if (answers.sign_in == SignIn::token_command)
    return setting("token_command", toml_string(answers.secret_place), "prints an OAuth2 access token");
  if (answers.keeping == Keeping::command)
    return setting("password_command", toml_string(answers.secret_place), "its first line counts");
  return setting("password_file", toml_string(answers.secret_place), "");
}

std::string server_of(const Answers& answers) {
  // Whoever named it may have put line ends into its name.
  std::string source;
  for (const char c : answers.source) source += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  auto text = fmt::format("# The server was named by {}.\n", source);
  text += setting("host", toml_string(answers.host), "");
  text += setting("port", fmt::format("{}", answers.port), "");
  text += setting("tls", toml_string(to_setting(answers.tls)), "implicit | starttls");
  if (!answers.ca_file.empty()) text += setting("ca_file", toml_string(answers.ca_file), "trusted in place of the system's store");
  if (!answers.fingerprint.empty())
    text += "# The one certificate that is trusted, in place of chain and host name.\n" +
            setting("fingerprint", toml_string(answers.fingerprint), "");
  text += setting("user", toml_string(answers.user), "");
  text += secret_of(answers);
  if (answers.auth != "auto") text += setting("auth", toml_string(answers.auth), "");
  return text;
}

std::string mail_of(const Answers& answers) {
  auto text = setting("maildir", toml_string(answers.maildir), "");
  text += setting("layout", toml_string(answers.layout), "nested: Lists/dev | maildir++: .Lists.dev");
  text += setting("mode", toml_string(answers.mode), "two-way | pull: the server is right | archive: nothing goes");
  text += "# mailboxes = [\"!\\\\Junk\", \"*\"]    # which: the first pattern that matches decides, \"!\" leaves out\n";
  text += "# on_local_delete = \"trash\"      # a file deleted here: expunge (as it stands) | trash | keep\n";
  text += "# attic_retention = \"30d\"        # how long what the server deleted stays in the attic\n";
  if (answers.provider != "google") return text;
  return text +
         "# Each label of Gmail is a mailbox; without \"All Mail\" most messages come once: mailboxes = [\"!\\\\All\", "
         "\"!\\\\Important\", \"*\"]\n"
         "# Gmail locks out who moves more than this in a day.\n" +
         setting("daily_download", "\"2500M\"", "") + setting("daily_upload", "\"500M\"", "");
}

std::string oauth2_of(const Answers& answers) {
  if (answers.sign_in != SignIn::oauth2) return "";
  auto text = fmt::format("\n# 'mailmirror login {}' signs in.\n[account.{}.oauth2]\n", answers.account, toml_key(answers.account));
  if (answers.provider.empty())
    text += setting("issuer", toml_string(answers.issuer), "") + setting("scopes", toml_strings(answers.scopes), "");
  else
    text += setting("provider", toml_string(answers.provider), "");
  text += setting("client_id", toml_string(answers.client_id), "");
  return answers.client_secret.empty() ? text : text + setting("client_secret", toml_string(answers.client_secret), "");
}

}  // namespace

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') result += '\\';
    if (octet < ' ' || octet == 0x7f)
      result += fmt::format("\\u{:04x}", octet);
    else
      result += c;
  }
  return result + '"';
}

std::string config_text(const Answers& answers, Part part) {
  std::string text = part == Part::whole_file ? std::string(kHead) : "# Written by 'mailmirror init'.\n";
  return text + fmt::format("[account.{}]\n", toml_key(answers.account)) + server_of(answers) + mail_of(answers) +
         oauth2_of(answers);
}

}  // namespace mailmirror::daemon::setup
