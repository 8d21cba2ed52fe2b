// System V IPC and POSIX queues of the host.

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <mqueue.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

key_t Key(const char* text) { return static_cast<key_t>(strtol(text, nullptr, 0)); }

Outcome SharedMemory(char* const* args) {
  const int id = shmget(Key(args[0]), 1, 0);
  if (id < 0) return Outcome::Blocked(errno);
  void* const memory = shmat(id, nullptr, 0);
  if (memory == reinterpret_cast<void*>(-1)) return Outcome::Blocked(errno);
  *static_cast<volatile char*>(memory) = 'x';
  return Outcome::Success();
}

// Without the key: by a number that is easily guessed.
Outcome SharedMemoryId(char* const* args) {
  return Outcome::Of(shmat(atoi(args[0]), nullptr, SHM_RDONLY) == reinterpret_cast<void*>(-1) ? -1
                                                                                            : 0);
}

Outcome Semaphore(char* const* args) {
  const int id = semget(Key(args[0]), 1, 0);
  if (id < 0) return Outcome::Blocked(errno);
  sembuf up = {.sem_num = 0, .sem_op = 1, .sem_flg = IPC_NOWAIT};
  return Outcome::Of(semop(id, &up, 1));
}

Outcome MessageQueue(char* const* args) {
  const int id = msgget(Key(args[0]), 0);
  if (id < 0) return Outcome::Blocked(errno);
  const struct {
    long type;
    char text[1];
  } message = {1, {'x'}};
  return Outcome::Of(msgsnd(id, &message, 1, IPC_NOWAIT));
}

Outcome PosixQueue(char* const* args) {
  const mqd_t queue = mq_open(args[0], O_WRONLY | O_NONBLOCK);
  if (queue < 0) return Outcome::Blocked(errno);
  return Outcome::Of(mq_send(queue, "x", 1, 0));
}

Outcome PosixQueueUnlink(char* const* args) { return Outcome::Of(mq_unlink(args[0])); }

constexpr Row kRows[] = {
    {"shared_memory", SharedMemory, 1, 1, "KEY"},
    {"shared_memory_id", SharedMemoryId, 1, 1, "ID"},
    {"semaphore", Semaphore, 1, 1, "KEY"},
    {"message_queue", MessageQueue, 1, 1, "KEY"},
    {"posix_queue", PosixQueue, 1, 1, "/NAME"},
    {"posix_queue_unlink", PosixQueueUnlink, 1, 1, "/NAME"},
};

}  // namespace

Table IpcAttacks() { return kRows; }

}  // namespace victims
