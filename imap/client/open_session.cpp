#include "imap/client/open_session.hpp"

#include "imap/client/dialog.hpp"
#include "imap/client/engine.hpp"
#include "imap/client/extension/enable.hpp"
#include "imap/client/extension/id.hpp"
#include "imap/client/extension/message_limit.hpp"
#include "imap/client/log_in.hpp"
#include "imap/client/status_error.hpp"
#include "sync/base/timeout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mailmirror::imap::client {
namespace {

void ignore(const wire::Response&) {}

const wire::CapabilityNames* capabilities_in(const std::optional<wire::ResponseCode>& code) {
  return code ? std::get_if<wire::CapabilityNames>(&code->value) : nullptr;
}

wire::CapabilityNames sorted(wire::CapabilityNames names) {
  std::sort(names.begin(), names.end());
  return names;
}

class Opening {
 public:
  Opening(Environment environment, SessionOptions options)
      : env_(std::move(environment)),
        options_(std::move(options)),
        peer_(fmt::format("{}:{}", options_.server.host, options_.server.port)) {
    server_.host = options_.server.host;
  }

  Task<Result<std::unique_ptr<Session>>> run() {
    auto arriving = reach_greeting();
    const auto greeted = co_await in_time(options_.connect_timeout, std::move(arriving));
    if (!greeted) co_return located(greeted.error());
    auto settling = settle();
    const auto settled = co_await in_time(options_.command_timeout, std::move(settling));
    if (!settled) co_return located(settled.error());
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    auto parts = std::move(*dialog_).release();
    Opened opened{std::move(parts.transport), std::move(parts.parser), parts.next_tag, std::move(capabilities_),
                  enabled_,                   std::move(server_),      std::move(quirks_)};
    auto engine = std::make_unique<Engine>(executor, env_, std::move(opened), options_.command_timeout);
    co_return std::make_unique<Session>(std::move(engine));
  }

 private:
  /// The connector tells the place itself.
  [[nodiscard]] Error located(const Error& error) const { return error.message.starts_with(peer_) ? error : error.in(peer_); }

  Task<Result<void>> in_time(Duration patience, Task<Result<void>> step) {
    return with_deadline(env_.clock, env_.clock.steady_now() + patience, "the server", std::move(step));
  }

  Task<Result<void>> reach_greeting() {
    auto transport = co_await env_.connector.connect(options_.server.host, options_.server.port);
    MAILMIRROR_CO_TRY(transport);
    wire::Limits limits;
    limits.memory = options_.memory;
    dialog_.emplace(env_.log, std::move(*transport), limits);
    if (options_.server.tls == TlsMode::implicit) {
      const auto wrapped = co_await start_tls();
      MAILMIRROR_CO_TRY(wrapped);
    }
    const auto greeting = co_await dialog_->read();
    if (!greeting && greeting.error().kind == ErrorKind::protocol)
      co_return fail(ErrorKind::protocol, "no IMAP server answers there; is the port right? (" + greeting.error().message + ")");
    MAILMIRROR_CO_TRY(greeting);
    const auto taken = take_greeting(*greeting);
    co_return taken;
  }

  Task<Result<void>> start_tls() {
    transport::TlsSettings settings;
    settings.host = options_.server.host;
    settings.trust = options_.server.trust;
    settings.certificate = options_.server.certificate;
    auto wrapped = co_await dialog_->start_tls(std::move(settings), env_.connector.tls_contexts());
    co_return wrapped;
  }

  Result<void> take_greeting(const wire::Response& response) {
    const auto* const greeting = std::get_if<wire::UntaggedStatus>(&response);
    if (greeting == nullptr)
      return fail(ErrorKind::protocol, "no IMAP server answers there: the greeting is missing; is the port right?");
    if (greeting->condition == wire::Condition::bye) return error_of_bye(*greeting);
    if (greeting->condition == wire::Condition::no || greeting->condition == wire::Condition::bad)
      return fail(ErrorKind::protocol, "the server greets with an error: " + greeting->text);
    server_.greeting = greeting->text;
    preauthenticated_ = greeting->condition == wire::Condition::preauth;
    // Logged in before TLS: whoever is in the middle decides whose account that is (RFC 9051 §11.1).
    if (preauthenticated_ && options_.server.tls == TlsMode::starttls)
      return fail(ErrorKind::tls, "the server skips the login (PREAUTH) before encryption is on: that can't be trusted");
    if (const auto* const names = capabilities_in(greeting->code)) set_capabilities(*names);
    return ok();
  }

