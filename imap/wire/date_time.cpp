#include "imap/wire/date_time.hpp"

#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailmirror::imap::wire {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Reads fixed-width numbers and signs from the front of a text; one failure sticks.
class Fields {
 public:
  explicit Fields(std::string_view text) : text_(text) {}

  int number(std::size_t least, std::size_t most) {
    int value = 0;
    std::size_t digits = 0;
    for (; digits < most && digits < text_.size() && ascii::is_digit(text_[digits]); ++digits)
      value = value * 10 + (text_[digits] - '0');
    good_ = good_ && digits >= least;
    text_.remove_prefix(digits);
    return value;
  }
  void expect(char c) {
    good_ = good_ && !text_.empty() && text_.front() == c;
    if (good_) text_.remove_prefix(1);
  }
  int sign() {
    const bool known = !text_.empty() && (text_.front() == '+' || text_.front() == '-');
    good_ = good_ && known;
    if (!good_) return 1;
    const int sign = text_.front() == '-' ? -1 : 1;
    text_.remove_prefix(1);
    return sign;
  }
  unsigned month() {
    const auto word = text_.substr(0, 3);
    const auto found = std::find_if(kMonths.begin(), kMonths.end(), [&](auto m) { return ascii::equal_ignoring_case(m, word); });
    good_ = good_ && found != kMonths.end();
    text_.remove_prefix(word.size());
    return static_cast<unsigned>(found - kMonths.begin()) + 1;
  }
  void skip_spaces() {
    while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
  }
  [[nodiscard]] bool complete() const { return good_ && text_.empty(); }

 private:
  std::string_view text_;
  bool good_ = true;
};

}  // namespace

std::optional<sys_seconds> parse_date_time(std::string_view text) {
  Fields in(text);
  in.skip_spaces();
  const int day_number = in.number(1, 2);
  in.expect('-');
  const auto month_number = in.month();
  in.expect('-');
  const int year_number = in.number(4, 4);
  in.skip_spaces();
  const int hour = in.number(2, 2);
  in.expect(':');
  const int minute = in.number(2, 2);
  in.expect(':');
  const int second = in.number(2, 2);
  in.skip_spaces();
  const int sign = in.sign();
  const int zone_hour = in.number(2, 2);
  const int zone_minute = in.number(2, 2);
  if (!in.complete() || hour > 23 || minute > 59 || second > 60 || zone_hour > 14 || zone_minute > 59) return std::nullopt;
  const year_month_day date{year(year_number), month(month_number), day(static_cast<unsigned>(day_number))};
  if (!date.ok()) return std::nullopt;
  return sys_days(date) + hours(hour) + minutes(minute) + seconds(second) - sign * (hours(zone_hour) + minutes(zone_minute));
}

std::string format_date_time(sys_seconds when) {
  constexpr auto kFirst = sys_seconds(sys_days(year(0) / 1 / 1));
  constexpr auto kLast = sys_seconds(sys_days(year(10000) / 1 / 1)) - seconds(1);
  when = std::clamp(when, kFirst, kLast);
  const auto days_part = floor<days>(when);
  const year_month_day date(days_part);
  const hh_mm_ss time(when - days_part);
  return fmt::format("{:02}-{}-{:04} {:02}:{:02}:{:02} +0000", static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

}  // namespace mailmirror::imap::wire
