/* The set-up of libcurl, which is not safe for threads in all of its versions, and what depends on the
 * version that is here at run time. The one place of this library that threads share. */
#include "libcurl.h"

#include <curl/curl.h>
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool is_open;
static bool is_quiet; /* written once, before is_open */

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
    (void)pthread_mutex_lock(&mutex);
    bool good = is_open || open_once();
    is_open = good;
    (void)pthread_mutex_unlock(&mutex);
    return good;
}

bool r2_libcurl_is_quiet(void) {
    return is_quiet;
}
