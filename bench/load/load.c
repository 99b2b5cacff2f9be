/* Load for Maru's WebSocket from one core: many people who say and hear things, and keep the client's duties
 * (acknowledge every 50 events or second, answer heartbeats). It checks what it hears: every message of the channel,
 * in order, once.
 *
 *   load HOST PORT PATH PEOPLE MODE [name=value …]
 *
 * PEOPLE: a line a connection: bearer token, channel id, messages kept in flight (0: only listens).
 * MODE:   closed   each keeps its messages in flight: the next is sent when one is acknowledged
 *         paced    `rate` messages a second whatever happens, from all who speak in turn; delays count from the
 *                  moment a message was due
 *         idle     nobody says anything
 * name=value: warm, measure (seconds), rate, text (bytes), pid (of the server: its CPU and memory are noted),
 *         settle (seconds between the last connection and the measurement).
 * Prints one JSON object. */
#include "samples.h"
#include "usage.h"
#include "wire.h"

#define TURN 1024              /* sockets looked at in one turn */
#define OPENING 64             /* handshakes under way at once */
#define IN_FLIGHT 64           /* most messages a connection keeps in flight */
#define PER_ADDRESS 5000       /* connections from one loopback address */
#define ACK_EVENTS 50
#define SECOND 1000000000LL
#define READ_ROOM (4 << 20)

enum state { UNOPENED, HANDSHAKE, GREETED, LIVE, ENDED };

struct person {
    int fd;
    enum state state;
    int in_flight;
    uint32_t next_id;
    int64_t heard_seq;   /* of the last event; 0: none yet */
    int unacknowledged;  /* events since the last ack */
    int64_t acknowledged_at;
    int64_t sent_at[IN_FLIGHT];
    struct held in, out;
    char token[64], channel[20], cursor[80];
};

static struct person *people;
static int count, opened, opening, live, speakers;
static int epoll, timer = -1;
static int started;
static double warm = 2, measure = 5, settle = 1, rate = 100;
static int text_bytes = 200, server_pid;
static enum { CLOSED_LOOP, PACED, IDLE } mode;
static const char *path;
static struct sockaddr_in server;

/* What is counted; the difference of two of these is a result. */
struct tally {
    int64_t at;
    uint64_t sent, acked, delivered, frames, beats, gaps, errors, ended;
    double own_cpu, server_cpu, children_cpu, all_cpu;
};
static struct tally tally;
static char first_error[300];
static int measuring;

static struct samples ack_ms, delivery_ms;

static uint8_t in_buffer[READ_ROOM], out_buffer[1 << 16];
static char filler[4096];
static int64_t paced_from, paced_next;

static uint64_t random_bits(void)
{
    static uint64_t state = 0;
    if (!state)
        state = (uint64_t)now_ns() * 0x9e3779b97f4a7c15u | 1;
    state ^= state << 13; /* xorshift64 */
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static struct tally note(void)
{
    struct rusage own;
    struct tally t = tally;
    t.at = now_ns();
    getrusage(RUSAGE_SELF, &own);
    t.own_cpu = (double)own.ru_utime.tv_sec + (double)own.ru_stime.tv_sec +
                (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
    t.all_cpu = cpu_of_all();
    t.server_cpu = server_pid ? cpu_of(server_pid) : 0;
    t.children_cpu = server_pid ? cpu_of_children(server_pid) : 0;
    return t;
}

/* --- out ------------------------------------------------------------------------------------------------------- */

static void watch(struct person *person, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u32 = (uint32_t)(person - people)};
    epoll_ctl(epoll, EPOLL_CTL_MOD, person->fd, &event);
}

static void end(struct person *person, const char *why)
{
    if (person->state == ENDED)
        return;
    if (person->state == LIVE)
        live--;
    else
        opening--;
    if (!tally.ended++ && !first_error[0])
        snprintf(first_error, sizeof first_error, "connection ended: %s", why);
    person->state = ENDED;
    close(person->fd);
    let_go(&person->in);
    let_go(&person->out);
}

static void write_out(struct person *person, const void *bytes, size_t length)
{
    if (person->state == ENDED)
        return;
    if (!person->out.length) {
        ssize_t sent = send(person->fd, bytes, length, MSG_NOSIGNAL);
        if (sent == (ssize_t)length)
            return;
        if (sent < 0 && errno != EAGAIN) {
            end(person, strerror(errno));
            return;
        }
        sent = sent < 0 ? 0 : sent;
        bytes = (const uint8_t *)bytes + sent;
        length -= (size_t)sent;
        watch(person, EPOLLIN | EPOLLOUT);
    }
    hold(&person->out, bytes, length);
}

static void write_held(struct person *person)
{
    ssize_t sent = send(person->fd, person->out.bytes, person->out.length, MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN)
            end(person, strerror(errno));
        return;
    }
    if ((size_t)sent < person->out.length) {
        person->out.length -= (size_t)sent;
        memmove(person->out.bytes, person->out.bytes + sent, person->out.length);
        return;
    }
    let_go(&person->out);
    watch(person, EPOLLIN);
}

