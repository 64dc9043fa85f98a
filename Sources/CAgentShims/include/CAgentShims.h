#pragma once

#include <stdint.h>

/* Glibc declares pthread_setname_np only under _GNU_SOURCE, so Swift's Glibc module lacks it. */
int agent_set_thread_name(const char *name);

/* The following are declared only under _GNU_SOURCE too. */

/* Takes a connection; the descriptor is non-blocking and closed on exec. -1 with errno when there is none. */
int agent_accept(int listener);

/* The user id of the process at the other end of a Unix socket. -1 when it is not known. */
long agent_peer_user(int descriptor);

/* Has everything that was written to a file system on its disk. -1 with errno when that fails. */
int agent_sync_file_system(int descriptor);

/* Locks the whole of a file for whoever holds the descriptor (F_OFD_SETLK), against locks of other processes (F_SETLK) too. Does not wait:
   -1 with errno, EAGAIN or EACCES while somebody else has it. */
int agent_try_lock_file(int descriptor);

/* A counter that poll can wait for, non-blocking and closed on exec. -1 with errno when the system has none to give. */
int agent_make_event_counter(void);

/* Two ends of a pipe, closed on exec; reading from the first does not wait. -1 with errno when there is none. */
int agent_make_pipe(int *ends);

/* Two connected sockets, closed on exec; the first does not wait. -1 with errno when there are none. */
int agent_make_socket_pair(int *ends);

/* A second descriptor for the same thing, closed on exec. -1 with errno when there is none left. */
int agent_duplicate(int descriptor);

/* How many bytes can be read at once. */
int agent_bytes_waiting(int descriptor);

/* A descriptor that stays with one process, whoever has its number later. -1 with errno when there is no such process, or the
   system is too old. */
int agent_open_process(int pid);

/* Sends a signal by such a descriptor. -1 with errno when that fails. */
int agent_signal_process(int descriptor, int number);

/* Tells one thread which of many descriptors can be read or have ended, each once until it is asked for again. -1 with errno
   when the system has none to give. */
int agent_make_watch(void);

int agent_watch(int watch, int descriptor, uint64_t number);

int agent_watch_again(int watch, int descriptor, uint64_t number);

/* To be called before the descriptor is closed. */
int agent_unwatch(int watch, int descriptor);

/* Waits for some, and returns how many; -1 when a signal came first. */
int agent_wait_for_watched(int watch, uint64_t *numbers, int room);

/* The first byte of an extended attribute of a file; -1 when it has none. */
int agent_first_byte_of_attribute(const char *path, const char *name);

/* Starts a program in a session of its own, with the three descriptors as its standard ones and no others, no blocked and no
   ignored signal, whatever the calling thread and process have. The lists end with NULL. Returns 0, else the number of the
   error, also of the program that cannot be executed. */
int agent_spawn(const char *path, char *const *arguments, char *const *environment, const char *directory,
    const int *descriptors, int *pid);

enum { AGENT_UNKNOWN = -1, AGENT_RUNS = 0, AGENT_EXITED = 1, AGENT_SIGNALLED = 2 };

/* Takes the end of a child, without waiting for it: with AGENT_EXITED the value is its status, with AGENT_SIGNALLED its signal.
   AGENT_UNKNOWN when somebody else has taken it. */
int agent_reap(int pid, int *value);

/* Whether other processes of the same user may read this one's memory and environment, and a crash leaves a core dump. -1 with
   errno when that cannot be set. */
int agent_open_memory(int is_open);
