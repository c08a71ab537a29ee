#include "kernel/kernel.h"
void chapter_policies(struct kernel *kernel);
void chapter_policies(struct kernel *kernel) { (void)kernel; }
