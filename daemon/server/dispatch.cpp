#include "daemon/server/dispatch.hpp"

#include "daemon/control/nearest.hpp"
#include "daemon/server/params.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace mailmirror::daemon::server {
namespace {

using control::BadRequest;
using control::Json;
using control::Request;
using control::RpcError;

/// Of `log`: an answer stays readable.
constexpr std::uint64_t kMostPasses = 10'000;

const std::vector<std::string>& methods() {
  static const std::vector<std::string> kMethods{"hello",  "status", "sync", "watch",  "pause",  "resume", "held",    "approve",
                                                 "reject", "reload", "stop", "doctor", "verify", "log",    "restore", "metrics", "undo"};
  return kMethods;
}

struct Answer {
  Json result;
  std::optional<std::pair<RpcError, std::string>> error;

  static Answer of(Json result) { return {std::move(result), std::nullopt}; }
  static Answer done() { return of({{"ok", true}}); }
  static Answer failed(const Error& error) { return {{}, std::pair(RpcError::failed, error.message)}; }
  static Answer wrong(RpcError code, std::string words) { return {{}, std::pair(code, std::move(words))}; }
};

Answer no_such_method(const std::string& method) {
  if (std::find(methods().begin(), methods().end(), method) != methods().end())
    return Answer::wrong(RpcError::not_available, fmt::format("'{}' isn't available in this version", method));
  const auto near = control::nearest(method, methods());
  return Answer::wrong(RpcError::method_not_found, fmt::format("there is no method '{}'{}", method.substr(0, 100),
                                                               near ? fmt::format(": did you mean '{}'?", *near) : ""));
}

class Dispatcher {
 public:
  Dispatcher(Handler& handler, EventBus& bus, Replies& replies) : handler_(handler), bus_(bus), replies_(replies) {}

  Task<Answer> answer(const Request& request) {
    auto params = params_from(request.params);
    if (!params) co_return Answer::wrong(RpcError::invalid_params, params.error().message);
    const auto& method = request.method;
    if (method == "hello") co_return hello();
    if (method == "status") co_return status(*params);
    if (method == "watch") co_return watch(*params);
    if (method == "approve") co_return decide(*params, Decision::approve);
    if (method == "reject") co_return decide(*params, Decision::reject);
    if (method == "stop") {
      handler_.stop();
      co_return Answer::done();
    }
    auto slow = answer_in_time(method, std::move(*params));
    auto answer = co_await std::move(slow);
    co_return answer;
  }

 private:
  /// Methods that may take a while.
  Task<Answer> answer_in_time(const std::string& method, Params params) {
    if (method == "sync") {
      auto synced = params.wait == Params::Wait::yes ? sync_and_wait(std::move(params)) : start_sync(std::move(params));
      auto answer = co_await std::move(synced);
      co_return answer;
    }
    if (method == "pause" || method == "resume") {
      auto change = method == "pause" ? handler_.pause(params.account) : handler_.resume(params.account);
      const auto done = co_await std::move(change);
      co_return done ? Answer::done() : Answer::failed(done.error());
    }
    if (method == "reload") {
      const auto words = co_await handler_.reload();
      co_return words ? Answer::of({{"ok", true}, {"message", *words}}) : Answer::failed(words.error());
    }
    if (method == "held" || method == "log" || method == "undo") {
      auto asked = method == "held" ? held(std::move(params)) : method == "log" ? log(std::move(params)) : undo(std::move(params));
      auto answer = co_await std::move(asked);
      co_return answer;
    }
    co_return no_such_method(method);
  }

  static Answer hello() {
    return Answer::of({{"protocol", control::kProtocolVersion}, {"version", MAILMIRROR_VERSION}, {"name", "mailmirrord"}});
  }

  Answer status(const Params& params) {
    const auto status = handler_.status(params.account);
    return status ? Answer::of(to_json(*status)) : Answer::failed(status.error());
  }

  Answer watch(const Params& params) {
    auto listener = [replies = &replies_,
                     wanted = std::set(params.events.begin(), params.events.end())](const control::Event& event) {
      if (wanted.empty() || wanted.contains(event.type)) replies->send(control::encode_event(to_json(event)));
    };
    replies_.watching = std::make_unique<EventBus::Subscription>(bus_, std::move(listener));
    return Answer::done();
  }

