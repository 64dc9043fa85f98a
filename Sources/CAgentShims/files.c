#define _GNU_SOURCE
#include "CAgentShims.h"

#include <fcntl.h>
#include <unistd.h>

int agent_sync_file_system(int descriptor) { return syncfs(descriptor); }

int agent_try_lock_file(int descriptor) {
    struct flock area = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(descriptor, F_OFD_SETLK, &area);
}
