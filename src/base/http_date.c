/* A date is read by the pattern of its form. */
#include "http_date.h"

#include <stdbool.h>
#include <string.h>

#include "ascii.h"
#include "utc.h"

/* W a day's name, B a month's, D a day, Y and y a year of four and two digits, h, m, s; all else
 * stands for itself. */
static const char *const forms[] = {"W, D B Y h:m:s GMT", "W, D-B-y h:m:s GMT", "W B D h:m:s Y"};

typedef struct date {
    int year;
    int month; /* from 1 */
    int day;
    int hour;
    int minute;
    int second;
} date;

/* Cut what they are named after off the front, and are false where it is not there. */

static bool take_character(r2_slice *text, char wanted) {
    bool there = text->length > 0 && *text->data == wanted;
    *text = there ? (r2_slice){text->data + 1, text->length - 1} : *text;
    return there;
}

static bool take_name(r2_slice *text) {
    size_t length = 0;
    while (length < text->length && r2_is_lower(r2_lower(text->data[length]))) {
        length++;
    }
    *text = (r2_slice){text->data + length, text->length - length};
    return length >= 3;
}

static bool take_month(r2_slice *text, int *month) {
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (*month = 1; *month <= 12; ++*month) {
        if (r2_begins_with(*text, (r2_slice){names + 3 * (*month - 1), 3})) {
            *text = (r2_slice){text->data + 3, text->length - 3};
            return true;
        }
    }
    return false;
}

static bool take_digits(r2_slice *text, size_t count, int *number) {
    if (text->length < count) {
        return false;
    }
    int64_t read = r2_read_decimal((r2_slice){text->data, count}, 9999);
    *number = (int)read;
    *text = (r2_slice){text->data + count, text->length - count};
    return read >= 0;
}

/* Two digits, or a space and one. */
static bool take_day(r2_slice *text, int *day) {
    return take_character(text, ' ') ? take_digits(text, 1, day) : take_digits(text, 2, day);
}

static bool take_part(r2_slice *text, char part, date *d) {
    switch (part) {
    case 'W':
        return take_name(text);
    case 'B':
        return take_month(text, &d->month);
    case 'D':
        return take_day(text, &d->day);
    case 'Y':
        return take_digits(text, 4, &d->year);
    case 'y':
        return take_digits(text, 2, &d->year);
    case 'h':
        return take_digits(text, 2, &d->hour);
    case 'm':
        return take_digits(text, 2, &d->minute);
    case 's':
        return take_digits(text, 2, &d->second);
    default:
        return take_character(text, part);
    }
}

static bool matches(r2_slice text, const char *form, date *d) {
    while (*form != '\0' && take_part(&text, *form, d)) {
        form++;
    }
    return *form == '\0' && text.length == 0;
}

/* Days from 1970 to the first of March of a year that begins in March, and so ends with a leap
 * day. */
static int64_t days_before(int year) {
    return 365LL * year + year / 4 - year / 100 + year / 400 - 719468;
}

/* Days since 1970. From March on, months have 31 30 31 30 31, 31 30 31 30 31, 31 … days. */
static int64_t day_number(const date *d) {
    int month = (d->month + 9) % 12;
    int year = d->month > 2 ? d->year : d->year - 1;
    return days_before(year) + (153 * month + 2) / 5 + d->day - 1;
}

static bool is_leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool is_possible(const date *d) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int last = days[d->month - 1] + (d->month == 2 && is_leap(d->year));
    return d->day >= 1 && d->day <= last && d->hour < 24 && d->minute < 60 &&
           d->second <= 60; /* a leap second */
}

/* Two digits: RFC 9110 has what looks more than 50 years ahead be in the past. */
static int whole_year(int digits, int64_t now) {
    int last = 1970 + (int)(now / 31556952) + 50;
    return last - (last - digits) % 100;
}

int64_t r2_read_http_date(r2_slice text, int64_t now) {
    size_t count = text.length == 0 ? 0 : sizeof forms / sizeof forms[0];
    for (size_t i = 0; i < count; i++) {
        date d = {0};
        if (matches(text, forms[i], &d)) {
            d.year = strchr(forms[i], 'y') != NULL ? whole_year(d.year, now) : d.year;
            bool good = d.year >= 1970 && d.year <= 9999 && is_possible(&d);
            return good ? day_number(&d) * 86400 + d.hour * 3600 + d.minute * 60 + d.second : -1;
        }
    }
    return -1;
}
