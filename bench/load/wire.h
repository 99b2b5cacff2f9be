/* The little of RFC 6455 and of Maru's frames that the load generator and the ceiling share. */
#ifndef WIRE_H
#define WIRE_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* The example of RFC 6455 1.3: a constant key has a constant answer, so that nobody needs SHA-1 here. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

enum { CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

static void die(const char *form, ...)
{
    va_list arguments;
    va_start(arguments, form);
    vfprintf(stderr, form, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static inline int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* One frame's place in the bytes at hand; 0 when it is not whole yet. */
struct frame {
    int opcode;
    const uint8_t *mask; /* NULL when it is not masked */
    uint8_t *payload;
    size_t length;
    size_t whole; /* header and payload */
};

static inline int find_frame(uint8_t *at, size_t held, struct frame *frame)
{
    size_t header = 2;
    if (held < header)
        return 0;
    size_t length = at[1] & 0x7f;
    if (length == 126) {
        header = 4;
        if (held < header)
            return 0;
        length = (size_t)at[2] << 8 | at[3];
    } else if (length == 127) {
        header = 10;
        if (held < header)
            return 0;
        length = 0;
        for (int i = 2; i < 10; i++)
            length = length << 8 | at[i];
    }
    frame->mask = at[1] & 0x80 ? at + header : NULL;
    header += at[1] & 0x80 ? 4 : 0;
    if (held < header || held - header < length)
        return 0;
    frame->opcode = at[0] & 0x0f;
    frame->payload = at + header;
    frame->length = length;
    frame->whole = header + length;
    return 1;
}

static inline size_t put_header(uint8_t *to, int opcode, size_t length, int masked)
{
    int bit = masked ? 0x80 : 0;
    to[0] = (uint8_t)(0x80 | opcode);
    if (length < 126) {
        to[1] = (uint8_t)(bit | (int)length);
        return 2;
    }
    if (length < 65536) {
        to[1] = (uint8_t)(bit | 126);
        to[2] = (uint8_t)(length >> 8);
        to[3] = (uint8_t)length;
        return 4;
    }
    to[1] = (uint8_t)(bit | 127);
    for (int i = 0; i < 8; i++)
        to[2 + i] = (uint8_t)(length >> (56 - 8 * i));
    return 10;
}

static inline void apply_mask(uint8_t *payload, size_t length, const uint8_t mask[4])
{
    uint64_t wide;
    uint32_t narrow;
    size_t i = 0;
    memcpy(&narrow, mask, 4);
    wide = (uint64_t)narrow << 32 | narrow;
    for (; i + 8 <= length; i += 8) {
        uint64_t word;
        memcpy(&word, payload + i, 8);
        word ^= wide;
        memcpy(payload + i, &word, 8);
    }
    for (; i < length; i++)
        payload[i] ^= mask[i & 3];
}

/* Bytes that wait: for the rest of a frame, or for room in a socket. */
struct held {
    uint8_t *bytes;
    size_t length, room;
};

static inline void hold(struct held *held, const void *bytes, size_t length)
{
    if (held->length + length > held->room) {
        held->room = (held->length + length) * 2;
        held->bytes = realloc(held->bytes, held->room);
        if (!held->bytes)
            die("out of memory");
    }
    memcpy(held->bytes + held->length, bytes, length);
    held->length += length;
}

static inline void let_go(struct held *held)
{
    free(held->bytes);
    memset(held, 0, sizeof *held);
}

#endif
