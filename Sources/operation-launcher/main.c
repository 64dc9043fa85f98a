// Runs one program for an operation and keeps the whole tree of its processes together.
//
// Standard input is a socket to the agent. The agent sends a block that says what to run, then 'G' once the group is in
// its journal, and 'T' when the tree is to be ended. The launcher answers in lines: "forked PID" when the process is there
// that is to become the program, "started PID" when it has, "failed TEXT", "exited N", "signalled N". When the socket ends, the
// agent is gone, and the tree is ended as with 'T'.
//
// The launcher is the subreaper of everything below it: whatever forks, calls setsid or loses its parent stays its
// descendant for as long as the program itself runs. See docs/adr/0013-operation-processes.md.
#define _GNU_SOURCE
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long SIGKILL is repeated before what cannot be killed is left. */
enum { KILLING_MILLISECONDS = 10000, KILLING_PAUSE = 10 };

/* So many children are reaped in a row. Processes that fork and end all the time would keep the launcher at it for good. */
enum { MOST_REAPED = 256 };

static int control = -1;
static bool agent_is_gone = false;
static bool must_end = false;
static bool has_more_to_reap = false;

static void tell(const char *format, ...) {
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (length < 0) return;
    if (length > (int)sizeof line - 2) length = sizeof line - 2;
    for (int i = 0; i < length; i++) {
        if (line[i] == '\n') line[i] = ' ';
    }
    line[length] = '\n';
    for (int sent = 0; sent <= length;) {
        ssize_t count = send(control, line + sent, (size_t)(length + 1 - sent), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        sent += (int)count;
    }
}

static int refuse(const char *reason) {
    tell("failed %s", reason);
    return 1;
}

long milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool receive(void *bytes, size_t count) {
    for (size_t done = 0; done < count;) {
        ssize_t got = read(control, (char *)bytes + done, count - done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        done += (size_t)got;
    }
    return true;
}

/* Takes what the agent has sent, and notes whether it has ended. */
static void listen_to_agent(void) {
    char bytes[16];
    ssize_t count = recv(control, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count > 0) {
        must_end = must_end || memchr(bytes, 'T', (size_t)count) != NULL;
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        agent_is_gone = true;
        must_end = true;
    }
}

/* Waits for children, signals and the agent. */
static void pause_for(int signals, long limit) {
    struct pollfd waited[2] = {
        {.fd = signals, .events = POLLIN},
        {.fd = agent_is_gone ? -1 : control, .events = POLLIN},
    };
    // What is left to be reaped is not announced again.
    if (poll(waited, 2, has_more_to_reap ? 0 : limit < 0 ? -1 : (int)limit) <= 0) return;
    // The agent first: an order to end the tree that came before the program's end counts.
    if (waited[1].revents != 0) listen_to_agent();
    struct signalfd_siginfo information;
    while (read(signals, &information, sizeof information) == (ssize_t)sizeof information) {
        if (information.ssi_signo != SIGCHLD) must_end = true;
    }
}

/* Reaps what has ended. Returns whether there are children left; notes the program's status. */
static bool reap(pid_t program, int *status, bool *has_ended) {
    has_more_to_reap = false;
    for (int count = 0; count < MOST_REAPED; count++) {
        int ended;
        pid_t child = waitpid(-1, &ended, WNOHANG);
        if (child == 0) return true;
        if (child < 0) {
            if (errno == EINTR) continue;
            return false;
        }
        if (child == program) {
            *status = ended;
            *has_ended = true;
        }
    }
    has_more_to_reap = true;
    return true;
}

static void end_tree(pid_t program, int *status, bool *has_ended, int signals, long grace) {
    signal_descendants(SIGTERM);
    long deadline = milliseconds() + grace;
    while (reap(program, status, has_ended)) {
        long left = deadline - milliseconds();
        if (left <= 0) break;
        pause_for(signals, left);
    }
    deadline = milliseconds() + KILLING_MILLISECONDS;
    while (reap(program, status, has_ended) && milliseconds() < deadline) {
        // While the program has not been reaped its number, and so its group's, is nobody else's. What forks and ends faster
        // than anybody can look does not outrun a signal to its group.
        if (!*has_ended) kill(-program, SIGKILL);
        signal_descendants(SIGKILL);
        pause_for(signals, KILLING_PAUSE);
    }
}

/* The process that is to become the program, until it has. */
struct beginning {
    pid_t program;
    /* It waits for a byte; the end tells it to go away. */
    int go[2];
    /* What keeps it from becoming the program. */
    int problem[2];
};

/* Forks it. Returns false when the agent has been told why not. */
static bool prepare(struct beginning *beginning, const struct instructions *what, const sigset_t *previous) {
    if (pipe2(beginning->go, O_CLOEXEC) != 0 || pipe2(beginning->problem, O_CLOEXEC) != 0) {
        tell("failed No pipe for the program: %s.", strerror(errno));
        return false;
    }
    beginning->program = fork();
    if (beginning->program == 0) {
        close(beginning->go[1]);
        char go;
        if (read(beginning->go[0], &go, 1) != 1) _exit(127);
        sigprocmask(SIG_SETMASK, previous, NULL);
        become(what, beginning->problem[1]);
        _exit(127);
    }
    if (beginning->program < 0) {
        tell("failed No process for the program: %s.", strerror(errno));
        return false;
    }
    close(beginning->problem[1]);
    return true;
}

/* Lets it become the program. Returns its pid, or -1 when the agent has been told why not. */
static pid_t start(const struct beginning *beginning) {
    pid_t program = beginning->program;
    const int *problem = beginning->problem;
    // The other end is still open here: a process that was killed meanwhile does not take the launcher along.
    if (write(beginning->go[1], "G", 1) != 1) kill(program, SIGKILL);
    close(beginning->go[0]);
    close(beginning->go[1]);
    char text[2048];
    size_t length = 0;
    while (length < sizeof text - 1) {
        // Its user, directory or file may lie on a server that does not answer: it can be ended all the same.
        struct pollfd waited[2] = {
            {.fd = problem[0], .events = POLLIN},
            {.fd = must_end ? -1 : control, .events = POLLIN},
        };
        if (poll(waited, 2, -1) < 0 && errno != EINTR) break;
        if (waited[1].revents != 0) {
            listen_to_agent();
            // Only what has not become the program yet: that has closed its end.
            if (must_end && waited[0].revents == 0) kill(program, SIGKILL);
        }
        if (waited[0].revents == 0) continue;
        ssize_t count = read(problem[0], text + length, sizeof text - 1 - length);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        length += (size_t)count;
    }
    close(problem[0]);
    if (length == 0) return program;
    text[length] = 0;
    waitpid(program, NULL, 0);
    tell("failed %s", text);
    return -1;
}

int main(void) {
    // Out of the way of the program's own standard input.
    control = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (control < 0 || nothing < 0 || dup2(nothing, STDIN_FILENO) < 0) return 1;
    close(nothing);

    uint32_t size;
    if (!receive(&size, sizeof size)) return 1;
    char *block = malloc((size_t)size + 1);
    if (block == NULL || !receive(block, size)) return 1;
    block[size] = 0;
    struct instructions what;
    if (!read_instructions(block, size, &what)) return refuse("The launcher does not understand the agent: both must be of one release.");
    mark(&what);
    if (chdir("/") != 0) return refuse("The directory / cannot be entered.");
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return refuse("The system does not let processes be kept together (PR_SET_CHILD_SUBREAPER).");
    sigset_t followed, previous;
    sigemptyset(&followed);
    sigaddset(&followed, SIGCHLD);
    sigaddset(&followed, SIGTERM);
    sigaddset(&followed, SIGINT);
    sigaddset(&followed, SIGHUP);
    sigprocmask(SIG_BLOCK, &followed, &previous);
    int signals = signalfd(-1, &followed, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) return refuse("No descriptor for signals is left.");

    struct beginning beginning;
    if (!prepare(&beginning, &what, &previous)) return 1;
    tell("forked %d", (int)beginning.program);
    char go;
    if (!receive(&go, 1) || go != 'G') return 0;
    pid_t program = start(&beginning);
    if (program < 0) return 1;
    // Its output is the program's own business: the ends of pipes must not stay open here.
    dup2(STDIN_FILENO, STDOUT_FILENO);
    dup2(STDIN_FILENO, STDERR_FILENO);
    tell("started %d", (int)program);

    int status = 0;
    bool has_ended = false;
    while (!has_ended) {
        if (must_end) {
            end_tree(program, &status, &has_ended, signals, what.grace);
            break;
        }
        if (!reap(program, &status, &has_ended)) break;
        if (!has_ended) pause_for(signals, -1);
    }
    if (has_ended && !must_end) {
        // An order that came before this end was seen counts.
        listen_to_agent();
        if (must_end) end_tree(program, &status, &has_ended, signals, what.grace);
    }
    if (!has_ended) {
        tell("signalled %d", SIGKILL);
    } else if (WIFSIGNALED(status)) {
        tell("signalled %d", WTERMSIG(status));
    } else {
        tell("exited %d", WEXITSTATUS(status));
    }
    return 0;
}
