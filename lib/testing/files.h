// Files and temporary directories of tests.

#ifndef LIB_TESTING_FILES_H_
#define LIB_TESTING_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sandbox::testing {

// All of a file, also of one in /proc that says it is empty. Blocks as the file does.
absl::StatusOr<std::string> ReadFile(absl::string_view path);

// Makes or replaces a file, mode 0644 less the umask.
absl::Status WriteFile(absl::string_view path, absl::string_view content);

// A directory of a test's own, removed with all in it by the destructor, directories without
// permissions included. Does not descend into what is mounted beneath it. Move-only.
class TempDir {
 public:
  // In TEST_TMPDIR; in /tmp when `for_everyone`, mode 0777, since an ordinary user may not be able
  // to reach TEST_TMPDIR of a test that runs as root. `name` becomes part of the directory's name.
  static absl::StatusOr<TempDir> Make(absl::string_view name = "test", bool for_everyone = false);

  TempDir(TempDir&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  TempDir& operator=(TempDir&&) = delete;
  ~TempDir();

  const std::string& path() const { return path_; }
  std::string operator/(absl::string_view name) const;

 private:
  explicit TempDir(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace sandbox::testing

#endif  // LIB_TESTING_FILES_H_
