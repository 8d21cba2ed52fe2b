#include "lib/chain/next_program.h"

#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"

namespace sandbox::chain {
namespace {

constexpr const char* kStages[] = {kCow, kNetbridge, kTrace, kExec};

UniqueFd OpenPath(const std::string& path) {
  return UniqueFd(open(path.c_str(), O_PATH | O_CLOEXEC));
}

bool IsExecutable(int fd) {
  struct stat info = {};
  return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 0111) != 0;
}

UniqueFd OpenAsExecvpWould(const std::string& name, const Environment& environment) {
  if (name.empty()) return UniqueFd();
  if (name.find('/') != std::string::npos) return OpenPath(name);
  const char* path = environment.Get("PATH");
  for (const auto directory : absl::StrSplit(path != nullptr ? path : "/bin:/usr/bin", ':')) {
    UniqueFd found = OpenPath(directory.empty() ? name : absl::StrCat(directory, "/", name));
    if (found.ok() && IsExecutable(found.get())) return found;
  }
  return UniqueFd();
}

bool IsSameFile(int fd, int directory, const char* name) {
  struct stat a = {};
  struct stat b = {};
  return fstat(fd, &a) == 0 && fstatat(directory, name, &b, 0) == 0 && S_ISREG(a.st_mode) &&
         a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

absl::string_view BaseName(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

absl::StatusOr<UniqueFd> OpenStageDirectory() {
  char path[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
  if (size < 0) return ErrnoError(errno, "readlink", "/proc/self/exe");
  const std::string exe(path, static_cast<size_t>(size));
  const std::string directory = exe.substr(0, exe.rfind('/') + 1);
  UniqueFd fd(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok()) return ErrnoError(errno, "open", directory);
  return fd;
}

NextProgram FindNext(const std::vector<std::string>& argv, const Environment& environment,
                     int stage_directory) {
  NextProgram next = {.stage = "", .program = UniqueFd(), .argv = argv};
  for (const char* stage : kStages) {
    if (BaseName(argv[0]) != stage) continue;
    UniqueFd program = OpenAsExecvpWould(argv[0], environment);
    if (program.ok() && IsSameFile(program.get(), stage_directory, stage)) {
      next.stage = stage;
      next.program = std::move(program);
    }
  }
  return next;
}

absl::StatusOr<NextProgram> OpenStage(absl::string_view name, std::vector<std::string> argv,
                                      int stage_directory) {
  UniqueFd program(openat(stage_directory, std::string(name).c_str(), O_PATH | O_CLOEXEC));
  if (!program.ok() || !IsExecutable(program.get())) {
    return absl::NotFoundError(absl::StrCat(name, " is not beside it"));
  }
  return NextProgram{
      .stage = std::string(name), .program = std::move(program), .argv = std::move(argv)};
}

}  // namespace sandbox::chain
