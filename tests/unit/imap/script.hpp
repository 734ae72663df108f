// A server that plays a written conversation, and the client's part held against it:
//   S: * OK ready            the server says it (CRLF is added)
//   C: m1 NOOP               the client has to say just this line
//   S~ * 1 FETCH (BODY[] {5} the server says it as it stands, \r and \n written out
//   TLS / DEFLATE            from here on through that layer
//   WAIT 30                  the server is silent for so many (virtual) seconds
//   HANG                     the server says nothing more, and reads nothing
#pragma once

#include "imap/client/open_session.hpp"
#include "imap/transport/memory.hpp"
#include "sync/base/log.hpp"
#include "tests/unit/imap/tls_peer.hpp"
#include "tests/unit/imap/world.hpp"

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::testing {

struct Step {
  enum class Kind : std::uint8_t { say, hear, tls, deflate, wait, hang } kind;
  std::string text;
};

/// Throws logic_error for a line that is none of the above.
std::vector<Step> parse_script(std::string_view script);

class ScriptedServer final : public imap::transport::Connector {
 public:
  ScriptedServer(World& world, std::string_view script, imap::transport::MemorySettings line = {},
                 std::optional<TlsIdentity> identity = {});

  Task<Result<std::unique_ptr<imap::transport::Transport>>> connect(std::string host, std::uint16_t port) override;

  /// The connection ends after so many steps.
  void end_after(std::size_t steps) { steps_.resize(std::min(steps, steps_.size())); }
  [[nodiscard]] std::size_t size() const { return steps_.size(); }
  /// "" if the client kept to the script, all of it.
  [[nodiscard]] std::string complaint() const;

 private:
  struct Stage;
  static Task<void> play(std::shared_ptr<Stage> stage, std::vector<Step> steps, std::optional<TlsIdentity> identity);
  static Task<bool> play_step(Stage& stage, const Step& step, const std::optional<TlsIdentity>& identity);

  World& world_;
  std::vector<Step> steps_;
  imap::transport::MemorySettings line_;
  std::optional<TlsIdentity> identity_;
  std::shared_ptr<Stage> stage_;
};

/// What the client does with an open session. It returns at the first error; what it checks, it checks after success.
using Act = std::function<Task<Result<void>>(imap::client::Session&)>;

/// The options of these tests: user "user", password "pencil", localhost without TLS.
imap::client::SessionOptions plain_options();

/// The conversation up to the login, for a server with these capabilities (afterwards as before). The next tag is m3.
std::string login_script(std::string_view capabilities);

/// Opens a session against the script, runs `act`, closes. Returns what failed first.
Result<void> perform(World& world, ScriptedServer& server, const imap::client::SessionOptions& options, const Act& act);

/// Performs the script in many ways: as it is; with the bytes coming one by one, and split at random; and cut after each of its steps,
/// where it has to end with a clean error (or success), soon. All but the cut ones have to succeed and to keep to the script.
void expect_conversation(std::string_view script, const Act& act, const imap::client::SessionOptions& options = plain_options());

/// Performs the script once; returns how it failed. It must fail.
Error expect_failure(std::string_view script, const Act& act, const imap::client::SessionOptions& options = plain_options());

/// For scripts that don't get past the login.
Task<Result<void>> nothing_more(imap::client::Session& session);

}  // namespace mailmirror::testing
