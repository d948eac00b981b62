/* Preloaded, it notes the most bytes that the program asked a socket for at once. They are written,
 * as a number, to the file that R2_READS names. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static size_t most;

ssize_t recv(int socket, void *into, size_t room, int flags) {
    static ssize_t (*original)(int, void *, size_t, int);
    if (original == NULL) {
        *(void **)&original = dlsym(RTLD_NEXT, "recv");
    }
    most = room > most ? room : most;
    return original(socket, into, room, flags);
}

__attribute__((destructor)) static void tell(void) {
    FILE *file = fopen(getenv("R2_READS"), "w");
    if (file != NULL) {
        (void)fprintf(file, "%zu", most);
        (void)fclose(file);
    }
}
