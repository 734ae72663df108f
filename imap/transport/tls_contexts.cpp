#include "imap/transport/tls_contexts.hpp"

#include "imap/transport/tls_context.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

namespace mailmirror::imap::transport {
namespace {

/// A file as it is now; of the system's store nothing is known.
std::string version_of(const std::string& file) {
  if (file.empty()) return "-";
  std::error_code none;
  const auto time = std::filesystem::last_write_time(file, none).time_since_epoch().count();
  return fmt::format("{}:{}@{}", file.size(), file, time);
}

}  // namespace

Result<std::shared_ptr<SSL_CTX>> TlsContexts::get(const TlsTrust& trust, const ClientCertificate& certificate) {
  const auto key = version_of(trust.ca_file) + version_of(certificate.file) + version_of(certificate.key_file);
  std::erase_if(contexts_, [](const auto& entry) { return entry.second.expired(); });
  if (const auto known = contexts_.find(key); known != contexts_.end())
    if (auto context = known->second.lock()) return context;
  auto made = make_context(trust, certificate);
  MAILMIRROR_TRY(made);
  std::shared_ptr<SSL_CTX> context(std::move(*made));
  contexts_[key] = context;
  return context;
}

}  // namespace mailmirror::imap::transport
