#include "store/files/outgoing.hpp"

#include "store/files/line_conversion.hpp"
#include "store/files/message_id.hpp"
#include "store/files/tuid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace mailmirror::store {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

Error changed(const MaildirFolder& folder, const MaildirFile& file) {
  return fail(ErrorKind::conflict, fmt::format("{}: the file changed while it was read; it is looked at again",
                                               (folder.at(file.place).path() / file.name()).string()));
}

/// The wire form, block by block.
class Converter {
 public:
  explicit Converter(LineEnds line_ends) : line_ends_(line_ends) {}

  /// Valid until the next call.
  std::span<const std::byte> convert(std::span<const std::byte> block) {
    if (line_ends_ == LineEnds::as_served) return block;
    out_.clear();
    to_wire_.convert(block, out_);
    return out_;
  }

 private:
  LineEnds line_ends_;
  ToWireForm to_wire_;
  std::vector<std::byte> out_;
};

/// Calls `take` with each piece of the first `size` bytes. Returns how many there were.
template <class Take>
Result<std::uint64_t> read_through(File& file, std::uint64_t size, Take take) {
  std::vector<std::byte> block(std::clamp<std::size_t>(size, 1, kBlock));
  std::uint64_t offset = 0;
  while (offset < size) {
    const auto got = file.read_at(offset, block);
    MAILMIRROR_TRY(got);
    if (*got == 0) break;
    take(offset, std::span<const std::byte>(block).first(*got));
    offset += *got;
  }
  return offset;
}

/// The wire form but for one line.
Result<UnmarkedForm> read_without(File& file, std::uint64_t size, HeaderLine line) {
  UnmarkedForm form;
  Sha256 hash;
  Converter converter(LineEnds::converted);
  const auto add = [&](std::span<const std::byte> bytes) {
    const auto wire = converter.convert(bytes);
    hash.update(wire);
    form.wire_size += wire.size();
  };
  const auto read = read_through(file, size, [&](std::uint64_t offset, std::span<const std::byte> bytes) {
    const auto from = std::clamp<std::uint64_t>(line.offset, offset, offset + bytes.size()) - offset;
    const auto to = std::clamp<std::uint64_t>(line.offset + line.length, offset, offset + bytes.size()) - offset;
    add(bytes.first(from));
    add(bytes.subspan(to));
  });
  MAILMIRROR_TRY(read);
  form.wire_digest = hash.finish();
  return form;
}

}  // namespace

Result<Outgoing> inspect(const MaildirFolder& folder, const MaildirFile& file, LineEnds line_ends) {
  const auto opened = folder.open_read(file);
  MAILMIRROR_TRY(opened);
  const auto before = (*opened)->stamp();
  MAILMIRROR_TRY(before);
  Outgoing form;
  form.before = *before;
  form.mtime = std::chrono::sys_seconds(std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(before->mtime_ns)));
  form.line_ends = line_ends;
  Sha256 file_hash;
  Sha256 wire_hash;
  MessageIdFinder id;
  Converter converter(line_ends);
  const auto read = read_through(**opened, before->size, [&](std::uint64_t, std::span<const std::byte> bytes) {
    const auto wire = converter.convert(bytes);
    file_hash.update(bytes);
    wire_hash.update(wire);
    id.take(bytes);
    form.ends_with_newline = bytes.back() == std::byte{'\n'};
    form.wire_size += wire.size();
  });
  MAILMIRROR_TRY(read);
  if (const auto mark = find_tuid_line(id.header()); mark && line_ends == LineEnds::converted) {
    const auto unmarked = read_without(**opened, before->size, *mark);
    MAILMIRROR_TRY(unmarked);
    form.without_tuid = *unmarked;
  }
  const auto after = (*opened)->stamp();
  MAILMIRROR_TRY(after);
  if (*before != *after || *read != before->size) return changed(folder, file);
  form.file_digest = file_hash.finish();
  form.wire_digest = wire_hash.finish();
  form.message_id = id.message_id();
  return form;
}

struct WireReader::State {
  [[nodiscard]] Error changed() const { return fail(ErrorKind::conflict, conflict); }
  [[nodiscard]] Result<void> check_same_file() const;
  Result<void> check_end();

  std::unique_ptr<File> file;
  Outgoing form;
  std::string conflict;
  Converter converter;
  Sha256 hash;
  std::vector<std::byte> block;
  std::uint64_t offset = 0;
  std::uint64_t given = 0;
};

Result<void> WireReader::State::check_same_file() const {
  const auto now = file->stamp();
  MAILMIRROR_TRY(now);
  const bool same = now->same_file(form.before) && now->size == form.before.size && now->mtime_ns == form.before.mtime_ns;
  return same ? ok() : changed();
}

Result<void> WireReader::State::check_end() {
  if (offset != form.before.size || hash.finish() != form.wire_digest) return changed();
  return check_same_file();
}

WireReader::WireReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
WireReader::~WireReader() = default;
WireReader::WireReader(WireReader&&) noexcept = default;
WireReader& WireReader::operator=(WireReader&&) noexcept = default;

Result<WireReader> WireReader::open(const MaildirFolder& folder, const MaildirFile& file, const Outgoing& form) {
  auto opened = folder.open_read(file);
  MAILMIRROR_TRY(opened);
  const auto size = std::clamp<std::size_t>(form.before.size, 1, kBlock);
  std::unique_ptr<State> state(new State{std::move(*opened), form, changed(folder, file).message, Converter(form.line_ends),
                                         Sha256(), std::vector<std::byte>(size)});
  const auto same = state->check_same_file();
  MAILMIRROR_TRY(same);
  return WireReader(std::move(state));
}

Result<std::span<const std::byte>> WireReader::next() {
  auto& state = *state_;
  if (state.given == state.form.wire_size) return std::span<const std::byte>();
  const auto got = state.file->read_at(state.offset, state.block);
  MAILMIRROR_TRY(got);
  if (*got == 0) return state.changed();
  state.offset += *got;
  const auto piece = state.converter.convert(std::span<const std::byte>(state.block).first(*got));
  state.hash.update(piece);
  state.given += piece.size();
  if (state.given > state.form.wire_size) return state.changed();
  if (state.given == state.form.wire_size) {
    const auto same = state.check_end();
    MAILMIRROR_TRY(same);
  }
  return piece;
}

}  // namespace mailmirror::store
