#define _GNU_SOURCE
#include "launcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *next(char **place, char *end) {
    char *text = *place;
    if (text >= end) return NULL;
    char *zero = memchr(text, 0, (size_t)(end - text));
    if (zero == NULL) return NULL;
    *place = zero + 1;
    return text;
}

/* A counted list with a NULL behind it, and room for `spare` more. */
static char **list(char **place, char *end, size_t spare) {
    char *count_text = next(place, end);
    if (count_text == NULL) return NULL;
    char *rest;
    unsigned long long count = strtoull(count_text, &rest, 10);
    if (*rest != 0 || count > (unsigned long long)(end - *place)) return NULL;
    char **texts = calloc((size_t)count + spare + 1, sizeof *texts);
    if (texts == NULL) return NULL;
    for (size_t i = 0; i < count; i++) {
        texts[i] = next(place, end);
        if (texts[i] == NULL) return NULL;
    }
    return texts;
}

static const char *value(const char *text, const char *key) {
    size_t length = strlen(key);
    return strncmp(text, key, length) == 0 && text[length] == '=' ? text + length + 1 : NULL;
}

bool read_instructions(char *block, size_t size, struct instructions *what) {
    *what = (struct instructions){.memory = -1, .cpu_seconds = -1, .open_files = -1, .processes = -1, .grace = 5000};
    char *place = block, *end = block + size;
    while (true) {
        char *text = next(&place, end);
        if (text == NULL) return false;
        if (*text == 0) break;
        const char *found;
        if ((found = value(text, "memory"))) what->memory = atoll(found);
        else if ((found = value(text, "cpu_seconds"))) what->cpu_seconds = atoll(found);
        else if ((found = value(text, "open_files"))) what->open_files = atoll(found);
        else if ((found = value(text, "processes"))) what->processes = atoll(found);
        else if ((found = value(text, "grace"))) what->grace = atol(found);
        else if ((found = value(text, "user"))) what->user = found;
        else if ((found = value(text, "directory"))) what->directory = found;
        else if ((found = value(text, "cgroup"))) what->cgroup = found;
        else return false;
    }
    what->arguments = list(&place, end, 0);
    if (what->arguments == NULL || what->arguments[0] == NULL) return false;
    what->environment = list(&place, end, 1);
    return what->environment != NULL;
}

void mark(struct instructions *what) {
    static char marker[128];
    static const char name[] = "OPERATIVE_PROCESS_GROUP=";
    snprintf(marker, sizeof marker, "%s%d.%llu", name, (int)getpid(), own_start_time());
    char **place = what->environment;
    while (*place != NULL && strncmp(*place, name, sizeof name - 1) != 0) place++;
    *place = marker;
}
