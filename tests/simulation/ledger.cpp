#include "tests/simulation/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailmirror::simulation {

std::string Ledger::compose(std::uint64_t chance) {
  const auto number = ++made_;
  std::string text = fmt::format("Subject: {} {}\n", noun_, number);
  // Real mail has it nearly always; the rest is what matching is hard for.
  if (chance % 8 != 0) text += fmt::format("Message-ID: <{}@{}example.org>\n", number, noun_ == "message" ? "" : "aside.");
  text += "\n";
  const auto lines = chance / 8 % 12;
  for (std::uint64_t line = 0; line < lines; ++line) text += fmt::format("line {} of {}\n", line + 1, number);
  if (chance / 128 % 4 == 0) text += "no end of line";
  return text;
}

std::string Ledger::normalized(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t n = 0; n < bytes.size(); ++n)
    if (bytes[n] != '\r' || n + 1 == bytes.size() || bytes[n + 1] != '\n') text += bytes[n];
  return text;
}

std::string Ledger::label(std::string_view bytes) {
  const auto end = std::min(bytes.find_first_of("\r\n"), bytes.size());
  const auto line = bytes.substr(0, end);
  return line.starts_with("Subject: ") ? std::string(line.substr(9)) : fmt::format("\"{}\" ({} bytes)", line, bytes.size());
}

Content& Ledger::at(std::string_view bytes) {
  return contents_[normalized(bytes)];
}

void Ledger::lost_with_power(std::string_view bytes, unsigned elsewhere) {
  auto& content = at(bytes);
  if (elsewhere + content.deleted + content.unborn < content.born) ++content.unborn;
}

void Ledger::copied_here(std::string_view bytes) {
  ++at(bytes).born;
  ++at(bytes).copied_here;
}

void Ledger::copied_there(std::string_view bytes) {
  ++at(bytes).born;
  ++at(bytes).copied_there;
}

void Ledger::restored(std::string_view bytes, unsigned revived, Kept kept) {
  auto& content = at(bytes);
  content.revived += revived;
  content.at_least_one = kept == Kept::yes;
  content.forsaken = kept == Kept::no;
}

void Ledger::torn(std::string_view bytes) {
  ++at(bytes).born;
  ++at(bytes).unborn;
}

bool Ledger::meddled_with(std::string_view bytes) const {
  const auto found = contents_.find(normalized(bytes));
  return found != contents_.end() && found->second.deleted + found->second.moved_here > 0;
}

bool Ledger::knows(std::string_view bytes) const {
  return contents_.contains(normalized(bytes));
}

unsigned Ledger::least_of(const Content& content) {
  const auto copies = content.copied_here + content.copied_there;
  const auto moves = content.moved_here + content.moved_there;
  // Copies that several made, or that were moved, may be taken for one another (hard case 15); one of them always stays.
  const auto merged = copies > 1 || (copies == 1 && moves > 0) ? copies : 0;
  const auto excused = content.deleted + content.unborn + merged;
  if (content.forsaken) return 0;
  if (content.at_least_one) return content.born > excused ? 1 : 0;
  return content.born < excused ? 0 : content.born - excused;
}

unsigned Ledger::most_of(const std::string& bytes, const Content& content, Moves moves) const {
  const auto all = content.moved_here + content.moved_there;
  const bool parted = moves == Moves::in_two_steps && all > 1;
  // Moved there to and fro, and here what had come between: the file's message is gone, and nothing tells whose copy it is.
  const bool chased = content.moved_here > 0 && content.moved_there > 1;
  // Moved on both sides without a Message-ID: size and date alone prove nothing before the other copy was recorded.
  const bool nameless = bytes.find("Message-ID:") == std::string::npos && content.moved_here > 0 && content.moved_there > 0;
  // Moved before its record was written, or while its mailbox was numbered anew: a copy that a program made looks the same (hard case 10).
  const bool rootless = content.moved_here > 0 && (device_died_ || renumbered_);
  const bool renamed_twice = renamed_here_ && renamed_there_;
  return content.born + content.revived + (parted || chased || nameless || rootless || renamed_twice ? 1 : 0);
}

std::vector<std::string> Ledger::complaints(const Counts& all, const Counts& wanted, Moves moves) const {
  const auto count_in = [](const Counts& counts, const std::string& bytes) {
    const auto place = counts.find(bytes);
    return place == counts.end() ? 0 : place->second;
  };
  std::vector<std::string> wrong;
  for (const auto& [bytes, count] : all)
    if (!contents_.contains(bytes)) wrong.push_back(fmt::format("{} was made by nobody", label(bytes)));
  for (const auto& [bytes, content] : contents_) {
    const auto most = count_in(all, bytes);
    const auto least = count_in(wanted, bytes);
    const auto history = fmt::format("made {}, deleted {}, moved {} here and {} there, lost with power {}", content.born, content.deleted,
                                     content.moved_here, content.moved_there, content.unborn);
    if (most < least_of(content)) wrong.push_back(fmt::format("{} is lost: the server holds {} ({})", label(bytes), most, history));
    if (least > most_of(bytes, content, moves)) wrong.push_back(fmt::format("{} is doubled: the server holds {} ({})", label(bytes), least, history));
  }
  return wrong;
}

}  // namespace mailmirror::simulation
