#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the agent wants to be run. Numbers are negative and texts NULL when nothing is wanted. */
struct instructions {
    long long memory;
    long long cpu_seconds;
    long long open_files;
    long long processes;
    /* Milliseconds between SIGTERM and SIGKILL. */
    long grace;
    const char *user;
    const char *directory;
    /* A cgroup to join. */
    const char *cgroup;
    char **arguments;
    char **environment;
};

/* Reads a block of texts that each end with a zero byte: settings as KEY=VALUE, an empty text, the number of arguments,
   the arguments, the number of variables, the variables. The instructions point into the block. */
bool read_instructions(char *block, size_t size, struct instructions *what);

/* Adds the variable by which the members of this tree can be told, should the launcher itself be killed. */
void mark(struct instructions *what);

/* When this process began, as /proc has it. */
unsigned long long own_start_time(void);

/* Turns a fresh child into the program. Returns only when that fails; the reason is then written to `problem`. */
void become(const struct instructions *what, int problem);

/* A clock that is never set. */
long milliseconds(void);

/* Sends a signal to every process below this one, and to none that only has the number of one. With SIGTERM goes SIGCONT: a
   stopped process could not heed it; with SIGKILL the groups are meant. */
void signal_descendants(int number);
