#include "daemon/main/options.hpp"

#include "daemon/main/version.hpp"

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace mailmirror::daemon {
namespace {

namespace po = boost::program_options;

constexpr int kUsage = 2;
constexpr std::array<std::string_view, 5> kLevels{"error", "warn", "info", "debug", "trace"};

po::options_description described() {
  po::options_description options("Options");
  options.add_options()("config", po::value<std::string>()->value_name("FILE"), "the configuration (~/.config/mailmirror/config.toml)")(
      "account", po::value<std::vector<std::string>>()->value_name("NAME"), "only this account; may be given several times")(
      "once", "one complete pass, then exit: 0 all equal, 1 something failed or is held")(
      "check", "read the configuration, tell every mistake, exit")(
      "login", po::value<std::string>()->value_name("ACCOUNT"),
      "sign in to an account that has a section [account.NAME.oauth2], then exit; 'mailmirror login' does this, and tells the daemon")(
      "device", "with --login: by a code that is typed into a browser on any machine")(
      "browser", "with --login: by a browser on this machine")(
      "paste", "with --login: by the address that a browser on any machine ends at, pasted here")(
      "import", po::value<std::string>()->value_name("PROGRAM"), "take over the accounts of mbsync or offlineimap, from the FILE that follows or its own")(
      "dry-run", "with --import: tell what would be written, and write nothing")(
      "log-level", po::value<std::string>()->value_name("L"), "error, warn, info, debug or trace")("version", "tell the version")("help", "this text");
  return options;
}

std::string help(const po::options_description& options) {
  std::ostringstream text;
  text << "mailmirrord keeps IMAP accounts and local Maildirs equal, both ways, until it is stopped.\n\n"
          "Usage: mailmirrord [OPTIONS]\n"
          "       mailmirrord --import mbsync|offlineimap [FILE] [--dry-run]\n"
          "       mailmirrord --init ADDRESS [OPTIONS]       sets an account up; so does 'mailmirror init'\n"
          "       mailmirrord --doctor [ACCOUNT] [OPTIONS]   checks the set-up; so does 'mailmirror doctor'\n\n"
       << options << "\nControl it with 'mailmirror status', 'mailmirror sync', 'mailmirror stop'.\n";
  return text.str();
}

Leave wrong(const std::string& what) { return {kUsage, fmt::format("mailmirrord: {}. 'mailmirrord --help' tells the options\n", what)}; }

/// What is wrong with --import and what belongs to it.
std::optional<Leave> read_import(const po::variables_map& given, Options& result) {
  const auto files = given.count("file") > 0 ? given["file"].as<std::vector<std::string>>() : std::vector<std::string>{};
  result.dry_run = given.count("dry-run") > 0;
  if (given.count("import") == 0) {
    if (!files.empty()) return wrong(fmt::format("'{}' isn't an option", files.front()));
    if (result.dry_run) return wrong("--dry-run belongs to --import");
    return std::nullopt;
  }
  result.import_from = given["import"].as<std::string>();
  if (*result.import_from != "mbsync" && *result.import_from != "offlineimap")
    return wrong(fmt::format("--import takes over from mbsync or offlineimap, not from '{}'", *result.import_from));
  if (files.size() > 1) return wrong("--import takes one file");
  if (!files.empty()) result.import_file = files.front();
  return std::nullopt;
}

}  // namespace

namespace {

/// What is wrong; nullopt: it is taken over.
std::optional<Leave> read_login(const po::variables_map& given, Options& options) {
  constexpr std::array<std::pair<const char*, signin::Way>, 3> kWays{
      {{"device", signin::Way::device}, {"browser", signin::Way::browser}, {"paste", signin::Way::paste}}};
  std::size_t ways = 0;
  for (const auto& [name, way] : kWays) {
    if (given.count(name) == 0) continue;
    options.way = way;
    ++ways;
  }
  if (given.count("login") > 0) options.login = given["login"].as<std::string>();
  if (ways > 1) return Leave{kUsage, "mailmirrord: --device, --browser and --paste contradict: give one of them\n"};
  if (ways == 1 && !options.login) return Leave{kUsage, "mailmirrord: --device, --browser and --paste are of use with --login alone\n"};
  if (options.login && (options.once || options.check || !options.accounts.empty()))
    return Leave{kUsage, "mailmirrord: --login goes with --config and --log-level alone\n"};
  return std::nullopt;
}

}  // namespace

std::variant<Options, Leave> parse_options(int argc, const char* const* argv) {
  const auto options = described();
  auto all = described();
  all.add_options()("file", po::value<std::vector<std::string>>(), "");
  po::positional_options_description positional;
  positional.add("file", -1);
  po::variables_map given;
  try {
    po::store(po::command_line_parser(argc, argv).options(all).positional(positional).run(), given);
    po::notify(given);
  } catch (const po::error& error) {
    return wrong(error.what());
  }
  if (given.count("help") > 0) return Leave{0, help(options)};
  if (given.count("version") > 0) return Leave{0, version_text()};
  Options result;
  if (given.count("config") > 0) result.config = given["config"].as<std::string>();
  if (given.count("account") > 0) result.accounts = given["account"].as<std::vector<std::string>>();
  result.once = given.count("once") > 0;
  result.check = given.count("check") > 0;
  if (auto leave = read_import(given, result)) return std::move(*leave);
  if (auto leave = read_login(given, result)) return std::move(*leave);
  if (given.count("log-level") > 0) {
    result.log_level = given["log-level"].as<std::string>();
    if (std::find(kLevels.begin(), kLevels.end(), *result.log_level) == kLevels.end())
      return Leave{kUsage, fmt::format("mailmirrord: --log-level can't be '{}': error, warn, info, debug or trace\n", *result.log_level)};
  }
  return result;
}

}  // namespace mailmirror::daemon
