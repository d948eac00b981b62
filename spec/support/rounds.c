/* Preloaded, it notes each look at sockets ("look") and each socket that libcurl is told to see to
 * ("touch NUMBER"), as lines of the file that R2_ROUNDS names. The program writes its own there. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void note(const char *format, int number) {
    static int file = -1;
    char line[32];
    if (file < 0) {
        file = open(getenv("R2_ROUNDS"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    }
    int length = snprintf(line, sizeof line, format, number);
    if (write(file, line, (size_t)length) != length) {
        abort();
    }
}

/* libcurl itself looks at single sockets; a round looks at them all. */
int poll(struct pollfd *list, nfds_t count, int ms) {
    static int (*original)(struct pollfd *, nfds_t, int);
    if (original == NULL) {
        *(void **)&original = dlsym(RTLD_NEXT, "poll");
    }
    if (count > 2) {
        note("look\n", 0);
    }
    return original(list, count, ms);
}

int curl_multi_socket_action(void *multi, int socket, int events, int *running) {
    static int (*original)(void *, int, int, int *);
    if (original == NULL) {
        void *libcurl = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD); /* no global one */
        *(void **)&original = dlsym(libcurl, "curl_multi_socket_action");
    }
    if (socket >= 0) {
        note("touch %d\n", socket);
    }
    return original(multi, socket, events, running);
}
