#include "kernel/kernel.h"
void chapter_spaces(struct kernel *kernel);
void chapter_spaces(struct kernel *kernel) { (void)kernel; }
