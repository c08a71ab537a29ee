#include "kernel/kernel.h"
void chapter_demand(struct kernel *kernel);
void chapter_demand(struct kernel *kernel) { (void)kernel; }
