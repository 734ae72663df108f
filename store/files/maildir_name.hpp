// The names of message files: UNIQUE, or UNIQUE:2,LETTERS. Pure text, no I/O.
//
// Ours are SECONDS.V<uidvalidity>U<uid>M<mailbox tag>A<account tag>[D<discriminator>].HOST,S=<size>; uploads' and undo's carry no
// identity: SECONDS.R<random>.HOST,S=<size>. They are at most 255 bytes, flag letters included.
#pragma once

#include "sync/base/flags.hpp"
#include "sync/base/uid.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::store {

/// Views into the name that was split.
struct NameParts {
  std::string_view unique;
  std::string_view letters;  ///< as they stand there
  bool has_info = false;     ///< the name has a ":2,"
};

NameParts split_name(std::string_view name);

/// UNIQUE:2,LETTERS; the letters are given as they shall stand.
std::string compose_name(std::string_view unique, std::string_view letters);

/// Sorted in ASCII order, each once.
std::string normalized_letters(std::string_view letters);

/// D F P R S T; all others are passed over.
FlagSet flags_of_letters(std::string_view letters);
/// The reverse; keywords have no letter of their own (see KeywordTable).
std::string letters_of_flags(const FlagSet& flags);

/// `wanted`, plus those of `present` that are neither D F P R S T nor a–z: what we don't understand is kept (normalized).
std::string with_unknown_letters(std::string_view wanted, std::string_view present);

/// Where a file's message came from. A hint (semantics, hard case 10).
struct Identity {
  std::string account_tag;  ///< 8 lower-case hexadecimal digits
  std::string mailbox_tag;  ///< 8 lower-case hexadecimal digits
  UidValidity uid_validity;
  Uid uid;
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// Precondition: the tags have their form. `host` may be anything: '/', ':' and what has no place in a name are escaped, and it is
/// cut.
std::string make_unique(const Identity& identity, std::chrono::sys_seconds date, std::uint64_t file_size, std::string_view host);

/// Without identity. `random`: hexadecimal digits, at least 16 in order to be unique.
std::string make_unique(std::string_view random, std::chrono::sys_seconds date, std::uint64_t file_size, std::string_view host);

/// The same name made different, where the one at hand is taken by another file. The identity in it stays.
std::string with_discriminator(std::string_view unique, std::string_view hex);

/// nullopt: the name isn't of ours, or carries none.
std::optional<Identity> parse_identity(std::string_view unique);

/// The UID in other programs' names (",U=123"): OfflineIMAP's is the server's, mbsync's its own, which often is the same. A hint.
std::optional<Uid> foreign_uid(std::string_view unique);

}  // namespace mailmirror::store
