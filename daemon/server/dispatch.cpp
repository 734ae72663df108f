#include "daemon/server/dispatch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace mailmirror::daemon::server {
namespace {

using control::BadRequest;
using control::Json;
using control::Request;
using control::RpcError;

/// Methods that belong to the protocol and come with a later version.
constexpr std::array<std::string_view, 5> kLater{"doctor", "verify", "log", "restore", "metrics"};

struct Answer {
  Json result;
  std::optional<std::pair<RpcError, std::string>> error;

  static Answer of(Json result) { return {std::move(result), std::nullopt}; }
  static Answer failed(const Error& error) { return {{}, std::pair(RpcError::failed, error.message)}; }
  static Answer wrong(RpcError code, std::string words) { return {{}, std::pair(code, std::move(words))}; }
};

std::optional<std::string> text_param(const Request& request, const char* key) {
  const auto found = request.params.find(key);
  if (found == request.params.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

Target target_from(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return {text, ""};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

/// "targets": ["work", "work/INBOX"], or "account" and "mailbox".
std::vector<Target> targets_from(const Request& request) {
  std::vector<Target> targets;
  if (const auto list = request.params.find("targets"); list != request.params.end() && list->is_array())
    for (const auto& entry : *list)
      if (entry.is_string()) targets.push_back(target_from(entry.get<std::string>()));
  if (const auto account = text_param(request, "account")) {
    auto target = target_from(*account);
    if (const auto mailbox = text_param(request, "mailbox")) target.mailbox = *mailbox;
    targets.push_back(std::move(target));
  }
  return targets;
}

class Dispatcher {
 public:
  Dispatcher(Handler& handler, EventBus& bus, Replies& replies) : handler_(handler), bus_(bus), replies_(replies) {}

  Task<Answer> answer(const Request& request) {
    const auto& method = request.method;
    if (method == "hello") co_return hello();
    if (method == "status") co_return status(request);
    if (method == "watch") co_return watch(request);
    if (method == "approve") co_return decide(request, Decision::approve);
    if (method == "reject") co_return decide(request, Decision::reject);
    if (method == "held") co_return held(request);
    if (method == "sync") {
      auto answer = co_await sync(request);
      co_return answer;
    }
    if (method == "pause" || method == "resume") {
      auto answer = co_await pause_or_resume(request);
      co_return answer;
    }
    if (method == "reload") {
      const auto words = co_await handler_.reload();
      co_return words ? Answer::of({{"ok", true}, {"message", *words}}) : Answer::failed(words.error());
    }
    if (method == "stop") {
      handler_.stop();
      co_return Answer::of({{"ok", true}});
    }
    if (std::find(kLater.begin(), kLater.end(), method) != kLater.end())
      co_return Answer::wrong(RpcError::not_available, fmt::format("'{}' isn't available in this version", method));
    co_return Answer::wrong(RpcError::method_not_found, fmt::format("there is no method '{}'", method));
  }

 private:
  static Answer hello() {
    return Answer::of({{"protocol", control::kProtocolVersion}, {"version", MAILMIRROR_VERSION}, {"name", "mailmirrord"}});
  }

  Answer status(const Request& request) {
    const auto status = handler_.status(text_param(request, "account"));
    return status ? Answer::of(to_json(*status)) : Answer::failed(status.error());
  }

  Answer watch(const Request& request) {
    std::set<std::string> wanted;
    if (const auto list = request.params.find("events"); list != request.params.end() && list->is_array())
      for (const auto& entry : *list)
        if (entry.is_string()) wanted.insert(entry.get<std::string>());
    auto listener = [this_replies = &replies_, wanted](const control::Event& event) {
      if (wanted.empty() || wanted.contains(event.type)) this_replies->send(control::encode_event(to_json(event)));
    };
    replies_.watching = std::make_unique<EventBus::Subscription>(bus_, std::move(listener));
    return Answer::of({{"ok", true}});
  }

  Task<Answer> sync(const Request& request) {
    auto targets = targets_from(request);
    const auto wait = request.params.find("wait");
    if (wait == request.params.end() || !wait->is_boolean() || !wait->get<bool>()) {
      const auto started = handler_.start_sync(std::move(targets));
      co_return started ? Answer::of({{"ok", true}}) : Answer::failed(started.error());
    }
    std::set<std::string> accounts;
    for (const auto& target : targets) accounts.insert(target.account);
    auto listener = [this, accounts](const control::Event& event) {
      if (accounts.empty() || accounts.contains(event.account)) replies_.send(control::encode_event(to_json(event)));
    };
    const EventBus::Subscription progress(bus_, std::move(listener));
    const auto outcome = co_await handler_.sync(std::move(targets));
    co_return outcome ? Answer::of(to_json(*outcome)) : Answer::failed(outcome.error());
  }

  Task<Answer> pause_or_resume(const Request& request) {
    auto account = text_param(request, "account");
    auto change = request.method == "pause" ? handler_.pause(std::move(account)) : handler_.resume(std::move(account));
    const auto done = co_await std::move(change);
    co_return done ? Answer::of({{"ok", true}}) : Answer::failed(done.error());
  }

  Answer held(const Request& request) {
    const auto status = handler_.status(text_param(request, "account"));
    if (!status) return Answer::failed(status.error());
    Json held = Json::array();
    for (const auto& account : status->accounts)
      for (const auto& mailbox : account.mailboxes)
        if (mailbox.held > 0) held.push_back({{"account", account.name}, {"mailbox", mailbox.name}, {"held", mailbox.held}, {"messages", mailbox.messages}});
    return Answer::of({{"held", held}});
  }

  Answer decide(const Request& request, Decision decision) {
    const auto targets = targets_from(request);
    if (targets.size() != 1) return Answer::wrong(RpcError::invalid_params, "one 'account' (or \"ACCOUNT/MAILBOX\") is needed");
    const auto decided = handler_.decide(targets.front(), decision);
    return decided ? Answer::of({{"ok", true}, {"messages", *decided}}) : Answer::failed(decided.error());
  }

  Handler& handler_;
  EventBus& bus_;
  Replies& replies_;
};

}  // namespace

Task<void> dispatch(std::string line, Handler& handler, EventBus& bus, Replies& replies) {
  if (line.find_first_not_of(" \t\r") == std::string::npos) co_return;
  const auto parsed = control::parse_request(line);
  if (const auto* bad = std::get_if<BadRequest>(&parsed)) {
    replies.send(control::encode_error(bad->id, bad->code, bad->message));
    co_return;
  }
  const auto& request = std::get<Request>(parsed);
  Dispatcher dispatcher(handler, bus, replies);
  const auto answer = co_await dispatcher.answer(request);
  if (request.is_notification) co_return;
  replies.send(answer.error ? control::encode_error(request.id, answer.error->first, answer.error->second)
                            : control::encode_result(request.id, answer.result));
}

}  // namespace mailmirror::daemon::server
