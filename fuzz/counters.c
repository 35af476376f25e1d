/* Edge counters for libFuzzer from gcc, whose -fsanitize-coverage=trace-pc calls a function at every edge and keeps no
   counters. Each extension has its own copy of this file; two edges may share a counter. Needs gcc 12. */

#include <stdint.h>

#define COUNTERS 8192

void __sanitizer_cov_8bit_counters_init(uint8_t *start, uint8_t *end);
void __sanitizer_cov_pcs_init(const uintptr_t *start, const uintptr_t *end);

static uint8_t counters[COUNTERS];
static uintptr_t places[COUNTERS][2];

__attribute__((visibility("hidden"), no_sanitize_coverage, no_sanitize_address, no_sanitize_undefined))
void __sanitizer_cov_trace_pc(void)
{
    uintptr_t edge = (uintptr_t)__builtin_return_address(0) - (uintptr_t)places;
    counters[((uint32_t)edge * 2654435761u) >> 19]++;
}

/* gcc tells of comparisons of fractions too, which libFuzzer has no ear for. */
__attribute__((visibility("hidden"))) void __sanitizer_cov_trace_cmpf(float a, float b) { (void)a; (void)b; }
__attribute__((visibility("hidden"))) void __sanitizer_cov_trace_cmpd(double a, double b) { (void)a; (void)b; }

__attribute__((constructor, no_sanitize_coverage, no_sanitize_address, no_sanitize_undefined))
static void tell_the_fuzzer(void)
{
    for (int i = 0; i < COUNTERS; i++)
        places[i][0] = (uintptr_t)places + (uintptr_t)i + 1;
    __sanitizer_cov_8bit_counters_init(counters, counters + COUNTERS);
    __sanitizer_cov_pcs_init(&places[0][0], &places[COUNTERS][0]);
}
