// JSON-RPC 2.0 as the control socket speaks it: one document a line.
#pragma once

#include "sync/base/result.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace mailmirror::daemon::control {

using Json = nlohmann::json;

inline constexpr int kProtocolVersion = 1;
inline constexpr std::size_t kLongestRequest = 1024 * 1024;
/// Of an answer's list of messages: what doesn't fit into a readable answer is counted all the same.
inline constexpr std::size_t kMostListed = 1'000;

/// JSON-RPC 2.0 §5.1, and ours from -32000 down.
enum class RpcError : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  failed = -32000,         ///< the operation was understood and failed; the message says why
  not_available = -32001,  ///< the method belongs to the protocol, but not to this version
  too_large = -32002,
};

struct Request {
  std::string method;
  Json params = Json::object();
  Json id;  ///< null: a notification, which gets no answer
  bool is_notification = false;
};

struct BadRequest {
  RpcError code;
  std::string message;
  Json id;
};

/// Untrusted text. Never throws.
std::variant<Request, BadRequest> parse_request(std::string_view line);

/// Each with its newline.
std::string encode_result(const Json& id, const Json& result);
std::string encode_error(const Json& id, RpcError code, std::string_view message);
std::string encode_event(const Json& event);
std::string encode_request(std::string_view method, const Json& params, int id);

}  // namespace mailmirror::daemon::control
