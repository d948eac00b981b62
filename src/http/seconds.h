/* Seconds as a program gives them, made whole for libcurl. Without the C library's libm, which is
 * no file on every system. */
#ifndef R2_HTTP_SECONDS_H
#define R2_HTTP_SECONDS_H

/* How many of these, of which a second has `units`, rounded up; from 1, as 0 would mean for
 * ever. */
static inline long r2_rounded_up(double seconds, double units) {
    double exact = seconds * units;
    long whole = (long)exact;
    whole += (double)whole < exact ? 1 : 0;
    return whole < 1 ? 1 : whole;
}

#endif
