#include "cli/arguments.hpp"

#include "cli/time_words.hpp"
#include "daemon/control/nearest.hpp"

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include <array>
#include <charconv>
#include <utility>

namespace mailmirror::cli {
namespace {

namespace po = boost::program_options;

Leave wrong(std::string_view what, std::string_view hint) {
  return {kUsage, fmt::format("mailmirror: {}{} {}\n", what, what.ends_with('?') ? "" : ".", hint)};
}

Leave wrong(std::string_view what) {
  return wrong(what, "'mailmirror --help' tells the commands and options");
}

constexpr std::array kWays{"device", "browser", "paste"};

po::variables_map parse(const std::vector<std::string>& words) {
  po::options_description options;
  auto add = options.add_options();
  add("help,h", "")("version", "")("json", "")("wait", "")("list", "")("dry-run", "");
  for (const char* name : kWays) add(name, "");
  for (const char* name : {"config", "socket", "events", "pass", "since", "mailbox"}) add(name, po::value<std::string>());
  add("word", po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("word", -1);
  const auto style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  po::variables_map given;
  po::store(po::command_line_parser(words).options(options).positional(positional).style(style).run(), given);
  po::notify(given);
  return given;
}

std::optional<std::string> text_of(const po::variables_map& given, const char* name) {
  return given.count(name) > 0 ? std::optional(given[name].as<std::string>()) : std::nullopt;
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts{""};
  for (const char c : text)
    if (c == ',')
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

Leave no_such_command(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& command : commands()) known.emplace_back(command.name);
  const auto near = daemon::control::nearest(name, known);
  return wrong(fmt::format("there is no command '{}'{}", name, near ? fmt::format(": did you mean '{}'?", *near) : ""),
               "'mailmirror --help' lists the commands");
}

constexpr std::array kUndoOptions{"list", "dry-run", "pass", "since", "mailbox"};

/// What is wrong with them; nullopt: they are taken over.
std::optional<Leave> read_undo(Arguments& arguments, const po::variables_map& given) {
  auto& undo = arguments.undo;
  undo.list = given.count("list") > 0;
  undo.dry_run = given.count("dry-run") > 0;
  undo.mailbox = text_of(given, "mailbox").value_or("");
  if (given.count("list") + given.count("pass") + given.count("since") > 1)
    return wrong("--list, --pass and --since contradict: give one of them");
  if (const auto pass = text_of(given, "pass")) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(pass->data(), pass->data() + pass->size(), number);
    if (failure != std::errc() || end != pass->data() + pass->size())
      return wrong(fmt::format("--pass takes a pass's number, not '{}'", *pass), "'mailmirror undo --list' shows them");
    undo.pass = number;
  }
  if (const auto since = text_of(given, "since")) {
    undo.since = past_time(*since, std::chrono::system_clock::now());
    if (!undo.since)
      return wrong(fmt::format("--since takes a time in the past, not '{}'", *since), "Such as 2h, yesterday, 2026-11-23T10:00");
  }
  return std::nullopt;
}

/// What is wrong with them; nullopt: they are taken over.
std::optional<Leave> read_way(Arguments& arguments, const po::variables_map& given) {
  for (const char* way : kWays) {
    if (given.count(way) == 0) continue;
    if (arguments.command->extra != Extra::way)
      return wrong(fmt::format("'{}' takes no --{}", arguments.command->name, way),
                   fmt::format("'mailmirror {} --help' tells its usage", arguments.command->name));
    if (!arguments.way.empty()) return wrong(fmt::format("--{} and --{} contradict: give one of them", arguments.way, way));
    arguments.way = way;
  }
  return std::nullopt;
}

/// What is wrong with the arguments of a command that exists.
std::optional<Leave> check(const Arguments& arguments, const po::variables_map& given) {
  const auto& command = *arguments.command;
  const auto hint = fmt::format("'mailmirror {} --help' tells its usage", command.name);
  if (command.availability == Availability::later) return wrong(fmt::format("'{}' isn't in this version", command.name));
  if (given.count("wait") > 0 && command.extra != Extra::wait)
    return wrong(fmt::format("'{}' takes no --wait", command.name), hint);
  if (given.count("events") > 0 && command.extra != Extra::events)
    return wrong(fmt::format("'{}' takes no --events", command.name), hint);
  for (const char* option : kUndoOptions)
    if (given.count(option) > 0 && command.extra != Extra::undo && !(command.extra == Extra::take_over && option == std::string_view("dry-run")))
      return wrong(fmt::format("'{}' takes no --{}", command.name, option), hint);
  if (arguments.config && arguments.socket) return wrong("--config and --socket contradict: give one of them");
  if (arguments.operands.size() < command.least_operands)
    return wrong(fmt::format("'{}' needs {}", command.name, command.operands), hint);
  if (arguments.operands.size() > command.most_operands)
    return wrong(fmt::format("'{}' doesn't take '{}'", command.name, arguments.operands[command.most_operands]), hint);
  return std::nullopt;
}

std::variant<Arguments, Leave> understand(const po::variables_map& given) {
  if (given.count("version") > 0) return Leave{kDone, "mailmirror " MAILMIRROR_VERSION "\n"};
  auto words = given.count("word") > 0 ? given["word"].as<std::vector<std::string>>() : std::vector<std::string>{};
  if (words.empty()) return given.count("help") > 0 ? Leave{kDone, help()} : Leave{kUsage, help()};
  Arguments arguments;
  arguments.command = find_command(words.front());
  if (arguments.command == nullptr) return no_such_command(words.front());
  if (given.count("help") > 0) return Leave{kDone, help(*arguments.command)};
  arguments.operands.assign(words.begin() + 1, words.end());
  arguments.config = text_of(given, "config");
  arguments.socket = text_of(given, "socket");
  if (given.count("json") > 0) arguments.form = Form::json;
  if (given.count("wait") > 0) arguments.wait = Wait::yes;
  if (const auto events = text_of(given, "events")) arguments.events = split_at_commas(*events);
  if (auto leave = check(arguments, given)) return std::move(*leave);
  arguments.dry_run = given.count("dry-run") > 0;
  if (auto leave = read_way(arguments, given)) return std::move(*leave);
  if (auto leave = read_undo(arguments, given)) return std::move(*leave);
  return arguments;
}

/// A command whose options another program understands: they aren't looked at here. nullopt: it is another one.
std::optional<Arguments> verbatim(const std::vector<std::string>& words) {
  auto at = words.begin();
  while (at != words.end() && at->starts_with('-')) {
    const bool has_value = (*at == "--config" || *at == "--socket") && at + 1 != words.end();
    at += has_value ? 2 : 1;
  }
  if (at == words.end()) return std::nullopt;
  const auto* const command = find_command(*at);
  if (command == nullptr || command->worker != Worker::program_verbatim) return std::nullopt;
  Arguments arguments;
  arguments.command = command;
  arguments.operands.assign(at + 1, words.end());
  // What stands before the command goes along.
  arguments.operands.insert(arguments.operands.end(), words.begin(), at);
  return arguments;
}

}  // namespace

std::variant<Arguments, Leave> parse_arguments(const std::vector<std::string>& words) {
  if (auto arguments = verbatim(words)) return std::move(*arguments);
  try {
    return understand(parse(words));
  } catch (const po::error& error) {
    return wrong(error.what());
  }
}

}  // namespace mailmirror::cli
