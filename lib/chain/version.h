// The version of the whole suite: what --version prints and the handoff carries.

#ifndef LIB_CHAIN_VERSION_H_
#define LIB_CHAIN_VERSION_H_

namespace sandbox::chain {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace sandbox::chain

#endif  // LIB_CHAIN_VERSION_H_
