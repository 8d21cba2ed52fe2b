// What wait(2) reports, as a value.

#ifndef LIB_PROC_WAIT_STATUS_H_
#define LIB_PROC_WAIT_STATUS_H_

#include <sys/wait.h>

namespace sandbox::proc {

// A wait status; exactly one of exited(), signaled(), stopped() holds for a status of waitpid().
class WaitStatus {
 public:
  constexpr explicit WaitStatus(int raw) : raw_(raw) {}
  static constexpr WaitStatus Exited(int code) { return WaitStatus((code & 0xff) << 8); }

  bool exited() const { return WIFEXITED(raw_); }
  bool signaled() const { return WIFSIGNALED(raw_); }
  bool stopped() const { return WIFSTOPPED(raw_); }
  int exit_code() const { return WEXITSTATUS(raw_); }  // when exited()
  int term_signal() const { return WTERMSIG(raw_); }   // when signaled()
  int stop_signal() const { return WSTOPSIG(raw_); }   // when stopped()
  bool ok() const { return exited() && exit_code() == 0; }
  int raw() const { return raw_; }

 private:
  int raw_;
};

}  // namespace sandbox::proc

#endif  // LIB_PROC_WAIT_STATUS_H_
