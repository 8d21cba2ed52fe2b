// What the victims have in common: exit codes, and the outcome of an attack.
//
// A victim is a small static program that a test runs inside a sandbox, and without one as the
// control. Exit codes of all of them:
//
//     0    attack: it was blocked; other victims: done
//     10   attack: it succeeded (what the control must show)
//     61   a program could not be executed
//     62   set-up failed: nothing is shown, the test is void
//     63   a bad thing was found
//     64   wrong arguments
//
// Victims use no part of lib/: what they show must not depend on it.

#ifndef TESTS_VICTIMS_OUTCOME_H_
#define TESTS_VICTIMS_OUTCOME_H_

#include <cerrno>

namespace victims {

inline constexpr int kSucceeded = 10;
inline constexpr int kExecFailed = 61;
inline constexpr int kSetUpFailed = 62;
inline constexpr int kFoundBad = 63;
inline constexpr int kUsage = 64;

// How an attack went. `number` is an errno or a signal.
struct Outcome {
  enum Kind { kSuccess, kBlocked, kKilled, kVoid };
  Kind kind;
  int number;

  static Outcome Success() { return {kSuccess, 0}; }
  static Outcome Blocked(int err) { return {kBlocked, err}; }
  static Outcome Killed(int signal) { return {kKilled, signal}; }
  static Outcome Void(int err) { return {kVoid, err}; }
  // Of a call that fails with a negative result.
  static Outcome Of(long result) { return result < 0 ? Blocked(errno) : Success(); }
};

}  // namespace victims

#endif  // TESTS_VICTIMS_OUTCOME_H_
