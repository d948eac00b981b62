/* What this room takes of the system, with offsets of 64 bits: POSIX of 2008, and beside it flock
 * and the size of a terminal, which every system has, and Linux' fallocate. Included before all
 * else. */
#ifndef R2_POSIX_H
#define R2_POSIX_H

#define _FILE_OFFSET_BITS 64
#define _POSIX_C_SOURCE 200809L
#define _DARWIN_C_SOURCE
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* A call that a signal may interrupt, again until none does. */
#define R2_UNINTERRUPTED(result, call)                                                             \
    do {                                                                                           \
        (result) = (call);                                                                         \
    } while ((result) == -1 && errno == EINTR)

#endif
