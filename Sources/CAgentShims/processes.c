#define _GNU_SOURCE
#include "CAgentShims.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

static int without_waiting(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

static int close_both(const int *ends) {
    int reason = errno;
    close(ends[0]);
    close(ends[1]);
    errno = reason;
    return -1;
}

int agent_make_pipe(int *ends) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    return without_waiting(ends[0]) == 0 ? 0 : close_both(ends);
}

int agent_make_socket_pair(int *ends) {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    return without_waiting(ends[0]) == 0 ? 0 : close_both(ends);
}

int agent_duplicate(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 3); }

int agent_bytes_waiting(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) == 0 ? count : 0;
}

int agent_open_process(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int agent_signal_process(int descriptor, int number) {
    return (int)syscall(SYS_pidfd_send_signal, descriptor, number, NULL, 0);
}

int agent_first_byte_of_attribute(const char *path, const char *name) {
    unsigned char value[16];
    ssize_t length = getxattr(path, name, value, sizeof value);
    return length > 0 ? value[0] : -1;
}

int agent_open_memory(int is_open) { return prctl(PR_SET_DUMPABLE, is_open ? 1 : 0); }
