// Reading a document member by member: a missing or null one keeps its default, one of the wrong type is an error.
#pragma once

#include "daemon/control/json_rpc.hpp"

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::daemon::control {

/// Throws ErrorException (protocol); whoever makes one turns it into a Result.
class JsonFields {
 public:
  explicit JsonFields(const Json& json) : json_(json) {
    if (!json.is_object()) wrong("document", "an object");
  }

  void read(const char* key, std::string& into) const {
    if (const auto* found = find(key)) into = text(*found, key);
  }

  void read(const char* key, bool& into) const {
    const auto* found = find(key);
    if (found == nullptr) return;
    if (!found->is_boolean()) wrong(key, "true or false");
    into = found->get<bool>();
  }

  template <std::unsigned_integral T>
  void read(const char* key, T& into) const {
    const auto* found = find(key);
    if (found == nullptr) return;
    if (!found->is_number_unsigned() || found->get<std::uint64_t>() > std::numeric_limits<T>::max())
      wrong(key, "a number in range");
    into = found->get<T>();
  }

  void read(const char* key, std::vector<std::string>& into) const {
    const auto* found = find(key);
    if (found == nullptr) return;
    into.clear();
    for (const auto& entry : array(key)) into.push_back(text(entry, key));
  }

  template <class T>
  void read(const char* key, std::optional<T>& into) const {
    if (find(key) == nullptr) return;
    read(key, into.emplace());
  }

  /// Empty where it is missing.
  [[nodiscard]] const Json& array(const char* key) const {
    static const Json kEmpty = Json::array();
    const auto* found = find(key);
    if (found == nullptr) return kEmpty;
    if (!found->is_array()) wrong(key, "a list");
    return *found;
  }

  /// nullptr where it is missing or null.
  [[nodiscard]] const Json* find(const char* key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  [[noreturn]] static void wrong(const char* key, const char* wanted) {
    throw ErrorException(fail(ErrorKind::protocol, fmt::format("'{}' must be {}", key, wanted)));
  }

 private:
  static std::string text(const Json& json, const char* key) {
    if (!json.is_string()) wrong(key, "a text");
    return json.get<std::string>();
  }

  const Json& json_;
};

/// What `read` returns, or the error that it threw, told as one of WHAT ("the daemon's status").
template <class Read>
auto read_document(std::string_view what, Read read) -> Result<decltype(read())> {
  try {
    return read();
  } catch (const ErrorException& failure) {
    return failure.error().in(what);
  }
}

}  // namespace mailmirror::daemon::control
