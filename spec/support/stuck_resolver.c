/* Preloaded, it makes every look-up of a name wait until the program ends, as a name server that
 * never answers does. When main has returned, and with it the state of Lua, look-ups return; the
 * process ends after their threads have. R2_STUCK names a file that is made when a look-up
 * begins. */
#define _DEFAULT_SOURCE

#include <dirent.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static int is_over;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    (void)name;
    (void)service;
    (void)hints;
    *found = NULL;
    FILE *file = fopen(getenv("R2_STUCK"), "w");
    if (file != NULL) {
        (void)fclose(file);
    }
    (void)pthread_mutex_lock(&mutex);
    while (!is_over) {
        (void)pthread_cond_wait(&ended, &mutex);
    }
    (void)pthread_mutex_unlock(&mutex);
    return EAI_AGAIN;
}

static int count_threads(void) {
    int count = 0;
    DIR *tasks = opendir("/proc/self/task");
    while (tasks != NULL && readdir(tasks) != NULL) {
        count++;
    }
    if (tasks != NULL) {
        (void)closedir(tasks);
    }
    return count - 2; /* . and .. */
}

static void release(void) {
    (void)pthread_mutex_lock(&mutex);
    is_over = 1;
    (void)pthread_cond_broadcast(&ended);
    (void)pthread_mutex_unlock(&mutex);
    while (count_threads() > 1) {
    }
}

__attribute__((constructor)) static void prepare(void) {
    (void)atexit(release);
}
