#include "kernel/kernel.h"
void chapter_files(struct kernel *kernel);
void chapter_files(struct kernel *kernel) { (void)kernel; }
