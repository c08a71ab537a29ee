// SPDX-License-Identifier: MIT
// --version, and with --json what the program was built of: docs/schema/version.json says what the
// keys mean.
#include <elfutils/version.h>
#include <histedit.h>
#include <libfdt.h>
#include <png.h>
#include <zlib.h>
#ifdef HAVE_SDL
#include <SDL_version.h>
#endif

#include "cpu/engine.h"
#include "cpu/isa.h"
#include "emu/options.h"

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

// What the build decided, by what the compiler and the host have.
enum {
#ifdef ENGINE_TAIL_CALLS
    TAIL_CALLS = 1,
#else
    TAIL_CALLS = 0,
#endif
#ifdef HAVE_STENCILS
    NATIVE_CODE = TAIL_CALLS,
#else
    NATIVE_CODE = 0,
#endif
#ifdef HAVE_SDL
    WINDOW = 1,
#else
    WINDOW = 0,
#endif
#if defined(__SANITIZE_ADDRESS__)
    SANITIZERS = 1,
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    SANITIZERS = 1,
#else
    SANITIZERS = 0,
#endif
#else
    SANITIZERS = 0,
#endif
};

static const char *truth(int value) { return value ? "true" : "false"; }

static void print_libraries(FILE *to) {
    fprintf(to,
            "  \"libraries\": {\n"
            "    \"libedit\": \"%d.%d\",\n"
            "    \"libelf\": \"0.%d\",\n"
            "    \"libfdt\": \"device tree %d\",\n"
            "    \"libpng\": \"%s\",\n",
            LIBEDIT_MAJOR, LIBEDIT_MINOR, _ELFUTILS_VERSION, FDT_LAST_SUPPORTED_VERSION,
            PNG_LIBPNG_VER_STRING);
#ifdef HAVE_SDL
    fprintf(to, "    \"sdl\": \"%d.%d.%d\",\n", SDL_MAJOR_VERSION, SDL_MINOR_VERSION,
            SDL_PATCHLEVEL);
#endif
    fputs("    \"zlib\": \"" ZLIB_VERSION "\"\n  }\n", to);
}

void options_version(FILE *to, bool json) {
    char isa[512];
    if (!json) {
        fputs("tablewalk " TABLEWALK_VERSION "\n", to);
        return;
    }
    isa_string(isa_default(), isa, sizeof isa);
    fprintf(to,
            "{\n  \"version\": \"" TABLEWALK_VERSION "\",\n"
            "  \"date\": \"" TABLEWALK_DATE "\",\n"
            "  \"compiler\": \"" COMPILER "\",\n"
            "  \"isa\": \"%s\",\n"
            "  \"features\": {\n"
            "    \"native_code\": %s,\n"
            "    \"tail_calls\": %s,\n"
            "    \"window\": %s,\n"
            "    \"sanitizers\": %s\n  },\n",
            isa, truth(NATIVE_CODE), truth(TAIL_CALLS), truth(WINDOW), truth(SANITIZERS));
    print_libraries(to);
    fputs("}\n", to);
}
