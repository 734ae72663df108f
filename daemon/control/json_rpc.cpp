#include "daemon/control/json_rpc.hpp"

namespace mailmirror::daemon::control {
namespace {

/// Mail holds bytes that aren't UTF-8; a document never does.
std::string to_line(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

bool is_id(const Json& id) {
  return id.is_string() || id.is_number() || id.is_null();
}

/// Nesting is bounded before the parser sees it: it recurses.
bool is_shallow(std::string_view text) {
  constexpr int kDeepest = 32;
  int depth = 0;
  bool in_string = false;
  for (std::size_t n = 0; n < text.size(); ++n) {
    const char c = text[n];
    if (in_string && c == '\\')
      ++n;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == '[' || c == '{') && ++depth > kDeepest)
      return false;
    else if (!in_string && (c == ']' || c == '}'))
      --depth;
  }
  return true;
}

}  // namespace

std::variant<Request, BadRequest> parse_request(std::string_view line) {
  if (line.size() > kLongestRequest) return BadRequest{RpcError::too_large, "the request is longer than 1 MiB", nullptr};
  if (!is_shallow(line)) return BadRequest{RpcError::parse_error, "the request is nested too deeply", nullptr};
  const auto document = Json::parse(line, nullptr, false);
  if (document.is_discarded()) return BadRequest{RpcError::parse_error, "the request is no JSON", nullptr};
  if (!document.is_object()) return BadRequest{RpcError::invalid_request, "a request is a JSON object", nullptr};
  Request request;
  if (const auto id = document.find("id"); id == document.end())
    request.is_notification = true;
  else if (!is_id(*id))
    return BadRequest{RpcError::invalid_request, "'id' must be a text, a number or null", nullptr};
  else
    request.id = *id;
  if (document.value("jsonrpc", Json()) != "2.0")
    return BadRequest{RpcError::invalid_request, "'jsonrpc' must be \"2.0\"", request.id};
  const auto method = document.find("method");
  if (method == document.end() || !method->is_string())
    return BadRequest{RpcError::invalid_request, "'method' must be a text", request.id};
  request.method = method->get<std::string>();
  if (const auto params = document.find("params"); params != document.end()) {
    if (!params->is_object()) return BadRequest{RpcError::invalid_params, "'params' must be an object", request.id};
    request.params = *params;
  }
  return request;
}

std::string encode_result(const Json& id, const Json& result) {
  return to_line({{"jsonrpc", "2.0"}, {"id", id}, {"result", result}});
}

std::string encode_error(const Json& id, RpcError code, std::string_view message) {
  return to_line({{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", static_cast<int>(code)}, {"message", message}}}});
}

std::string encode_event(const Json& event) {
  return to_line({{"jsonrpc", "2.0"}, {"method", "event"}, {"params", event}});
}

std::string encode_request(std::string_view method, const Json& params, int id) {
  return to_line({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
}

}  // namespace mailmirror::daemon::control
