// A server whose every word comes from the fuzzer.
#pragma once

#include "imap/transport/connector.hpp"
#include "imap/transport/memory.hpp"
#include "tests/unit/imap/world.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace mailmirror::fuzz {

/// It says the script's turns, one after each thing that it heard (or after a second of silence):
///   |  ends a turn
///   `  stands for the tag that was heard last
/// What it hears means nothing to it. The script outlives it.
class HostileServer final : public imap::transport::Connector {
 public:
  enum class Ending : std::uint8_t { closes, falls_silent };

  HostileServer(testing::World& world, std::string_view script, Ending ending, imap::transport::MemorySettings line)
      : world_(world), script_(script), ending_(ending), line_(line) {}

  Task<Result<std::unique_ptr<imap::transport::Transport>>> connect(std::string host, std::uint16_t port) override;

 private:
  struct Stage;
  static Task<void> hear(std::shared_ptr<Stage> stage);
  static Task<void> speak(std::shared_ptr<Stage> stage, std::string_view script, Ending ending);

  testing::World& world_;
  std::string_view script_;
  Ending ending_;
  imap::transport::MemorySettings line_;
};

}  // namespace mailmirror::fuzz
