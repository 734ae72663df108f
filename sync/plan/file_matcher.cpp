#include "sync/plan/file_matcher.hpp"

#include "sync/plan/move_matcher.hpp"

#include <unordered_map>

namespace mailmirror::sync {
namespace {

/// "X-TUID: ", twelve characters, CRLF: in the server's message, where mbsync uploaded the file that lacks it.
constexpr std::uint64_t kMarkSize = 22;

class FileMatcher {
 public:
  FileMatcher(const std::vector<NewFile>& files, const std::vector<RemoteMessage>& messages, Trust trust)
      : files_(files), messages_(messages), trust_(trust), file_taken_(files.size()), message_taken_(messages.size()) {}

  std::vector<std::pair<std::size_t, std::size_t>> run() {
    by_hint();
    by_traits([](const NewFile& file) { return MessageTraits{file.message_id, file.served_size, file.modified}; },
              [](const RemoteMessage& message) { return message.internal_date; });
    if (trust_ == Trust::adoption) {
      const auto no_date = [](const RemoteMessage&) { return std::chrono::sys_seconds{}; };
      by_traits([](const NewFile& file) { return MessageTraits{file.message_id, file.served_size, {}}; }, no_date);
      by_traits([](const NewFile& file) { return MessageTraits{file.message_id, file.wire_size, {}}; }, no_date);
      by_traits([](const NewFile& file) { return MessageTraits{file.message_id, file.wire_size + kMarkSize, {}}; }, no_date);
    }
    return std::move(pairs_);
  }

 private:
  void by_hint() {
    std::unordered_map<Uid, std::size_t> places;
    for (std::size_t m = 0; m < messages_.size(); ++m) places.emplace(messages_[m].uid, m);
    for (std::size_t f = 0; f < files_.size(); ++f) {
      const auto place = files_[f].hint ? places.find(*files_[f].hint) : places.end();
      if (place != places.end() && !message_taken_[place->second] && agree(files_[f], messages_[place->second])) take(f, place->second);
    }
  }

  /// The UID in a name is a hint, believed only if the server's view agrees with the file (hard case 10).
  [[nodiscard]] bool agree(const NewFile& file, const RemoteMessage& message) const {
    const bool same_date = message.internal_date == file.modified;
    if (message.message_id != file.message_id) return false;
    const bool as_it_stands = message.size == file.served_size || message.size == file.file_size;
    if (trust_ == Trust::strict || file.message_id.empty()) return same_date && as_it_stands;
    return as_it_stands || message.size == file.wire_size || message.size == file.wire_size + kMarkSize;
  }

  /// What is taken already bears no traits, and so matches nothing.
  template <class OfFile, class DateOf>
  void by_traits(OfFile of_file, DateOf date_of) {
    std::vector<MessageTraits> here;
    for (std::size_t f = 0; f < files_.size(); ++f) here.push_back(file_taken_[f] ? MessageTraits{} : of_file(files_[f]));
    std::vector<MessageTraits> there;
    for (std::size_t m = 0; m < messages_.size(); ++m)
      there.push_back(message_taken_[m] ? MessageTraits{} : MessageTraits{messages_[m].message_id, messages_[m].size, date_of(messages_[m])});
    for (const auto& [file, message] : match_moves(here, there)) take(file, message);
  }

  void take(std::size_t file, std::size_t message) {
    file_taken_[file] = message_taken_[message] = true;
    pairs_.emplace_back(file, message);
  }

  const std::vector<NewFile>& files_;
  const std::vector<RemoteMessage>& messages_;
  Trust trust_;
  std::vector<bool> file_taken_;
  std::vector<bool> message_taken_;
  std::vector<std::pair<std::size_t, std::size_t>> pairs_;
};

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> match_files(const std::vector<NewFile>& files, const std::vector<RemoteMessage>& messages,
                                                             Trust trust) {
  return FileMatcher(files, messages, trust).run();
}

}  // namespace mailmirror::sync
