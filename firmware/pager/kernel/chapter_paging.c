#include "kernel/kernel.h"
void chapter_paging(struct kernel *kernel);
void chapter_paging(struct kernel *kernel) { (void)kernel; }
