// SPDX-License-Identifier: MIT
// Five bodies under gravity, in double precision: multiplications, divisions, square roots.
#include "bench.h"

enum { BODIES = 5, STEPS = 700000 };
struct body {
    double at[3], speed[3], mass;
};
static struct body sky[BODIES] = {
    {{0, 0, 0}, {0, 0, 0}, 39.478},
    {{4.8414, -1.1603, -0.1036}, {0.6063, 2.8119, -0.0252}, 0.037694},
    {{8.3434, 4.1248, -0.4035}, {-1.0108, 1.8256, 0.0084}, 0.011286},
    {{12.8944, -15.1112, -0.2233}, {1.0828, 0.8687, -0.0108}, 0.0017237},
    {{15.3797, -25.9193, 0.1793}, {0.9791, 0.5947, -0.0347}, 0.0020337},
};

static double square_root(double v) {
    double root;
    __asm__("fsqrt.d %0, %1" : "=f"(root) : "f"(v));
    return root;
}

static void pull(struct body *a, struct body *b, double dt) {
    double d[3], squared = 0;
    for (int k = 0; k < 3; k++) d[k] = a->at[k] - b->at[k], squared += d[k] * d[k];
    double force = dt / (squared * square_root(squared));
    for (int k = 0; k < 3; k++) {
        a->speed[k] -= d[k] * b->mass * force;
        b->speed[k] += d[k] * a->mass * force;
    }
}

int main(void) {
    for (int step = 0; step < STEPS; step++) {
        for (int i = 0; i < BODIES; i++) {
            for (int j = i + 1; j < BODIES; j++) pull(&sky[i], &sky[j], 0.001);
        }
        for (int i = 0; i < BODIES; i++) {
            for (int k = 0; k < 3; k++) sky[i].at[k] += 0.001 * sky[i].speed[k];
        }
    }
    return !(sky[1].at[0] < 10);
}
