// Commands that wait for their tagged answers, and the way from what arrives to who wants it. No I/O.
#pragma once

#include "imap/client/handlers.hpp"
#include "imap/client/session.hpp"
#include "imap/wire/parser.hpp"
#include "sync/base/event.hpp"
#include "sync/base/log.hpp"

#include <cstdint>
#include <list>
#include <optional>
#include <string>

namespace mailmirror::imap::client {

/// One command that was sent. Lives with the coroutine that sent it.
struct PendingCommand {
  PendingCommand(const asio::any_io_executor& executor, std::string its_tag, std::string its_name, ResponseHandler* its_handler)
      : tag(std::move(its_tag)), name(std::move(its_name)), handler(its_handler), changed(executor) {}

  std::string tag;
  std::string name;
  ResponseHandler* handler;
  std::optional<wire::TaggedStatus> status;
  /// How many continuation requests came for it and weren't used.
  std::uint32_t invitations = 0;
  /// `patient`: it takes as long as it takes (IDLE).
  enum class Mood : std::uint8_t { expecting, patient } mood = Mood::expecting;
  /// Its coroutine waits in `finish`: it can take care of the sink's back-pressure.
  bool awaited = false;
  bool sink_asked = false;
  Event changed;
};

class Router {
 public:
  explicit Router(LogPtr log) : log_(std::move(log)) {}

  void add(PendingCommand& command) { pending_.push_back(&command); }
  /// Safe to call for one that isn't there any more.
  void remove(PendingCommand& command);

  /// An event that the parser gave. Error: the server breaks the rules, or says BYE.
  Result<void> route(const wire::Event& event);

  /// Wakes everyone who waits: the connection has ended.
  void wake_all();

  /// A body's bytes went by since the last call: their command is asked to await its sink. False if there is nothing to wait for.
  bool ask_for_back_pressure();
  [[nodiscard]] bool back_pressure() const;

  /// Whether somebody expects an answer soon.
  [[nodiscard]] bool expecting() const;

  void on_unilateral(UnilateralHandler handler) { unilateral_ = std::move(handler); }
  /// A BYE is what we asked for.
  void expect_bye() { bye_expected_ = true; }

 private:
  Result<void> route_response(const wire::Response& response);
  Result<void> finish_command(const wire::TaggedStatus& status);
  Result<void> begin_body(const wire::BodyBegin& body);
  void end_body(const wire::Fetch& fetch);
  void offer(const wire::Response& response);
  void show_alert(const std::optional<wire::ResponseCode>& code, const std::string& text);

  LogPtr log_;
  /// In the order in which they were sent.
  std::list<PendingCommand*> pending_;
  UnilateralHandler unilateral_;
  bool bye_expected_ = false;
  /// Whose body is arriving.
  PendingCommand* receiver_ = nullptr;
  bool body_moved_ = false;
};

}  // namespace mailmirror::imap::client
