#include "daemon/http/form.hpp"
#include "daemon/http/url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailmirror::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Url, WholeAddress_IsTakenApart) {
  const auto url = parse_url("HTTPS://Login.Example.ORG:8443/a/b?c=d#e").value();
  EXPECT_EQ(url, (Url{"https", "login.example.org", 8443, "/a/b?c=d"}));
  EXPECT_EQ(url.text(), "https://login.example.org:8443/a/b?c=d");
}

TEST(Url, BareHost_HasTheSchemesPortAndTheRoot) {
  const auto url = parse_url("https://example.org").value();
  EXPECT_EQ(url, (Url{"https", "example.org", 443, "/"}));
  EXPECT_EQ(url.authority(), "example.org");
  EXPECT_EQ(parse_url("http://example.org?x").value().target, "/?x");
}

TEST(Url, V6Address_KeepsItsBracketsInText) {
  const auto url = parse_url("http://[::1]:80/").value();
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.text(), "http://[::1]/");
}

TEST(Url, Nonsense_IsRefusedWithAReason) {
  for (const char* text :
       {"", "example.org", "ftp://example.org", "https://", "https://user:pw@example.org", "https://ex ample.org",
        "https://example.org\r\nX: y", "https://example.org:0", "https://example.org:99999", "https://example.org:8x",
        "https://[::1", "https://[x]", "https://b\xc3\xbc.example", "https://a/\x7f", "javascript:alert(1)"})
    EXPECT_FALSE(parse_url(text)) << text;
  EXPECT_FALSE(parse_url("https://a/" + std::string(kLongestUrl, 'a')));
  EXPECT_THAT(parse_url("https://me@a/").error().message, HasSubstr("user name"));
}

TEST(Url, Redirections_AreResolvedAgainstTheirPage) {
  const auto base = parse_url("https://a.example/x/y?z=1").value();
  const auto to = [&](const char* reference) { return resolve_url(base, reference).value().text(); };
  EXPECT_EQ(to("https://b.example/q"), "https://b.example/q");
  EXPECT_EQ(to("//b.example/q"), "https://b.example/q");
  EXPECT_EQ(to("/q?r=http://c"), "https://a.example/q?r=http://c");
  EXPECT_EQ(to("q"), "https://a.example/x/q");
  EXPECT_EQ(to("?q"), "https://a.example/x/y?q");
  EXPECT_EQ(to(""), "https://a.example/x/y?z=1");
  EXPECT_FALSE(resolve_url(base, "file:///etc/passwd"));
}

TEST(Form, Fields_SurviveTheRoundTrip) {
  const Fields fields{{"scope", "a b"}, {"redirect_uri", "http://127.0.0.1:1/?x=1&y"}, {"q", "ü%+"}, {"empty", ""}};
  EXPECT_EQ(decode_form(encode_form(fields)), fields);
  EXPECT_EQ(encode_form({{"a b", "c/d"}}), "a%20b=c%2Fd");
}

TEST(Form, BrokenEscapes_StayAsTheyAre) {
  EXPECT_THAT(decode_form("a=%zz&b=%4&c=%&&=x&d+e=%41"),
              ElementsAre(Pair("a", "%zz"), Pair("b", "%4"), Pair("c", "%"), Pair("", "x"), Pair("d e", "A")));
}

TEST(Form, Query_IsAddedAndFound) {
  EXPECT_EQ(with_query("https://a/b", {{"c", "d"}}), "https://a/b?c=d");
  EXPECT_EQ(with_query("https://a/b?x=y", {{"c", "d"}}), "https://a/b?x=y&c=d");
  EXPECT_EQ(field_of(query_of("http://127.0.0.1:1/?code=4%2F0&state=s#frag"), "code"), "4/0");
}

}  // namespace
}  // namespace mailmirror::http
