#include "sync/base/error.hpp"

#include <cerrno>
#include <system_error>

namespace mailmirror {

RetryClass retry_class(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::network:
    case ErrorKind::timeout:
    case ErrorKind::tls:
    case ErrorKind::refused:
    case ErrorKind::missing:
    case ErrorKind::exists: return RetryClass::transient;
    case ErrorKind::throttled:
    case ErrorKind::disk_full:
    case ErrorKind::permission:
    case ErrorKind::io:
    case ErrorKind::locked: return RetryClass::wait;
    case ErrorKind::certificate:
    case ErrorKind::authentication:
    case ErrorKind::configuration:
    case ErrorKind::unsupported:
    case ErrorKind::damaged: return RetryClass::final;
    case ErrorKind::rejected:
    case ErrorKind::protocol: return RetryClass::protocol;
    case ErrorKind::conflict: return RetryClass::conflict;
  }
  return RetryClass::final;
}

std::string_view to_string(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::network: return "network";
    case ErrorKind::timeout: return "timeout";
    case ErrorKind::tls: return "tls";
    case ErrorKind::certificate: return "certificate";
    case ErrorKind::authentication: return "authentication";
    case ErrorKind::throttled: return "throttled";
    case ErrorKind::refused: return "refused";
    case ErrorKind::rejected: return "rejected";
    case ErrorKind::protocol: return "protocol";
    case ErrorKind::disk_full: return "disk-full";
    case ErrorKind::permission: return "permission";
    case ErrorKind::io: return "io";
    case ErrorKind::missing: return "missing";
    case ErrorKind::exists: return "exists";
    case ErrorKind::conflict: return "conflict";
    case ErrorKind::locked: return "locked";
    case ErrorKind::configuration: return "configuration";
    case ErrorKind::unsupported: return "unsupported";
    case ErrorKind::damaged: return "damaged";
  }
  return "unknown";
}

Error Error::in(std::string_view context) const {
  auto told = *this;
  told.message = std::string(context) + ": " + message;
  return told;
}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw ErrorException(error);
}

namespace {

ErrorKind kind_of_errno(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT: return ErrorKind::disk_full;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorKind::permission;
    case ENOENT:
    case ENOTDIR: return ErrorKind::missing;
    case EEXIST:
    case ENOTEMPTY: return ErrorKind::exists;
    case ECONNREFUSED:
    case ECONNRESET:
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EPIPE: return ErrorKind::network;
    case ETIMEDOUT: return ErrorKind::timeout;
    default: return ErrorKind::io;
  }
}

}  // namespace

Error error_from_errno(int number, std::string_view what) {
  return {kind_of_errno(number), std::string(what) + ": " + std::generic_category().message(number)};
}

}  // namespace mailmirror
