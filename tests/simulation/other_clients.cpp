#include "tests/simulation/other_clients.hpp"

#include <fmt/format.h>

#include <array>

namespace mailmirror::simulation {
namespace {

constexpr std::array<const char*, 7> kNames{"Archive", "Work", "Work/Sub", "Entw\xc3\xbcrfe", "Lists", "Lists/a.b", "Trash"};

std::string with_crlf(const std::string& text) {
  std::string wire;
  for (const char c : text) wire += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return wire;
}

}  // namespace

MailboxPtr OtherClients::any_mailbox(SeededRandom& random) const {
  const auto names = store_.names();
  return store_.mailbox(names[random.below(names.size())]);
}

std::optional<OtherClients::Choice> OtherClients::any_message(SeededRandom& random) const {
  std::vector<Choice> all;
  for (const auto& name : store_.names()) {
    const auto mailbox = store_.mailbox(name);
    for (const auto& [uid, message] : mailbox->messages) all.push_back({mailbox, uid, message.bytes});
  }
  if (all.empty()) return std::nullopt;
  return all[random.below(all.size())];
}

std::string OtherClients::deliver(SeededRandom random) {
  const auto mailbox = random.chance(60) ? store_.mailbox("INBOX") : any_mailbox(random);
  const auto bytes = with_crlf(ledger_.compose(random.next()));
  ledger_.born(bytes);
  FlagSet flags;
  if (random.chance(30)) flags.insert(Flag::seen);
  const auto uid = store_.append(*mailbox, bytes, flags, std::chrono::floor<std::chrono::seconds>(clock_.system_now()));
  return fmt::format("{} arrives in {} as {}", Ledger::label(bytes), mailbox->name, uid);
}

std::string OtherClients::flag(SeededRandom random) {
  const auto choice = any_message(random);
  if (!choice) return {};
  constexpr std::array kFlags{Flag::seen, Flag::seen, Flag::flagged, Flag::answered, Flag::draft, Flag::deleted};
  // Without UIDPLUS whoever marks a message gives it to anybody's next EXPUNGE (hard case 9): no promise is left to be kept.
  const FlagSet flags{kFlags[random.below(kFlags.size() - (profile_.uidplus ? 0 : 1))]};
  const bool add = random.chance(60);
  store_.store_flags(*choice->mailbox, choice->uid, add ? StoreMode::add : StoreMode::remove, flags);
  return fmt::format("{} {} of {} ({} {})", add ? "sets" : "clears", flags.to_string(), Ledger::label(choice->bytes), choice->mailbox->name,
                     choice->uid);
}

std::string OtherClients::move(SeededRandom random) {
  const auto choice = any_message(random);
  if (!choice) return {};
  const auto goal = any_mailbox(random);
  if (goal == choice->mailbox) return {};
  const auto uid = store_.copy(*choice->mailbox, choice->uid, *goal);
  store_.expunge(*choice->mailbox, choice->uid);
  ledger_.moved_there(choice->bytes);
  return fmt::format("moves {} from {} {} to {} {}", Ledger::label(choice->bytes), choice->mailbox->name, choice->uid, goal->name, *uid);
}

std::string OtherClients::copy(SeededRandom random) {
  const auto choice = any_message(random);
  if (!choice) return {};
  const auto goal = any_mailbox(random);
  ledger_.copied_there(choice->bytes);
  const auto uid = store_.copy(*choice->mailbox, choice->uid, *goal);
  return fmt::format("copies {} from {} {} to {} {}", Ledger::label(choice->bytes), choice->mailbox->name, choice->uid, goal->name, *uid);
}

std::string OtherClients::expunge(SeededRandom random) {
  const auto choice = any_message(random);
  if (!choice) return {};
  ledger_.deleted(choice->bytes);
  store_.expunge(*choice->mailbox, choice->uid);
  return fmt::format("expunges {} ({} {})", Ledger::label(choice->bytes), choice->mailbox->name, choice->uid);
}

std::string OtherClients::create_mailbox(SeededRandom random) {
  const std::string name = kNames[random.below(kNames.size())];
  return store_.create(name) ? "creates " + name : std::string();
}

std::string OtherClients::rename_mailbox(SeededRandom random) {
  const auto from = any_mailbox(random)->name;
  const std::string to = kNames[random.below(kNames.size())];
  if (!store_.rename(from, to)) return {};
  ledger_.mailbox_renamed_there();
  return "renames " + from + " to " + to;
}

std::string OtherClients::delete_mailbox(SeededRandom random) {
  const auto mailbox = any_mailbox(random);
  if (!store_.remove(mailbox->name)) return {};
  for (const auto& [uid, message] : mailbox->messages) ledger_.deleted(message.bytes);
  return fmt::format("deletes the mailbox {} with {} message(s)", mailbox->name, mailbox->messages.size());
}

std::string OtherClients::renumber(SeededRandom random) {
  const auto mailbox = any_mailbox(random);
  store_.renumber(*mailbox, bug_ == PlantedBug::uid_validity_ignored ? MailStore::Validity::stays : MailStore::Validity::changes);
  ledger_.mailbox_renumbered();
  return fmt::format("{} gets a new UIDVALIDITY", mailbox->name);
}

}  // namespace mailmirror::simulation