  /// Everything after the greeting.
  Task<Result<void>> settle() {
    if (capabilities_.empty()) {
      const auto asked = co_await ask_capabilities();
      MAILMIRROR_CO_TRY(asked);
    }
    if (options_.server.tls == TlsMode::starttls) {
      const auto secured = co_await secure();
      MAILMIRROR_CO_TRY(secured);
    }
    // Always again: what is offered changes with the login, and some proxies only wake up by the command itself.
    if (!preauthenticated_) {
      const auto told = co_await log_in(*dialog_, env_, options_, capabilities_);
      MAILMIRROR_CO_TRY(told);
      if (!told->empty()) {
        const auto settled = co_await settle_in_one_turn(*told);
        co_return settled;
      }
    }
    const auto asked = co_await ask_capabilities();
    MAILMIRROR_CO_TRY(asked);
    const auto speaks = check_version();
    MAILMIRROR_CO_TRY(speaks);
    const auto switched = co_await switch_on();
    co_return switched;
  }

  /// The answer to the login told what is offered: the CAPABILITY command goes out together with what it would be waited for.
  Task<Result<void>> settle_in_one_turn(wire::CapabilityNames told) {
    set_capabilities(told);
    const auto speaks = check_version();
    MAILMIRROR_CO_TRY(speaks);
    auto commands = switches();
    commands.emplace(commands.begin(), "CAPABILITY");
    const auto switched = co_await send_switches(std::move(commands));
    MAILMIRROR_CO_TRY(switched);
    if (sorted(told_) == sorted(std::move(told))) co_return ok();
    // The command tells otherwise than the login did: what it added is switched on, too. Rare, and harmless to repeat.
    const auto still_speaks = check_version();
    MAILMIRROR_CO_TRY(still_speaks);
    const auto again = co_await switch_on();
    co_return again;
  }

  [[nodiscard]] Result<void> check_version() const {
    if (capabilities_.has(Extension::imap4rev1) || capabilities_.has(Extension::imap4rev2)) return ok();
    return fail(ErrorKind::unsupported, "the server speaks neither IMAP4rev1 nor IMAP4rev2");
  }

  void set_capabilities(const wire::CapabilityNames& names) {
    told_ = names;
    capabilities_ = Capabilities(names, options_.disabled_extensions);
    apply_quirks();
  }

  /// Again whenever more is known of the server.
  void apply_quirks() {
    quirks_ = quirks_of(server_, capabilities_);
    quirks_.limits.messages = std::min(quirks_.limits.messages, messages_per_command(capabilities_));
    for (const auto extension : quirks_.broken) {
      capabilities_.remove(extension);
      enabled_.reset(static_cast<std::size_t>(extension));
    }
  }

  Task<Result<void>> ask_capabilities() {
    bool told = false;
    auto take = [&](const wire::Response& response) {
      const auto* const capability = std::get_if<wire::Capability>(&response);
      if (capability == nullptr) return;
      set_capabilities(capability->names);
      told = true;
    };
    wire::Command command("CAPABILITY");
    Dialog::Untagged untagged = take;
    const auto answer = co_await dialog_->run(std::move(command), std::move(untagged));
    MAILMIRROR_CO_TRY(answer);
    if (!told) co_return fail(ErrorKind::protocol, "the server doesn't tell its capabilities");
    co_return ok();
  }

