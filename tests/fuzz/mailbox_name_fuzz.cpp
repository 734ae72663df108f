// Mailbox names: from the wire and back, and to a directory and back; none may leave the Maildir's root.
#include "imap/wire/modified_utf7.hpp"
#include "store/files/folder_paths.hpp"
#include "store/files/modified_utf7.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/require.hpp"

#include <array>
#include <string>
#include <string_view>

namespace {

using namespace mailmirror;
using fuzz::require;
using store::FolderEncoding;
using store::FolderPaths;
using store::Layout;

constexpr std::size_t kLongestFileName = 255;

/// What decodes is spelled in the one canonical way, so encoding gives it back; and both rooms agree on it.
void check_wire_name(std::string_view text) {
  const auto decoded = imap::wire::decode_modified_utf7(text);
  if (!decoded) return;
  require(imap::wire::with_valid_utf8(*decoded) == *decoded, "a decoded name is UTF-8");
  const auto encoded = imap::wire::encode_modified_utf7(*decoded);
  require(encoded && *encoded == text, "a decoded name encodes to the bytes it came from");
  require(store::from_modified_utf7(text) == *decoded, "the store decodes it the same way");
}

void check_utf8_name(std::string_view text) {
  const auto encoded = imap::wire::encode_modified_utf7(text);
  require(encoded.has_value() == (imap::wire::with_valid_utf8(text) == text), "what is UTF-8 can be encoded, nothing else");
  if (!encoded) return;
  const auto decoded = imap::wire::decode_modified_utf7(*encoded);
  require(decoded && *decoded == text, "an encoded name decodes to the text it came from");
  require(store::to_modified_utf7(text) == *encoded, "the store encodes it the same way");
}

/// A relative path of plain names: no "..", nothing that begins with a dot in nested, nothing that a file system refuses.
void check_harmless(std::string_view directory, Layout layout) {
  require(directory.find('\0') == directory.npos, "a directory has no NUL");
  if (layout == Layout::maildir_plus_plus) {
    require(directory.empty() || (directory.front() == '.' && directory.size() > 1 && directory[1] != '.'), "one dot leads");
    require(directory.find('/') == directory.npos, "maildir++ has one level");
    require(directory.size() <= kLongestFileName, "a file system can hold the name");
    return;
  }
  for (std::size_t at = 0; at <= directory.size();) {
    const auto end = std::min(directory.find('/', at), directory.size());
    const auto level = directory.substr(at, end - at);
    require(!level.empty() && level.front() != '.', "no level is empty, hidden, or leads upwards");
    require(level.size() <= kLongestFileName, "a file system can hold the name");
    at = end + 1;
  }
}

void check_paths(const FolderPaths& paths, Layout layout, std::string_view text, char delimiter) {
  const MailboxName name(text, delimiter);
  const auto directory = paths.to_directory(name, delimiter);
  check_harmless(directory, layout);
  check_harmless(paths.hashed_directory(name, delimiter), layout);
  const auto back = paths.to_mailbox(directory, delimiter);
  require(!back || paths.to_directory(*back, delimiter) == directory, "a directory names one mailbox");
  require(paths.is_reversible(name, delimiter) == (back == name), "reversible is what comes back");
  // What isn't hashed always comes back.
  require(back == name || directory.find("%~") != directory.npos, "a short name comes back");

  const auto found = paths.to_mailbox(text, delimiter);
  if (!found) return;
  check_harmless(text, layout);
  require(paths.to_directory(*found, delimiter) == text, "a directory that names a mailbox is that mailbox's directory");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<char, 4> kDelimiters{'/', '.', '\0', '\\'};
  fuzz::Input input(data, size);
  const char delimiter = kDelimiters[input.byte() % kDelimiters.size()];
  const auto text = input.rest();
  check_wire_name(text);
  check_utf8_name(text);
  for (const auto layout : {Layout::nested, Layout::maildir_plus_plus})
    for (const auto encoding : {FolderEncoding::utf8, FolderEncoding::mutf7})
      check_paths(FolderPaths(layout, encoding), layout, text, delimiter);
  return 0;
}
