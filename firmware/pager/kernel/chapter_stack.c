#include "kernel/kernel.h"
void chapter_stack(struct kernel *kernel);
void chapter_stack(struct kernel *kernel) { (void)kernel; }
