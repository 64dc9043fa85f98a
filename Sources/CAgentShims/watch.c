#define _GNU_SOURCE
#include "CAgentShims.h"

#include <errno.h>
#include <sys/epoll.h>

enum { PORTION = 64 };

static struct epoll_event once(uint64_t number) {
    return (struct epoll_event){.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.u64 = number};
}

int agent_make_watch(void) { return epoll_create1(EPOLL_CLOEXEC); }

int agent_watch(int watch, int descriptor, uint64_t number) {
    struct epoll_event event = once(number);
    return epoll_ctl(watch, EPOLL_CTL_ADD, descriptor, &event);
}

int agent_watch_again(int watch, int descriptor, uint64_t number) {
    struct epoll_event event = once(number);
    return epoll_ctl(watch, EPOLL_CTL_MOD, descriptor, &event);
}

int agent_unwatch(int watch, int descriptor) {
    struct epoll_event event = {0};
    return epoll_ctl(watch, EPOLL_CTL_DEL, descriptor, &event);
}

int agent_wait_for_watched(int watch, uint64_t *numbers, int room) {
    struct epoll_event events[PORTION];
    int count = epoll_wait(watch, events, room < PORTION ? room : PORTION, -1);
    for (int i = 0; i < count; i++) numbers[i] = events[i].data.u64;
    return count;
}
