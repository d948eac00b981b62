/* The set-up of libcurl, which is not safe for threads in all of its versions, and what depends on
 * the version that is here at run time. The one place of this library that threads share. */
#include "libcurl.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool is_open; /* the lock is for the first time: the child of a fork may not get it */
static bool is_quiet;       /* written before is_open is */

/* Signals: before 7.87 libcurl needs SIGPIPE ignored while it works. */
static bool open_once(void) {
    enum { QUIET_VERSION = 0x075700 };
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return false;
    }
    is_quiet = curl_version_info(CURLVERSION_NOW)->version_num >= QUIET_VERSION;
    return true;
}

bool r2_libcurl_open(void) {
    if (atomic_load(&is_open)) {
        return true;
    }
    (void)pthread_mutex_lock(&mutex);
    bool good = atomic_load(&is_open) || open_once();
    atomic_store(&is_open, good);
    (void)pthread_mutex_unlock(&mutex);
    return good;
}

bool r2_libcurl_is_quiet(void) {
    return is_quiet;
}
