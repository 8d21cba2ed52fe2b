// Where a unix socket was made.

#ifndef LIB_REALISE_SOCKET_ORIGIN_H_
#define LIB_REALISE_SOCKET_ORIGIN_H_

#include <sys/stat.h>

namespace sandbox::realise {

// Whether a socket of the caller's network namespace is bound to the file that `info` describes. By
// sock_diag(7), UDIAG_SHOW_VFS. False on any error, and on file systems whose device and inode
// numbers are not those of the socket's file (a file on an overlay).
bool IsBoundInThisNetwork(const struct stat& info);

}  // namespace sandbox::realise

#endif  // LIB_REALISE_SOCKET_ORIGIN_H_
