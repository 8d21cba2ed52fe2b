#include "lib/testing/process_tree.h"

#include <algorithm>
#include <csignal>
#include <string>
#include <unistd.h>

#include "gtest/gtest.h"
#include "lib/testing/command.h"
#include "lib/testing/features.h"
#include "lib/testing/files.h"

namespace sandbox::testing {
namespace {

bool Has(const std::vector<Process>& processes, pid_t pid) {
  return std::any_of(processes.begin(), processes.end(),
                     [pid](const Process& process) { return process.pid == pid; });
}

TEST(ProcessTree, ListsTheCallerAsItIs) {
  const std::vector<Process> all = AllProcesses();
  const auto self = std::find_if(all.begin(), all.end(),
                                 [](const Process& process) { return process.pid == getpid(); });
  ASSERT_NE(self, all.end());
  EXPECT_EQ(self->parent, getppid());
  EXPECT_EQ(self->group, getpgrp());
  EXPECT_EQ(self->state, 'R');
}

TEST(ProcessTree, FindsDescendantsOfDescendants) {
  absl::StatusOr<Background> top =
      Background::Start({.argv = {"sh", "-c", "(sleep 1000 & echo $!; wait) & wait"}});
  ASSERT_TRUE(top.ok()) << top.status();
  ASSERT_TRUE(top->WaitForText(1, "\n").ok());
  const std::vector<Process> below = Descendants(top->pid());
  EXPECT_EQ(below.size(), 2u);
  EXPECT_FALSE(Has(below, top->pid()));
  EXPECT_TRUE(Has(Descendants(getpid()), top->pid()));
}

TEST(Marked, FindsDaemonsByEnvironmentAndByCommandLine) {
  const std::string mark = MakeMark();
  EXPECT_NE(mark, MakeMark());
  EXPECT_TRUE(Marked(mark).empty());
  const std::string value = mark.substr(mark.find('=') + 1);
  const Result by_environment =
      RunCommand({.argv = {"sh", "-c", "setsid sleep 1000 >&- 2>&- & echo $!"},
                  .extra_env = {mark}});
  const Result by_command_line =
      RunCommand({.argv = {"sh", "-c",
                           "setsid sh -c 'sleep 1000; :' " + value + " >&- 2>&- & echo $!"}});
  ASSERT_TRUE(by_environment.Exited(0)) << by_environment.Describe();
  ASSERT_TRUE(by_command_line.Exited(0)) << by_command_line.Describe();
  const std::vector<pid_t> daemons = {std::stoi(by_environment.out),
                                      std::stoi(by_command_line.out)};
  const std::vector<Process> found = WaitUntilMarked(mark, 2);
  for (const pid_t pid : daemons) EXPECT_TRUE(Has(found, pid)) << pid;
  EXPECT_EQ(WaitUntilGone(mark, absl::ZeroDuration()).code(), absl::StatusCode::kDeadlineExceeded);
  KillTrees(daemons);
  EXPECT_TRUE(WaitUntilGone(mark).ok());
}

TEST(MountsNaming, FindsMountsOfOtherNamespaces) {
  SANDBOX_SKIP_UNLESS(Feature::kUserNamespace);
  const absl::StatusOr<TempDir> dir = TempDir::Make("mounts");
  ASSERT_TRUE(dir.ok()) << dir.status();
  const std::string name = dir->path().substr(dir->path().rfind('/') + 1);
  EXPECT_TRUE(MountsNaming(name).empty());
  absl::StatusOr<Background> inside = Background::Start(
      {.argv = {"unshare", "-rm", "sh", "-c",
                "mount -t tmpfs none " + dir->path() + "; echo up; exec sleep 1000"}});
  ASSERT_TRUE(inside.ok()) << inside.status();
  ASSERT_TRUE(inside->WaitForText(1, "up").ok());
  EXPECT_EQ(MountsNaming(name).size(), 1u);
}

}  // namespace
}  // namespace sandbox::testing
