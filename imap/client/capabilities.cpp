#include "imap/client/capabilities.hpp"

#include "sync/base/ascii.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mailmirror::imap::client {
namespace {

constexpr std::array<std::pair<Extension, std::string_view>, kExtensionCount> kNames{{
    {Extension::imap4rev1, "IMAP4REV1"},
    {Extension::imap4rev2, "IMAP4REV2"},
    {Extension::starttls, "STARTTLS"},
    {Extension::login_disabled, "LOGINDISABLED"},
    {Extension::sasl_ir, "SASL-IR"},
    {Extension::id, "ID"},
    {Extension::enable, "ENABLE"},
    {Extension::compress_deflate, "COMPRESS=DEFLATE"},
    {Extension::literal_plus, "LITERAL+"},
    {Extension::literal_minus, "LITERAL-"},
    {Extension::idle, "IDLE"},
    {Extension::notify, "NOTIFY"},
    {Extension::condstore, "CONDSTORE"},
    {Extension::qresync, "QRESYNC"},
    {Extension::uidplus, "UIDPLUS"},
    {Extension::move, "MOVE"},
    {Extension::unselect, "UNSELECT"},
    {Extension::esearch, "ESEARCH"},
    {Extension::namespaces, "NAMESPACE"},
    {Extension::special_use, "SPECIAL-USE"},
    {Extension::list_extended, "LIST-EXTENDED"},
    {Extension::list_status, "LIST-STATUS"},
    {Extension::status_size, "STATUS=SIZE"},
    {Extension::utf8_accept, "UTF8=ACCEPT"},
    {Extension::object_id, "OBJECTID"},
    {Extension::gmail, "X-GM-EXT-1"},
}};

constexpr std::string_view kAuthPrefix = "AUTH=";

bool is_disabled(const std::string& name, const std::vector<std::string>& disabled) {
  return std::any_of(disabled.begin(), disabled.end(), [&](const auto& other) { return ascii::equal_ignoring_case(name, other); });
}

}  // namespace

std::string_view to_string(Extension extension) noexcept {
  return kNames[static_cast<std::size_t>(extension)].second;
}

Capabilities::Capabilities(const std::vector<std::string>& names, const std::vector<std::string>& disabled) {
  for (const auto& name : names)
    if (!is_disabled(name, disabled)) names_.push_back(ascii::to_upper(name));
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  for (const auto& [extension, name] : kNames)
    extensions_.set(static_cast<std::size_t>(extension), std::binary_search(names_.begin(), names_.end(), name));
}

bool Capabilities::has_name(std::string_view name) const {
  return std::binary_search(names_.begin(), names_.end(), ascii::to_upper(name));
}

std::vector<std::string> Capabilities::mechanisms() const {
  std::vector<std::string> mechanisms;
  for (const auto& name : names_)
    if (name.starts_with(kAuthPrefix)) mechanisms.push_back(name.substr(kAuthPrefix.size()));
  return mechanisms;
}

void Capabilities::remove(Extension extension) {
  extensions_.reset(static_cast<std::size_t>(extension));
  std::erase(names_, to_string(extension));
}

}  // namespace mailmirror::imap::client
