#include "daemon/import/mbsync.hpp"

#include "daemon/import/mbsync_account.hpp"
#include "daemon/import/mbsync_channel.hpp"
#include "daemon/import/mbsync_store.hpp"
#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace mailmirror::daemon::migration {
namespace {

using Channels = std::vector<MbsyncChannel>;

const std::set<std::string> kStoreKeywords{"account",        "path",          "inbox",        "subfolders",    "flatten",
                                           "maxsize",        "mapinbox",      "trash",        "trashnewonly",  "trashremotenew",
                                           "altmap",         "infodelimiter", "usenamespace", "pathdelimiter", "subscribedonly",
                                           "fielddelimiter", "usekeychain"};
const std::set<std::string> kChannelKeywords{"far",     "near",        "master",       "slave",           "pattern",  "patterns",
                                             "maxsize", "maxmessages", "expireunread", "expireside",      "sync",     "create",
                                             "remove",  "expunge",     "expungesolo",  "copyarrivaldate", "syncstate"};

/// The channels of one pair of stores, and the places where they meet: "" or a prefix on the near side.
class PairOfStores {
 public:
  PairOfStores(const MbsyncSection& far, const MbsyncSection& near, const Environment& environment, const std::string& file)
      : far_(far), near_(near), store_(near, environment), file_(file) {}

  void add(MbsyncChannel channel) { channels_.push_back(std::move(channel)); }

  /// Channels by the prefix that their mailboxes have on the near side. One that fits nowhere is an obstacle for the first of them.
  [[nodiscard]] std::map<std::string, Channels> by_prefix() const {
    std::map<std::string, Channels> places;
    for (const auto& channel : channels_)
      if (channel.patterns) places[prefix_of(channel)].push_back(channel);
    for (const auto& channel : channels_) {
      if (channel.patterns) continue;
      const auto prefix = prefix_of(channel);
      const bool odd = !places.contains(prefix) && !same_name(channel, prefix) && !places.empty();
      places[odd ? places.begin()->first : prefix].push_back(channel);
    }
    return places;
  }

  /// The draft's Maildir, layout and mailboxes.
  void describe(const std::string& prefix, const Channels& channels, Draft& draft) const {
    Note obstacle;
    const auto root = store_.root(prefix, obstacle, file_);
    if (root.empty()) draft.obstacles.push_back(obstacle);
    draft.account.maildir = root.ends_with('/') ? root.substr(0, root.size() - 1) : root;
    draft.account.layout = store_.layout();
    draft.account.folder_encoding = config::FolderEncoding::mutf7;
    draft.dotted_subfolders = store_.dotted_subfolders() || near_.find("subfolders") == nullptr;
    const auto* spaces = far_.find("usenamespace");
    draft.leaves_out_namespace = spaces == nullptr || ascii::to_lower(spaces->arguments.front()) != "no";
    far_path(draft);
    std::vector<std::string> patterns;
    for (const auto& channel : channels) add_mailboxes(channel, prefix, patterns, draft);
    inbox(prefix, patterns, draft);
    draft.account.mailboxes = patterns;
  }

 private:
  [[nodiscard]] static std::string box_of(const MbsyncEnd& end) { return end.box.empty() ? "INBOX" : end.box; }
  [[nodiscard]] static bool same_name(const MbsyncChannel& channel, const std::string& prefix) {
    const auto far = box_of(channel.far), near = box_of(channel.near);
    return near == prefix + far || (near == "INBOX" && far == "INBOX");
  }

  /// For a single pair: what makes its near name of its far name.
  [[nodiscard]] static std::string prefix_of(const MbsyncChannel& channel) {
    if (channel.patterns) return channel.near.box == channel.far.box ? "" : channel.near.box;
    const auto far = box_of(channel.far), near = box_of(channel.near);
    return near != far && near.ends_with("/" + far) ? near.substr(0, near.size() - far.size()) : "";
  }

  void far_path(Draft& draft) const {
    if (const auto* path = far_.find("path"); path != nullptr && !path->arguments.front().empty())
      draft.obstacles.push_back(
          {file_, path->number,
           fmt::format("mailmirror keeps the server's whole names: move what lies in {0} beneath the directory that '{1}' names, "
                       "remove this Path, and import again",
                       draft.account.maildir.string(), path->arguments.front())});
    if (const auto* map = far_.find("mapinbox"))
      draft.obstacles.push_back(
          {file_, map->number,
           "mailmirror keeps INBOX in a directory of that name: rename its directory, remove MapInbox, and import again"});
  }

