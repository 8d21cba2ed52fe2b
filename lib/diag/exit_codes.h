// The exit codes that all tools share: doc/exit-codes.md.

#ifndef LIB_DIAG_EXIT_CODES_H_
#define LIB_DIAG_EXIT_CODES_H_

namespace sandbox::diag {

inline constexpr int kTimeLimit = 124;     // a time limit ended the command
inline constexpr int kSetUpFailed = 125;   // no sandbox, or wrong options: nothing was run
inline constexpr int kCannotRun = 126;     // the command was found and cannot be run
inline constexpr int kNotFound = 127;      // the command was not found

}  // namespace sandbox::diag

#endif  // LIB_DIAG_EXIT_CODES_H_
