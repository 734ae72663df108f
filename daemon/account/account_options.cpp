#include "daemon/account/account_options.hpp"

#include "daemon/config/loopback.hpp"
#include "daemon/config/patterns.hpp"
#include "daemon/config/secret.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace mailmirror::daemon {
namespace {

namespace client = imap::client;

client::TlsMode tls_mode(config::Tls tls) {
  switch (tls) {
    case config::Tls::implicit: return client::TlsMode::implicit;
    case config::Tls::starttls: return client::TlsMode::starttls;
    case config::Tls::none: return client::TlsMode::none;
  }
  return client::TlsMode::implicit;
}

client::AuthMethod auth_method(config::Auth auth) {
  using client::AuthMethod;
  switch (auth) {
    case config::Auth::automatic: return AuthMethod::automatic;
    case config::Auth::plain: return AuthMethod::plain;
    case config::Auth::login: return AuthMethod::login;
    case config::Auth::scram_sha_256_plus: return AuthMethod::scram_sha_256_plus;
    case config::Auth::scram_sha_1_plus: return AuthMethod::scram_sha_1_plus;
    case config::Auth::scram_sha_256: return AuthMethod::scram_sha_256;
    case config::Auth::scram_sha_1: return AuthMethod::scram_sha_1;
    case config::Auth::xoauth2: return AuthMethod::xoauth2;
    case config::Auth::oauthbearer: return AuthMethod::oauthbearer;
    case config::Auth::external: return AuthMethod::external;
  }
  return AuthMethod::automatic;
}

client::SecretKind secret_kind(config::SecretSource::Kind kind) {
  using Kind = config::SecretSource::Kind;
  if (kind == Kind::none) return client::SecretKind::none;
  return kind == Kind::token_command || kind == Kind::oauth2 ? client::SecretKind::token : client::SecretKind::password;
}

sync::Policy to_policy(const config::EffectivePolicy& from) {
  sync::Policy policy;
  policy.mode = from.mode == config::Mode::two_way ? sync::Mode::two_way
                : from.mode == config::Mode::pull  ? sync::Mode::pull
                                                   : sync::Mode::archive;
  policy.on_local_delete = from.on_local_delete == config::OnLocalDelete::expunge ? sync::OnLocalDelete::expunge
                           : from.on_local_delete == config::OnLocalDelete::trash ? sync::OnLocalDelete::trash
                                                                                  : sync::OnLocalDelete::keep;
  policy.delete_mailboxes = from.delete_mailboxes;
  policy.expunge = from.expunge;
  policy.guard = {from.guard_messages, from.guard_percent};
  policy.max_message_size = from.max_message_size;
  return policy;
}

}  // namespace

sync::AccountSettings sync_settings(const config::Account& account, const std::filesystem::path& state_dir) {
  sync::AccountSettings settings;
  settings.name = account.name;
  settings.host = account.host;
  settings.user = account.user;
  settings.maildir = account.maildir;
  settings.state_dir = state_dir / account.name;
  settings.layout = account.layout == config::Layout::nested ? store::Layout::nested
                    : account.layout == config::Layout::flat ? store::Layout::flat
                                                             : store::Layout::maildir_plus_plus;
  settings.inbox = account.inbox;
  settings.folder_encoding =
      account.folder_encoding == config::FolderEncoding::utf8 ? store::FolderEncoding::utf8 : store::FolderEncoding::mutf7;
  settings.trash_mailbox = account.trash_mailbox;
  settings.attic_retention = account.attic_retention;
  settings.policy = [account](const std::string& name,
                              const std::vector<std::string>& special_uses) -> std::optional<sync::Policy> {
    if (config::select(account.mailboxes, name, special_uses) == config::Selection::excluded) return std::nullopt;
    return to_policy(config::policy_for(account, name, special_uses));
  };
  return settings;
}

client::SessionOptions session_options(const config::Account& account) {
  client::SessionOptions options;
  options.server.host = account.host;
  options.server.port = account.port;
  options.server.tls = tls_mode(account.tls);
  options.server.trust.ca_file = account.ca_file.string();
  if (!account.fingerprint.empty()) options.server.trust.fingerprint = "sha256:" + account.fingerprint;
  options.server.certificate = {account.client_cert.string(), account.client_key.string()};
  options.server.plaintext = account.insecure_plaintext ? client::Plaintext::anywhere : client::Plaintext::loopback_only;
  options.login.user = account.user;
  options.login.method = auth_method(account.auth);
  options.login.kind = secret_kind(account.secret.kind);
  options.disabled_extensions = account.disable_extensions;
  options.memory = account.memory_limit;
  // On loopback there is no line to save, only two processors' time to lose.
  const bool pays = account.compress && !config::is_loopback(account.host);
  options.compression = pays ? client::Compression::where_offered : client::Compression::off;
  return options;
}

SessionRecipe session_recipe(const config::Account& account, BlockingPool& pool) {
  return [account, &pool]() -> Task<Result<client::SessionOptions>> {
    auto obtain = [&account] { return config::obtain_secret(account.secret); };
    auto secret = co_await pool.run(obtain);
    MAILMIRROR_CO_TRY(secret);
    auto options = session_options(account);
    options.login.secret = std::move(*secret);
    co_return options;
  };
}

SupervisorSettings supervisor_settings(const config::Account& account, const std::filesystem::path& state_dir, BlockingPool& pool) {
  SupervisorSettings settings;
  settings.account = sync_settings(account, state_dir);
  settings.recipe = session_recipe(account, pool);
  settings.connections = account.connections;
  for (const auto& name : account.idle) settings.idle.emplace_back(name, '/');
  settings.poll_interval = account.poll_interval;
  settings.daily = {account.daily_download, account.daily_upload};
  return settings;
}

}  // namespace mailmirror::daemon