  /// STARTTLS (RFC 3501 §6.2.1).
  Task<Result<void>> secure() {
    if (!capabilities_.has(Extension::starttls))
      co_return fail(ErrorKind::tls,
                     "the server doesn't offer STARTTLS, or somebody on the way hides it: no login without encryption. "
                     "Try tls = \"implicit\"");
    wire::Command command("STARTTLS");
    Dialog::Untagged untagged = ignore;
    const auto answer = co_await dialog_->run(std::move(command), std::move(untagged));
    MAILMIRROR_CO_TRY(answer);
    // Injected: they would be taken for the server's words inside TLS.
    if (dialog_->has_unread())
      co_return fail(ErrorKind::tls, "plain text followed the answer to STARTTLS: somebody meddles with the connection");
    capabilities_ = Capabilities();
    const auto wrapped = co_await start_tls();
    MAILMIRROR_CO_TRY(wrapped);
    const auto asked = co_await ask_capabilities();
    co_return asked;
  }

  /// ID, NAMESPACE, ENABLE and COMPRESS in one round trip. None of them is vital: a refusal only means that the thing isn't on.
  Task<Result<void>> switch_on() {
    auto commands = switches();
    const auto switched = co_await send_switches(std::move(commands));
    co_return switched;
  }

  [[nodiscard]] std::vector<wire::Command> switches() const {
    std::vector<wire::Command> commands;
    if (capabilities_.has(Extension::id)) commands.push_back(id_command());
    if (capabilities_.has(Extension::namespaces)) commands.emplace_back("NAMESPACE");
    if (const auto names = extensions_to_enable(capabilities_); !names.empty()) commands.emplace_back("ENABLE").raw(names);
    const bool wanted = options_.compression == Compression::where_offered && !compressed_;
    // Nothing may follow it before its answer (RFC 4978 §3): it goes last.
    if (wanted && capabilities_.has(Extension::compress_deflate)) commands.emplace_back("COMPRESS").raw("DEFLATE");
    return commands;
  }

  Task<Result<void>> send_switches(std::vector<wire::Command> commands) {
    if (commands.empty()) co_return ok();
    const bool compress = commands.back().name() == "COMPRESS";
    Dialog::Untagged untagged = [this](const wire::Response& response) { take_introduction(response); };
    const auto answers = co_await dialog_->run_all(std::move(commands), std::move(untagged));
    MAILMIRROR_CO_TRY(answers);
    if (compress && answers->back().condition == wire::Condition::ok) {
      dialog_->start_compression();
      compressed_ = true;
    }
    conclude_introduction();
    co_return ok();
  }

  void take_introduction(const wire::Response& response) {
    if (const auto* const capability = std::get_if<wire::Capability>(&response)) set_capabilities(capability->names);
    if (const auto* const enabled = std::get_if<wire::Enabled>(&response)) note_enabled(*enabled, enabled_);
    if (const auto* const id = std::get_if<wire::Id>(&response)) server_.id = *id;
    if (const auto* const spaces = std::get_if<wire::Namespace>(&response)) server_.namespaces = *spaces;
  }

  void conclude_introduction() {
    apply_quirks();
    if (enabled_.test(static_cast<std::size_t>(Extension::imap4rev2))) capabilities_.add_imap4rev2_bundle(options_.disabled_extensions);
    const bool utf8 = enabled_.test(static_cast<std::size_t>(Extension::utf8_accept)) ||
                      enabled_.test(static_cast<std::size_t>(Extension::imap4rev2));
    if (utf8) dialog_->expect_names_in(wire::NameEncoding::utf8);
    if (!quirks_.families.empty()) env_.log->debug("{}: quirks of {} are allowed for", peer_, fmt::join(quirks_.families, ", "));
  }

  Environment env_;
  SessionOptions options_;
  std::string peer_;
  std::optional<Dialog> dialog_;
  wire::CapabilityNames told_;
  Capabilities capabilities_;
  std::bitset<kExtensionCount> enabled_;
  ServerIdentity server_;
  Quirks quirks_;
  bool preauthenticated_ = false;
  bool compressed_ = false;
};

}  // namespace

Task<Result<std::unique_ptr<Session>>> open_session(Environment environment, SessionOptions options) {
  Opening opening(std::move(environment), std::move(options));
  auto session = co_await opening.run();
  co_return std::move(session);
}

}  // namespace mailmirror::imap::client
