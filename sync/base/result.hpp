// Result<T>: a value, or the Error that stands in its place. (g++ 12 in C++20 mode has no std::expected.)
#pragma once

#include "sync/base/error.hpp"

#include <boost/system/result.hpp>

#include <string_view>
#include <utility>

namespace mailmirror {

template <class T>
using Result = boost::system::result<T, Error>;

/// Success of an operation that returns nothing.
inline Result<void> ok() { return {}; }

/// `return fail(ErrorKind::missing, "…")` in a function that returns a Result.
inline Error fail(ErrorKind kind, std::string message) { return {kind, std::move(message)}; }

/// The error of a failed result, told from one level higher.
template <class T>
Error error_in(const Result<T>& result, std::string_view context) {
  return result.error().in(context);
}

}  // namespace mailmirror

/// Leaves the coroutine or function with `result`'s error, if it has one. `result` is a named variable: a temporary in a
/// co_await expression is destroyed twice by g++ 12.
#define MAILMIRROR_CO_TRY(result) \
  if (!(result)) co_return (result).error()
#define MAILMIRROR_TRY(result) \
  if (!(result)) return (result).error()
