/* The one place that holds the version; a spec compares the change log with it. */
#ifndef R2_VERSION_H
#define R2_VERSION_H

#define R2_VERSION "0.2.0"

#endif
