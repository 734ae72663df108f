// What the server can do, minus what it is known to do wrongly and what the user switched off.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::imap::client {

/// The extensions that this client knows how to use.
enum class Extension : std::uint8_t {
  imap4rev1,
  imap4rev2,
  starttls,
  login_disabled,
  sasl_ir,
  id,
  enable,
  compress_deflate,
  literal_plus,
  literal_minus,
  idle,
  notify,
  condstore,
  qresync,
  uidplus,
  move,
  unselect,
  esearch,
  namespaces,
  special_use,
  list_extended,
  list_status,
  status_size,
  utf8_accept,
  object_id,
  gmail,
  multiappend,
  append_limit,
  quota,
  partial,
  uidonly,
  message_limit,
  inprogress,
};
inline constexpr std::size_t kExtensionCount = static_cast<std::size_t>(Extension::inprogress) + 1;

/// A value. Names are compared without case.
class Capabilities {
 public:
  Capabilities() = default;
  /// `disabled`: names that are treated as if the server hadn't sent them; "QRESYNC" and "qresync" are the same.
  Capabilities(const std::vector<std::string>& names, const std::vector<std::string>& disabled);

  [[nodiscard]] bool has(Extension extension) const { return extensions_.test(static_cast<std::size_t>(extension)); }
  [[nodiscard]] bool has_name(std::string_view name) const;
  /// Upper case, sorted.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  /// The NAMEs of AUTH=NAME.
  [[nodiscard]] std::vector<std::string> mechanisms() const;
  [[nodiscard]] bool empty() const { return names_.empty(); }
  /// The number in NAME=number (APPENDLIMIT=, MESSAGELIMIT=); nullopt where there is none.
  [[nodiscard]] std::optional<std::uint64_t> number_of(Extension extension) const;
  /// As if it had never been offered.
  void remove(Extension extension);
  /// What IMAP4rev2 bundles (RFC 9051 §E), once it is switched on: servers need not list the parts. `disabled` as above.
  void add_imap4rev2_bundle(const std::vector<std::string>& disabled);

 private:
  std::vector<std::string> names_;
  std::bitset<kExtensionCount> extensions_;
};

/// The name on the wire ("COMPRESS=DEFLATE").
std::string_view to_string(Extension extension) noexcept;

}  // namespace mailmirror::imap::client
