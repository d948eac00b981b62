/* Wiping and comparing. */
#include "secret.h"

#include <stdint.h>
#include <string.h>

void r2_wipe(void *memory, size_t length) {
    if (length == 0) {
        return;
    }
    memset(memory, 0, length);
#if defined(__GNUC__)
    __asm__ __volatile__("" : : "r"(memory) : "memory");
#else
    volatile unsigned char *byte = memory;
    while (length-- > 0) {
        *byte++ = 0;
    }
#endif
}

/* Keeps the compiler from finding out early what a comparison comes to. */
static uint64_t hidden(uint64_t value) {
#if defined(__GNUC__)
    __asm__ __volatile__("" : "+r"(value));
    return value;
#else
    volatile uint64_t copy = value;
    return copy;
#endif
}

bool r2_equal_secret(const void *left, const void *right, size_t length) {
    const unsigned char *a = left;
    const unsigned char *b = right;
    uint64_t difference = 0;
    size_t i = 0;
    for (; length - i >= sizeof difference; i += sizeof difference) {
        uint64_t eight_a;
        uint64_t eight_b;
        memcpy(&eight_a, a + i, sizeof eight_a);
        memcpy(&eight_b, b + i, sizeof eight_b);
        difference = hidden(difference | (eight_a ^ eight_b));
    }
    for (; i < length; i++) {
        difference = hidden(difference | (uint64_t)(a[i] ^ b[i]));
    }
    return difference == 0;
}
