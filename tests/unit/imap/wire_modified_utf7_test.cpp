// Modified UTF-7 against the pairs that other projects test with, and back again.
#include "imap/wire/modified_utf7.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace mailmirror::imap::wire {
namespace {

struct Row {
  std::string direction;
  std::string input;
  std::string output;
  bool valid = false;
};

/// The table writes each octet as one JSON character.
std::string octets(const std::string& json) {
  const auto text = nlohmann::json::parse(json).get<std::string>();
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    out += lead < 0x80 ? text[at] : static_cast<char>((lead & 3) << 6 | (static_cast<unsigned char>(text[++at]) & 0x3f));
  }
  return out;
}

std::vector<Row> table() {
  std::vector<Row> rows;
  std::ifstream file(MAILMIRROR_TEST_DATA "/imap-vectors/mutf7.tsv");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream fields(line);
    std::string input, output, valid;
    Row row;
    std::getline(fields, row.direction, '\t');
    std::getline(fields, input, '\t');
    std::getline(fields, output, '\t');
    std::getline(fields, valid, '\t');
    row.input = octets(input);
    row.output = octets(output);
    row.valid = valid == "true";
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Where other projects' decoders and encoders fail, ours gives an error; where they don't, ours gives the same, and the way back
/// works.
TEST(ModifiedUtf7, EveryRowOfTheTable_HoldsBothWays) {
  const auto rows = table();
  ASSERT_GT(rows.size(), 130U);
  for (const auto& row : rows) {
    const bool decodes = row.direction == "decode";
    const auto result = decodes ? decode_modified_utf7(row.input) : encode_modified_utf7(row.input);
    ASSERT_EQ(result.has_value(), row.valid) << row.direction << ' ' << row.input;
    if (!row.valid) continue;
    EXPECT_EQ(*result, row.output) << row.input;
    const auto back = decodes ? encode_modified_utf7(*result) : decode_modified_utf7(*result);
    ASSERT_TRUE(back) << *result;
    EXPECT_EQ(*back, row.input);
  }
}

std::string random_name(std::mt19937& random) {
  constexpr std::string_view kPieces[] = {"a",          "&",    "-",  "/", " ", "\u00fc", "\u65e5",
                                          "\U0001f600", "\x7f", "\t", ",", "+", "\uffff"};
  std::string name;
  for (auto left = random() % 12; left > 0; --left) name += kPieces[random() % std::size(kPieces)];
  return name;
}

TEST(ModifiedUtf7, AnyName_ComesBackAndIsPrintable) {
  std::mt19937 random(1);
  for (int n = 0; n < 2000; ++n) {
    const auto name = random_name(random);
    const auto wire = encode_modified_utf7(name);
    ASSERT_TRUE(wire);
    for (const char c : *wire) EXPECT_TRUE(c >= ' ' && c <= '~');
    const auto back = decode_modified_utf7(*wire);
    ASSERT_TRUE(back) << *wire;
    EXPECT_EQ(*back, name);
  }
}

/// Else two names on the wire would become one mailbox here.
TEST(ModifiedUtf7, WhatDecodes_IsTheOneEncodingOfItsName) {
  constexpr std::string_view kAlphabet = "&-AZ,+89ab";
  std::mt19937 random(2);
  int decoded = 0;
  for (int n = 0; n < 50'000; ++n) {
    std::string wire;
    for (auto left = random() % 10; left > 0; --left) wire += kAlphabet[random() % kAlphabet.size()];
    const auto name = decode_modified_utf7(wire);
    if (!name) continue;
    ++decoded;
    const auto again = encode_modified_utf7(*name);
    ASSERT_TRUE(again) << wire;
    EXPECT_EQ(*again, wire);
  }
  EXPECT_GT(decoded, 1000);
}

TEST(ValidUtf8, DamagedText_KeepsWhatIsGood) {
  EXPECT_EQ(with_valid_utf8("a\u00fc\U0001f600"), "a\u00fc\U0001f600");
  EXPECT_EQ(with_valid_utf8("\xfc"
                            "b"),
            "\ufffdb");
  EXPECT_EQ(with_valid_utf8("a\xe2\x82"), "a\ufffd\ufffd");
  EXPECT_EQ(with_valid_utf8("\xc0\x80"), "\ufffd\ufffd");
  EXPECT_EQ(with_valid_utf8("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");
}

}  // namespace
}  // namespace mailmirror::imap::wire
