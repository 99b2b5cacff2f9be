/* Delays in milliseconds, every one kept. */
#ifndef SAMPLES_H
#define SAMPLES_H

#include "wire.h"

struct samples {
    float *ms;
    size_t length, room;
};

static void sample(struct samples *samples, double ms)
{
    if (samples->length == samples->room) {
        samples->room = samples->room ? samples->room * 2 : 1 << 16;
        samples->ms = realloc(samples->ms, samples->room * sizeof *samples->ms);
        if (!samples->ms)
            die("out of memory");
    }
    samples->ms[samples->length++] = (float)ms;
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double quantile(struct samples *samples, double share)
{
    return samples->length ? samples->ms[(size_t)(share * (double)(samples->length - 1))] : 0;
}

static void print_delays(const char *name, struct samples *samples)
{
    qsort(samples->ms, samples->length, sizeof *samples->ms, by_size);
    printf(",\"%s_ms\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"max\":%.3f,\"count\":%zu}", name,
           quantile(samples, 0.5), quantile(samples, 0.9), quantile(samples, 0.99), quantile(samples, 1),
           samples->length);
}

#endif
