// probe_state   Prints what a command sees of itself, one key=value a line:
//
//     fds=0,1,2           what is open at the start
//     CapInh= CapPrm= CapEff= CapBnd= CapAmb= NoNewPrivs= Seccomp= SigBlk= SigIgn=  as in /proc
//     pid= ppid= pgid= sid= uid= euid= gid= egid= groups=
//     ns_cgroup= ns_ipc= ns_mnt= ns_net= ns_pid= ns_user= ns_uts=    inode numbers
//     uid_map= gid_map=   blanks squeezed, lines joined by a comma
//     cwd= umask= core=   the last is the soft limit of core files
//     env=A,B             names of variables that begin with SANDBOX or LD_
//
// A value that cannot be read is "?".

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace {

template <typename T>
std::string Join(const std::vector<T>& values) {
  std::ostringstream text;
  for (size_t i = 0; i < values.size(); ++i) text << (i == 0 ? "" : ",") << values[i];
  return text.str();
}

// By fcntl, since /proc may be missing and opendir opens one itself. Numbers above the highest
// possible one here are found by way of /proc.
std::vector<int> OpenDescriptors() {
  std::vector<int> found;
  for (int fd = 0; fd < 65536; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) found.push_back(fd);
  }
  DIR* const dir = opendir("/proc/self/fd");
  if (dir == nullptr) return found;
  while (const dirent* entry = readdir(dir)) {
    const int fd = atoi(entry->d_name);
    if (fd >= 65536 && fd != dirfd(dir)) found.push_back(fd);
  }
  closedir(dir);
  return found;
}

void Print(const char* key, const std::string& value) { printf("%s=%s\n", key, value.c_str()); }
void Print(const char* key, long value) { printf("%s=%ld\n", key, value); }

void PrintStatus() {
  std::ifstream file("/proc/self/status");
  std::string status((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  for (const char* key : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp",
                          "SigBlk", "SigIgn"}) {
    const size_t at = status.find(std::string("\n") + key + ":\t");
    if (at == std::string::npos) {
      Print(key, "?");
      continue;
    }
    const size_t begin = at + strlen(key) + 3;
    Print(key, status.substr(begin, status.find('\n', begin) - begin));
  }
}

void PrintNamespaces() {
  for (const char* name : {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"}) {
    struct stat info = {};
    const bool known = stat((std::string("/proc/self/ns/") + name).c_str(), &info) == 0;
    printf("ns_%s=%s\n", name, known ? std::to_string(info.st_ino).c_str() : "?");
  }
}

void PrintMap(const char* key) {
  std::ifstream file(std::string("/proc/self/") + key);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string joined;
    for (std::string word; words >> word;) joined += (joined.empty() ? "" : " ") + word;
    lines.push_back(joined);
  }
  Print(key, file.bad() || lines.empty() ? "?" : Join(lines));
}

}  // namespace

int main() {
  Print("fds", Join(OpenDescriptors()));
  PrintStatus();
  Print("pid", getpid());
  Print("ppid", getppid());
  Print("pgid", getpgrp());
  Print("sid", getsid(0));
  Print("uid", getuid());
  Print("euid", geteuid());
  Print("gid", getgid());
  Print("egid", getegid());
  std::vector<gid_t> groups(1024);
  groups.resize(static_cast<size_t>(std::max(0, getgroups(1024, groups.data()))));
  Print("groups", Join(groups));
  PrintNamespaces();
  PrintMap("uid_map");
  PrintMap("gid_map");
  char* const cwd = getcwd(nullptr, 0);
  Print("cwd", cwd == nullptr ? "?" : cwd);
  const mode_t mask = umask(0);
  printf("umask=%04o\n", mask);
  rlimit core = {};
  getrlimit(RLIMIT_CORE, &core);
  Print("core", core.rlim_cur == RLIM_INFINITY ? "unlimited" : std::to_string(core.rlim_cur));
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string variable = *entry;
    if (variable.starts_with("SANDBOX") || variable.starts_with("LD_")) {
      names.push_back(variable.substr(0, variable.find('=')));
    }
  }
  Print("env", Join(names));
  return 0;
}
