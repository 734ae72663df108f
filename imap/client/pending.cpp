#include "imap/client/pending.hpp"

#include "imap/client/status_error.hpp"

#include <algorithm>

namespace mailmirror::imap::client {

void Router::remove(PendingCommand& command) {
  pending_.remove(&command);
  if (receiver_ == &command) receiver_ = nullptr;
}

Result<void> Router::route(const wire::Event& event) {
  if (const auto* const response = std::get_if<wire::Response>(&event)) return route_response(*response);
  if (const auto* const body = std::get_if<wire::BodyBegin>(&event)) return begin_body(*body);
  const auto* const data = std::get_if<wire::BodyData>(&event);
  if (data != nullptr && receiver_ != nullptr) {
    receiver_->handler->bodies()->data(data->bytes);
    body_moved_ = true;
  }
  return ok();
}

Result<void> Router::route_response(const wire::Response& response) {
  if (const auto* const status = std::get_if<wire::TaggedStatus>(&response)) return finish_command(*status);
  if (const auto* const fetch = std::get_if<wire::Fetch>(&response); fetch != nullptr && fetch->has_body) {
    end_body(*fetch);
    return ok();
  }
  if (std::holds_alternative<wire::ContinuationRequest>(response)) {
    // Only who holds the write side can wait for it: the command that was sent last.
    if (!pending_.empty()) {
      ++pending_.back()->invitations;
      pending_.back()->changed.notify();
    }
    return ok();
  }
  if (const auto* const line = std::get_if<wire::UntaggedStatus>(&response)) {
    show_alert(line->code, line->text);
    if (line->condition == wire::Condition::bye && !bye_expected_) return error_of_bye(*line);
  }
  offer(response);
  return ok();
}

void Router::offer(const wire::Response& response) {
  for (auto* const command : pending_)
    if (command->handler != nullptr && command->handler->take(response)) return;
  if (unilateral_) unilateral_(response);
}

Result<void> Router::finish_command(const wire::TaggedStatus& status) {
  const auto found =
      std::find_if(pending_.begin(), pending_.end(), [&](const auto* command) { return command->tag == status.tag; });
  if (found == pending_.end())
    return fail(ErrorKind::protocol, "the server answered a command that wasn't sent (tag " + status.tag + ")");
  log_->trace("S: {} {}", status.tag, status.text);
  show_alert(status.code, status.text);
  auto& command = **found;
  command.status = status;
  command.changed.notify();
  remove(command);
  return ok();
}

Result<void> Router::begin_body(const wire::BodyBegin& body) {
  receiver_ = nullptr;
  for (auto* const command : pending_) {
    if (command->handler == nullptr || command->handler->bodies() == nullptr) continue;
    receiver_ = command;
    command->handler->bodies()->begin(body.size);
    return ok();
  }
  return fail(ErrorKind::protocol, "the server sends a message that wasn't asked for");
}

void Router::end_body(const wire::Fetch& fetch) {
  if (receiver_ != nullptr) receiver_->handler->bodies()->end(fetch);
  receiver_ = nullptr;
}

void Router::show_alert(const std::optional<wire::ResponseCode>& code, const std::string& text) {
  if (code && code->name == "ALERT") log_->warn("the server wants you to know: {}", text);
}

void Router::wake_all() {
  for (auto* const command : pending_) command->changed.notify();
}

bool Router::ask_for_back_pressure() {
  if (!std::exchange(body_moved_, false)) return false;
  for (auto* const command : pending_) {
    if (!command->awaited || command->handler == nullptr || command->handler->bodies() == nullptr) continue;
    command->sink_asked = true;
    command->changed.notify();
    return true;
  }
  return false;
}

bool Router::back_pressure() const {
  return std::any_of(pending_.begin(), pending_.end(), [](const auto* command) { return command->sink_asked; });
}

bool Router::expecting() const {
  return std::any_of(pending_.begin(), pending_.end(),
                     [](const auto* command) { return command->mood == PendingCommand::Mood::expecting; });
}

}  // namespace mailmirror::imap::client
