#include "daemon/import/mbsync_file.hpp"

#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace mailmirror::daemon::migration {
namespace {

constexpr std::size_t kMostSections = 2000;
constexpr std::size_t kMostLines = 50'000;
constexpr std::size_t kMostArguments = 1000;
constexpr std::array<std::string_view, 5> kKinds{"imapaccount", "imapstore", "maildirstore", "channel", "group"};

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

struct Words {
  std::vector<std::string> words;
  bool comment = false;  ///< the line says nothing, but doesn't end a section
  std::string mistake;
};

/// One word from the front of `rest`.
std::optional<std::string> take_word(std::string_view& rest, std::string& mistake) {
  std::string word;
  bool escaped = false, quoted = false;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    const char c = rest[at];
    if (escaped) {
      word += c;
      escaped = false;
    } else if (c == '\\') {
      escaped = true;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && is_blank(c)) {
      break;
    } else {
      word += c;
    }
  }
  if (escaped) mistake = "a backslash at the line's end takes no character";
  if (quoted) mistake = "a quote isn't closed";
  rest.remove_prefix(at);
  return mistake.empty() ? std::optional(word) : std::nullopt;
}

Words split(std::string_view line) {
  Words result;
  while (result.words.size() < kMostArguments) {
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    if (line.empty()) return result;
    if (line.front() == '#') {
      result.comment = result.words.empty();
      return result;
    }
    auto word = take_word(line, result.mistake);
    if (!word) return result;
    result.words.push_back(std::move(*word));
  }
  result.mistake = "too many arguments";
  return result;
}

/// "Channels work home" inside of a group is no new section.
bool begins_section(const std::string& keyword, const MbsyncSection& now) {
  return std::find(kKinds.begin(), kKinds.end(), keyword) != kKinds.end() && !(keyword == "channel" && now.kind == "group");
}

class Parser {
 public:
  explicit Parser(const std::string& file) : path_(file) { result_.sections.emplace_back(); }

  MbsyncFile run(std::string_view text) {
    for (std::uint32_t number = 1; !text.empty(); ++number) {
      const auto end = std::min(text.find('\n'), text.size());
      if (number > kMostLines || result_.sections.size() > kMostSections) {
        mistake(number, "is far too long for a configuration");
        break;
      }
      take(text.substr(0, end), number);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::move(result_);
  }

 private:
  void take(std::string_view text, std::uint32_t number) {
    auto line = split(text);
    if (!line.mistake.empty()) return mistake(number, line.mistake);
    if (line.words.empty()) {
      in_section_ = in_section_ && line.comment;
      return;
    }
    const auto keyword = ascii::to_lower(line.words.front());
    if (line.words.size() == 1) return mistake(number, fmt::format("'{}' lacks its argument", line.words.front()));
    if (begins_section(keyword, section())) return begin(keyword, std::move(line.words), number);
    section().lines.push_back({number, keyword, {line.words.begin() + 1, line.words.end()}});
  }

  void begin(const std::string& kind, std::vector<std::string> words, std::uint32_t number) {
    result_.sections.push_back({kind, words[1], number, {}});
    in_section_ = true;
  }

  MbsyncSection& section() { return in_section_ ? result_.sections.back() : result_.sections.front(); }
  void mistake(std::uint32_t line, std::string what) { result_.mistakes.push_back({path_, line, std::move(what)}); }

  std::string path_;
  MbsyncFile result_;
  bool in_section_ = false;
};

}  // namespace

const MbsyncLine* MbsyncSection::find(std::string_view keyword) const {
  const auto found = std::find_if(lines.rbegin(), lines.rend(), [&](const auto& line) { return line.keyword == keyword; });
  return found == lines.rend() ? nullptr : &*found;
}

MbsyncFile parse_mbsync(std::string_view text, const std::string& file) {
  return Parser(file).run(text);
}

}  // namespace mailmirror::daemon::migration
