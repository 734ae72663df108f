#include "imap/client/select.hpp"

#include "imap/client/extension/condstore.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace mailmirror::imap::client {
namespace {

std::uint32_t narrowed(std::uint64_t number) {
  return number <= std::numeric_limits<std::uint32_t>::max() ? static_cast<std::uint32_t>(number) : 0;
}

std::string without_parentheses(const std::string& text) {
  const bool wrapped = text.size() >= 2 && text.front() == '(' && text.back() == ')';
  return wrapped ? text.substr(1, text.size() - 2) : text;
}

/// Gathers the untagged data of one SELECT.
class SelectHandler final : public ResponseHandler {
 public:
  bool take(const wire::Response& response) override {
    if (const auto* const status = std::get_if<wire::UntaggedStatus>(&response)) return take_code(status->code);
    if (const auto* const exists = std::get_if<wire::Exists>(&response)) {
      exists_ = exists->messages;
      return true;
    }
    if (const auto* const flags = std::get_if<wire::Flags>(&response)) {
      flags_ = flags->flags;
      return true;
    }
    if (const auto* const vanished = std::get_if<wire::Vanished>(&response)) return take_vanished(*vanished);
    if (std::holds_alternative<wire::Expunge>(response)) {
      if (exists_ && *exists_ > 0) --*exists_;
      return false;
    }
    if (const auto* const fetch = std::get_if<wire::Fetch>(&response)) return take_fetch(*fetch);
    return std::holds_alternative<wire::Recent>(response);
  }

  /// Error: the server's answer lacks what everything else rests on.
  Result<Selected> finish(const wire::TaggedStatus& status, Access asked) {
    if (!exists_) return fail(ErrorKind::protocol, "the server opened the mailbox without telling how many messages it holds");
    selected_.exists = *exists_;
    selected_.permanent_flags = permanent_ ? permanent_->flags : flags_;
    selected_.keywords = permanent_ && permanent_->any_keyword ? KeywordPolicy::any : KeywordPolicy::listed_only;
    const bool read_only = asked == Access::read_only || (status.code && status.code->name == "READ-ONLY");
    selected_.access = read_only ? Access::read_only : Access::read_write;
    return std::move(selected_);
  }

 private:
  bool take_code(const std::optional<wire::ResponseCode>& code) {
    if (!code) return false;
    if (code->name == "CLOSED") {
      forget_the_mailbox_before();
      return true;
    }
    if (code->name == "NOMODSEQ") return true;
    if (const auto* const permanent = std::get_if<wire::PermanentFlags>(&code->value)) {
      permanent_ = *permanent;
      return true;
    }
    if (const auto* const text = std::get_if<std::string>(&code->value); text != nullptr && code->name == "MAILBOXID") {
      selected_.mailbox_id = without_parentheses(*text);
      return true;
    }
    const auto* const number = std::get_if<std::uint64_t>(&code->value);
    return number != nullptr && take_number(code->name, *number);
  }

  bool take_number(const std::string& name, std::uint64_t number) {
    if (name == "UIDVALIDITY")
      selected_.uid_validity = UidValidity{narrowed(number)};
    else if (name == "UIDNEXT" && narrowed(number) != 0)
      selected_.uid_next = Uid{narrowed(number)};
    else if (name == "HIGHESTMODSEQ")
      selected_.highest_modseq = usable_modseq(number);
    else
      return name == "UNSEEN" || name == "UIDNEXT";
    return true;
  }

  bool take_vanished(const wire::Vanished& vanished) {
    selected_.vanished = selected_.vanished | vanished.uids;
    if (vanished.when == wire::Vanished::When::earlier) return true;
    // Right now, of this mailbox or the one before: nobody may miss it.
    if (exists_) *exists_ -= static_cast<std::uint32_t>(std::min<std::uint64_t>(*exists_, vanished.uids.size()));
    return false;
  }

  bool take_fetch(const wire::Fetch& fetch) {
    if (!fetch.uid || !fetch.flags) return false;
    selected_.changed.push_back({*fetch.uid, *fetch.flags, fetch.mod_seq});
    return true;
  }

  /// What came until here was about the mailbox that was open (RFC 7162 §3.2.11).
  void forget_the_mailbox_before() {
    selected_ = Selected();
    exists_.reset();
    permanent_.reset();
    flags_ = FlagSet();
  }

  Selected selected_;
  std::optional<std::uint32_t> exists_;
  std::optional<wire::PermanentFlags> permanent_;
  FlagSet flags_;
};

wire::Command select_command(const Session& session, const SelectRequest& request) {
  wire::Command command(request.access == Access::read_write ? "SELECT" : "EXAMINE");
  command.mailbox(request.mailbox, session.name_encoding());
  if (request.resync)
    command.raw(qresync_parameter(*request.resync));
  else if (select_asks_for_condstore(session))
    command.raw("(CONDSTORE)");
  return command;
}

}  // namespace

Task<Result<Selected>> select(Session& session, SelectRequest request) {
  session.set_selected(std::nullopt);
  SelectHandler handler;
  auto command = select_command(session, request);
  const auto status = co_await session.execute(std::move(command), &handler);
  if (!status) co_return error_in(status, request.mailbox.utf8());
  auto selected = handler.finish(*status, request.access);
  if (!selected) co_return error_in(selected, request.mailbox.utf8());
  session.set_selected(request.mailbox);
  co_return std::move(selected);
}

Task<Result<void>> unselect(Session& session) {
  session.set_selected(std::nullopt);
  if (session.capabilities().has(Extension::unselect)) {
    wire::Command command("UNSELECT");
    const auto left = co_await session.execute(std::move(command));
    MAILMIRROR_CO_TRY(left);
    co_return ok();
  }
  // A failed EXAMINE leaves no mailbox selected (RFC 3501 §6.3.2); CLOSE would expunge.
  wire::Command command("EXAMINE");
  command.mailbox(MailboxName("mailmirror-no-such-mailbox"), session.name_encoding());
  const auto left = co_await session.execute(std::move(command));
  const bool as_hoped = !left && (left.error().kind == ErrorKind::refused || left.error().kind == ErrorKind::missing);
  if (left || as_hoped) co_return ok();
  co_return left.error();
}

}  // namespace mailmirror::imap::client
