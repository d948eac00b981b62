/* The floor of an exchange with the API: the same bytes to the same server over bare libcurl, on
 * one connection: exchange URL BODY_FILE COUNT CA_FILE [HEADER…]. Prints CPU and wall seconds of
 * one exchange, and the answer's length, so that nothing measured is an error. */
#define _POSIX_C_SOURCE 200809L

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static size_t take(char *bytes, size_t size, size_t count, void *context) {
    char *answer = context;
    size_t used = strlen(answer);
    if (used + size * count < 65536) {
        memcpy(answer + used, bytes, size * count);
        answer[used + size * count] = '\0';
    }
    return size * count;
}

static double seconds(clockid_t clock) {
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t read_file(const char *path, char *out, size_t room) {
    FILE *file = fopen(path, "rb");
    size_t length = file == NULL ? 0 : fread(out, 1, room - 1, file);
    out[length] = '\0';
    if (file != NULL) {
        (void)fclose(file);
    }
    return length;
}

int main(int count, char **arguments) {
    static char body[65536];
    static char answer[65537];
    struct curl_slist *headers = NULL;
    if (count < 5) {
        return 2;
    }
    size_t length = read_file(arguments[2], body, sizeof body);
    long times = strtol(arguments[3], NULL, 10);
    CURL *easy = curl_easy_init();
    for (int i = 5; i < count; i++) {
        headers = curl_slist_append(headers, arguments[i]);
    }
    (void)curl_easy_setopt(easy, CURLOPT_URL, arguments[1]);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(easy, CURLOPT_CAINFO, arguments[4]);
    (void)curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    (void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)length);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
    double cpu = 0;
    double wall = 0;
    for (long i = -10; i < times; i++) { /* the first ones open the connection */
        answer[0] = '\0';
        if (i == 0) {
            cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
            wall = seconds(CLOCK_MONOTONIC);
        }
        if (curl_easy_perform(easy) != CURLE_OK) {
            (void)fprintf(stderr, "exchange: failed\n");
            return 1;
        }
    }
    cpu = (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)times;
    wall = (seconds(CLOCK_MONOTONIC) - wall) / (double)times;
    (void)printf("%.9f %.9f %zu\n", cpu, wall, strlen(answer));
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    return 0;
}
