// The one error value of the project: what went wrong, in words for the user, and a kind that decides what happens next.
#pragma once

#include <boost/assert/source_location.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mailmirror {

/// What happened, as far as a caller can act on it. The order carries no meaning.
enum class ErrorKind : std::uint8_t {
  network,         ///< connection refused, reset, closed, unreachable, name not found
  timeout,         ///< a deadline passed
  tls,             ///< the TLS handshake failed, other than by the certificate
  certificate,     ///< untrusted, expired, wrong host, wrong fingerprint
  authentication,  ///< the server refused the login, or there is no way to log in
  throttled,       ///< the server asks to come back later
  refused,         ///< a tagged NO
  rejected,        ///< a tagged BAD: our fault, or a server without the command
  protocol,        ///< the peer's bytes make no sense, or a bound was passed
  disk_full,       ///< ENOSPC or EDQUOT
  permission,      ///< EACCES, EPERM, EROFS
  io,              ///< EIO and every other failure of the disk
  missing,         ///< a file, directory, mailbox or message isn't there
  exists,          ///< the name is taken
  conflict,        ///< the two sides are in a state that only the user can settle
  locked,          ///< another instance works on it
  configuration,   ///< a setting is wrong
  unsupported,     ///< the peer can't do it
  damaged,         ///< our own state database can't be what we wrote
};

/// Decides the retry.
enum class RetryClass : std::uint8_t {
  transient,  ///< again soon, with back-off
  wait,       ///< again after a longer while, or when something changed (space freed, permission given)
  final,      ///< not before the user did something
  protocol,   ///< the peer broke the rules: reconnect, then as transient
  conflict,   ///< only this item is held; everything else goes on
};

RetryClass retry_class(ErrorKind kind) noexcept;

/// A lower-case word for a kind, as it stands in JSON and logs ("disk-full").
std::string_view to_string(ErrorKind kind) noexcept;

/// A value: what happened (`kind`), told to the user (`message`: what, where and, where it helps, what to do).
struct Error {
  ErrorKind kind = ErrorKind::io;
  std::string message;
  /// Kind throttled: the peer named the time after which it may be tried again.
  std::optional<std::chrono::milliseconds> retry_after;

  /// No error: what boost::system::result hands out where there is none.
  Error() = default;
  Error(ErrorKind k, std::string text) : kind(k), message(std::move(text)) {}

  /// The same error, told from one level higher: "CONTEXT: message".
  [[nodiscard]] Error in(std::string_view context) const;

  friend bool operator==(const Error&, const Error&) = default;
};

/// An Error as an exception: for failures that the direct caller can't act on.
class ErrorException : public std::runtime_error {
 public:
  explicit ErrorException(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

/// Found by argument-dependent look-up when `Result::value()` is called on an error.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

/// The Error for an errno value that an operation on `what` gave ("write /home/me/Mail/tmp/x: No space left on device").
Error error_from_errno(int number, std::string_view what);

}  // namespace mailmirror
