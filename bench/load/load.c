/* Load for a chat server's WebSocket from one core: many people who say and hear things, and keep a client's duties.
 * What they say is described by a dialect (dialect.h), so that it is the same load for every server. It checks what it
 * hears: every message of each speaker, in order, once; and where the server numbers them, that the numbers are dense.
 *
 *   load HOST PORT DIALECT PEOPLE MODE [name=value …]
 *
 * PEOPLE: a line a connection: user, token, channel, messages kept in flight (0: only listens).
 * MODE:   closed   each keeps its messages in flight: the next is sent when one is acknowledged. Gives a rate; its
 *                  delays are those of a crowd that waits for the server, and nothing to compare
 *         paced    `rate` messages a second whatever happens, from all who speak in turn; delays count from the
 *                  moment a message was due, so that a server that stalls is not forgiven what it kept us from sending
 *         idle     nobody says anything
 *         storm    all want to be connected at once: only the connecting is measured, from the moment it begins
 * name=value: warm, measure (seconds), rate, text (bytes), pid (of the server, or several with commas: their CPU and
 *         memory are noted), beside (pids whose CPU only is noted: its Redis), settle (seconds of silence,
 *         or when idle just seconds, between the last connection and the measurement), at_once (handshakes under way).
 * Prints one JSON object. */
#include "dialect.h"
#include "samples.h"
#include "usage.h"

#define TURN 1024              /* sockets looked at in one turn */
#define PENDING 4096           /* most messages of a connection that are not acknowledged yet */
#define CHECKED 1000           /* people up to whom every pair of speaker and listener is checked */
#define PER_ADDRESS 5000       /* connections from one loopback address */
#define ACK_MESSAGES 50
#define SECOND 1000000000LL
#define MOST_SETTLING 20       /* seconds */
#define READ_ROOM (4 << 20)
#define TAIL 160               /* bytes at the end of a frame in which {kept} is looked for */

enum state { UNOPENED, HANDSHAKE, SIGNING_IN, LIVE, ENDED };

struct person {
    int fd, step;
    enum state state;
    int in_flight;
    uint32_t next_id, acked;
    int64_t heard_seq;   /* of the last message; 0: none yet */
    int unacknowledged;  /* messages since the last ack */
    int64_t acknowledged_at, opened_at;
    int64_t *sent_at;    /* of those who speak, by id */
    struct held in, out;
    char user[40], token[200], channel[64], kept[80];
};

static struct dialect dialect;
static struct person *people;
static uint32_t *expected; /* by listener and speaker: the id that is to come */
static int count, opened, opening, live, speakers;
static int epoll, timer = -1;
static int started;
static double warm = 2, measure = 5, settle = 1, rate = 100;
static int text_bytes = 200, at_once = 64;
static struct pids server_pids, beside_pids;
static enum { CLOSED_LOOP, PACED, IDLE, STORM } mode;
static struct sockaddr_in server;

/* What is counted; the difference of two of these is a result. */
struct tally {
    int64_t at;
    uint64_t sent, acked, delivered, frames, beats, gaps, errors, ended;
    double own_cpu, server_cpu, beside_cpu, all_cpu;
};
static struct tally tally;
static char first_error[300];
static int measuring;

static struct samples ack_ms, delivery_ms, live_ms, handshake_ms;

static uint8_t in_buffer[READ_ROOM], out_buffer[1 << 18];
static char filler[4096];
static int64_t paced_from, paced_next, storm_began, began, heard_at;

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
    t.server_cpu = cpu_of_each(&server_pids);
    t.beside_cpu = cpu_of_each(&beside_pids);
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

static char *put_digits(char *to, uint64_t number, int digits)
{
    for (int i = digits - 1; i >= 0; i--, number /= 10)
        to[i] = (char)('0' + number % 10);
    return to + digits;
}

/* A text begins with when it was due, who says it and how many they said before, so that whoever hears it knows how
 * late it is and whether one is missing. */