  Task<Answer> start_sync(Params params) {
    const auto started = handler_.start_sync(std::move(params.targets));
    co_return started ? Answer::done() : Answer::failed(started.error());
  }

  Task<Answer> sync_and_wait(Params params) {
    std::set<std::string> accounts;
    for (const auto& target : params.targets) accounts.insert(target.account);
    auto listener = [this, accounts](const control::Event& event) {
      if (accounts.empty() || accounts.contains(event.account)) replies_.send(control::encode_event(to_json(event)));
    };
    const EventBus::Subscription progress(bus_, std::move(listener));
    const auto outcome = co_await handler_.sync(std::move(params.targets));
    co_return outcome ? Answer::of(to_json(*outcome)) : Answer::failed(outcome.error());
  }

  Task<Answer> log(Params params) {
    LogOrder order;
    if (!params.targets.empty()) order.account = params.targets.front().account;
    order.mailbox = params.targets.empty() ? params.mailbox : params.targets.front().mailbox;
    order.only_removals = params.removals;
    if (params.limit) order.at_most = static_cast<std::size_t>(std::min<std::uint64_t>(*params.limit, kMostPasses));
    const auto passes = co_await handler_.log(std::move(order));
    co_return passes ? Answer::of(to_json(*passes)) : Answer::failed(passes.error());
  }

  Task<Answer> undo(Params params) {
    if (params.targets.size() > 1) co_return Answer::wrong(RpcError::invalid_params, "one 'account' (or \"ACCOUNT/MAILBOX\") at a time");
    if (params.pass && params.since) co_return Answer::wrong(RpcError::invalid_params, "'pass' and 'since' contradict: give one of them");
    UndoOrder order;
    if (!params.targets.empty()) order.account = params.targets.front().account;
    order.mailbox = params.targets.empty() ? params.mailbox : params.targets.front().mailbox;
    order.pass = params.pass;
    order.since = params.since;
    order.dry_run = params.dry_run;
    const auto outcome = co_await handler_.undo(std::move(order));
    co_return outcome ? Answer::of(to_json(*outcome)) : Answer::failed(outcome.error());
  }

  Task<Answer> held(Params params) {
    const auto held = co_await handler_.held(std::move(params.account));
    co_return held ? Answer::of(to_json(*held)) : Answer::failed(held.error());
  }

  Answer decide(const Params& params, Decision decision) {
    if (params.targets.size() != 1)
      return Answer::wrong(RpcError::invalid_params, "one 'account' (or \"ACCOUNT/MAILBOX\") is needed");
    const auto decided = handler_.decide(params.targets.front(), decision);
    return decided ? Answer::of({{"ok", true}, {"messages", *decided}}) : Answer::failed(decided.error());
  }

  Handler& handler_;
  EventBus& bus_;
  Replies& replies_;
};

Answer unforeseen(const std::exception& failure, const std::string& method, Log& log) {
  log.error("the request '{}' at the control socket failed unexpectedly: {}", method.substr(0, 100), failure.what());
  return Answer::wrong(RpcError::internal_error, std::string("unexpected: ") + failure.what());
}

Task<Answer> answer_safely(const Request& request, Dispatcher& dispatcher, Log& log) {
  try {
    auto answer = co_await dispatcher.answer(request);
    co_return answer;
  } catch (const boost::system::system_error& failure) {
    if (is_cancellation(failure)) throw;
    co_return unforeseen(failure, request.method, log);
  } catch (const std::exception& failure) {
    co_return unforeseen(failure, request.method, log);
  }
}

}  // namespace

Task<void> dispatch(std::string line, Handler& handler, EventBus& bus, Replies& replies, Log& log) {
  if (line.find_first_not_of(" \t\r") == std::string::npos) co_return;
  const auto parsed = control::parse_request(line);
  if (const auto* bad = std::get_if<BadRequest>(&parsed))
    co_return replies.send(control::encode_error(bad->id, bad->code, bad->message));
  const auto& request = std::get<Request>(parsed);
  Dispatcher dispatcher(handler, bus, replies);
  const auto answer = co_await answer_safely(request, dispatcher, log);
  if (request.is_notification) co_return;
  replies.send(answer.error ? control::encode_error(request.id, answer.error->first, answer.error->second)
                            : control::encode_result(request.id, answer.result));
}

}  // namespace mailmirror::daemon::server
