#include "kernel/kernel.h"
void chapter_cow(struct kernel *kernel);
void chapter_cow(struct kernel *kernel) { (void)kernel; }
