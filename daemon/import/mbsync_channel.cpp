#include "daemon/import/mbsync_channel.hpp"

#include "store/files/modified_utf7.hpp"
#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace mailmirror::daemon::migration {
namespace {

using config::Mode;
using config::OnLocalDelete;

constexpr std::array<std::string_view, 3> kTypes{"new", "delete", "flags"};

/// Which changes go which way.
struct Directions {
  std::set<std::string, std::less<>> pulled;
  std::set<std::string, std::less<>> pushed;
  bool known = true;
};

void add_all(std::set<std::string, std::less<>>& types) {
  types.insert(kTypes.begin(), kTypes.end());
}

/// "PullNew": one cell of the table.
bool add_cell(Directions& directions, std::string_view word) {
  auto& side = word.starts_with("pull") ? directions.pulled : directions.pushed;
  const auto type = word.substr(4);
  if (type == "renew" || type == "upgrade") return true;
  if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) return false;
  side.emplace(type);
  return true;
}

/// Both of mbsync's styles: rows and columns that cross ("Pull New"), or cells ("PullNew Push").
Directions directions_of(const std::vector<std::string>& words) {
  Directions directions;
  bool pull = false, push = false, cells = false;
  std::set<std::string, std::less<>> types;
  for (const auto& original : words) {
    const auto word = ascii::to_lower(original);
    if (word == "all" || word == "full")
      pull = push = true;
    else if (word == "pull")
      pull = true;
    else if (word == "push")
      push = true;
    else if (std::find(kTypes.begin(), kTypes.end(), word) != kTypes.end())
      types.insert(word);
    else if (word.starts_with("pull") || word.starts_with("push"))
      directions.known = add_cell(directions, word) && directions.known, cells = true;
    else if (word != "none" && word != "renew" && word != "upgrade" && word != "gone")
      directions.known = false;
  }
  if (cells) {
    if (pull) add_all(directions.pulled);
    if (push) add_all(directions.pushed);
    directions.pulled.insert(types.begin(), types.end());
    directions.pushed.insert(types.begin(), types.end());
    return directions;
  }
  if (!types.empty() && !pull && !push) pull = push = true;
  if (types.empty()) add_all(types);
  if (pull) directions.pulled = types;
  if (push) directions.pushed = types;
  return directions;
}

std::optional<std::uint64_t> size_of(std::string text) {
  text = ascii::to_lower(text);
  std::uint64_t bytes = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (failure != std::errc() || bytes > (1ULL << 40)) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.empty() || unit == "b") return bytes;
  if (unit == "k" || unit == "kb") return bytes << 10;
  if (unit == "m" || unit == "mb") return bytes << 20;
  return std::nullopt;
}

class Reader {
 public:
  Reader(const MbsyncSection& section, const MbsyncSection& global, const std::string& file)
      : section_(section), global_(global), file_(file) {}

  MbsyncChannel run() {
    channel_.name = section_.name;
    channel_.line = section_.line;
    channel_.far = end("far", "master");
    channel_.near = end("near", "slave");
    patterns();
    directions();
    expunge();
    folders();
    sizes();
    return std::move(channel_);
  }

 private:
  [[nodiscard]] const MbsyncLine* find(const char* keyword) const {
    const auto* own = section_.find(keyword);
    return own != nullptr ? own : global_.find(keyword);
  }
  void note(std::uint32_t line, std::string message) { channel_.notes.push_back({file_, line, std::move(message)}); }
  void obstacle(std::uint32_t line, std::string message) { channel_.obstacles.push_back({file_, line, std::move(message)}); }

  MbsyncEnd end(const char* keyword, const char* old) {
    const auto* line = section_.find(keyword) != nullptr ? section_.find(keyword) : section_.find(old);
    if (line == nullptr) {
      obstacle(section_.line, fmt::format("channel '{}' has no {}", section_.name, keyword));
      return {};
    }
    const auto& text = line->arguments.front();
    const auto colon = text.find(':', 1);
    if (!text.starts_with(':') || colon == std::string::npos) {
      obstacle(line->number, fmt::format("'{}' isn't ':STORE:MAILBOX'", text));
      return {};
    }
    return {text.substr(1, colon - 1), text.substr(colon + 1), line->number};
  }

