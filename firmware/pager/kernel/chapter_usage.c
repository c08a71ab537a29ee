#include "kernel/kernel.h"
void chapter_usage(struct kernel *kernel);
void chapter_usage(struct kernel *kernel) { (void)kernel; }
