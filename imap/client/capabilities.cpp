#include "imap/client/capabilities.hpp"

#include "sync/base/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
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
    {Extension::multiappend, "MULTIAPPEND"},
    {Extension::append_limit, "APPENDLIMIT"},
    {Extension::quota, "QUOTA"},
    {Extension::partial, "PARTIAL"},
    {Extension::uidonly, "UIDONLY"},
    {Extension::message_limit, "MESSAGELIMIT"},
    {Extension::inprogress, "INPROGRESS"},
}};

constexpr std::string_view kAuthPrefix = "AUTH=";

constexpr std::array kImap4rev2Bundle{Extension::enable,      Extension::esearch,       Extension::idle,        Extension::list_extended,
                                      Extension::list_status, Extension::literal_minus, Extension::move,        Extension::namespaces,
                                      Extension::sasl_ir,     Extension::special_use,   Extension::status_size, Extension::uidplus,
                                      Extension::unselect};

/// "OBJECTID+" (Stalwart) and "MESSAGELIMIT=1000" are the extension, too.
bool is_form_of(std::string_view offered, std::string_view name) {
  if (!offered.starts_with(name)) return false;
  const auto rest = offered.substr(name.size());
  return rest.empty() || rest == "+" || rest.starts_with('=');
}

bool takes_parameter(Extension extension) {
  return extension == Extension::append_limit || extension == Extension::message_limit || extension == Extension::object_id;
}

bool is_disabled(const std::string& name, const std::vector<std::string>& disabled) {
  const auto bare = name.substr(0, name.find('='));
  return std::any_of(disabled.begin(), disabled.end(), [&](const auto& other) {
    return ascii::equal_ignoring_case(name, other) || (bare != "AUTH" && ascii::equal_ignoring_case(bare, other));
  });
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
  for (const auto& [extension, name] : kNames) {
    const auto fits = [name = name, wide = takes_parameter(extension)](const std::string& offered) {
      return wide ? is_form_of(offered, name) : offered == name;
    };
    extensions_.set(static_cast<std::size_t>(extension), std::any_of(names_.begin(), names_.end(), fits));
  }
}

std::optional<std::uint64_t> Capabilities::number_of(Extension extension) const {
  const auto prefix = std::string(to_string(extension)) + '=';
  for (const auto& name : names_) {
    if (!name.starts_with(prefix)) continue;
    std::uint64_t number = 0;
    const auto* const end = name.data() + name.size();
    const auto [stopped, error] = std::from_chars(name.data() + prefix.size(), end, number);
    if (error == std::errc{} && stopped == end) return number;
  }
  return std::nullopt;
}

void Capabilities::add_imap4rev2_bundle(const std::vector<std::string>& disabled) {
  for (const auto extension : kImap4rev2Bundle)
    if (!is_disabled(std::string(to_string(extension)), disabled)) extensions_.set(static_cast<std::size_t>(extension));
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
