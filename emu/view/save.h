// SPDX-License-Identifier: MIT
// Pictures of memory in files: one as PNG, several as animated PNG (APNG 1.0, which browsers show).
#ifndef TABLEWALK_EMU_VIEW_SAVE_H
#define TABLEWALK_EMU_VIEW_SAVE_H

#include <stdio.h>

#include "emu/message.h"
#include "emu/view/picture.h"

// Does the name end in .png or .apng?
bool view_can_save(const char *path);

// Writes the picture to a file whose name ends in .png, or the film of `filmed` pictures to one
// that ends in .apng; it stays open. false: message.
bool view_save(FILE *to, const char *path, const struct picture *p, const struct picture *film,
               unsigned filmed, struct message *message);

// Finds the font now: later, in a run that is confined, it could not be opened, and what its
// library keeps about fonts could not be written.
void view_prepare(void);

#endif
