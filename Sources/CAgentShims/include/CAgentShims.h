#pragma once

/* Glibc declares pthread_setname_np only under _GNU_SOURCE, so Swift's Glibc module lacks it. */
int agent_set_thread_name(const char *name);
