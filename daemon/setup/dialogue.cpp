#include "daemon/setup/dialogue.hpp"

#include "daemon/config/loopback.hpp"
#include "daemon/setup/providers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace mailmirror::daemon::setup {
namespace {

constexpr std::uint16_t kImplicitPort = 993;
constexpr std::uint16_t kStarttlsPort = 143;
constexpr std::size_t kLongestName = 100;

Error wrong(std::string message) {
  return fail(ErrorKind::configuration, std::move(message));
}

bool means_yes(const std::string& text) {
  return text == "y" || text == "yes";
}
bool means_no(const std::string& text) {
  return text == "n" || text == "no";
}

bool is_account_name(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName && name.front() != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

std::optional<std::size_t> number_of(const std::string& text) {
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Dialogue::Dialogue(MailAddress address, SetupOptions options, std::vector<Offer> offers, Setting setting)
    : options_(std::move(options)), offers_(std::move(offers)), setting_(std::move(setting)) {
  answers_.address = std::move(address);
}

Result<Dialogue> Dialogue::begin(MailAddress address, SetupOptions options, std::vector<Offer> offers, Setting setting) {
  Dialogue dialogue(std::move(address), std::move(options), std::move(offers), std::move(setting));
  const auto taken = dialogue.take_options();
  MAILMIRROR_TRY(taken);
  dialogue.go_to(Step::choose_server);
  return dialogue;
}

// Which question is next.

void Dialogue::go_to(Step step) {
  step_ = step;
  while (step_ != Step::done && is_settled(step_)) step_ = static_cast<Step>(static_cast<int>(step_) + 1);
}

bool Dialogue::is_settled(Step step) const {
  const bool password = answers_.sign_in == SignIn::password;
  switch (step) {
    case Step::choose_server: return options_.host || offers_.empty();
    case Step::host:
    case Step::port: return !by_hand_;
    case Step::tls: return !by_hand_ || answers_.port == kImplicitPort || answers_.port == kStarttlsPort;
    case Step::user: return !user_in_doubt_ && (options_.user || !by_hand_);
    case Step::sign_in: return options_.auth || keeping_known_ || !chosen_.takes_oauth2() || !chosen_.takes_password;
    case Step::client_id: return answers_.sign_in != SignIn::oauth2 || !answers_.client_id.empty();
    case Step::account: return !answers_.account.empty();
    case Step::maildir: return !answers_.maildir.empty();
    case Step::keeping: return !password || keeping_known_;
    case Step::command: return !password || answers_.keeping != Keeping::command || !answers_.secret_place.empty();
    case Step::password: return !password || answers_.keeping != Keeping::file || !answers_.password.empty();
    case Step::done: return false;
  }
  return true;
}

std::optional<Question> Dialogue::question() const {
  switch (step_) {
    case Step::choose_server: return server_question();
    case Step::host: return Question{step_, {}, "IMAP server", "", Echo::yes, "--host"};
    case Step::port: return Question{step_, {}, "Port", "993", Echo::yes, "--port"};
    case Step::tls: return Question{step_, {}, "TLS (implicit, starttls or none)", "implicit", Echo::yes, "--tls"};
    case Step::user:
      return Question{step_,     {},      "User name there", answers_.user.empty() ? answers_.address.text() : answers_.user,
                      Echo::yes, "--user"};
    case Step::sign_in: return sign_in_question();
    case Step::client_id:
      return Question{
          step_,
          {"The sign-in needs the client id of an application that you (or your organization) registered with the provider.",
           "If it came with a client secret (Google's do), write it behind the id and a space."},
          "Client id",
          "",
          Echo::yes,
          "--client-id"};
    case Step::account: return Question{step_, {}, "Name for this account", free_account_name(), Echo::yes, "--account"};
    case Step::maildir: return Question{step_, {}, "Directory for the mail", "~/Mail/" + answers_.account, Echo::yes, "--maildir"};
    case Step::keeping: return keeping_question();
    case Step::command:
      return Question{step_, {},        "Command that prints the password (such as: pass show mail/" + answers_.account + ")",
                      "",    Echo::yes, "--password-command"};
    case Step::password:
      return Question{step_, {},       fmt::format("Password of {} at {}", answers_.user, answers_.host),
                      "",    Echo::no, "--password-file or --password-command"};
    case Step::done: return std::nullopt;
  }
  return std::nullopt;
}

Question Dialogue::server_question() const {
  if (offers_.size() == 1) return {step_, {}, "Use this server? (yes or no)", "yes", Echo::yes, "--host"};
  return {step_, {}, fmt::format("Which server? (1 to {}, or no for another)", offers_.size()), "1", Echo::yes, "--host"};
}

Question Dialogue::sign_in_question() const {
  return {step_,     {"How do you sign in?", "  1  by an app password", "  2  in the browser (OAuth2); it needs a client id"},
          "1 or 2",  "1",
          Echo::yes, "--auth password or --auth oauth2"};
}

Question Dialogue::keeping_question() const {
  return {
      step_,
      {"How is the password to be kept?", fmt::format("  1  in a file that only you can read: {}", own_password_file().string()),
       "  2  by a command that prints it: pass, secret-tool, a password manager"},
      "1 or 2",
      "1",
      Echo::yes,
      "--password-file or --password-command"};
}

/// The domain's name without what comes behind it, and a number where that is taken.
std::string Dialogue::free_account_name() const {
  const auto base = base_domain(answers_.address.domain);
  auto name = base.substr(0, base.find('.'));
  if (!is_account_name(name)) name = "mail";
  if (!setting_.taken_accounts.contains(name)) return name;
  int number = 2;
  while (setting_.taken_accounts.contains(fmt::format("{}-{}", name, number))) ++number;
  return fmt::format("{}-{}", name, number);
}

std::filesystem::path Dialogue::own_password_file() const {
  return setting_.config_folder / (answers_.account + ".password");
}

// The answers.

Result<void> Dialogue::answer(const std::string& text) {
  const auto asked = question();
  if (!asked) return ok();
  const auto& meant = text.empty() ? asked->preset : text;
  if (meant.empty()) return wrong("this needs an answer");
  if (!is_printable(meant)) return wrong("this holds characters that can't be in it");
  const auto taken = take(meant);
  MAILMIRROR_TRY(taken);
  go_to(step_);
  return ok();
}

/// Leaves `step_` at the next step; `answer` goes on from there.
Result<void> Dialogue::take(const std::string& text) {
  const auto step = step_;
  const auto next = [&] { step_ = static_cast<Step>(static_cast<int>(step) + 1); };
  Result<void> taken = ok();
  switch (step) {
    case Step::choose_server: taken = choose_server(lower(text)); break;
    case Step::host: taken = take_host(text); break;
    case Step::port: taken = take_port(text); break;
    case Step::tls: taken = take_tls(lower(text)); break;
    case Step::user: taken = take_user(text); break;
    case Step::sign_in: taken = take_sign_in(text); break;
    case Step::client_id: take_client(text); break;
    case Step::account: taken = take_account(text); break;
    case Step::maildir: taken = take_maildir(text); break;
    case Step::keeping: taken = take_keeping(text); break;
    case Step::command: answers_.secret_place = text; break;
    case Step::password: answers_.password = text; break;
    case Step::done: break;
  }
  MAILMIRROR_TRY(taken);
  next();
  return ok();
}

void Dialogue::take_offer(const Offer& offer) {
  chosen_ = offer;
  answers_.source = offer.source;
  answers_.host = offer.host;
  answers_.port = offer.port;
  answers_.tls = offer.tls;
  answers_.user = options_.user.value_or(offer.user);
  answers_.note = offer.note;
  answers_.provider = offer.provider;
  answers_.issuer = offer.issuer;
  answers_.scopes = offer.scopes;
  if (options_.client_id) take_client(*options_.client_id);
  if (!options_.auth && !keeping_known_ && !offer.takes_password) answers_.sign_in = SignIn::oauth2;
}

Result<void> Dialogue::choose_server(const std::string& text) {
  if (means_no(text)) {
    by_hand_ = true;
    return ok();
  }
  const auto number = offers_.size() == 1 && means_yes(text) ? std::optional<std::size_t>(1) : number_of(text);
  if (!number || *number == 0 || *number > offers_.size())
    return wrong(offers_.size() == 1 ? "yes or no?" : "one of the numbers, or no");
  take_offer(offers_[*number - 1]);
  return ok();
}

Result<void> Dialogue::take_host(const std::string& text) {
  if (!is_host(text)) return wrong(fmt::format("'{}' is no server's name or address: the port is a question of its own", text));
  answers_.host = lower(text);
  answers_.source = "you";
  return ok();
}

Result<void> Dialogue::take_port(const std::string& text) {
  const auto port = number_of(text);
  if (!port || *port == 0 || *port > 65535) return wrong("a port is a number from 1 to 65535");
  answers_.port = static_cast<std::uint16_t>(*port);
  if (answers_.port == kImplicitPort) return take_tls("implicit");
  if (answers_.port == kStarttlsPort) return take_tls("starttls");
  return ok();
}

/// The last about the server: now what is known of it counts.
Result<void> Dialogue::take_tls(const std::string& text) {
  const auto tls = tls_of(text);
  if (!tls) return wrong("implicit, starttls or none");
  if (*tls == config::Tls::none && !config::is_loopback(answers_.host))
    return wrong(
        fmt::format("without TLS the password would cross the network to {} in the clear: implicit or starttls", answers_.host));
  Offer offer;
  offer.host = answers_.host;
  offer.port = answers_.port;
  offer.tls = *tls;
  offer.user = answers_.user;
  offer.source = answers_.source;
  add_what_is_known(offer);
  take_offer(offer);
  return ok();
}

Result<void> Dialogue::take_user(const std::string& text) {
  answers_.user = text;
  user_in_doubt_ = false;
  return ok();
}

Result<void> Dialogue::take_sign_in(const std::string& text) {
  if (text != "1" && text != "2") return wrong("1 or 2");
  answers_.sign_in = text == "1" ? SignIn::password : SignIn::oauth2;
  return ok();
}

void Dialogue::take_client(const std::string& text) {
  const auto space = text.find(' ');
  answers_.client_id = text.substr(0, space);
  if (space != std::string::npos) answers_.client_secret = text.substr(text.find_last_of(' ') + 1);
}

Result<void> Dialogue::take_account(const std::string& text) {
  if (!is_account_name(text)) return wrong("a name is made of letters, digits, '.', '_' and '-'");
  if (setting_.taken_accounts.contains(text))
    return wrong(fmt::format("there is an account '{}' already: choose another name", text));
  answers_.account = text;
  return ok();
}

Result<void> Dialogue::take_maildir(const std::string& text) {
  const bool absolute = text.starts_with('/') || text.starts_with("~/") || text.starts_with('$');
  if (!absolute || !is_printable(text)) return wrong("the directory's whole path, such as ~/Mail/work");
  answers_.maildir = text;
  return ok();
}

Result<void> Dialogue::take_keeping(const std::string& text) {
  if (text != "1" && text != "2") return wrong("1 or 2");
  answers_.keeping = text == "1" ? Keeping::file : Keeping::command;
  answers_.secret_place = text == "1" ? own_password_file().string() : "";
  if (text == "1" && setting_.exists(own_password_file()))
    return wrong(fmt::format("{} is there already, and isn't overwritten: remove it, or start again with another --account",
                             own_password_file().string()));
  keeping_known_ = true;
  return ok();
}

Result<void> Dialogue::answer_all_by_presets() {
  while (const auto asked = question()) {
    if (asked->preset.empty()) return wrong(fmt::format("'{}' has no answer: give {}", asked->prompt, asked->option));
    const auto taken = answer("");
    MAILMIRROR_TRY(taken);
  }
  return ok();
}

/// Whoever named the server may be wrong about the name there.
void Dialogue::ask_login_again() {
  user_in_doubt_ = !options_.user;
  answers_.password.clear();
  if (answers_.keeping != Keeping::file) answers_.secret_place.clear();
  if (answers_.keeping == Keeping::its_file) keeping_known_ = false;
  go_to(Step::user);
}

void Dialogue::ask_server_again() {
  options_.host.reset();
  by_hand_ = true;
  go_to(Step::host);
}

}  // namespace mailmirror::daemon::setup
