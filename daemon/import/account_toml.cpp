#include "daemon/import/account_toml.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

namespace mailmirror::daemon::migration {
namespace {

using config::Account;
using config::SecretSource;

std::string_view word(config::Tls tls) {
  return tls == config::Tls::implicit ? "implicit" : tls == config::Tls::starttls ? "starttls" : "none";
}
std::string_view word(config::Mode mode) {
  return mode == config::Mode::two_way ? "two-way" : mode == config::Mode::pull ? "pull" : "archive";
}
std::string_view word(config::OnLocalDelete what) {
  return what == config::OnLocalDelete::expunge ? "expunge" : what == config::OnLocalDelete::trash ? "trash" : "keep";
}
std::string_view word(config::Layout layout) {
  return layout == config::Layout::nested ? "nested" : layout == config::Layout::flat ? "flat" : "maildir++";
}
std::string_view word(config::Auth auth) {
  using config::Auth;
  static const std::map<Auth, std::string_view> kWords{{Auth::automatic, "auto"},
                                                       {Auth::plain, "plain"},
                                                       {Auth::login, "login"},
                                                       {Auth::scram_sha_256_plus, "scram-sha-256-plus"},
                                                       {Auth::scram_sha_1_plus, "scram-sha-1-plus"},
                                                       {Auth::scram_sha_256, "scram-sha-256"},
                                                       {Auth::scram_sha_1, "scram-sha-1"},
                                                       {Auth::xoauth2, "xoauth2"},
                                                       {Auth::oauthbearer, "oauthbearer"},
                                                       {Auth::external, "external"}};
  return kWords.at(auth);
}
std::string_view word(SecretSource::Kind kind) {
  switch (kind) {
    case SecretSource::Kind::password: return "password";
    case SecretSource::Kind::password_file: return "password_file";
    case SecretSource::Kind::password_command: return "password_command";
    case SecretSource::Kind::token_command: return "token_command";
    default: return "";
  }
}

std::string list(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const auto& text : texts) quoted.push_back(toml_text(text));
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

class Writer {
 public:
  explicit Writer(const Draft& draft) : draft_(draft), account_(draft.account) {}

  std::string run(const std::string& origin) {
    text_ = fmt::format("# Taken over from {}\n# ({})\n[account.{}]\n", origin, draft_.origin, toml_key(account_.name));
    server();
    secret();
    maildir();
    policy();
    for (const auto& over : account_.overrides) add_override(over);
    if (draft_.oauth2.empty()) return std::move(text_);
    text_ += fmt::format("\n[account.{}.oauth2]\n", toml_key(account_.name));
    for (const auto& line : draft_.oauth2) text_ += line + "\n";
    return std::move(text_);
  }

 private:
  /// A name with dots would be a key of several levels.
  static std::string toml_key(const std::string& name) { return name.find('.') == name.npos ? name : toml_text(name); }
  void text(std::string_view key, std::string_view value) { text_ += fmt::format("{} = {}\n", key, toml_text(value)); }
  void text_unless(std::string_view otherwise, std::string_view key, std::string_view value) {
    if (value != otherwise) text(key, value);
  }
  void comment(std::string_view what) { text_ += fmt::format("# {}\n", what); }

  void server() {
    text("host", account_.host);
    if (account_.port != (account_.tls == config::Tls::implicit ? 993 : 143)) text_ += fmt::format("port = {}\n", account_.port);
    text_unless("implicit", "tls", word(account_.tls));
    text("user", account_.user);
    text_unless("", "ca_file", account_.ca_file.string());
    text_unless("", "fingerprint", account_.fingerprint);
    text_unless("", "client_cert", account_.client_cert.string());
    text_unless("", "client_key", account_.client_key.string());
    text_unless("auto", "auth", word(account_.auth));
    if (!account_.compress) text_ += "compress = false\n";
    if (account_.connections != Account{}.connections) text_ += fmt::format("connections = {}\n", account_.connections);
    if (!account_.disable_extensions.empty()) text_ += fmt::format("disable_extensions = {}\n", list(account_.disable_extensions));
  }

  void secret() {
    if (account_.secret.kind == SecretSource::Kind::none) return;
    if (!draft_.secret_hint.empty())
      comment("the other program's password couldn't be taken over: put it into this file (chmod 600), or write password_command");
    text(word(account_.secret.kind), account_.secret.value);
  }

  void maildir() {
    text("maildir", account_.maildir.string());
    text_unless("nested", "layout", word(account_.layout));
    text_unless("INBOX", "inbox", account_.inbox);
    if (account_.folder_encoding == config::FolderEncoding::mutf7) {
      comment("how the names of the directories are written already");
      text("folder_encoding", "mutf-7");
    }
    if (account_.mailboxes != Account{}.mailboxes) text_ += fmt::format("mailboxes = {}\n", list(account_.mailboxes));
    if (account_.idle != Account{}.idle) text_ += fmt::format("idle = {}\n", list(account_.idle));
  }

  void policy() {
    text_unless("two-way", "mode", word(account_.mode));
    text_unless("expunge", "on_local_delete", word(account_.on_local_delete));
    text_unless("", "trash_mailbox", account_.trash_mailbox);
    if (account_.expunge) {
      comment("messages flagged deleted on both sides are expunged");
      text_ += "expunge = true\n";
    }
    if (!account_.attic_retention) text("attic_retention", "forever");
    if (account_.max_message_size != 0) text("max_message_size", size(account_.max_message_size));
  }

  static std::string size(std::uint64_t bytes) {
    return bytes % (1 << 20) == 0 ? fmt::format("{}M", bytes >> 20) : fmt::format("{}K", (bytes + 1023) >> 10);
  }

  void add_override(const config::Override& over) {
    text_ += fmt::format("\n[[account.{}.override]]\nmailboxes = {}\n", toml_key(account_.name), list(over.mailboxes));
    if (over.mode) text("mode", word(*over.mode));
    if (over.on_local_delete) text("on_local_delete", word(*over.on_local_delete));
    if (over.expunge) text_ += fmt::format("expunge = {}\n", *over.expunge);
    if (over.max_message_size) text("max_message_size", *over.max_message_size == 0 ? "0" : size(*over.max_message_size));
  }

  const Draft& draft_;
  const Account& account_;
  std::string text_;
};

}  // namespace

std::string toml_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    else
      quoted += c;
  }
  return quoted + '"';
}

std::string account_toml(const Draft& draft, const std::string& origin) {
  return Writer(draft).run(origin);
}

}  // namespace mailmirror::daemon::migration
