// How other processes are scheduled, and what they may use. Each sets what is so already, apart from
// those that say otherwise.

#include <cstdlib>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

constexpr int kIoPrioWhoProcess = 1;
constexpr int kIoPrioWhoGroup = 2;
constexpr int kIoPrioIdle = 3 << 13;

pid_t Pid(const char* text) { return static_cast<pid_t>(atoi(text)); }

Outcome Prlimit(char* const* args) {
  rlimit limit = {};
  if (prlimit(Pid(args[0]), RLIMIT_CORE, nullptr, &limit) != 0) return Outcome::Blocked(errno);
  return Outcome::Of(prlimit(Pid(args[0]), RLIMIT_CORE, &limit, nullptr));
}

// One lower than ours.
Outcome Nice(char* const* args) {
  return Outcome::Of(setpriority(PRIO_PROCESS, static_cast<id_t>(Pid(args[0])),
                                 getpriority(PRIO_PROCESS, 0) + 1));
}

// All of our process group, the job of whoever started us; the test sees who was reached.
Outcome NiceGroup(char* const*) {
  return Outcome::Of(setpriority(PRIO_PGRP, 0, getpriority(PRIO_PROCESS, 0) + 1));
}

Outcome Affinity(char* const* args) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return Outcome::Void(errno);
  return Outcome::Of(sched_setaffinity(Pid(args[0]), sizeof(set), &set));
}

Outcome Scheduler(char* const* args) {
  const sched_param param = {};
  return Outcome::Of(sched_setscheduler(Pid(args[0]), SCHED_BATCH, &param));
}

Outcome SchedulerParam(char* const* args) {
  const sched_param param = {};
  return Outcome::Of(sched_setparam(Pid(args[0]), &param));
}

Outcome SchedulerAttributes(char* const* args) {
  struct {
    unsigned size, policy;
    unsigned long long flags;
    int nice;
    unsigned priority;
    unsigned long long runtime, deadline, period;
  } attributes = {48, SCHED_BATCH, 0, 5, 0, 0, 0, 0};
  return Outcome::Of(syscall(SYS_sched_setattr, Pid(args[0]), &attributes, 0));
}

Outcome IoPriority(char* const* args) {
  return Outcome::Of(syscall(SYS_ioprio_set, kIoPrioWhoProcess, Pid(args[0]), kIoPrioIdle));
}

Outcome IoPriorityGroup(char* const*) {
  return Outcome::Of(syscall(SYS_ioprio_set, kIoPrioWhoGroup, 0, kIoPrioIdle));
}

constexpr Row kRows[] = {
    {"prlimit", Prlimit, 1, 1, "PID"},
    {"nice", Nice, 1, 1, "PID"},
    {"nice_group", NiceGroup, 0, 0, ""},
    {"affinity", Affinity, 1, 1, "PID"},
    {"scheduler", Scheduler, 1, 1, "PID"},
    {"scheduler_param", SchedulerParam, 1, 1, "PID"},
    {"scheduler_attributes", SchedulerAttributes, 1, 1, "PID"},
    {"io_priority", IoPriority, 1, 1, "PID"},
    {"io_priority_group", IoPriorityGroup, 0, 0, ""},
};

}  // namespace

Table PriorityAttacks() { return kRows; }

}  // namespace victims
