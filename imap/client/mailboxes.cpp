#include "imap/client/mailboxes.hpp"

#include "imap/client/pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace mailmirror::imap::client {
namespace {

// RFC 6154 §2.
constexpr std::array<std::string_view, 8> kSpecialUses{"\\all",  "\\archive", "\\drafts", "\\flagged",
                                                       "\\junk", "\\sent",    "\\trash",  "\\important"};

ListedMailbox listed(const wire::ListItem& item) {
  ListedMailbox mailbox;
  mailbox.delimiter = item.delimiter.value_or('\0');
  mailbox.name = MailboxName(item.mailbox.utf8(), mailbox.delimiter);
  mailbox.attributes = item.attributes;
  for (const auto& attribute : item.attributes) {
    if (attribute == "\\noselect" || attribute == "\\nonexistent") mailbox.selectable = Selectable::no;
    if (std::find(kSpecialUses.begin(), kSpecialUses.end(), attribute) != kSpecialUses.end()) mailbox.special_use = attribute;
  }
  return mailbox;
}

/// Gathers LIST and STATUS, in the order of LIST; a mailbox that is listed twice counts once.
class ListHandler final : public ResponseHandler {
 public:
  bool take(const wire::Response& response) override {
    if (const auto* const item = std::get_if<wire::ListItem>(&response)) {
      if (item->subscribed_only) return false;
      auto mailbox = listed(*item);
      const auto [place, fresh] = places_.emplace(mailbox.name, mailboxes_.size());
      if (fresh) mailboxes_.push_back(std::move(mailbox));
      return true;
    }
    const auto* const status = std::get_if<wire::MailboxStatus>(&response);
    if (status == nullptr) return false;
    statuses_.insert_or_assign(status->mailbox, *status);
    return true;
  }

  [[nodiscard]] const std::vector<ListedMailbox>& mailboxes() const { return mailboxes_; }

  std::vector<ListedMailbox> finish() {
    for (auto& mailbox : mailboxes_) {
      const auto found = statuses_.find(mailbox.name);
      if (found != statuses_.end()) mailbox.status = std::move(found->second);
    }
    return std::move(mailboxes_);
  }

 private:
  std::vector<ListedMailbox> mailboxes_;
  std::unordered_map<MailboxName, std::size_t> places_;
  std::unordered_map<MailboxName, wire::MailboxStatus> statuses_;
};

std::string status_items(const Session& session, StatusItems wanted) {
  const auto& capabilities = session.capabilities();
  std::string items = "MESSAGES UIDNEXT UIDVALIDITY UNSEEN";
  if (capabilities.has(Extension::condstore)) items += " HIGHESTMODSEQ";
  if (capabilities.has(Extension::object_id) && !session.has(Quirk::garbage_mailbox_ids)) items += " MAILBOXID";
  // Without a number in the capability each mailbox has its own limit (RFC 7889 §3).
  if (capabilities.has(Extension::append_limit) && !capabilities.number_of(Extension::append_limit)) items += " APPENDLIMIT";
  if (wanted == StatusItems::counts_and_size && capabilities.has(Extension::status_size)) items += " SIZE";
  return '(' + items + ')';
}

wire::Command list_command(const Session& session, StatusItems wanted) {
  const auto& capabilities = session.capabilities();
  wire::Command command("LIST");
  command.raw("\"\" \"*\"");
  std::string options;
  if (capabilities.has(Extension::special_use) && capabilities.has(Extension::list_extended)) options = "SPECIAL-USE";
  if (wanted != StatusItems::none && capabilities.has(Extension::list_status))
    options += (options.empty() ? "STATUS " : " STATUS ") + status_items(session, wanted);
  if (!options.empty()) command.raw("RETURN (" + options + ')');
  return command;
}

wire::Command status_command(const Session& session, const MailboxName& mailbox, StatusItems wanted) {
  wire::Command command("STATUS");
  command.mailbox(mailbox, session.name_encoding()).raw(status_items(session, wanted));
  return command;
}

/// A mailbox that can't be asked (no right, gone meanwhile) spoils nothing.
Result<void> accept_any(const wire::TaggedStatus&, std::string_view) {
  return ok();
}

/// A pattern character in a name would match other mailboxes.
bool names_itself(const MailboxName& mailbox) {
  return mailbox.utf8().find_first_of("*%") == std::string::npos;
}

Task<Result<bool>> is_listed(Session& session, MailboxName mailbox) {
  if (!names_itself(mailbox)) co_return false;
  wire::Command command("LIST");
  command.raw("\"\"").mailbox(mailbox, session.name_encoding());
  ListHandler handler;
  const auto status = co_await session.execute(std::move(command), &handler);
  MAILMIRROR_CO_TRY(status);
  const auto all = handler.finish();
  co_return std::any_of(all.begin(), all.end(),
                        [&](const auto& one) { return one.name == mailbox && one.selectable == Selectable::yes; });
}

bool is_refusal(const Error& error) {
  return error.kind == ErrorKind::refused || error.kind == ErrorKind::rejected || error.kind == ErrorKind::missing;
}

/// A command whose only argument is a mailbox.
Task<Result<void>> run_on(Session& session, std::string_view verb, MailboxName mailbox) {
  wire::Command command(verb);
  command.mailbox(mailbox, session.name_encoding());
  const auto done = co_await session.execute(std::move(command));
  if (!done) co_return error_in(done, mailbox.utf8());
  co_return ok();
}

}  // namespace

