// The questions of a set-up, as a state machine: what is asked next, and what an answer means. It neither reads nor writes
// anything.
#pragma once

#include "daemon/setup/answers.hpp"
#include "daemon/setup/offer.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mailmirror::daemon::setup {

enum class Step : std::uint8_t {
  choose_server,  ///< of those found, or another
  host,
  port,
  tls,
  user,
  sign_in,
  client_id,
  account,
  maildir,
  keeping,
  command,
  password,
  done,
};

enum class Echo : std::uint8_t { yes, no };

struct Question {
  Step step = Step::done;
  std::vector<std::string> lines;  ///< to read before: the choices
  std::string prompt;              ///< "Maildir"
  std::string preset;              ///< what an empty answer means; "": an empty answer is none
  Echo echo = Echo::yes;
  std::string option;  ///< what answers it in a script: "--maildir"
};

/// What the dialogue has to know of the machine.
struct Setting {
  std::set<std::string> taken_accounts;
  std::filesystem::path config_folder;
  std::function<bool(const std::filesystem::path&)> exists = [](const auto&) { return false; };
};

/// Flow: choose_server → (host → port → tls) → user → sign_in → client_id → account → maildir → keeping → command | password. What
/// the options tell, what was found, and what only one answer makes sense for is left out.
class Dialogue {
 public:
  /// Errors (configuration): options that contradict each other or what may be.
  static Result<Dialogue> begin(MailAddress address, SetupOptions options, std::vector<Offer> offers, Setting setting);

  /// nullopt: all is answered.
  [[nodiscard]] std::optional<Question> question() const;

  /// Takes the answer to `question()`. An error says what is wrong with it; then the question stands.
  Result<void> answer(const std::string& text);

  /// Takes every preset; an error names the option that is needed for what has none.
  Result<void> answer_all_by_presets();

  /// The login was refused: the user name, unless an option told it, and the password (or the command) are asked again.
  void ask_login_again();
  /// The server was wrong: it is asked again, from its host on.
  void ask_server_again();
  /// The server shows this certificate, and the user trusts it.
  void pin(std::string fingerprint) { answers_.fingerprint = std::move(fingerprint); }

  [[nodiscard]] const Answers& answers() const { return answers_; }
  [[nodiscard]] const std::vector<Offer>& offers() const { return offers_; }

 private:
  Dialogue(MailAddress address, SetupOptions options, std::vector<Offer> offers, Setting setting);

  Result<void> take_options();
  void go_to(Step step);
  [[nodiscard]] bool is_settled(Step step) const;
  void take_offer(const Offer& offer);
  [[nodiscard]] Question server_question() const;
  [[nodiscard]] Question sign_in_question() const;
  [[nodiscard]] Question keeping_question() const;
  [[nodiscard]] std::string free_account_name() const;
  [[nodiscard]] std::filesystem::path own_password_file() const;
  Result<void> take(const std::string& text);
  Result<void> take_auth_option();
  Result<void> take_secret_options();

  Result<void> choose_server(const std::string& text);
  Result<void> take_host(const std::string& text);
  Result<void> take_tls(const std::string& text);
  Result<void> take_port(const std::string& text);
  Result<void> take_user(const std::string& text);
  Result<void> take_sign_in(const std::string& text);
  Result<void> take_account(const std::string& text);
  void take_client(const std::string& text);
  static std::string whole_path(const std::string& path);
  Result<void> take_keeping(const std::string& text);
  Result<void> take_maildir(const std::string& text);

  SetupOptions options_;
  std::vector<Offer> offers_;
  Setting setting_;
  Answers answers_;
  Offer chosen_;
  bool by_hand_ = false;
  bool keeping_known_ = false;
  bool user_in_doubt_ = false;
  Step step_ = Step::choose_server;
};

}  // namespace mailmirror::daemon::setup
