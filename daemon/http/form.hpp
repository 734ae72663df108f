// application/x-www-form-urlencoded: the queries of addresses and the bodies of forms.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailmirror::http {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// "a=1&b=x%20y".
std::string encode_form(const Fields& fields);

/// The reverse; "+" is a space. What is no escape stays as it is.
Fields decode_form(std::string_view text);

/// The first field of this name.
std::optional<std::string> field_of(const Fields& fields, std::string_view name);

/// `url` with these fields added to its query.
std::string with_query(std::string url, const Fields& fields);

/// The fields in the query of an address or request target.
Fields query_of(std::string_view url);

}  // namespace mailmirror::http