/* What one person says in a turn leaves in one write. */
static size_t said;

static void say(int opcode, const char *text, size_t length)
{
    uint8_t *at = out_buffer + said;
    size_t header = put_header(at, opcode, length, 1);
    uint32_t mask = (uint32_t)random_bits();
    memcpy(at + header, &mask, 4);
    memcpy(at + header + 4, text, length);
    apply_mask(at + header + 4, length, at + header);
    said += header + 4 + length;
}

static void flush(struct person *person)
{
    if (said)
        write_out(person, out_buffer, said);
    said = 0;
}

static char *put_hex(char *to, uint64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value >>= 4)
        to[i] = "0123456789abcdef"[value & 15];
    return to + digits;
}

/* RFC 9562 5.7: milliseconds, then random bits. */
static char *put_uuid7(char *to)
{
    static int64_t asked_at, ms;
    struct timespec t;
    if (now_ns() - asked_at > 1000000) {
        asked_at = now_ns();
        clock_gettime(CLOCK_REALTIME, &t);
        ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    }
    to = put_hex(to, (uint64_t)ms >> 16, 8);
    *to++ = '-';
    to = put_hex(to, (uint64_t)ms & 0xffff, 4);
    *to++ = '-';
    to = put_hex(to, 0x7000 | (random_bits() & 0xfff), 4);
    *to++ = '-';
    to = put_hex(to, 0x8000 | (random_bits() & 0x3fff), 4);
    *to++ = '-';
    return put_hex(to, random_bits(), 12);
}

#define PUT(to, literal) (memcpy(to, literal, sizeof literal - 1), (to) + sizeof literal - 1)

/* The text begins with the nanosecond at which it was due, so that whoever hears it knows how late it is. */
static void send_message(struct person *person, int64_t due)
{
    char frame[5000], *at = frame;
    uint32_t id = person->next_id++;
    at = PUT(at, "{\"type\":\"send\",\"id\":");
    at += sprintf(at, "%u", id);
    at = PUT(at, ",\"channel_id\":\"");
    at = stpcpy(at, person->channel);
    at = PUT(at, "\",\"client_message_id\":\"");
    at = put_uuid7(at);
    at = PUT(at, "\",\"text\":\"");
    at += sprintf(at, "%019lld ", (long long)due);
    memcpy(at, filler, (size_t)text_bytes - 20);
    at += text_bytes - 20;
    at = PUT(at, "\"}");
    person->sent_at[id % IN_FLIGHT] = due;
    tally.sent++;
    say(TEXT, frame, (size_t)(at - frame));
}

static void acknowledge(struct person *person, int64_t now)
{
    char frame[160];
    int length = snprintf(frame, sizeof frame, "{\"type\":\"ack\",\"cursor\":\"%s\"}", person->cursor);
    say(TEXT, frame, (size_t)length);
    person->unacknowledged = 0;
    person->acknowledged_at = now;
}

/* --- in -------------------------------------------------------------------------------------------------------- */

static int64_t number_after(const char *at, const char *end)
{
    int64_t number = 0;
    while (at < end && *at >= '0' && *at <= '9')
        number = number * 10 + (*at++ - '0');
    return number;
}

/* "seq" is the only word of an event with a q in it, and the texts sent here have none. */
static int64_t first_seq(const char *text, const char *end)
{
    const char *q = memchr(text, 'q', (size_t)(end - text));
    return q ? number_after(q + 3, end) : 0;
}

static int64_t last_seq(const char *text, const char *end)
{
    const char *q = memrchr(text, 'q', (size_t)(end - text));
    return q ? number_after(q + 3, end) : 0;
}