  void patterns() {
    for (const auto& line : section_.lines) {
      if (line.keyword != "pattern" && line.keyword != "patterns") continue;
      if (!channel_.patterns) channel_.patterns.emplace();
      channel_.patterns->insert(channel_.patterns->end(), line.arguments.begin(), line.arguments.end());
    }
  }

  void directions() {
    const auto* line = find("sync");
    if (line == nullptr) return;
    const auto where = line->number;
    const auto directions = directions_of(line->arguments);
    const auto pulls = [&](const char* type) { return directions.pulled.contains(type); };
    const auto pushes = [&](const char* type) { return directions.pushed.contains(type); };
    if (!directions.known) return obstacle(where, "a word after Sync isn't known");
    if (!pulls("new")) return obstacle(where, "mailmirror always brings new messages here; this Sync doesn't");
    if (directions.pushed.empty()) {
      channel_.mode = pulls("delete") ? Mode::pull : Mode::archive;
      return note(where, channel_.mode == Mode::pull ? "mode = \"pull\": what is changed here is undone at the next pass (mbsync "
                                                       "left it), what is added here goes to the attic"
                                                     : "mode = \"archive\": only downloads, nothing is ever removed here");
    }
    if (!pushes("delete")) channel_.on_local_delete = OnLocalDelete::keep;
    if (!pushes("new")) note(where, "new files here are uploaded, too");
    channel_.keeps_what_the_server_deletes = !pulls("delete");
    if (channel_.keeps_what_the_server_deletes)
      note(where, "what is deleted on the server leaves the Maildir, too, but rests in the attic for ever (attic_retention)");
  }

  /// mbsync's default is to mark and never to expunge.
  void expunge() {
    const auto* line = find("expunge");
    const auto sides = line == nullptr ? "none" : ascii::to_lower(line->arguments.front());
    channel_.expunge = sides == "both" || sides == "far" || sides == "master";
    if (channel_.expunge || channel_.mode != Mode::two_way || channel_.on_local_delete == OnLocalDelete::keep) return;
    channel_.on_local_delete = OnLocalDelete::keep;
    note(line == nullptr ? section_.line : line->number,
         "mbsync doesn't expunge on the server (Expunge Far or Both would): so files deleted here stay on the server "
         "(on_local_delete = \"keep\"); "
         "\"expunge\" or \"trash\" is what most want");
  }

  void folders() {
    const auto* create = find("create");
    const auto created = create == nullptr ? "none" : ascii::to_lower(create->arguments.front());
    if (created != "both" && channel_.mode == Mode::two_way)
      note(create == nullptr ? section_.line : create->number,
           "mailmirror makes missing mailboxes on both sides (mbsync: Create Both)");
    if (const auto* remove = find("remove"); remove != nullptr && ascii::to_lower(remove->arguments.front()) != "none")
      note(remove->number,
           "a directory deleted here doesn't delete the mailbox there unless you add delete_mailboxes = true, which deletes its "
           "messages, too");
    if (const auto* most = find("maxmessages"); most != nullptr && most->arguments.front() != "0")
      note(most->number,
           "mailmirror keeps whole mailboxes here: the older messages that mbsync left on the server will be downloaded");
  }

  void sizes() {
    const auto* line = section_.find("maxsize");
    if (line == nullptr) return;
    if (const auto size = size_of(line->arguments.front()))
      channel_.max_message_size = *size;
    else
      obstacle(line->number, fmt::format("'{}' is no size", line->arguments.front()));
  }

  const MbsyncSection& section_;
  const MbsyncSection& global_;
  const std::string& file_;
  MbsyncChannel channel_;
};

}  // namespace

MbsyncChannel read_channel(const MbsyncSection& channel, const MbsyncSection& global, const std::string& file) {
  return Reader(channel, global, file).run();
}

std::vector<std::string> our_patterns(const std::vector<std::string>& theirs) {
  std::vector<std::string> ours;
  for (auto pattern = theirs.rbegin(); pattern != theirs.rend(); ++pattern) {
    const bool excludes = pattern->starts_with('!');
    const auto text = excludes ? pattern->substr(1) : *pattern;
    ours.push_back((excludes ? "!" : "") + store::from_modified_utf7(text).value_or(text));
  }
  return ours;
}

}  // namespace mailmirror::daemon::migration
