// A directory tree as text, for telling whether two trees are the same.

#ifndef LIB_TESTING_TREE_HASH_H_
#define LIB_TESTING_TREE_HASH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sandbox::testing {

// One line for each entry beneath directory `top`, sorted by path, without `top` itself:
//
//     PATH TYPE MODE SHA256-or-LINK-TARGET
//
// PATH is relative; TYPE is one of "dir file link fifo socket char block"; MODE is octal without
// the type; the last field is there for files and links. Times, owners and link counts are not part
// of it. Line breaks and backslashes in names are escaped. Links are not followed. Fails with the
// errno of the first call that fails: the tree must not change meanwhile.
absl::StatusOr<std::string> TreeManifest(absl::string_view top);

// Sha256Hex of the manifest: equal for equal trees.
absl::StatusOr<std::string> TreeHash(absl::string_view top);

}  // namespace sandbox::testing

#endif  // LIB_TESTING_TREE_HASH_H_
