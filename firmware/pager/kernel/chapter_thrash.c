#include "kernel/kernel.h"
void chapter_thrash(struct kernel *kernel);
void chapter_thrash(struct kernel *kernel) { (void)kernel; }
