#include "kernel/kernel.h"
void chapter_before(struct kernel *kernel);
void chapter_before(struct kernel *kernel) { (void)kernel; }