static void remember_cursor(struct person *person, const char *text, const char *end)
{
    const char *stop = end - 2; /* …"} */
    const char *start = stop[0] == '"' && stop[1] == '}' ? memrchr(text, '"', (size_t)(stop - text)) : NULL;
    if (start && (size_t)(stop - start) <= sizeof person->cursor) {
        memcpy(person->cursor, start + 1, (size_t)(stop - start - 1));
        person->cursor[stop - start - 1] = 0;
    }
}

static void hear_events(struct person *person, const char *text, const char *end, int64_t now)
{
    int64_t first = first_seq(text, end), last = last_seq(text, end), events = last - first + 1;
    if (!first || events < 1 || (person->heard_seq && first != person->heard_seq + 1))
        tally.gaps++;
    person->heard_seq = last;
    tally.delivered += (uint64_t)(events > 0 ? events : 0);
    tally.frames++;
    remember_cursor(person, text, end);
    person->unacknowledged += (int)events;
    if (person->unacknowledged >= ACK_EVENTS || now - person->acknowledged_at >= SECOND)
        acknowledge(person, now);
    if (mode != PACED || !measuring)
        return;
    for (const char *at = text; (at = memmem(at, (size_t)(end - at), "\"text\":\"", 8)); at += 8)
        sample(&delivery_ms, (double)(now - number_after(at + 8, end)) / 1e6);
}

static void hear_ok(struct person *person, const char *text, const char *end, int64_t now)
{
    uint32_t id = (uint32_t)number_after(text + 18, end); /* {"type":"ok","id": */
    tally.acked++;
    if (measuring)
        sample(&ack_ms, (double)(now - person->sent_at[id % IN_FLIGHT]) / 1e6);
    if (mode == CLOSED_LOOP && started)
        send_message(person, now);
}

static void hear_live(struct person *person)
{
    if (person->state == LIVE)
        return;
    person->state = LIVE;
    live++;
    opening--;
}

static void hear_error(struct person *person, const char *text, size_t length, int64_t now)
{
    if (!tally.errors++ && !first_error[0])
        snprintf(first_error, sizeof first_error, "%.*s", (int)(length < 290 ? length : 290), text);
    if (mode == CLOSED_LOOP && started)
        send_message(person, now);
}

static void hear(struct person *person, const char *text, size_t length, int64_t now)
{
    const char *end = text + length;
    if (length < 12)
        return;
    switch (text[9]) { /* {"type":"… */
    case 'e':
        if (text[10] == 'v')
            hear_events(person, text, end, now);
        else
            hear_error(person, text, length, now);
        break;
    case 'o':
        hear_ok(person, text, end, now);
        break;
    case 'h':
        tally.beats++;
        remember_cursor(person, text, end);
        say(TEXT, "{\"type\":\"heartbeat\",\"active\":false}", 35);
        break;
    case 'l':
        hear_live(person);
        break;
    }
}

static size_t take_handshake(struct person *person, uint8_t *at, size_t held)
{
    uint8_t *stop = memmem(at, held, "\r\n\r\n", 4);
    if (!stop)
        return 0;
    if (memcmp(at, "HTTP/1.1 101", 12) || !memmem(at, held, ACCEPT, sizeof ACCEPT - 1)) {
        snprintf(first_error, sizeof first_error, "%.*s", (int)(held < 290 ? held : 290), (char *)at);
        for (char *c = first_error; *c; c++)
            if (*c == '"' || *c == '\\' || (unsigned char)*c < 32)
                *c = ' ';
        end(person, "handshake refused");
        return held;
    }
    person->state = GREETED;
    static const char hello[] = "{\"type\":\"hello\",\"cursor\":null,\"active\":true}";
    say(TEXT, hello, sizeof hello - 1);
    return (size_t)(stop + 4 - at);
}

static void take(struct person *person, uint8_t *at, size_t held, int64_t now)
{
    struct frame frame;
    if (person->state == HANDSHAKE) {
        size_t taken = take_handshake(person, at, held);
        at += taken;
        held -= taken;
    }
    while (person->state > HANDSHAKE && person->state != ENDED && find_frame(at, held, &frame)) {
        if (frame.opcode == TEXT)
            hear(person, (char *)frame.payload, frame.length, now);
        else if (frame.opcode == PING)
            say(PONG, (char *)frame.payload, frame.length);
        else if (frame.opcode == CLOSE)
            end(person, frame.length > 2 ? "closed by the server" : "closed without a reason");
        at += frame.whole;
        held -= frame.whole;
    }
    person->in.length = 0;
    if (person->state == ENDED)
        return;
    if (held)
        hold(&person->in, at, held);
    else if (person->in.room)
        let_go(&person->in);
}

