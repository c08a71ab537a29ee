// SPDX-License-Identifier: MIT
// SDL2 at run time (see sdl_library.h).
#ifdef HAVE_SDL
#include "emu/window/sdl_library.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libSDL2-2.0.so.0" // as it is called wherever SDL2 keeps its binary interface

// A function's address comes as an object's, which POSIX allows and C has no cast for.
static bool find(void *library, const char *name, void *function, size_t bytes,
                 struct message *message) {
    void *found = dlsym(library, name);
    memcpy(function, &found, bytes);
    return found || complain(message, "-display sdl: " LIBRARY " is too old: it has no %s", name);
}

bool sdl_library_open(struct sdl_library *sdl, struct message *message) {
    void *library = dlopen(LIBRARY, RTLD_NOW);
    if (!library) {
        return complain(message,
                        "-display sdl: no SDL2 on this machine (%s); -display none needs "
                        "none",
                        dlerror());
    }
#define FUNCTION(name)                                                                             \
    if (!find(library, "SDL_" #name, &sdl->name, sizeof sdl->name, message)) return false;
#include "emu/window/sdl.def"
#undef FUNCTION
    return true;
}
#else
// A file has at least one declaration.
struct window;
#endif
