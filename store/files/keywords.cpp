#include "store/files/keywords.hpp"

#include "sync/base/ascii.hpp"

#include <fmt/format.h>
#include <boost/assert.hpp>

#include <algorithm>
#include <charconv>

namespace mailmirror::store {
namespace {

constexpr std::string_view kFileName = "dovecot-keywords";
constexpr std::size_t kLongestFile = 64 * 1024;

bool can_stand_in_a_line(std::string_view keyword) {
  const auto is_graphic = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; };
  return !keyword.empty() && std::all_of(keyword.begin(), keyword.end(), is_graphic);
}

std::optional<std::size_t> index_of(char letter) {
  if (letter < 'a' || letter > 'z') return std::nullopt;
  return static_cast<std::size_t>(letter - 'a');
}

char letter_at(std::size_t index) {
  return static_cast<char>('a' + static_cast<int>(index));
}

struct Entry {
  std::size_t index = 0;
  std::string_view keyword;
};

std::optional<Entry> entry_in(std::string_view line) {
  Entry entry;
  const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), entry.index);
  if (failure != std::errc() || entry.index >= KeywordTable::kLetters) return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  if (line.empty() || line.front() != ' ') return std::nullopt;
  entry.keyword = line.substr(1);
  return can_stand_in_a_line(entry.keyword) ? std::optional(entry) : std::nullopt;
}

Result<std::string> read_text(const MaildirFolder& folder) {
  const auto file = folder.base().open_read(kFileName);
  if (!file && file.error().kind == ErrorKind::missing) return std::string();
  MAILMIRROR_TRY(file);
  std::string text(kLongestFile + 1, '\0');
  const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span(text)));
  MAILMIRROR_TRY(got);
  if (*got > kLongestFile)
    return fail(ErrorKind::io, (folder.base().path() / kFileName).string() + " is too long to be a list of keywords");
  text.resize(*got);
  return text;
}

Result<void> write_text(const MaildirFolder& folder, const std::string& text, const std::string& tmp_name) {
  const auto file = folder.tmp().create_exclusive(tmp_name);
  MAILMIRROR_TRY(file);
  auto done = (*file)->append(std::as_bytes(std::span(text)));
  if (done) done = (*file)->sync();
  if (done) done = folder.tmp().rename_replace(tmp_name, folder.base(), kFileName);
  if (done) return folder.base().sync();
  static_cast<void>(folder.tmp().unlink(tmp_name));
  return done;
}

}  // namespace

Result<KeywordTable> KeywordTable::read(const MaildirFolder& folder) {
  const auto text = read_text(folder);
  MAILMIRROR_TRY(text);
  return parse(*text);
}

KeywordTable KeywordTable::parse(std::string_view text) {
  KeywordTable table;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto entry = entry_in(line);
    if (entry && table.names_[entry->index].empty())
      table.names_[entry->index] = entry->keyword;
    else if (!line.empty())
      table.other_lines_.emplace_back(line);
  }
  return table;
}

std::string KeywordTable::to_text() const {
  std::string text;
  for (std::size_t index = 0; index < kLetters; ++index)
    if (!names_[index].empty()) text += fmt::format("{} {}\n", index, names_[index]);
  for (const auto& line : other_lines_) text.append(line).append("\n");
  return text;
}

std::optional<char> KeywordTable::letter_of(std::string_view keyword) const {
  for (std::size_t index = 0; index < kLetters; ++index)
    if (!names_[index].empty() && ascii::equal_ignoring_case(names_[index], keyword)) return letter_at(index);
  return std::nullopt;
}

const std::string& KeywordTable::name_of(char letter) const {
  const auto index = index_of(letter);
  BOOST_ASSERT_MSG(index.has_value(), "a letter from a to z");
  return names_[*index];
}

std::vector<std::string> KeywordTable::names_of(std::string_view letters) const {
  std::vector<std::string> names;
  for (const char letter : letters)
    if (const auto index = index_of(letter); index && !names_[*index].empty()) names.push_back(names_[*index]);
  return names;
}

std::string KeywordTable::unnamed(std::string_view letters) const {
  std::string unnamed;
  for (const char letter : letters)
    if (const auto index = index_of(letter); index && names_[*index].empty()) unnamed += letter;
  return unnamed;
}

Result<std::optional<char>> KeywordTable::add(const MaildirFolder& folder, std::string_view keyword, Random& random) {
  if (const auto known = letter_of(keyword)) return known;
  if (!can_stand_in_a_line(keyword)) return std::optional<char>();
  auto now = read(folder);
  MAILMIRROR_TRY(now);
  if (const auto given = now->letter_of(keyword)) {
    *this = std::move(*now);
    return given;
  }
  const auto in_use = [&](std::size_t index) { return !now->names_[index].empty() || !names_[index].empty(); };
  std::size_t free = 0;
  while (free < kLetters && in_use(free)) ++free;
  if (free == kLetters) return std::optional<char>();
  now->names_[free] = keyword;
  const auto written = write_text(folder, now->to_text(), "mm-keywords-" + random.hex(16));
  MAILMIRROR_TRY(written);
  *this = std::move(*now);
  return std::optional(letter_at(free));
}

}  // namespace mailmirror::store
