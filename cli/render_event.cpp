#include "cli/render_event.hpp"

#include "cli/text.hpp"
#include "cli/words.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ctime>

namespace mailmirror::cli {
namespace {

using daemon::control::Event;

std::string place_of(const Event& event) {
  return printable(event.mailbox.empty() ? event.account : event.account + '/' + event.mailbox);
}

std::string message_of(const Event& event) {
  return event.uid ? fmt::format("message {}", *event.uid) : std::string("a message");
}

std::string side_of(const Event& event) {
  if (event.origin == "remote") return " on the server";
  return event.origin == "local" ? " here" : "";
}

std::string added(const Event& event) {
  const auto verb = event.origin == "local" ? "uploaded" : "downloaded";
  return fmt::format("{} {}{}", verb, message_of(event), event.path.empty() ? "" : ": " + event.path);
}

std::string flags_changed(const Event& event) {
  const auto flags = event.flags.value_or(std::vector<std::string>{});
  return fmt::format("flags of {} changed{}: {}", message_of(event), side_of(event),
                     flags.empty() ? "none" : fmt::format("{}", fmt::join(flags, " ")));
}

std::string with_message(std::string_view what, const Event& event) {
  return event.message.empty() ? std::string(what) : fmt::format("{}: {}", what, event.message);
}

std::string progress(const Event& event) {
  if (!event.progress) return "progress";
  return fmt::format("{} of {}, {}", event.progress->done, event.progress->total, bytes_in_words(event.progress->bytes));
}

std::string what_happened(const Event& event) {
  const auto& type = event.type;
  if (type == "message-added") return added(event);
  if (type == "message-removed") return fmt::format("{} was deleted{}", message_of(event), side_of(event));
  if (type == "message-moved")
    return fmt::format("{} was moved{}{}", message_of(event), side_of(event), event.path.empty() ? "" : ": " + event.path);
  if (type == "flags-changed") return flags_changed(event);
  if (type == "mailbox-created") return "mailbox created" + side_of(event);
  if (type == "mailbox-removed") return "mailbox removed" + side_of(event);
  if (type == "mailbox-renamed") return with_message("mailbox renamed" + side_of(event), event);
  if (type == "sync-started") return "sync started";
  if (type == "sync-finished") return with_message(event.ok.value_or(true) ? "sync finished" : "sync failed", event);
  if (type == "progress") return progress(event);
  return with_message(type, event);
}

bool is_bad(const Event& event) {
  return event.type == "error" || event.type == "disconnected" || (event.type == "sync-finished" && !event.ok.value_or(true));
}

std::string local_time(daemon::control::Time time) {
  const auto seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return fmt::format("{:%H:%M:%S}", parts);
}

}  // namespace

std::string render_event(const Event& event, const Look& look) {
  auto what = printable(what_happened(event));
  if (is_bad(event)) what = look.paint(Colour::red, what);
  if (event.type == "held") what = look.paint(Colour::yellow, what);
  return fmt::format("{} {}  {}\n", look.paint(Colour::dim, local_time(event.time)), look.paint(Colour::bold, place_of(event)),
                     what);
}

std::string render_progress(const Event& event, std::size_t width) {
  const auto flight = event.progress.value_or(daemon::control::InFlight{});
  const auto done = std::min(flight.done, flight.total);
  const auto numbers = fmt::format(" {}/{}  {}", done, flight.total, bytes_in_words(flight.bytes));
  const auto place = place_of(event) + ' ';
  constexpr std::size_t kLongestBar = 40, kShortestBar = 5;
  const auto taken = display_width(place) + numbers.size() + 2;
  if (width < taken + kShortestBar) return clip(place + numbers.substr(1), width);
  const auto length = std::min(kLongestBar, width - taken);
  const auto filled =
      flight.total == 0
          ? 0
          : static_cast<std::size_t>(static_cast<double>(length) * static_cast<double>(done) / static_cast<double>(flight.total));
  return fmt::format("{}[{}{}]{}", place, std::string(filled, '#'), std::string(length - filled, '-'), numbers);
}

}  // namespace mailmirror::cli
