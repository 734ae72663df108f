#include "tests/support/message_generator.hpp"

#include "tests/support/compare_sides.hpp"

#include <algorithm>

namespace mailmirror::testing {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

/// Licences and notes beside the messages; those come in files of many extensions.
bool is_paperwork(const fs::path& path) {
  const std::string name = path.filename().string();
  const auto extension = path.extension();
  return extension == ".md" || extension == ".tsv" || name.find("LICENSE") != name.npos || name.find("NOTICE") != name.npos ||
         name.find("COPYING") != name.npos;
}

}  // namespace

std::string MessageGenerator::words(std::size_t bytes) {
  static constexpr std::string_view kWords[] = {"harbour", "letter", "morning", "of", "the",   "ship",   "mirror",
                                                "quiet",   "and",    "two",     "in", "paper", "window", "north"};
  std::string text;
  std::size_t line = 0;
  while (text.size() < bytes) {
    const auto word = kWords[below(std::size(kWords))];
    text += word;
    line += word.size() + 1;
    text += line > 66 ? '\n' : ' ';
    if (line > 66) line = 0;
  }
  if (!text.empty()) text.back() = '\n';
  return text;
}

std::string MessageGenerator::headers(std::string_view subject) {
  ++count_;
  const auto number = std::to_string(seed_) + "." + std::to_string(count_);
  return "From: Ada <ada@example.org>\nTo: Ben <ben@example.org>\nSubject: " + std::string(subject) + " " + number +
         "\nDate: Thu, 01 Jan 2026 10:00:00 +0000\nMessage-ID: <" + number + "@generator.example>\n";
}

std::string MessageGenerator::file_of_size(std::size_t bytes) {
  std::string message = headers("sized") + "\n";
  const std::string block = words(1U << 16);
  while (message.size() < bytes) message.append(block, 0, std::min(block.size(), bytes - message.size()));
  return message;
}

std::string MessageGenerator::file(Shape shape) {
  switch (shape) {
    case Shape::plain: return headers("plain") + "\n" + words(100 + below(900));
    case Shape::eight_bit: {
      std::string bytes;
      for (int i = 0; i < 512; ++i) bytes += static_cast<char>(static_cast<unsigned char>(0x80U + below(0x80)));
      return headers("gr\xFC\xDF\x65 \xE2\x82\xAC") + "Content-Transfer-Encoding: 8bit\n\n" + bytes + "\n";
    }
    case Shape::no_final_newline: return headers("unfinished") + "\n" + words(60) + "and then it st";
    case Shape::lone_dots: return headers("dots") + "\n.\n..\n...\n.\n\n.";
    case Shape::odd_headers:
      ++count_;
      return "X-Number: " + std::to_string(seed_) + "." + std::to_string(count_) +
             "\nSubject: one\nSubject: two,\n\tfolded\n   thrice\nEmpty:\nNo colon in this line\nX-Tab:\t\ttabs\nFrom: a@b (c (d) "
             "e)\n\nbody\n";
    case Shape::empty_body: return headers("empty") + "\n";
    case Shape::header_only: return headers("header");
    case Shape::long_lines: return headers("long") + "\n" + repeated("0123456789abcdef", 4096) + "\nshort\n";
    case Shape::multipart:
      return headers("parts") + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"=_b\"\n\npreamble\n--=_b\n\n" +
             words(200) + "--=_b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n" +
             repeated("TWFpbCBpcyBhIG1pcnJvciBvZiB0aGUgd29ybGQgYXQgc2VhLCBzYWlkIHRoZSBvbGQ=\n", 40) + "--=_b--\n";
    case Shape::large: return file_of_size((2U << 20) + below(1U << 20));
  }
  throw HarnessError("no such shape");
}

std::string MessageGenerator::wire(Shape shape) {
  return with_crlf(file(shape));
}

std::vector<std::string> real_messages(std::size_t at_most) {
  const fs::path folder = fs::path(MAILMIRROR_TEST_DATA) / "messages";
  std::vector<fs::path> files;
  if (fs::is_directory(folder))
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file() && !is_paperwork(entry.path())) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> messages;
  for (const auto& file : files)
    if (messages.size() < at_most) messages.push_back(read_file(file));
  return messages;
}

}  // namespace mailmirror::testing