#define TEXT_HEAD 38
static char *put_text(char *to, struct person *person, uint32_t id, int64_t due)
{
    *to++ = '~';
    to = put_digits(to, (uint64_t)due, 19);
    *to++ = ' ';
    to = put_digits(to, (uint64_t)(person - people), 5);
    *to++ = ' ';
    to = put_digits(to, id, 10);
    *to++ = ' ';
    memcpy(to, filler, (size_t)text_bytes - TEXT_HEAD);
    return to + text_bytes - TEXT_HEAD;
}

static size_t fill(char *to, const struct form *form, struct person *person, uint32_t id, int64_t due)
{
    char *at = to;
    for (int i = 0; i < form->count; i++) {
        const struct part *part = &form->parts[i];
        switch (part->what) {
        case LITERAL:
            memcpy(at, part->literal.at, part->literal.length);
            at += part->literal.length;
            break;
        case USER:
            at = stpcpy(at, person->user);
            break;
        case TOKEN:
            at = stpcpy(at, person->token);
            break;
        case CHANNEL:
            at = stpcpy(at, person->channel);
            break;
        case ID:
            at += sprintf(at, "%u", id);
            break;
        case UUID:
            at = put_uuid7(at);
            break;
        case WORDS:
            at = put_text(at, person, id, due);
            break;
        case KEPT:
            at = stpcpy(at, person->kept);
            break;
        }
    }
    return (size_t)(at - to);
}

static void say_form(struct person *person, const struct form *form, uint32_t id, int64_t due)
{
    char frame[6000];
    say(TEXT, frame, fill(frame, form, person, id, due));
}

static void send_message(struct person *person, int64_t due)
{
    uint32_t id = person->next_id++;
    if (id - person->acked >= PENDING)
        die("%s waits for %d acknowledgements: the server does not keep up", person->user, PENDING);
    person->sent_at[id % PENDING] = due;
    tally.sent++;
    say_form(person, &dialect.message, id, due);
    if (dialect.follow.count)
        say_form(person, &dialect.follow, id, due);
}

