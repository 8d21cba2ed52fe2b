// The one answer that our resolver has to a DNS query (RFC 1035).

#ifndef LIB_NET_DNS_H_
#define LIB_NET_DNS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "lib/net/names.h"

namespace sandbox::net {

// Answers one query message. A name of `names` has its synthetic addresses (A, AAAA) and nothing
// else (NOERROR, empty); every other name does not exist (NXDOMAIN). What is malformed gets FORMERR,
// what is no query nothing at all (""). `query` comes from the sandboxed program. Pure.
std::string AnswerQuery(absl::string_view query, const Names& names);

}  // namespace sandbox::net

#endif  // LIB_NET_DNS_H_
