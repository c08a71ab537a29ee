#include "kernel/kernel.h"
void chapter_tables(struct kernel *kernel);
void chapter_tables(struct kernel *kernel) { (void)kernel; }
