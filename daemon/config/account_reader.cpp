#include "daemon/config/account_reader.hpp"

#include "daemon/config/loopback.hpp"
#include "daemon/config/secret_reader.hpp"
#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailmirror::daemon::config {
namespace {

constexpr std::uint64_t kSmallestMemory = 1 << 20;

const std::vector<std::pair<std::string, Tls>> kTls{{"implicit", Tls::implicit}, {"starttls", Tls::starttls}, {"none", Tls::none}};
const std::vector<std::pair<std::string, Auth>> kAuth{{"auto", Auth::automatic},
                                                      {"plain", Auth::plain},
                                                      {"login", Auth::login},
                                                      {"scram-sha-256-plus", Auth::scram_sha_256_plus},
                                                      {"scram-sha-1-plus", Auth::scram_sha_1_plus},
                                                      {"scram-sha-256", Auth::scram_sha_256},
                                                      {"scram-sha-1", Auth::scram_sha_1},
                                                      {"xoauth2", Auth::xoauth2},
                                                      {"oauthbearer", Auth::oauthbearer},
                                                      {"external", Auth::external}};
const std::vector<std::pair<std::string, Layout>> kLayout{{"nested", Layout::nested}, {"maildir++", Layout::maildir_plus_plus}, {"flat", Layout::flat}};
const std::vector<std::pair<std::string, Mode>> kMode{{"two-way", Mode::two_way}, {"pull", Mode::pull}, {"archive", Mode::archive}};
const std::vector<std::pair<std::string, FolderEncoding>> kEncoding{{"utf-8", FolderEncoding::utf8},
                                                                    {"mutf-7", FolderEncoding::mutf7}};
const std::vector<std::pair<std::string, OnLocalDelete>> kOnDelete{
    {"expunge", OnLocalDelete::expunge}, {"trash", OnLocalDelete::trash}, {"keep", OnLocalDelete::keep}};

template <class T>
void set(T& target, std::optional<T> value) {
  if (value) target = std::move(*value);
}

class AccountReader {
 public:
  AccountReader(const toml::table& table, const std::string& name, const std::filesystem::path& file,
                const Environment& environment, ConfigErrors& errors, MissingSecret missing)
      : in_(table, "account." + name, file.string(), environment, errors),
        file_(file),
        environment_(environment),
        errors_(errors),
        missing_(missing) {
    account_.name = name;
  }

  Account run() {
    server();
    read_secret(in_, account_, file_, environment_, errors_, missing_);
    maildir();
    policy();
    for (const auto* table : in_.tables("override")) add_override(*table);
    in_.finish();
    return std::move(account_);
  }

 private:
  void server() {
    account_.host = required_text("host", "the server's name, such as \"imap.example.org\"");
    check_host();
    account_.user = required_text("user", "the name to log in with");
    set(account_.tls, in_.choice("tls", kTls));
    account_.port = static_cast<std::uint16_t>(in_.number("port", 1, 65535).value_or(account_.tls == Tls::implicit ? 993 : 143));
    set(account_.ca_file, in_.path("ca_file"));
    fingerprint();
    set(account_.client_cert, in_.path("client_cert"));
    set(account_.client_key, in_.path("client_key"));
    set(account_.insecure_plaintext, in_.boolean("insecure_plaintext"));
    set(account_.auth, in_.choice("auth", kAuth));
    account_.connections = in_.number("connections", 1, 100).value_or(account_.connections);
    set(account_.compress, in_.boolean("compress"));
    set(account_.disable_extensions, in_.texts("disable_extensions"));
    check_plaintext();
    check_client_certificate();
  }

  void check_client_certificate() {
    if (in_.has("client_key") && !in_.has("client_cert"))
      in_.error_at_key("client_key", "'client_key' is of no use without 'client_cert', the certificate that it belongs to");
    if (account_.auth == Auth::external && !in_.has("client_cert"))
      in_.error_at_key("auth", "auth = \"external\" logs in by a client certificate: add 'client_cert' (and 'client_key')");
    if (account_.tls != Tls::none) return;
    for (const char* key : {"client_cert", "client_key"})
      if (in_.has(key)) in_.error_at_key(key, fmt::format("'{}' contradicts tls = \"none\": it is shown inside TLS alone", key));
  }

  void check_plaintext() {
    if (account_.tls != Tls::none) return;
    for (const char* key : {"ca_file", "fingerprint"})
      if (in_.has(key))
        in_.error_at_key(key, fmt::format("'{}' contradicts tls = \"none\": there is no certificate to check", key));
    if (!account_.host.empty() && !is_loopback(account_.host) && !account_.insecure_plaintext)
      in_.error_at_key("tls",
                       "tls = \"none\" would send the password over the network in the clear: use \"implicit\" or \"starttls\" "
                       "(or, if you really mean it, add insecure_plaintext = true)");
  }

  /// A URL, or a port behind the name, would end as a name that can't be resolved.
  void check_host() {
    const auto colons = std::count(account_.host.begin(), account_.host.end(), ':');
    if (account_.host.find_first_of("/@ \t\n") != std::string::npos || colons == 1)
      in_.error_at_key(
          "host",
          fmt::format("'host' is a name or an address alone, not \"{}\": the port has a key of its own, 'port'", account_.host));
  }