Task<Result<std::vector<ListedMailbox>>> list_mailboxes(Session& session, StatusItems wanted) {
  const auto& capabilities = session.capabilities();
  ListHandler handler;
  auto command = list_command(session, wanted);
  const auto status = co_await session.execute(std::move(command), &handler);
  MAILMIRROR_CO_TRY(status);
  if (wanted != StatusItems::none && !capabilities.has(Extension::list_status)) {
    std::vector<wire::Command> commands;
    for (const auto& mailbox : handler.mailboxes())
      if (mailbox.selectable == Selectable::yes) commands.push_back(status_command(session, mailbox.name, wanted));
    Judge judge = accept_any;
    const auto asked = co_await run_pipelined(session, std::move(commands), &handler, std::move(judge));
    MAILMIRROR_CO_TRY(asked);
  }
  co_return handler.finish();
}

Task<Result<wire::MailboxStatus>> status(Session& session, MailboxName mailbox) {
  class Handler final : public ResponseHandler {
   public:
    explicit Handler(const MailboxName& mailbox) : mailbox_(mailbox) {}
    bool take(const wire::Response& response) override {
      const auto* const status = std::get_if<wire::MailboxStatus>(&response);
      if (status == nullptr || status->mailbox != mailbox_) return false;
      found = *status;
      return true;
    }
    std::optional<wire::MailboxStatus> found;

   private:
    const MailboxName& mailbox_;
  };
  Handler handler(mailbox);
  auto command = status_command(session, mailbox, StatusItems::counts);
  const auto done = co_await session.execute(std::move(command), &handler);
  if (!done) co_return error_in(done, mailbox.utf8());
  if (!handler.found) co_return fail(ErrorKind::protocol, mailbox.utf8() + ": the server said OK to STATUS without telling it");
  co_return std::move(*handler.found);
}

Task<Result<void>> create_mailbox(Session& session, MailboxName mailbox) {
  wire::Command command("CREATE");
  command.mailbox(mailbox, session.name_encoding());
  const auto created = co_await session.execute(std::move(command));
  if (!created && created.error().kind == ErrorKind::refused) {
    const auto there = co_await is_listed(session, mailbox);
    MAILMIRROR_CO_TRY(there);
    if (*there) co_return fail(ErrorKind::exists, mailbox.utf8() + ": the mailbox exists already");
  }
  if (!created) co_return error_in(created, mailbox.utf8());
  const auto subscribed = co_await subscribe(session, mailbox);
  if (!subscribed && !is_refusal(subscribed.error())) co_return subscribed.error();
  co_return ok();
}

Task<Result<void>> subscribe(Session& session, MailboxName mailbox) {
  return run_on(session, "SUBSCRIBE", std::move(mailbox));
}
Task<Result<void>> unsubscribe(Session& session, MailboxName mailbox) {
  return run_on(session, "UNSUBSCRIBE", std::move(mailbox));
}

Task<Result<void>> rename_mailbox(Session& session, MailboxName from, MailboxName to) {
  wire::Command command("RENAME");
  command.mailbox(from, session.name_encoding()).mailbox(to, session.name_encoding());
  const auto renamed = co_await session.execute(std::move(command));
  if (!renamed) co_return error_in(renamed, from.utf8() + " to " + to.utf8());
  // RENAME leaves subscriptions as they are (RFC 3501 §6.3.5).
  const auto left = co_await unsubscribe(session, std::move(from));
  if (!left && !is_refusal(left.error())) co_return left.error();
  const auto subscribed = co_await subscribe(session, std::move(to));
  if (!subscribed && !is_refusal(subscribed.error())) co_return subscribed.error();
  co_return ok();
}

Task<Result<void>> delete_mailbox(Session& session, MailboxName mailbox) {
  const auto deleted = co_await run_on(session, "DELETE", mailbox);
  MAILMIRROR_CO_TRY(deleted);
  const auto left = co_await unsubscribe(session, std::move(mailbox));
  if (!left && !is_refusal(left.error())) co_return left.error();
  co_return ok();
}

}  // namespace mailmirror::imap::client
