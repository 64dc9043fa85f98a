#define _GNU_SOURCE
#include "launcher.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

/* Milliseconds. */
enum { LONGEST_LOOK = 2000 };

struct process {
    pid_t pid;
    pid_t parent;
    pid_t group;
    unsigned long long start_time;
    bool is_descendant;
};

static bool look_at(pid_t pid, struct process *process) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return false;
    text[length] = 0;
    // The name is in parentheses and may contain anything.
    char *rest = strrchr(text, ')');
    char state;
    int parent, group;
    if (rest == NULL
        || sscanf(rest + 1, " %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &state,
               &parent, &group, &process->start_time) != 4) {
        return false;
    }
    process->pid = pid;
    process->parent = parent;
    process->group = group;
    process->is_descendant = false;
    return state != 'Z' && state != 'X';
}

unsigned long long own_start_time(void) {
    struct process self;
    return look_at(getpid(), &self) ? self.start_time : 0;
}

static void send_to(int descriptor, pid_t pid, int number) {
    if (descriptor >= 0 && (syscall(SYS_pidfd_send_signal, descriptor, number, NULL, 0) == 0 || errno != ENOSYS)) return;
    kill(pid, number);
}

static void signal_one(const struct process *process, int number) {
    int descriptor = (int)syscall(SYS_pidfd_open, process->pid, 0);
    if (descriptor < 0 && errno != ENOSYS && errno != EPERM) return;
    // The descriptor stays with the process it was opened for. Is that still the one that was looked at?
    struct process again;
    if (look_at(process->pid, &again) && again.start_time == process->start_time) {
        // Only descendants are in the group of one, but for the launcher's own, which a fresh child has not left yet.
        if (number == SIGKILL && again.group > 1 && again.group != getpgrp()) kill(-again.group, SIGKILL);
        send_to(descriptor, process->pid, number);
        if (number == SIGTERM) send_to(descriptor, process->pid, SIGCONT);
    }
    if (descriptor >= 0) close(descriptor);
}

void signal_descendants(int number) {
    DIR *directory = opendir("/proc");
    if (directory == NULL) return;
    struct process *all = NULL;
    size_t count = 0, room = 0;
    struct dirent *entry;
    // The directory is read by ascending numbers: where processes come faster than they are read, it does not end.
    long deadline = milliseconds() + LONGEST_LOOK;
    while ((entry = readdir(directory)) != NULL && milliseconds() < deadline) {
        pid_t pid = (pid_t)atoi(entry->d_name);
        if (pid <= 0) continue;
        if (count == room) {
            size_t more = room == 0 ? 256 : 2 * room;
            struct process *larger = realloc(all, more * sizeof *all);
            if (larger == NULL) break;
            all = larger;
            room = more;
        }
        if (look_at(pid, &all[count])) count++;
    }
    closedir(directory);
    // Generation by generation, until a round finds no more.
    pid_t self = getpid();
    for (bool is_growing = true; is_growing;) {
        is_growing = false;
        for (size_t i = 0; i < count; i++) {
            if (all[i].is_descendant) continue;
            bool has_parent = all[i].parent == self;
            for (size_t j = 0; j < count && !has_parent; j++) {
                has_parent = all[j].is_descendant && all[j].pid == all[i].parent;
            }
            if (!has_parent) continue;
            all[i].is_descendant = true;
            is_growing = true;
            signal_one(&all[i], number);
        }
    }
    free(all);
}
