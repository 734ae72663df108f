#include "store/files/maildir_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace mailmirror::store {
namespace {

constexpr std::string_view kInfo = ":2,";
constexpr std::size_t kHexTag = 8;
/// What is left of 255 bytes by the other parts of a name: dates and numbers at their longest, every letter, a discriminator.
constexpr std::size_t kLongestHost = 100;

constexpr std::array<std::pair<char, Flag>, 6> kLetterFlags = {{{'D', Flag::draft},
                                                                {'F', Flag::flagged},
                                                                {'P', Flag::forwarded},
                                                                {'R', Flag::answered},
                                                                {'S', Flag::seen},
                                                                {'T', Flag::deleted}}};

bool is_known_letter(char letter) {
  const bool flag =
      std::any_of(kLetterFlags.begin(), kLetterFlags.end(), [letter](const auto& entry) { return entry.first == letter; });
  return flag || (letter >= 'a' && letter <= 'z');
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// The Maildir convention for '/' and ':' in host names (\057, \072), taken further to whatever else a name shouldn't hold.
std::string escaped_host(std::string_view host) {
  std::string escaped;
  for (const char c : host) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte > 0x20 && byte < 0x7f && c != '/' && c != ':' && c != ',' && c != '\\';
    const auto piece = plain ? std::string(1, c) : fmt::format("\\{:03o}", byte);
    if (escaped.size() + piece.size() > kLongestHost) break;
    escaped += piece;
  }
  return escaped.empty() ? "localhost" : escaped;
}

/// Reads a name from its left end.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  template <class Number>
  std::optional<Number> number() {
    Number value{};
    const auto [end, failure] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (failure != std::errc()) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  std::optional<std::string> tag() {
    const auto digits = rest_.substr(0, kHexTag);
    if (digits.size() < kHexTag || !std::all_of(digits.begin(), digits.end(), is_hex)) return std::nullopt;
    rest_.remove_prefix(kHexTag);
    return std::string(digits);
  }

  void skip_hex() {
    while (!rest_.empty() && is_hex(rest_.front())) rest_.remove_prefix(1);
  }

 private:
  std::string_view rest_;
};

}  // namespace

NameParts split_name(std::string_view name) {
  const auto info = name.find(kInfo);
  if (info == name.npos) return {name, {}, false};
  return {name.substr(0, info), name.substr(info + kInfo.size()), true};
}

std::string compose_name(std::string_view unique, std::string_view letters) {
  std::string name;
  name.reserve(unique.size() + kInfo.size() + letters.size());
  return name.append(unique).append(kInfo).append(letters);
}

std::string normalized_letters(std::string_view letters) {
  std::string sorted(letters);
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return sorted;
}

FlagSet flags_of_letters(std::string_view letters) {
  FlagSet flags;
  for (const auto& [letter, flag] : kLetterFlags)
    if (letters.find(letter) != letters.npos) flags.insert(flag);
  return flags;
}

std::string letters_of_flags(const FlagSet& flags) {
  std::string letters;
  for (const auto& [letter, flag] : kLetterFlags)
    if (flags.contains(flag)) letters += letter;
  return letters;
}

std::string with_unknown_letters(std::string_view wanted, std::string_view present) {
  std::string letters(wanted);
  std::copy_if(present.begin(), present.end(), std::back_inserter(letters), [](char letter) { return !is_known_letter(letter); });
  return normalized_letters(letters);
}

std::string make_unique(const Identity& identity, std::chrono::sys_seconds date, std::uint64_t file_size, std::string_view host) {
  return fmt::format("{}.V{}U{}M{}A{}.{},S={}", date.time_since_epoch().count(), identity.uid_validity.value(),
                     identity.uid.value(), identity.mailbox_tag, identity.account_tag, escaped_host(host), file_size);
}

std::string make_unique(std::string_view random, std::chrono::sys_seconds date, std::uint64_t file_size, std::string_view host) {
  return fmt::format("{}.R{}.{},S={}", date.time_since_epoch().count(), random, escaped_host(host), file_size);
}

std::string with_discriminator(std::string_view unique, std::string_view hex) {
  const auto first = unique.find('.');
  const auto second = first == unique.npos ? first : unique.find('.', first + 1);
  const auto at = second != unique.npos ? second : std::min(unique.find(','), unique.size());
  std::string changed(unique.substr(0, at));
  changed.append("D").append(hex).append(unique.substr(at));
  return changed;
}

std::optional<Identity> parse_identity(std::string_view unique) {
  Cursor cursor(unique);
  if (!cursor.number<std::int64_t>() || !cursor.skip('.') || !cursor.skip('V')) return std::nullopt;
  const auto uid_validity = cursor.number<std::uint32_t>();
  if (!uid_validity || !cursor.skip('U')) return std::nullopt;
  const auto uid = cursor.number<std::uint32_t>();
  if (!uid || *uid == 0 || !cursor.skip('M')) return std::nullopt;
  auto mailbox = cursor.tag();
  if (!mailbox || !cursor.skip('A')) return std::nullopt;
  auto account = cursor.tag();
  if (!account) return std::nullopt;
  while (cursor.skip('D')) cursor.skip_hex();
  if (!cursor.skip('.')) return std::nullopt;
  return Identity{std::move(*account), std::move(*mailbox), UidValidity{*uid_validity}, Uid{*uid}};
}

std::optional<Uid> foreign_uid(std::string_view unique) {
  constexpr std::string_view kInfix = ",U=";
  const auto at = unique.find(kInfix);
  if (at == unique.npos) return std::nullopt;
  Cursor cursor(unique.substr(at + kInfix.size()));
  const auto uid = cursor.number<std::uint32_t>();
  return uid && *uid != 0 ? std::optional(Uid{*uid}) : std::nullopt;
}

}  // namespace mailmirror::store