  std::string required_text(std::string_view key, std::string_view meaning) {
    if (!in_.has(key)) in_.error_at_table(fmt::format("[{}] lacks '{}': {}", in_.name(), key, meaning));
    const auto value = in_.text(key);
    if (value && value->empty()) in_.error_at_key(key, fmt::format("'{}' is empty: it is {}", key, meaning));
    return value.value_or("");
  }

  /// "sha256:" and 64 hexadecimal digits, colons and case as one likes.
  void fingerprint() {
    const auto text = in_.text("fingerprint");
    if (!text) return;
    std::string digits;
    for (const char c : text->starts_with("sha256:") ? text->substr(7) : std::string("?"))
      if (c != ':') digits += static_cast<char>(c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);
    if (digits.size() != 64 || digits.find_first_not_of("0123456789abcdef") != std::string::npos)
      return in_.error_at_key("fingerprint", "'fingerprint' must be \"sha256:\" and 64 hexadecimal digits");
    account_.fingerprint = digits;
  }

  void maildir() {
    if (!in_.has("maildir"))
      in_.error_at_table(fmt::format("[{}] lacks 'maildir': the directory that is to hold the mail, such as \"~/Mail/{}\"",
                                     in_.name(), account_.name));
    set(account_.maildir, in_.path("maildir"));
    set(account_.layout, in_.choice("layout", kLayout));
    inbox();
    set(account_.folder_encoding, in_.choice("folder_encoding", kEncoding));
    set(account_.mailboxes, patterns(in_));
    set(account_.idle, in_.texts("idle"));
    set(account_.poll_interval, in_.duration("poll_interval"));
    if (account_.poll_interval < std::chrono::seconds(1))
      in_.error_at_key("poll_interval", "'poll_interval' must be at least \"1s\"");
  }

  /// One level beneath the root, which no other mailbox's directory can have.
  void inbox() {
    set(account_.inbox, in_.text("inbox"));
    if (!in_.has("inbox")) return;
    if (account_.layout == Layout::maildir_plus_plus)
      in_.error_at_key("inbox", "'inbox' contradicts layout = \"maildir++\": there INBOX is the maildir itself");
    else if (!ascii::equal_ignoring_case(account_.inbox, "INBOX"))
      in_.error_at_key("inbox", fmt::format("'inbox' is how the INBOX's directory spells its name, such as \"Inbox\", not \"{}\"", account_.inbox));
  }

  static std::optional<std::vector<std::string>> patterns(TableReader& in) {
    auto patterns = in.texts("mailboxes");
    if (!patterns) return std::nullopt;
    if (patterns->empty())
      in.error_at_key("mailboxes", "'mailboxes' is empty, so that it would mean none: leave it out to mean all");
    if (std::any_of(patterns->begin(), patterns->end(),
                    [](const auto& p) { return p.empty() || p == "!" || p == "\\" || p == "!\\"; }))
      in.error_at_key("mailboxes", "'mailboxes' holds an empty pattern");
    return patterns;
  }

  void policy() {
    set(account_.mode, in_.choice("mode", kMode));
    set(account_.on_local_delete, in_.choice("on_local_delete", kOnDelete));
    set(account_.trash_mailbox, in_.text("trash_mailbox"));
    set(account_.delete_mailboxes, in_.boolean("delete_mailboxes"));
    set(account_.expunge, in_.boolean("expunge"));
    set(account_.guard_messages, in_.number("guard_messages", 0, 1'000'000'000));
    set(account_.guard_percent, in_.number("guard_percent", 0, 100));
    retention();
    set(account_.max_message_size, in_.size("max_message_size"));
    set(account_.daily_download, in_.size("daily_download"));
    set(account_.daily_upload, in_.size("daily_upload"));
    set(account_.memory_limit, in_.size("memory_limit"));
    if (account_.memory_limit < kSmallestMemory) in_.error_at_key("memory_limit", "'memory_limit' is at least \"1M\": a listing has to fit");
  }

  void retention() {
    const auto text = in_.text("attic_retention");
    if (!text) return;
    if (*text == "forever") return account_.attic_retention.reset();
    if (const auto length = in_.duration("attic_retention"))
      account_.attic_retention = std::chrono::ceil<std::chrono::days>(*length);
  }

  void add_override(const toml::table& table) {
    TableReader in(table, "account." + account_.name + ".override", file_.string(), environment_, errors_);
    Override over;
    if (!in.has("mailboxes")) in.error_at_table("this override lacks 'mailboxes': which ones it is for");
    over.mailboxes = patterns(in).value_or(std::vector<std::string>{});
    over.mode = in.choice("mode", kMode);
    over.on_local_delete = in.choice("on_local_delete", kOnDelete);
    over.delete_mailboxes = in.boolean("delete_mailboxes");
    over.expunge = in.boolean("expunge");
    over.max_message_size = in.size("max_message_size");
    over.guard_messages = in.number("guard_messages", 0, 1'000'000'000);
    over.guard_percent = in.number("guard_percent", 0, 100);
    in.finish();
    account_.overrides.push_back(std::move(over));
  }

  TableReader in_;
  std::filesystem::path file_;
  const Environment& environment_;
  ConfigErrors& errors_;
  MissingSecret missing_;
  Account account_;
};

}  // namespace

Account read_account(const toml::table& table, const std::string& name, const std::filesystem::path& file,
                     const Environment& environment, ConfigErrors& errors, MissingSecret missing) {
  return AccountReader(table, name, file, environment, errors, missing).run();
}

}  // namespace mailmirror::daemon::config
