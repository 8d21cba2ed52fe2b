// Running a program in a test and learning all that it did.
//
// (Beside a namespace sandbox::testing, GoogleTest's own has to be written ::testing in our code.)

#ifndef LIB_TESTING_COMMAND_H_
#define LIB_TESTING_COMMAND_H_

#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/fd/unique_fd.h"
#include "lib/proc/wait_status.h"

namespace sandbox::testing {

// What to run, and in which state. The child has default signal dispositions, an empty signal mask
// and no descriptors but those named here, whatever the test itself has.
struct CommandSpec {
  std::vector<std::string> argv = {};  // argv[0] is looked up in the caller's PATH

  // All of it, as "NAME=value"; default: the caller's. What is added replaces the same name.
  std::optional<std::vector<std::string>> env = {};
  std::vector<std::string> extra_env = {};
  std::string cwd = {};  // empty: the caller's

  std::string stdin_text = {};        // what a pipe at descriptor 0 holds; then end of file
  bool keep_stdin_open = false;       // no end of file: for Background::Write
  std::vector<int> closed = {};       // which of 0, 1, 2 are closed
  std::vector<int> capture_fds = {};  // descriptors from 3 on that are written to and captured
  std::vector<int> pass_fds = {};     // the caller's from 3 on that are inherited as they are

  std::vector<int> blocked_signals = {};
  std::vector<int> ignored_signals = {};
  bool own_group = true;           // setpgid(0, 0); else the caller's process group
  bool new_session = false;        // setsid()
  std::optional<uid_t> user = {};  // uid and gid to become, without groups; the caller is root

  absl::Duration deadline = absl::Minutes(1);  // then everything below the child is killed
};

struct Result {
  absl::Status error = absl::OkStatus();     // why it was not started: exec or set-up failed
  proc::WaitStatus status{62 << 8};          // when error is OK
  bool timed_out = false;                    // the deadline passed; status is that of the killing
  std::string out = {};                      // descriptor 1
  std::string err = {};                      // descriptor 2
  std::map<int, std::string> captured = {};  // capture_fds

  // Exited with `code`, or ended by `signal`, in time.
  bool Exited(int code) const;
  bool Died(int signal) const;
  // As a shell shows it: the code, or 128 and the signal.
  int ShellStatus() const;
  // All of it, for a failure's message.
  std::string Describe() const;
};

// Runs a program to its end. Output is what was written until then; that of processes which outlive
// the child and write later is not waited for. The caller is single-threaded and has a default
// SIGCHLD. Blocks up to the deadline.
Result RunCommand(const CommandSpec& spec);

// A program that runs while the test goes on. The destructor kills it and all below it.
class Background {
 public:
  // Returns when the program has been exec'd. Fails with the errno of what failed.
  static absl::StatusOr<Background> Start(const CommandSpec& spec);

  Background(Background&& other) noexcept;
  Background& operator=(Background&&) = delete;
  ~Background();

  pid_t pid() const { return pid_; }

  // kill(2) of the child alone.
  absl::Status Signal(int signal) const;

  // With keep_stdin_open: writes to descriptor 0, or ends it.
  absl::Status Write(absl::string_view text);
  void CloseStdin() { input_.reset(); }

  // Collects output until descriptor `fd` (1, 2 or one of capture_fds) has given `text`; everything
  // stays in the result. DeadlineExceeded, or OutOfRange when that descriptor ends without.
  absl::Status WaitForText(int fd, absl::string_view text);

  // Waits until the child stops or ends, and returns that status.
  absl::StatusOr<proc::WaitStatus> WaitForStop();

  // Waits for the end, as RunCommand() does. Once.
  Result Wait();

 private:
  struct Pipe {
    UniqueFd fd;  // not ok: ended
    std::string text;
  };

  Background() = default;
  // Reads what there is, for up to `wait`; also returns when the child has ended.
  void Collect(absl::Duration wait);
  void Drain();

  pid_t pid_ = -1;  // -1: reaped
  UniqueFd pidfd_;
  UniqueFd input_;
  std::map<int, Pipe> pipes_;
  absl::Duration deadline_;
};

}  // namespace sandbox::testing

#endif  // LIB_TESTING_COMMAND_H_
