#include "lib/testing/command.h"

#include <csignal>
#include <string>
#include <unistd.h>

#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "lib/testing/process_tree.h"

namespace sandbox::testing {
namespace {

CommandSpec Shell(const std::string& script) { return {.argv = {"sh", "-c", script}}; }

TEST(RunCommand, ReturnsOutputAndStatus) {
  const Result result = RunCommand(Shell("echo out; echo err >&2; exit 7"));
  EXPECT_TRUE(result.Exited(7)) << result.Describe();
  EXPECT_EQ(result.out, "out\n");
  EXPECT_EQ(result.err, "err\n");
  EXPECT_TRUE(RunCommand(Shell("kill -TERM $$")).Died(SIGTERM));
  EXPECT_EQ(RunCommand(Shell("kill -9 $$")).ShellStatus(), 137);
}

TEST(RunCommand, TakesAllOutputHoweverLong) {
  const Result result =
      RunCommand(Shell("head -c 3000000 /dev/zero; head -c 300000 /dev/zero >&2"));
  EXPECT_EQ(result.out.size(), 3000000u);
  EXPECT_EQ(result.err.size(), 300000u);
}

TEST(RunCommand, GivesStandardInput) {
  CommandSpec spec = Shell("wc -c");
  spec.stdin_text = std::string(200000, 'x');
  EXPECT_EQ(std::stoi(RunCommand(spec).out), 200000);
  EXPECT_EQ(RunCommand(Shell("cat")).out, "");
}

TEST(RunCommand, SetsEnvironmentAndDirectory) {
  CommandSpec spec = Shell("echo $A-$B-$HOME; pwd");
  spec.env = {"A=1", "B=2"};
  spec.extra_env = {"B=3"};
  spec.cwd = "/";
  const Result result = RunCommand(spec);
  EXPECT_EQ(result.out, "1-3-\n/\n") << result.Describe();
}

TEST(RunCommand, CapturesAndClosesDescriptors) {
  CommandSpec spec = Shell("echo five >&5; ls /proc/self/fd >&7");
  spec.capture_fds = {5, 7};
  spec.closed = {0, 2};
  const Result result = RunCommand(spec);
  EXPECT_TRUE(result.Exited(0)) << result.Describe();
  EXPECT_EQ(result.captured.at(5), "five\n");
  // 0 is what ls has opened itself.
  EXPECT_EQ(result.captured.at(7), "0\n1\n5\n7\n");
}

TEST(RunCommand, SetsSignalState) {
  CommandSpec spec{.argv = {"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"}};
  EXPECT_EQ(RunCommand(spec).out, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  spec.blocked_signals = {SIGUSR1};
  spec.ignored_signals = {SIGCHLD, SIGHUP};
  EXPECT_EQ(RunCommand(spec).out, "SigBlk:\t0000000000000200\nSigIgn:\t0000000000010001\n");
}

TEST(RunCommand, TellsWhyAProgramDidNotStart) {
  EXPECT_EQ(GetErrno(RunCommand({.argv = {"/nonexistent"}}).error), ENOENT);
  EXPECT_EQ(GetErrno(RunCommand({.argv = {"/"}}).error), EACCES);
  EXPECT_EQ(GetErrno(RunCommand({.argv = {"true"}, .cwd = "/nonexistent"}).error), ENOENT);
  EXPECT_EQ(RunCommand({}).error.code(), absl::StatusCode::kInvalidArgument);
}

TEST(RunCommand, KillsTheWholeTreeAtTheDeadline) {
  const std::string mark = MakeMark();
  CommandSpec spec = Shell("setsid sleep 1000 & sleep 1000 & echo up; wait");
  spec.extra_env = {mark};
  spec.deadline = absl::Seconds(1);
  const Result result = RunCommand(spec);
  EXPECT_TRUE(result.timed_out);
  EXPECT_FALSE(result.Died(SIGKILL));
  EXPECT_EQ(result.out, "up\n");
  EXPECT_TRUE(WaitUntilGone(mark).ok());
}

TEST(Background, TalksWithItsProgram) {
  CommandSpec spec{.argv = {"cat"}};
  spec.keep_stdin_open = true;
  absl::StatusOr<Background> cat = Background::Start(spec);
  ASSERT_TRUE(cat.ok()) << cat.status();
  ASSERT_TRUE(cat->Write("one\n").ok());
  EXPECT_TRUE(cat->WaitForText(1, "one\n").ok());
  ASSERT_TRUE(cat->Write("two\n").ok());
  cat->CloseStdin();
  const Result result = cat->Wait();
  EXPECT_TRUE(result.Exited(0));
  EXPECT_EQ(result.out, "one\ntwo\n");
  EXPECT_FALSE(cat->Wait().error.ok());
}

TEST(Background, SeesStopsAndEnds) {
  absl::StatusOr<Background> sleeper = Background::Start(Shell("echo up; exec sleep 1000"));
  ASSERT_TRUE(sleeper.ok()) << sleeper.status();
  ASSERT_TRUE(sleeper->WaitForText(1, "up").ok());
  ASSERT_TRUE(sleeper->Signal(SIGTSTP).ok());
  const absl::StatusOr<proc::WaitStatus> stop = sleeper->WaitForStop();
  ASSERT_TRUE(stop.ok()) << stop.status();
  EXPECT_TRUE(stop->stopped());
  EXPECT_EQ(stop->stop_signal(), SIGTSTP);
  ASSERT_TRUE(sleeper->Signal(SIGCONT).ok());
  ASSERT_TRUE(sleeper->Signal(SIGINT).ok());
  const absl::StatusOr<proc::WaitStatus> end = sleeper->WaitForStop();
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_TRUE(end->signaled());
  EXPECT_TRUE(sleeper->Wait().Died(SIGINT));
}

TEST(Background, SaysWhenTheTextNeverComes) {
  absl::StatusOr<Background> program = Background::Start(Shell("echo other"));
  ASSERT_TRUE(program.ok());
  EXPECT_EQ(program->WaitForText(1, "text").code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(program->Wait().out, "other\n");
}

TEST(Background, LeavesNothingWhenItGoesOutOfScope) {
  const std::string mark = MakeMark();
  CommandSpec spec = Shell("sleep 1000 & echo up; wait");
  spec.extra_env = {mark};
  {
    absl::StatusOr<Background> program = Background::Start(spec);
    ASSERT_TRUE(program.ok());
    ASSERT_TRUE(program->WaitForText(1, "up").ok());
    EXPECT_GE(WaitUntilMarked(mark, 2).size(), 2u);
  }
  EXPECT_TRUE(WaitUntilGone(mark).ok());
}

}  // namespace
}  // namespace sandbox::testing
