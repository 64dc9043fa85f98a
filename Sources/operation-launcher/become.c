#define _GNU_SOURCE
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static int problem_descriptor;

static void report(const char *format, ...) {
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length > (int)sizeof text - 1) length = sizeof text - 1;
    if (length > 0 && write(problem_descriptor, text, (size_t)length) < 0) return;
}

static bool limit(int resource, long long amount, const char *setting) {
    if (amount < 0) return true;
    struct rlimit wanted = {.rlim_cur = (rlim_t)amount, .rlim_max = (rlim_t)amount};
    if (setrlimit(resource, &wanted) == 0) return true;
    int reason = errno;
    struct rlimit present;
    if (reason == EPERM && getrlimit(resource, &present) == 0 && present.rlim_max < (rlim_t)amount) {
        report("%s: %lld is more than the agent itself may have (%llu): write less, or raise the limit of its service.",
            setting, amount, (unsigned long long)present.rlim_max);
    } else {
        report("%s: %lld cannot be set: %s.", setting, amount, strerror(reason));
    }
    return false;
}

static bool join(const char *directory) {
    char path[4096];
    snprintf(path, sizeof path, "%s/cgroup.procs", directory);
    int group = open(path, O_WRONLY | O_CLOEXEC);
    bool is_done = group >= 0 && write(group, "0", 1) == 1;
    if (!is_done) {
        report("The cgroup %s cannot be joined: %s. Set limits.cgroup to none to do without.", directory,
            strerror(errno));
    }
    if (group >= 0) close(group);
    return is_done;
}

static bool switch_user(const char *name) {
    errno = 0;
    struct passwd *user = getpwnam(name);
    if (user == NULL) {
        report("operation.user: there is no user %s on this machine%s%s. Create it, or write another name.", name,
            errno == 0 ? "" : ": ", errno == 0 ? "" : strerror(errno));
        return false;
    }
    if (user->pw_uid == geteuid() && user->pw_uid == getuid()) return true;
    if (initgroups(name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) {
        report("operation.user: the agent (uid %d) may not run programs as %s: %s. Run the agent as root, or leave the"
            " setting out.", (int)geteuid(), name, strerror(errno));
        return false;
    }
    return true;
}

void become(const struct instructions *what, int problem) {
    problem_descriptor = problem;
    // A session of its own: a signal to its group does not reach the launcher.
    setsid();
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    // Nothing foreign is open here; this says so once more where the system can.
    syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);

    if (what->cgroup != NULL && !join(what->cgroup)) return;
    if (!limit(RLIMIT_AS, what->memory, "limits.memory")) return;
    if (!limit(RLIMIT_CPU, what->cpu_seconds, "limits.cpu_time")) return;
    if (!limit(RLIMIT_NOFILE, what->open_files, "limits.open_files")) return;
    if (!limit(RLIMIT_NPROC, what->processes, "limits.processes")) return;
    if (what->user != NULL && !switch_user(what->user)) return;
    const char *directory = what->directory != NULL ? what->directory : "/";
    if (chdir(directory) != 0) {
        report("The working directory %s cannot be entered: %s.", directory, strerror(errno));
        return;
    }
    // execvp looks the program up in the program's own PATH.
    environ = what->environment;
    execvp(what->arguments[0], what->arguments);
    switch (errno) {
    case ENOENT:
        report("%s: there is no such program%s, or the interpreter in its first line is missing.", what->arguments[0],
            strchr(what->arguments[0], '/') == NULL ? " in PATH" : "");
        break;
    case EACCES:
        report("%s: may not be run: it is not executable, or lies in a directory that %s may not enter.",
            what->arguments[0], what->user != NULL ? what->user : "the agent");
        break;
    case EAGAIN:
        report("%s: cannot be run: limits.processes is reached by what its user runs already.", what->arguments[0]);
        break;
    case ENOMEM:
        report("%s: cannot be run: limits.memory leaves too little, or the machine's memory is used up.",
            what->arguments[0]);
        break;
    default: report("%s: cannot be run: %s.", what->arguments[0], strerror(errno));
    }
}
