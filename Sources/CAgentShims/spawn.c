#define _GNU_SOURCE
#include "CAgentShims.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

/* Makes the three descriptors the standard ones, and leaves no other open. */
static int describe_files(posix_spawn_file_actions_t *actions, const int *descriptors, const char *directory) {
    for (int number = 0; number < 3; number++) {
        int problem = posix_spawn_file_actions_adddup2(actions, descriptors[number], number);
        if (problem != 0) return problem;
    }
    int problem = posix_spawn_file_actions_addclosefrom_np(actions, 3);
    return problem != 0 ? problem : posix_spawn_file_actions_addchdir_np(actions, directory);
}

/* Whatever the calling thread blocks and this process ignores, the program blocks and ignores nothing. */
static int describe_state(posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int problem = posix_spawnattr_setsigmask(attributes, &none);
    if (problem == 0) problem = posix_spawnattr_setsigdefault(attributes, &all);
    if (problem == 0) {
        problem = posix_spawnattr_setflags(
            attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    }
    return problem;
}

int agent_spawn(const char *path, char *const *arguments, char *const *environment, const char *directory,
    const int *descriptors, int *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int problem = posix_spawn_file_actions_init(&actions);
    if (problem != 0) return problem;
    problem = posix_spawnattr_init(&attributes);
    if (problem != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return problem;
    }
    // What has a standard number already would be overwritten by the one before it.
    int moved[3] = {-1, -1, -1}, used[3];
    for (int i = 0; i < 3 && problem == 0; i++) {
        used[i] = descriptors[i];
        if (used[i] > 2) continue;
        used[i] = moved[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, 3);
        if (moved[i] < 0) problem = errno;
    }
    if (problem == 0) problem = describe_files(&actions, used, directory);
    if (problem == 0) problem = describe_state(&attributes);
    if (problem == 0) problem = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
    for (int i = 0; i < 3; i++) {
        if (moved[i] >= 0) close(moved[i]);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return problem;
}

int agent_reap(int pid, int *value) {
    int status;
    pid_t ended;
    do {
        ended = waitpid(pid, &status, WNOHANG);
    } while (ended < 0 && errno == EINTR);
    if (ended == 0) return AGENT_RUNS;
    if (ended < 0) return AGENT_UNKNOWN;
    if (WIFSIGNALED(status)) {
        *value = WTERMSIG(status);
        return AGENT_SIGNALLED;
    }
    *value = WEXITSTATUS(status);
    return AGENT_EXITED;
}
