/* Keeping this module in memory until the process ends. */
#ifndef R2_RESIDENT_H
#define R2_RESIDENT_H

#pragma GCC visibility push(hidden)

/* A state that closes unloads its modules, and what is to be called after that is code that is
 * gone: LuaJIT finalizes last what finalizers made meanwhile, and a thread of libcurl's may still
 * ask a name server. Opens no file: the module is there. */
void r2_stay_resident(void);

#pragma GCC visibility pop
#endif
