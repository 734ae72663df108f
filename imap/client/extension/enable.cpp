#include "imap/client/extension/enable.hpp"

#include <array>

namespace mailmirror::imap::client {
namespace {

constexpr std::array kBesidesModseq{Extension::utf8_accept, Extension::imap4rev2, Extension::uidonly};

}  // namespace

std::string extensions_to_enable(const Capabilities& capabilities) {
  if (!capabilities.has(Extension::enable)) return {};
  std::string names;
  const auto add = [&](Extension extension) {
    if (!capabilities.has(extension)) return false;
    names += (names.empty() ? "" : " ") + std::string(to_string(extension));
    return true;
  };
  if (!add(Extension::qresync)) add(Extension::condstore);
  for (const auto extension : kBesidesModseq) add(extension);
  return names;
}

void note_enabled(const wire::Enabled& answer, std::bitset<kExtensionCount>& enabled) {
  const Capabilities names(answer.names, {});
  const auto switch_on = [&](Extension extension) { enabled.set(static_cast<std::size_t>(extension)); };
  for (const auto extension : {Extension::qresync, Extension::condstore})
    if (names.has(extension)) switch_on(extension);
  for (const auto extension : kBesidesModseq)
    if (names.has(extension)) switch_on(extension);
  if (names.has(Extension::qresync)) switch_on(Extension::condstore);
}

}  // namespace mailmirror::imap::client