  void add_mailboxes(const MbsyncChannel& channel, const std::string& prefix, std::vector<std::string>& patterns,
                     Draft& draft) const {
    if (channel.patterns) {
      if (channel.far.box != "" && channel.far.box != channel.near.box)
        draft.obstacles.push_back(
            {file_, channel.far.line,
             fmt::format("mailboxes below '{}' on the server stand below '{}' here: mailmirror keeps the server's names. "
                         "Move their directories, use the same prefix in Far and Near, and import again",
                         channel.far.box, channel.near.box)});
      for (auto pattern : our_patterns(*channel.patterns)) {
        const bool excludes = pattern.starts_with('!');
        pattern.insert(excludes ? 1 : 0, channel.far.box);
        patterns.push_back(std::move(pattern));
      }
      return;
    }
    const auto far = box_of(channel.far), near = box_of(channel.near);
    patterns.push_back(our_patterns({far}).front());
    if (same_name(channel, prefix)) return;
    draft.obstacles.push_back(
        {file_, channel.near.line,
         fmt::format("the mailbox '{}' of the server stands in '{}' here: mailmirror keeps the server's names. Run {}, "
                     "write the same name after Near as after Far, and import again",
                     far, near, move_command(store_.directory_of(near), store_.directory_of(prefix + far)))});
  }

  /// mbsync's wildcards find an INBOX only where it lies beneath the Path.
  void inbox(const std::string& prefix, std::vector<std::string>& patterns, Draft& draft) const {
    if (const auto name = store_.inbox(prefix)) {
      draft.account.inbox = *name;
      return;
    }
    const bool wanted = std::any_of(patterns.begin(), patterns.end(),
                                    [](const auto& pattern) { return ascii::equal_ignoring_case(pattern, "INBOX"); });
    const auto* line = near_.find("inbox");
    const auto number = line == nullptr ? near_.line : line->number;
    if (wanted)
      draft.obstacles.push_back(
          {file_, number,
           fmt::format("this INBOX lies outside of {0}: mailmirror keeps an account beneath one root. Run {1}, "
                       "write Inbox {2}, and import again",
                       draft.account.maildir.string(),
                       move_command(store_.inbox_path(), store_.directory_of(prefix + "x").parent_path() / "INBOX"),
                       draft.account.maildir.string() + "/INBOX")});
    else
      patterns.insert(patterns.begin(), "!INBOX");
  }

  const MbsyncSection& far_;
  const MbsyncSection& near_;
  MaildirStore store_;
  const std::string& file_;
  Channels channels_;
};

class Importer {
 public:
  Importer(std::string_view text, std::string file, const Environment& environment)
      : file_(std::move(file)), environment_(environment), parsed_(parse_mbsync(text, file_)) {}

  Import run() {
    result_.notes = parsed_.mistakes;
    if (!parsed_.mistakes.empty()) result_.unreadable = true;
    if (result_.unreadable) return std::move(result_);
    pair_up();
    for (auto& [names, pair] : pairs_) make_drafts(pair, *find("imapstore", names.first), *find("maildirstore", names.second));
    if (result_.drafts.empty() && result_.notes.empty())
      result_.notes.push_back({file_, 0, "there is no channel between an IMAPStore and a MaildirStore in here"});
    return std::move(result_);
  }

 private:
  [[nodiscard]] const MbsyncSection* find(std::string_view kind, const std::string& name) const {
    const auto found = std::find_if(parsed_.sections.begin(), parsed_.sections.end(),
                                    [&](const auto& s) { return s.kind == kind && s.name == name; });
    return found == parsed_.sections.end() ? nullptr : &*found;
  }

  void pair_up() {
    for (const auto& section : parsed_.sections) {
      if (section.kind != "channel") continue;
      auto channel = read_channel(section, parsed_.sections.front(), file_);
      tell_unknown(section, kChannelKeywords, channel.notes);
      const auto* far = find("imapstore", channel.far.store);
      const auto* near = find("maildirstore", channel.near.store);
      if (far == nullptr || near == nullptr) {
        result_.notes.insert(result_.notes.end(), channel.obstacles.begin(), channel.obstacles.end());
        if (channel.obstacles.empty()) result_.notes.push_back({file_, section.line, not_a_pair(channel)});
        continue;
      }
      const std::pair names(far->name, near->name);
      auto pair = pairs_.find(names);
      if (pair == pairs_.end()) pair = pairs_.emplace(names, PairOfStores(*far, *near, environment_, file_)).first;
      pair->second.add(std::move(channel));
    }
  }

  [[nodiscard]] std::string not_a_pair(const MbsyncChannel& channel) const {
    for (const auto& name : {channel.far.store, channel.near.store})
      if (find("imapstore", name) == nullptr && find("maildirstore", name) == nullptr)
        return fmt::format("channel '{}': there is no store '{}'", channel.name, name);
    return fmt::format("channel '{}' isn't taken over: mailmirror mirrors an IMAP server (Far) into a Maildir (Near), nothing else",
                       channel.name);
  }

