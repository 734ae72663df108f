#include "store/files/delivery.hpp"

#include "store/files/line_conversion.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace mailmirror::store {
namespace {

constexpr std::size_t kBuffer = 64 * 1024;
constexpr std::size_t kPiece = 16 * 1024;
constexpr int kTries = 8;

struct TmpFile {
  std::string name;
  std::unique_ptr<File> file;
};

Result<TmpFile> create_tmp(const Directory& tmp, Random& random) {
  for (int attempt = 1;; ++attempt) {
    auto name = "mm-" + random.hex(24);
    auto file = tmp.create_exclusive(name);
    if (file) return TmpFile{std::move(name), std::move(*file)};
    if (file.error().kind != ErrorKind::exists || attempt == kTries) return file.error();
  }
}

}  // namespace

struct IncomingMessage::State {
  State(const Directory& directory, Random& chance, TmpFile file) : tmp(directory), random(chance), out(std::move(file)) {}
  /// What can't be removed is found by `clean_tmp`.
  ~State() {
    if (!published) static_cast<void>(tmp.unlink(out.name));
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Result<void> take(std::span<const std::byte> wire);
  Result<void> flush();
  Result<void> expand_into(TmpFile& target);
  Result<void> start_anew_as_served();

  const Directory& tmp;
  Random& random;
  TmpFile out;
  bool published = false;

  ToFileForm to_file;
  std::vector<std::byte> buffer;
  Sha256 wire_hash;
  Sha256 file_hash;
  Received received;
};

/// Takes up to kPiece bytes.
Result<void> IncomingMessage::State::take(std::span<const std::byte> wire) {
  if (received.line_ends == LineEnds::converted) {
    wire = wire.subspan(to_file.convert(wire, buffer));
    if (!wire.empty()) {
      const auto anew = start_anew_as_served();
      MAILMIRROR_TRY(anew);
    }
  }
  buffer.insert(buffer.end(), wire.begin(), wire.end());
  return buffer.size() + kPiece > kBuffer ? flush() : ok();
}

Result<void> IncomingMessage::State::flush() {
  const auto written = out.file->append(buffer);
  MAILMIRROR_TRY(written);
  if (received.line_ends == LineEnds::converted) file_hash.update(buffer);
  received.file_size += buffer.size();
  buffer.clear();
  return ok();
}

/// All of the file so far came from CRLFs, so that each LF in it stands for one.
Result<void> IncomingMessage::State::expand_into(TmpFile& target) {
  std::vector<std::byte> piece(kPiece);
  std::vector<std::byte> expanded;
  ToWireForm to_wire;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  while (true) {
    const auto got = out.file->read_at(offset, piece);
    MAILMIRROR_TRY(got);
    if (*got == 0) break;
    offset += *got;
    expanded.clear();
    to_wire.convert(std::span(piece).first(*got), expanded);
    size += expanded.size();
    const auto written = target.file->append(expanded);
    MAILMIRROR_TRY(written);
  }
  received.file_size = size;
  return ok();
}

Result<void> IncomingMessage::State::start_anew_as_served() {
  const auto flushed = flush();
  MAILMIRROR_TRY(flushed);
  auto target = create_tmp(tmp, random);
  MAILMIRROR_TRY(target);
  const auto expanded = expand_into(*target);
  std::swap(out, *target);
  const auto gone = tmp.unlink(target->name);
  MAILMIRROR_TRY(expanded);
  MAILMIRROR_TRY(gone);
  received.line_ends = LineEnds::as_served;
  if (to_file.holds_cr()) buffer.push_back(std::byte{'\r'});
  return ok();
}

IncomingMessage::IncomingMessage(std::unique_ptr<State> state) : state_(std::move(state)) {}
IncomingMessage::~IncomingMessage() = default;
IncomingMessage::IncomingMessage(IncomingMessage&&) noexcept = default;
IncomingMessage& IncomingMessage::operator=(IncomingMessage&&) noexcept = default;

Result<IncomingMessage> IncomingMessage::begin(const MaildirFolder& folder, Random& random) {
  auto file = create_tmp(folder.tmp(), random);
  MAILMIRROR_TRY(file);
  return IncomingMessage(std::make_unique<State>(folder.tmp(), random, std::move(*file)));
}

Result<void> IncomingMessage::write(std::span<const std::byte> wire) {
  state_->wire_hash.update(wire);
  state_->received.wire_size += wire.size();
  while (!wire.empty()) {
    const auto piece = wire.first(std::min(wire.size(), kPiece));
    const auto taken = state_->take(piece);
    MAILMIRROR_TRY(taken);
    wire = wire.subspan(piece.size());
  }
  return ok();
}

Result<Received> IncomingMessage::finish(std::chrono::sys_seconds internal_date) {
  auto& received = state_->received;
  if (received.line_ends == LineEnds::converted && state_->to_file.holds_cr()) {
    const auto anew = state_->start_anew_as_served();
    MAILMIRROR_TRY(anew);
  }
  const auto flushed = state_->flush();
  MAILMIRROR_TRY(flushed);
  const auto dated = state_->out.file->set_mtime(internal_date);
  MAILMIRROR_TRY(dated);
  received.wire_digest = state_->wire_hash.finish();
  received.file_digest = received.line_ends == LineEnds::converted ? state_->file_hash.finish() : received.wire_digest;
  // Many finished messages may wait to be published: none of them keeps its buffer.
  state_->buffer = {};
  return received;
}

Result<void> IncomingMessage::sync() {
  if (!state_->out.file) return ok();
  const auto durable = state_->out.file->sync();
  MAILMIRROR_TRY(durable);
  state_->out.file.reset();
  return ok();
}

Result<MaildirFile> publish(MaildirFolder& folder, IncomingMessage& message, std::string_view unique, std::string_view letters,
                            Random& random) {
  auto& state = *message.state_;
  BOOST_ASSERT_MSG(!state.published && &state.tmp == &folder.tmp(),
                   "a message is published once, in the folder where it was begun");
  const bool fresh = letters.empty();
  MaildirFile file{std::string(unique), normalized_letters(letters), fresh ? Place::new_ : Place::cur, !fresh};
  for (int attempt = 1;; ++attempt) {
    const auto renamed = state.tmp.rename_noreplace(state.out.name, folder.at(file.place), file.name());
    if (renamed) break;
    if (renamed.error().kind != ErrorKind::exists || attempt == kTries) return renamed.error();
    file.unique = with_discriminator(unique, random.hex(8));
  }
  state.published = true;
  return file;
}

}  // namespace mailmirror::store
