/* What a process has used, as /proc says. */
#ifndef USAGE_H
#define USAGE_H

#include "wire.h"
#include <dirent.h>

/* CPU seconds of all threads, to the nanosecond; /proc/PID/stat is sampled a hundred times a second and misses what is
 * short. Threads that ended meanwhile are not in it: the servers measured here keep theirs. */
static double cpu_of(int pid)
{
    char name[300];
    struct dirent *entry;
    double sum = 0;
    snprintf(name, sizeof name, "/proc/%d/task", pid);
    DIR *tasks = opendir(name);
    if (!tasks)
        return 0;
    while ((entry = readdir(tasks))) {
        unsigned long long ran = 0;
        snprintf(name, sizeof name, "/proc/%d/task/%.20s/schedstat", pid, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(name, "r");
        if (!file)
            continue;
        if (fscanf(file, "%llu", &ran) == 1)
            sum += (double)ran / 1e9;
        fclose(file);
    }
    closedir(tasks);
    return sum;
}

/* CPU seconds of the whole machine: everything but idling and waiting for the disk. */
static double cpu_of_all(void)
{
    unsigned long long user, nice, kernel, idle, waiting, irq, softirq, stolen;
    FILE *file = fopen("/proc/stat", "r");
    int got = file ? fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &kernel, &idle, &waiting,
                            &irq, &softirq, &stolen) : 0;
    if (file)
        fclose(file);
    return got == 8 ? (double)(user + nice + kernel + irq + softirq + stolen) / (double)sysconf(_SC_CLK_TCK) : 0;
}

/* The processes of one server: `pid=12` or `pid=12,13`. */
struct pids {
    int each[16], count;
};

static int read_pids(struct pids *pids, const char *list)
{
    int pid, taken;
    for (pids->count = 0; pids->count < 16 && sscanf(list, "%d%n", &pid, &taken) == 1; list += *list == ',') {
        pids->each[pids->count++] = pid;
        list += taken;
    }
    return !*list;
}

static double cpu_of_each(const struct pids *pids)
{
    double sum = 0;
    for (int i = 0; i < pids->count; i++)
        sum += cpu_of(pids->each[i]);
    return sum;
}

/* A line of smaps_rollup in KiB. */
static long memory_of(int pid, const char *field)
{
    char name[64], line[256];
    long kib = 0;
    snprintf(name, sizeof name, "/proc/%d/smaps_rollup", pid);
    FILE *file = fopen(name, "r");
    if (!file)
        return 0;
    while (fgets(line, sizeof line, file))
        if (!strncmp(line, field, strlen(field)))
            sscanf(line + strlen(field), "%ld", &kib);
    fclose(file);
    return kib;
}

static long memory_of_each(const struct pids *pids)
{
    long kib = 0;
    for (int i = 0; i < pids->count; i++)
        kib += memory_of(pids->each[i], "Rss:");
    return kib;
}

#endif
