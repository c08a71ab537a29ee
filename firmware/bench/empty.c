// SPDX-License-Identifier: MIT
// Nothing: what an emulator takes to start and to end.
int main(void) { return 0; }