  void make_drafts(const PairOfStores& pair, const MbsyncSection& far, const MbsyncSection& near) {
    const auto places = pair.by_prefix();
    for (const auto& [prefix, channels] : places) {
      Draft draft;
      const auto* reference = far.find("account");
      const auto* connection = reference == nullptr ? &far : find("imapaccount", reference->arguments.front());
      if (connection == nullptr)
        draft.obstacles.push_back(
            {file_, reference->number, fmt::format("there is no IMAPAccount '{}'", reference->arguments.front())});
      else
        take_over_connection(*connection, file_, environment_, draft);
      draft.account.name = name_for(connection == nullptr ? far.name : connection->name, prefix);
      draft.origin =
          fmt::format("IMAPStore {}, MaildirStore {}{}", far.name, near.name, prefix.empty() ? "" : fmt::format(" ({})", prefix));
      pair.describe(prefix, channels, draft);
      policy(channels, draft);
      stores(far, near, draft);
      if (connection != nullptr && connection != &far) tell_unknown(*connection, connection_keywords(), draft.notes);
      result_.drafts.push_back(std::move(draft));
    }
  }

  std::string name_for(const std::string& wanted, const std::string& prefix) {
    auto name = account_name(wanted);
    if (names_.contains(name)) name = account_name(wanted + "-" + prefix.substr(0, prefix.find('/')));
    for (int n = 2; names_.contains(name); ++n) name = account_name(wanted + "-" + std::to_string(n));
    names_.insert(name);
    return name;
  }

  /// The first channel's settings are the account's; another one's that differ become an override.
  static void policy(const Channels& channels, Draft& draft) {
    auto& account = draft.account;
    const auto& first = channels.front();
    account.mode = first.mode;
    account.on_local_delete = first.on_local_delete;
    account.expunge = first.expunge;
    account.max_message_size = first.max_message_size;
    for (const auto& channel : channels) {
      draft.notes.insert(draft.notes.end(), channel.notes.begin(), channel.notes.end());
      draft.obstacles.insert(draft.obstacles.end(), channel.obstacles.begin(), channel.obstacles.end());
      if (channel.keeps_what_the_server_deletes) account.attic_retention.reset();
      if (channel.max_message_size != 0) draft.may_hold_placeholders = true;
      if (channel.mode == first.mode && channel.on_local_delete == first.on_local_delete && channel.expunge == first.expunge &&
          channel.max_message_size == first.max_message_size)
        continue;
      config::Override over;
      over.mailboxes =
          our_patterns(channel.patterns.value_or(std::vector<std::string>{channel.far.box.empty() ? "INBOX" : channel.far.box}));
      over.mode = channel.mode;
      over.on_local_delete = channel.on_local_delete;
      over.expunge = channel.expunge;
      over.max_message_size = channel.max_message_size;
      account.overrides.push_back(std::move(over));
    }
  }

  void stores(const MbsyncSection& far, const MbsyncSection& near, Draft& draft) {
    if (const auto* trash = far.find("trash");
        trash != nullptr && draft.account.on_local_delete == config::OnLocalDelete::expunge) {
      draft.account.on_local_delete = config::OnLocalDelete::trash;
      draft.account.trash_mailbox = our_patterns({trash->arguments.front()}).front();
    }
    if (const auto* trash = near.find("trash"))
      draft.notes.push_back(
          {file_, trash->number,
           "what the server deletes rests in mailmirror's attic ('mailmirror undo' brings it back), not in a Maildir for trash"});
    if (const auto* subscribed = far.find("subscribedonly");
        subscribed != nullptr && ascii::to_lower(subscribed->arguments.front()) == "yes") {
      draft.only_what_is_here = true;
      draft.notes.push_back({file_, subscribed->number,
                             "mailmirror doesn't look at subscriptions: just the mailboxes that are here already are taken; add "
                             "others to 'mailboxes'"});
    }
    for (const auto* section : {&far, &near}) {
      if (const auto* most = section->find("maxsize"); most != nullptr && most->arguments.front() != "0") {
        draft.may_hold_placeholders = true;
        draft.notes.push_back(
            {file_, most->number, "write 'max_message_size' into the account if large messages are to stay on the server"});
      }
      auto known = kStoreKeywords;
      if (section == &far) known.insert(connection_keywords().begin(), connection_keywords().end());
      tell_unknown(*section, known, draft.notes);
    }
  }

  void tell_unknown(const MbsyncSection& section, const std::set<std::string>& known, std::vector<Note>& notes) {
    for (const auto& line : section.lines)
      if (!known.contains(line.keyword))
        notes.push_back({file_, line.number, fmt::format("'{}' isn't known, and not taken over", line.keyword)});
  }

  std::string file_;
  const Environment& environment_;
  MbsyncFile parsed_;
  std::map<std::pair<std::string, std::string>, PairOfStores> pairs_;
  std::set<std::string> names_;
  Import result_;
};

}  // namespace

std::filesystem::path default_mbsync_file(const Environment& environment) {
  const auto old = environment.home() / ".mbsyncrc";
  std::error_code failure;
  if (std::filesystem::exists(old, failure)) return old;
  return environment.default_config_file().parent_path().parent_path() / "isyncrc";
}

Import import_mbsync(std::string_view text, const std::string& file, const Environment& environment) {
  return Importer(text, file, environment).run();
}

}  // namespace mailmirror::daemon::migration