static void read_in(struct person *person)
{
    size_t held = person->in.length;
    if (held > READ_ROOM / 2)
        die("a frame is too long");
    memcpy(in_buffer, person->in.bytes, held);
    ssize_t got = recv(person->fd, in_buffer + held, READ_ROOM - held, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            end(person, got ? strerror(errno) : "end of stream");
        return;
    }
    take(person, in_buffer, held + (size_t)got, now_ns());
    flush(person);
}

/* --- connecting ------------------------------------------------------------------------------------------------ */

static void open_one(int number)
{
    struct person *person = &people[number];
    struct sockaddr_in from = {.sin_family = AF_INET};
    char request[1024];
    int yes = 1;
    person->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (person->fd < 0)
        die("socket: %s (ulimit -n?)", strerror(errno));
    setsockopt(person->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(person->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(number / PER_ADDRESS));
    if (bind(person->fd, (struct sockaddr *)&from, sizeof from))
        die("bind: %s", strerror(errno));
    if (connect(person->fd, (struct sockaddr *)&server, sizeof server))
        die("connect: %s", strerror(errno));
    fcntl(person->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)number};
    epoll_ctl(epoll, EPOLL_CTL_ADD, person->fd, &event);
    person->state = HANDSHAKE;
    opening++;
    int length = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n\r\n",
        path, person->token);
    write_out(person, request, (size_t)length);
}

static void read_people(const char *name)
{
    FILE *file = fopen(name, "r");
    struct person person = {0};
    int room = 0;
    if (!file)
        die("%s: %s", name, strerror(errno));
    while (fscanf(file, "%63s %19s %d", person.token, person.channel, &person.in_flight) == 3) {
        if (count == room) {
            room = room ? room * 2 : 256;
            people = realloc(people, (size_t)room * sizeof *people);
            if (!people)
                die("out of memory");
        }
        if (person.in_flight > IN_FLIGHT)
            die("at most %d messages in flight", IN_FLIGHT);
        people[count++] = person;
    }
    fclose(file);
}

/* --- turns ----------------------------------------------------------------------------------------------------- */

