// SPDX-License-Identifier: MIT
// The guest's exit code becomes the emulator's (see exit.exit, which says what it is to be).
#include "guest.h"

CASE(exit_code_is_the_guests) { guest_exit(42); }
