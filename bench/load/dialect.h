/* What a server is spoken to in: a file of lines, `word rest`, that the load generator follows. So a further server
 * needs no C.
 *
 *   path /ws?token={token}         asked for in the handshake
 *   header Name: value             any number
 *   say FORM, await BYTES          the sign-in, in this order: a frame to send; a frame with these bytes in it to wait
 *                                  for. After the last of them the connection is live. `speakers say …` and
 *                                  `speakers await …` are left out for those who only listen
 *   message FORM                   what is said
 *   follow FORM                    a second frame after each message
 *   acked BYTES                    a frame that begins so acknowledges the message whose id follows, or the oldest one
 *                                  when no digit follows
 *   acked_by_hearing               there is no such frame: hearing one's own message is the acknowledgement
 *   heard BYTES                    a frame that begins so has messages in it (other frames too, if they have none)
 *   failed BYTES                   a frame that begins so is an error
 *   reply BYTES => FORM            a frame that begins so is answered
 *   seq BYTES                      the number after it is dense on a connection, in frames with messages
 *   keep BYTES                     what follows it, up to a quote, near the end of a frame: {kept}
 *   acknowledge FORM               sent every 50 messages or second
 *
 * In a FORM: {user} {token} {channel} as in PEOPLE, {id} counts a connection's messages, {uuid} is a new UUIDv7,
 * {text} the text. A text is found by its first byte, `~`, which nothing else may have. */
#ifndef DIALECT_H
#define DIALECT_H

#include "wire.h"

enum placeholder { LITERAL, USER, TOKEN, CHANNEL, ID, UUID, WORDS, KEPT };

struct bytes {
    const char *at; /* NULL: not given */
    size_t length;
};

struct form {
    struct part {
        enum placeholder what;
        struct bytes literal;
    } parts[24];
    int count;
};

struct dialect {
    struct form path, headers[8], message, follow, acknowledge;
    struct step {
        int speakers_only;
        struct bytes await; /* or else: */
        struct form say;
    } steps[24];
    struct reply {
        struct bytes to;
        struct form say;
    } replies[4];
    int header_count, step_count, reply_count, acked_by_hearing;
    struct bytes acked, heard, failed, seq, keep;
};

static inline int begins(const char *text, size_t length, struct bytes with)
{
    return with.at && length >= with.length && !memcmp(text, with.at, with.length);
}

static void add_part(struct form *form, enum placeholder what, const char *at, size_t length)
{
    if (form->count == (int)(sizeof form->parts / sizeof *form->parts))
        die("a form of the dialect has too many parts");
    if (what != LITERAL || length)
        form->parts[form->count++] = (struct part){what, {at, length}};
}

static struct form read_form(const char *line)
{
    static const struct {
        const char *name;
        enum placeholder what;
    } names[] = {{"{user}", USER}, {"{token}", TOKEN}, {"{channel}", CHANNEL}, {"{id}", ID},
                 {"{uuid}", UUID}, {"{text}", WORDS}, {"{kept}", KEPT}};
    struct form form = {0};
    const char *from = line, *at = line;
    while ((at = strchr(at, '{'))) {
        size_t i = 0, kinds = sizeof names / sizeof *names;
        while (i < kinds && strncmp(at, names[i].name, strlen(names[i].name)))
            i++;
        if (i == kinds) {
            at++;
            continue;
        }
        add_part(&form, LITERAL, from, (size_t)(at - from));
        add_part(&form, names[i].what, NULL, 0);
        from = at += strlen(names[i].name);
    }
    add_part(&form, LITERAL, from, strlen(from));
    return form;
}

static struct bytes read_bytes(const char *line)
{
    return (struct bytes){line, strlen(line)};
}

static struct step *add_step(struct dialect *dialect, int speakers_only)
{
    if (dialect->step_count == (int)(sizeof dialect->steps / sizeof *dialect->steps))
        die("the sign-in of the dialect has too many steps");
    struct step *step = &dialect->steps[dialect->step_count++];
    step->speakers_only = speakers_only;
    return step;
}

static void add_reply(struct dialect *dialect, char *line)
{
    char *arrow = strstr(line, " => ");
    if (!arrow || dialect->reply_count == (int)(sizeof dialect->replies / sizeof *dialect->replies))
        die("not a reply, or one too many: %s", line);
    *arrow = 0;
    dialect->replies[dialect->reply_count++] = (struct reply){read_bytes(line), read_form(arrow + 4)};
}

static void read_line(struct dialect *dialect, char *line)
{
    char *rest = strchr(line, ' ');
    if (rest)
        *rest++ = 0;
    else
        rest = line + strlen(line);
    int speakers_only = !strcmp(line, "speakers");
    if (speakers_only && (line = rest, rest = strchr(line, ' ')))
        *rest++ = 0;
    if (!strcmp(line, "say"))
        add_step(dialect, speakers_only)->say = read_form(rest);
    else if (!strcmp(line, "await"))
        add_step(dialect, speakers_only)->await = read_bytes(rest);
    else if (!strcmp(line, "path"))
        dialect->path = read_form(rest);
    else if (!strcmp(line, "header") && dialect->header_count < 8)
        dialect->headers[dialect->header_count++] = read_form(rest);
    else if (!strcmp(line, "message"))
        dialect->message = read_form(rest);
    else if (!strcmp(line, "follow"))
        dialect->follow = read_form(rest);
    else if (!strcmp(line, "acknowledge"))
        dialect->acknowledge = read_form(rest);
    else if (!strcmp(line, "reply"))
        add_reply(dialect, rest);
    else if (!strcmp(line, "acked"))
        dialect->acked = read_bytes(rest);
    else if (!strcmp(line, "acked_by_hearing"))
        dialect->acked_by_hearing = 1;
    else if (!strcmp(line, "heard"))
        dialect->heard = read_bytes(rest);
    else if (!strcmp(line, "failed"))
        dialect->failed = read_bytes(rest);
    else if (!strcmp(line, "seq"))
        dialect->seq = read_bytes(rest);
    else if (!strcmp(line, "keep"))
        dialect->keep = read_bytes(rest);
    else
        die("the dialect does not know the word %s", line);
}

/* The lines stay in memory: forms and bytes point into them. */
static void read_dialect(struct dialect *dialect, const char *name)
{
    static char whole[1 << 16];
    FILE *file = fopen(name, "r");
    if (!file)
        die("%s: %s", name, strerror(errno));
    size_t length = fread(whole, 1, sizeof whole - 1, file);
    fclose(file);
    whole[length] = 0;
    char *rest = whole, *line;
    while ((line = strsep(&rest, "\n")))
        if (*line && *line != '#')
            read_line(dialect, line);
}

#endif