static void arm(int64_t at)
{
    struct itimerspec when = {.it_value = {at / SECOND, at % SECOND}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void send_due(void)
{
    static int next;
    uint64_t rung;
    if (read(timer, &rung, sizeof rung) < 0 && errno != EAGAIN)
        die("timer: %s", strerror(errno));
    for (;;) {
        int64_t due = paced_from + (int64_t)((double)paced_next * 1e9 / rate);
        if (due > now_ns()) {
            arm(due);
            return;
        }
        do
            next = (next + 1) % count;
        while (!people[next].in_flight);
        send_message(&people[next], due);
        flush(&people[next]);
        paced_next++;
    }
}

static void turn(int wait_ms)
{
    struct epoll_event events[TURN];
    int ready = epoll_wait(epoll, events, TURN, wait_ms);
    for (int i = 0; i < ready; i++) {
        if (events[i].data.u32 == UINT32_MAX) {
            if (started)
                send_due();
            continue;
        }
        struct person *person = &people[events[i].data.u32];
        if (person->state == ENDED)
            continue;
        if (events[i].events & EPOLLOUT)
            write_held(person);
        if (person->state != ENDED && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
            read_in(person);
    }
}

/* Acknowledge what has waited for a second, as a client's timer would. */
static void acknowledge_late(void)
{
    static int64_t looked_at;
    int64_t now = now_ns();
    if (now - looked_at < SECOND / 4)
        return;
    looked_at = now;
    for (int i = 0; i < count; i++)
        if (people[i].state == LIVE && people[i].unacknowledged && now - people[i].acknowledged_at >= SECOND) {
            acknowledge(&people[i], now);
            flush(&people[i]);
        }
}

static void run_for(double seconds)
{
    int64_t until = now_ns() + (int64_t)(seconds * 1e9);
    while (now_ns() < until) {
        turn(10);
        acknowledge_late();
    }
}

static double opening_seconds;

static void open_all(void)
{
    int64_t began = now_ns(), deadline = began + 300 * SECOND;
    while (live < count) {
        while (opened < count && opening < OPENING)
            open_one(opened++);
        turn(100);
        if (tally.ended)
            die("%s", first_error);
        if (now_ns() > deadline)
            die("only %d of %d connections are live after five minutes", live, count);
    }
    opening_seconds = (double)(now_ns() - began) / 1e9;
}

static void start(void)
{
    started = 1;
    if (mode == PACED) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
        timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
        epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
        paced_from = now_ns();
        send_due();
        return;
    }
    for (int i = 0; mode == CLOSED_LOOP && i < count; i++) {
        for (int n = 0; n < people[i].in_flight; n++)
            send_message(&people[i], now_ns());
        flush(&people[i]);
    }
}

/* --- the result ------------------------------------------------------------------------------------------------ */

static void print_result(struct tally from, struct tally to, long before_kib, long after_kib)
{
    double seconds = (double)(to.at - from.at) / 1e9;
    printf("{\"connections\":%d,\"opening_seconds\":%.3f,\"seconds\":%.3f", live, opening_seconds, seconds);
    printf(",\"sent\":%.1f,\"acked\":%.1f,\"delivered\":%.1f,\"frames\":%.1f,\"beats\":%.2f",
           (double)(to.sent - from.sent) / seconds, (double)(to.acked - from.acked) / seconds,
           (double)(to.delivered - from.delivered) / seconds, (double)(to.frames - from.frames) / seconds,
           (double)(to.beats - from.beats) / seconds);
    printf(",\"server_cpu\":%.4f,\"children_cpu\":%.4f,\"generator_cpu\":%.4f",
           (to.server_cpu - from.server_cpu) / seconds, (to.children_cpu - from.children_cpu) / seconds,
           (to.own_cpu - from.own_cpu) / seconds);
    printf(",\"others_cpu\":%.4f", (to.all_cpu - from.all_cpu - to.server_cpu + from.server_cpu - to.children_cpu +
           from.children_cpu - to.own_cpu + from.own_cpu) / seconds);
    printf(",\"memory_before_kib\":%ld,\"memory_after_kib\":%ld", before_kib, after_kib);
    print_delays("ack", &ack_ms);
    print_delays("delivery", &delivery_ms);
    for (char *c = first_error; *c; c++)
        if (*c == '"' || *c == '\\' || (unsigned char)*c < 32)
            *c = '\'';
    printf(",\"gaps\":%llu,\"errors\":%llu,\"ended\":%llu,\"first_error\":\"%s\"}\n", (unsigned long long)tally.gaps,
           (unsigned long long)tally.errors, (unsigned long long)tally.ended, first_error);
}

static void read_option(const char *option)
{
    if (sscanf(option, "warm=%lf", &warm) != 1 && sscanf(option, "measure=%lf", &measure) != 1 &&
        sscanf(option, "settle=%lf", &settle) != 1 && sscanf(option, "rate=%lf", &rate) != 1 &&
        sscanf(option, "text=%d", &text_bytes) != 1 && sscanf(option, "pid=%d", &server_pid) != 1)
        die("unknown option %s", option);
    if (text_bytes < 20 || text_bytes > (int)sizeof filler)
        die("a text has 20 to %zu bytes", sizeof filler);
}

int main(int argc, char **argv)
{
    if (argc < 6)
        die("usage: load HOST PORT PATH PEOPLE closed|paced|idle [name=value …]");
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)atoi(argv[2]));
    if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1)
        die("%s is no IPv4 address", argv[1]);
    path = argv[3];
    read_people(argv[4]);
    mode = !strcmp(argv[5], "closed") ? CLOSED_LOOP : !strcmp(argv[5], "paced") ? PACED : IDLE;
    for (int i = 6; i < argc; i++)
        read_option(argv[i]);
    for (size_t i = 0; i < sizeof filler; i++)
        filler[i] = i % 6 == 5 ? ' ' : (char)('a' + random_bits() % 10);
    for (int i = 0; i < count; i++)
        speakers += people[i].in_flight > 0;
    if (mode != IDLE && !speakers)
        die("nobody speaks");
    epoll = epoll_create1(0);
    long before_kib = server_pid ? memory_of(server_pid, "Rss:") : 0;
    open_all();
    run_for(settle);
    start();
    run_for(warm);
    measuring = 1;
    struct tally from = note();
    run_for(measure);
    struct tally to = note();
    measuring = 0;
    long after_kib = server_pid ? memory_of(server_pid, "Rss:") : 0;
    print_result(from, to, before_kib, after_kib);
    return 0;
}
