#include "sync/execute/file_names.hpp"

#include "sync/base/digest.hpp"

#include <fmt/format.h>

namespace mailmirror::sync {

std::string tag_of(std::string_view text) {
  return sha256(std::as_bytes(std::span(text.data(), text.size()))).to_hex().substr(0, 8);
}

std::string name_for(const MailboxWork& work, Uid uid, std::chrono::sys_seconds internal_date, std::uint64_t file_size) {
  const store::Identity identity{work.account.account_tag, tag_of(work.state.name.utf8()), work.state.uid_validity, uid};
  return store::make_unique(identity, internal_date, file_size, work.account.host_name);
}

std::optional<Uid> claimed_uid(const MailboxWork& work, const std::string& unique) {
  const auto identity = store::parse_identity(unique);
  if (!identity || identity->account_tag != work.account.account_tag || identity->mailbox_tag != tag_of(work.state.name.utf8()) ||
      identity->uid_validity != work.state.uid_validity)
    return std::nullopt;
  return identity->uid;
}

Result<std::string> letters_of(const MailboxWork& work, const FlagSet& flags) {
  return letters_of(work.folder, work.keywords, work.account.random, flags);
}

Result<std::string> letters_of(const store::MaildirFolder& folder, store::KeywordTable& keywords, Random& random, const FlagSet& flags) {
  auto letters = store::letters_of_flags(flags);
  for (const auto& keyword : flags.keywords()) {
    auto letter = keywords.letter_of(keyword);
    if (!letter) {
      const auto added = keywords.add(folder, keyword, random);
      MAILMIRROR_TRY(added);
      letter = *added;
    }
    if (letter) letters += *letter;
  }
  return store::normalized_letters(letters);
}

FlagSet flags_of(const store::MaildirFile& file, const store::KeywordTable& keywords, const FlagSet& base) {
  // A name in new/ tells of no flags; but neomutt leaves flagged messages there that nobody has read yet.
  if (file.place == store::Place::new_ && file.letters.empty()) return base;
  auto flags = FlagSet::from_bits(store::flags_of_letters(file.letters).bits());
  for (const auto& name : keywords.names_of(file.letters)) flags.insert_keyword(name);
  for (const auto& name : base.keywords())
    if (!keywords.letter_of(name)) flags.insert_keyword(name);
  return flags;
}

std::string path_in(const AccountParts& account, const store::MailboxState& mailbox, const store::MaildirFile& file) {
  const auto* place = file.place == store::Place::new_ ? "new" : "cur";
  const auto folder = mailbox.directory.empty() ? account.root : account.root + "/" + mailbox.directory;
  return fmt::format("{}/{}/{}", folder, place, file.name());
}

std::string path_of(const MailboxWork& work, const store::MaildirFile& file) {
  return path_in(work.account, work.state, file);
}

}  // namespace mailmirror::sync
