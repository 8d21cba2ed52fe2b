// Small trees for the tests of lib/overlay: made by operations, compared by a listing.

#ifndef LIB_OVERLAY_TESTING_TREE_H_
#define LIB_OVERLAY_TESTING_TREE_H_

#include <functional>
#include <string>
#include <vector>

namespace sandbox::overlay {

// A fresh directory, removed with all in it at the end of the test.
class TempTree {
 public:
  TempTree();
  explicit TempTree(const std::string& parent);
  ~TempTree();
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Abort with the line on failure, so that they can be used in a forked child too.
void MakeDir(const std::string& path, unsigned mode = 0755);
void MakeFile(const std::string& path, const std::string& content, unsigned mode = 0644);
void Append(const std::string& path, const std::string& content);
void MakeWhiteout(const std::string& path);
void SetXattr(const std::string& path, const std::string& name, const std::string& value);
std::string ReadFile(const std::string& path);

// A line per entry, sorted: path, type, mode, link target, content, user.* attributes, and the
// first name of the same file. With `times` the nanosecond times of change of the content too.
std::vector<std::string> ListTree(const std::string& path, bool times = false);

// The names in a directory, sorted.
std::vector<std::string> NamesIn(const std::string& path);

// Runs `operate` in a child whose current directory is `workdir`; returns its wait status.
int RunBare(const std::string& workdir, const std::function<void()>& operate);

// The same with an overlay of `layer_path`/{upper,work} mounted on `workdir` in a user namespace.
int RunInOverlay(const std::string& workdir, const std::string& layer_path,
                 const std::function<void()>& operate);

// The same with a ramfs mounted on `path`: a filesystem that keeps no attributes.
int RunInRamfs(const std::string& path, const std::function<void()>& operate);

}  // namespace sandbox::overlay

#define TREE_CHECK(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : sandbox::overlay::TreeCheckFailed(__FILE__, __LINE__, #condition))

namespace sandbox::overlay {
[[noreturn]] void TreeCheckFailed(const char* file, int line, const char* text);
}  // namespace sandbox::overlay

#endif  // LIB_OVERLAY_TESTING_TREE_H_