static void acknowledge(struct person *person, int64_t now)
{
    say_form(person, &dialect.acknowledge, 0, 0);
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

/* Kept short and without what JSON would have to escape. */
static void note_error(const char *text, size_t length)
{
    if (first_error[0])
        return;
    snprintf(first_error, sizeof first_error, "%.*s", (int)(length < 290 ? length : 290), text);
    for (char *c = first_error; *c; c++)
        if (*c == '"' || *c == '\\' || (unsigned char)*c < 32)
            *c = '\'';
}

static void note_gap(struct person *person, uint32_t speaker, uint32_t awaited, uint32_t heard)
{
    char line[200];
    tally.gaps++;
    note_error(line, (size_t)snprintf(line, sizeof line, "%s heard message %u of %s, and %u was to come", person->user,
                                      heard, people[speaker].user, awaited));
}

static const char *find_last(const char *text, const char *end, struct bytes marker)
{
    const char *at;
    while ((at = memrchr(text, marker.at[0], (size_t)(end - text)))) {
        if (begins(at, (size_t)(end - at), marker))
            return at;
        end = at;
    }
    return NULL;
}

static void check_seq(struct person *person, const char *text, const char *end, int64_t messages)
{
    const char *first = memmem(text, (size_t)(end - text), dialect.seq.at, dialect.seq.length);
    const char *last = first ? find_last(text, end, dialect.seq) : NULL;
    int64_t from = first ? number_after(first + dialect.seq.length, end) : 0;
    int64_t to = last ? number_after(last + dialect.seq.length, end) : 0;
    if (to - from + 1 != messages || (person->heard_seq && from != person->heard_seq + 1))
        tally.gaps++;
    person->heard_seq = to;
}

static void take_ack(struct person *person, uint32_t id, int64_t now)
{
    tally.acked++;
    person->acked++;
    if (measuring)
        sample(&ack_ms, (double)(now - person->sent_at[id % PENDING]) / 1e6);
    if (mode == CLOSED_LOOP && started)
        send_message(person, now);
}

static void hear_text(struct person *person, const char *text, const char *end, int64_t now)
{
    if (end - text < TEXT_HEAD) {
        tally.gaps++;
        return;
    }
    uint32_t speaker = (uint32_t)number_after(text + 21, end), id = (uint32_t)number_after(text + 27, end);
    if (expected && speaker < (uint32_t)count) {
        uint32_t *next = &expected[(size_t)(person - people) * (size_t)count + speaker];
        if (id != *next)
            note_gap(person, speaker, *next, id);
        *next = id + 1;
    }
    if (mode == PACED && measuring)
        sample(&delivery_ms, (double)(now - number_after(text + 1, end)) / 1e6);
    if (dialect.acked_by_hearing && speaker == (uint32_t)(person - people))
        take_ack(person, id, now);
}

/* A busy server may still have words of an earlier measurement to say. */
static int is_ours(const char *text, const char *end)
{
    return end - text < TEXT_HEAD || number_after(text + 1, end) >= began;
}

static void hear_texts(struct person *person, const char *text, const char *end, int64_t now)
{
    int64_t messages = 0;
    for (const char *at = text; (at = memchr(at, '~', (size_t)(end - at))); at += TEXT_HEAD) {
        if (is_ours(at, end)) {
            hear_text(person, at, end, now);
            messages++;
        }
        if (end - at < TEXT_HEAD)
            break;
    }
    if (!messages)
        return;
    tally.delivered += (uint64_t)messages;
    tally.frames++;
    if (dialect.seq.at)
        check_seq(person, text, end, messages);
    person->unacknowledged += (int)messages;
    if (dialect.acknowledge.count &&
        (person->unacknowledged >= ACK_MESSAGES || now - person->acknowledged_at >= SECOND))
        acknowledge(person, now);
}

static void hear_ack(struct person *person, const char *text, const char *end, int64_t now)
{
    const char *id = text + dialect.acked.length;
    int named = id < end && *id >= '0' && *id <= '9';
    take_ack(person, named ? (uint32_t)number_after(id, end) : person->acked, now);
}

static void hear_error(struct person *person, const char *text, size_t length, int64_t now)
{
    tally.errors++;
    note_error(text, length);
    if (mode == CLOSED_LOOP && started)
        send_message(person, now);
}

static void keep(struct person *person, const char *text, const char *end)
{
    const char *from = end - text > TAIL ? end - TAIL : text;
    const char *at = find_last(from, end, dialect.keep);
    const char *stop = at ? memchr(at + dialect.keep.length, '"', (size_t)(end - at) - dialect.keep.length) : NULL;
    size_t length = stop ? (size_t)(stop - at) - dialect.keep.length : 0;
    if (length && length < sizeof person->kept) {
        memcpy(person->kept, at + dialect.keep.length, length);
        person->kept[length] = 0;
    }
}

/* Say what the sign-in has next, up to what it waits for. */
static void sign_in(struct person *person, int64_t now)
{
    for (; person->step < dialect.step_count; person->step++) {
        const struct step *step = &dialect.steps[person->step];
        if (step->speakers_only && !person->in_flight)
            continue;
        if (step->await.at)
            return;
        say_form(person, &step->say, 0, 0);
    }
    person->state = LIVE;
    live++;
    opening--;
    if (mode == STORM) {
        sample(&live_ms, (double)(now - storm_began) / 1e6);
        sample(&handshake_ms, (double)(now - person->opened_at) / 1e6);
    }
}

static void hear_while_signing_in(struct person *person, const char *text, size_t length, int64_t now)
{
    struct bytes awaited = dialect.steps[person->step].await;
    if (begins(text, length, dialect.failed)) {
        note_error(text, length);
        tally.ended++;
    } else if (memmem(text, length, awaited.at, awaited.length)) {
        person->step++;
        sign_in(person, now);
    }
}

static int is_answered(struct person *person, const char *text, size_t length)
{
    for (int i = 0; i < dialect.reply_count; i++)
        if (begins(text, length, dialect.replies[i].to)) {
            say_form(person, &dialect.replies[i].say, 0, 0);
            tally.beats++;
            return 1;
        }
    return 0;
}

static void hear(struct person *person, const char *text, size_t length, int64_t now)
{
    const char *end = text + length;
    if (dialect.keep.at)
        keep(person, text, end);
    if (person->state == SIGNING_IN) {
        if (!is_answered(person, text, length))
            hear_while_signing_in(person, text, length, now);
        return;
    }
    if (begins(text, length, dialect.heard))
        hear_texts(person, text, end, now);
    else if (begins(text, length, dialect.acked))
        hear_ack(person, text, end, now);
    else if (!is_answered(person, text, length) && begins(text, length, dialect.failed))
        hear_error(person, text, length, now);
}

static size_t take_handshake(struct person *person, uint8_t *at, size_t held, int64_t now)
{
    uint8_t *stop = memmem(at, held, "\r\n\r\n", 4);
    if (!stop)
        return 0;
    if (memcmp(at, "HTTP/1.1 101", 12) || !memmem(at, held, ACCEPT, sizeof ACCEPT - 1)) {
        note_error((char *)at, held);
        end(person, "handshake refused");
        return held;
    }
    person->state = SIGNING_IN;
    sign_in(person, now);
    return (size_t)(stop + 4 - at);
}

static void take(struct person *person, uint8_t *at, size_t held, int64_t now)
{
    struct frame frame;
    if (person->state == HANDSHAKE) {
        size_t taken = take_handshake(person, at, held, now);
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
    heard_at = now_ns();
    take(person, in_buffer, held + (size_t)got, heard_at);
    flush(person);
}

/* --- connecting ------------------------------------------------------------------------------------------------ */

static size_t put_request(char *to, struct person *person)
{
    char *at = stpcpy(to, "GET ");
    at += fill(at, &dialect.path, person, 0, 0);
    at = stpcpy(at, " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n");
    for (int i = 0; i < dialect.header_count; i++) {
        at += fill(at, &dialect.headers[i], person, 0, 0);
        at = stpcpy(at, "\r\n");
    }
    return (size_t)(stpcpy(at, "\r\n") - to);
}

static void open_one(int number)
{
    struct person *person = &people[number];
    struct sockaddr_in from = {.sin_family = AF_INET};
    char request[2048];
    int yes = 1;
    person->opened_at = now_ns();
    person->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (person->fd < 0)
        die("socket: %s (ulimit -n?)", strerror(errno));
    setsockopt(person->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(person->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(number / PER_ADDRESS));
    if (bind(person->fd, (struct sockaddr *)&from, sizeof from))
        die("bind: %s", strerror(errno));
    if (connect(person->fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS)
        die("connect: %s", strerror(errno));
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.u32 = (uint32_t)number};
    epoll_ctl(epoll, EPOLL_CTL_ADD, person->fd, &event);
    person->state = HANDSHAKE;
    opening++;
    hold(&person->out, request, put_request(request, person));
}

static void read_people(const char *name)
{
    FILE *file = fopen(name, "r");
    struct person person = {0};
    int room = 0;
    if (!file)
        die("%s: %s", name, strerror(errno));
    while (fscanf(file, "%39s %199s %63s %d", person.user, person.token, person.channel, &person.in_flight) == 4) {
        if (count == room) {
            room = room ? room * 2 : 256;
            people = realloc(people, (size_t)room * sizeof *people);
            if (!people)
                die("out of memory");
        }
        if (person.in_flight > PENDING)
            die("at most %d messages in flight", PENDING);
        people[count++] = person;
    }
    fclose(file);
    for (int i = 0; i < count; i++)
        if (people[i].in_flight && !(people[i].sent_at = calloc(PENDING, sizeof *people[i].sent_at)))
            die("out of memory");
    if (count <= CHECKED && !(expected = calloc((size_t)count * (size_t)count, sizeof *expected)))
        die("out of memory");
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
        if (events[i].events & EPOLLOUT && person->out.length)
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
    for (int i = 0; dialect.acknowledge.count && i < count; i++)
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

/* Some servers go on telling everybody of everybody for a while after the last came. */
static void run_until_silent(double seconds)
{
    int64_t deadline = now_ns() + MOST_SETTLING * SECOND;
    heard_at = now_ns();
    while ((double)(now_ns() - heard_at) < seconds * 1e9 && now_ns() < deadline)
        run_for(0.02);
}

static double opening_seconds;

static void open_all(void)
{
    storm_began = now_ns();
    int64_t deadline = storm_began + 300 * SECOND;
    while (live < count) {
        while (opened < count && opening < at_once)
            open_one(opened++);
        turn(100);
        if (tally.ended)
            die("%s", first_error);
        if (now_ns() > deadline)
            die("only %d of %d connections are live after five minutes", live, count);
    }
    opening_seconds = (double)(now_ns() - storm_began) / 1e9;
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
    printf(",\"server_cpu\":%.4f,\"beside_cpu\":%.4f,\"generator_cpu\":%.4f",
           (to.server_cpu - from.server_cpu) / seconds, (to.beside_cpu - from.beside_cpu) / seconds,
           (to.own_cpu - from.own_cpu) / seconds);
    printf(",\"others_cpu\":%.4f", (to.all_cpu - from.all_cpu - to.server_cpu + from.server_cpu - to.beside_cpu +
           from.beside_cpu - to.own_cpu + from.own_cpu) / seconds);
    printf(",\"memory_before_kib\":%ld,\"memory_after_kib\":%ld", before_kib, after_kib);
    print_delays("ack", &ack_ms);
    print_delays("delivery", &delivery_ms);
    print_delays("live", &live_ms);
    print_delays("handshake", &handshake_ms);
    printf(",\"gaps\":%llu,\"errors\":%llu,\"ended\":%llu,\"first_error\":\"%s\"}\n", (unsigned long long)tally.gaps,
           (unsigned long long)tally.errors, (unsigned long long)tally.ended, first_error);
}

static void read_option(const char *option)
{
    int known = sscanf(option, "warm=%lf", &warm) == 1 || sscanf(option, "measure=%lf", &measure) == 1 ||
                sscanf(option, "settle=%lf", &settle) == 1 || sscanf(option, "rate=%lf", &rate) == 1 ||
                sscanf(option, "text=%d", &text_bytes) == 1 || sscanf(option, "at_once=%d", &at_once) == 1 ||
                (!strncmp(option, "pid=", 4) && read_pids(&server_pids, option + 4)) ||
                (!strncmp(option, "beside=", 7) && read_pids(&beside_pids, option + 7));
    if (!known)
        die("unknown option %s", option);
    if (text_bytes < TEXT_HEAD || text_bytes > (int)sizeof filler)
        die("a text has %d to %zu bytes", TEXT_HEAD, sizeof filler);
}

static void read_mode(const char *word)
{
    static const char *const words[] = {"closed", "paced", "idle", "storm"};
    int i = 0;
    while (i < 4 && strcmp(word, words[i]))
        i++;
    if (i == 4)
        die("unknown mode %s", word);
    mode = i;
}

static void measure_storm(void)
{
    long before_kib = memory_of_each(&server_pids);
    struct tally from = note();
    open_all();
    print_result(from, note(), before_kib, memory_of_each(&server_pids));
}

static void measure_talk(void)
{
    long before_kib = memory_of_each(&server_pids);
    open_all();
    if (mode == IDLE)
        run_for(settle);
    else
        run_until_silent(settle);
    start();
    run_for(warm);
    measuring = 1;
    struct tally from = note();
    run_for(measure);
    struct tally to = note();
    measuring = 0;
    print_result(from, to, before_kib, memory_of_each(&server_pids));
}

int main(int argc, char **argv)
{
    if (argc < 6)
        die("usage: load HOST PORT DIALECT PEOPLE closed|paced|idle|storm [name=value …]");
    began = now_ns();
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)atoi(argv[2]));
    if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1)
        die("%s is no IPv4 address", argv[1]);
    read_dialect(&dialect, argv[3]);
    read_people(argv[4]);
    read_mode(argv[5]);
    for (int i = 6; i < argc; i++)
        read_option(argv[i]);
    for (size_t i = 0; i < sizeof filler; i++)
        filler[i] = i % 6 == 5 ? ' ' : (char)('a' + random_bits() % 10);
    for (int i = 0; i < count; i++)
        speakers += people[i].in_flight > 0;
    if (mode != IDLE && mode != STORM && !speakers)
        die("nobody speaks");
    epoll = epoll_create1(0);
    if (mode == STORM)
        measure_storm();
    else
        measure_talk();
    return 0;
}
