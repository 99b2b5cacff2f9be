/* What a server could do that stores nothing, checks nothing and is written in C: it proves that the load generator is
 * not what limits a measurement. Everybody whose token ends in the same channel hears what is said there; what
 * gathered in a turn leaves in one write a socket.
 *
 *   ceiling PORT     (ends with its standard input) */
#include "wire.h"
#include <poll.h>

#define CHANNELS 4096
#define MEMBERS 128
#define SOCKETS 20000
#define TURN 1024

struct client {
    int fd, channel, greeted, dirty, writing;
    struct held in, out;
};
struct channel {
    char name[20];
    long seq;
    int members, who[MEMBERS];
};

static struct client clients[SOCKETS];
static struct channel channels[CHANNELS];
static int channel_count, epoll, dirty[SOCKETS], dirty_count;
static uint8_t buffer[1 << 20];

static int find_channel(const char *name, size_t length)
{
    for (int i = 0; i < channel_count; i++)
        if (!strncmp(channels[i].name, name, length) && !channels[i].name[length])
            return i;
    if (channel_count == CHANNELS || length >= sizeof channels[0].name)
        die("too many channels");
    memcpy(channels[channel_count].name, name, length);
    return channel_count++;
}

static void queue(struct client *client, const void *bytes, size_t length)
{
    if (!client->dirty) {
        client->dirty = 1;
        dirty[dirty_count++] = client->fd;
    }
    hold(&client->out, bytes, length);
}

static size_t text_frame(uint8_t *to, const char *head, const char *event, size_t length, const char *tail)
{
    size_t heads = strlen(head), tails = strlen(tail), start = put_header(to, TEXT, heads + length + tails, 0);
    memcpy(to + start, head, heads);
    memcpy(to + start + heads, event, length);
    memcpy(to + start + heads + length, tail, tails);
    return start + heads + length + tails;
}

static void queue_text(struct client *client, const char *text)
{
    uint8_t frame[512];
    queue(client, frame, text_frame(frame, "", text, strlen(text), ""));
}

static void broadcast(struct client *client, const char *text, size_t length)
{
    struct channel *channel = &channels[client->channel];
    char event[6000], ok[40];
    uint8_t frame[6200];
    const char *said = memmem(text, length, "\"client_message_id\"", 19);
    if (!said)
        return;
    channel->seq++;
    int size = snprintf(event, sizeof event,
        "{\"kind\":\"message\",\"channel_id\":\"%s\",\"seq\":%ld,\"at\":1700000000000,\"author_id\":\"0000000000000000\","
        "\"version\":%ld,\"count\":%ld,%.*s", channel->name, channel->seq, channel->seq, channel->seq,
        (int)(text + length - said), said);
    size_t whole = text_frame(frame, "{\"type\":\"events\",\"events\":[", event, (size_t)size,
                              "],\"cursor\":\"00000000000000000000000000000000-0000000000000000\"}");
    for (int i = 0; i < channel->members; i++)
        queue(&clients[channel->who[i]], frame, whole);
    snprintf(ok, sizeof ok, "{\"type\":\"ok\",\"id\":%d,\"event\":", atoi(text + 20));
    queue(client, frame, text_frame(frame, ok, event, (size_t)size, "}"));
}

static void hear(struct client *client, const char *text, size_t length)
{
    if (text[9] == 's') {
        broadcast(client, text, length);
    } else if (!strncmp(text + 9, "hello", 5)) {
        struct channel *channel = &channels[client->channel];
        if (channel->members == MEMBERS)
            die("too many members");
        channel->who[channel->members++] = client->fd;
        queue_text(client, "{\"type\":\"welcome\"}");
        queue_text(client, "{\"type\":\"live\"}");
    }
}

static size_t answer_handshake(struct client *client, char *request, size_t held)
{
    char *stop = memmem(request, held, "\r\n\r\n", 4), *token = memmem(request, held, "Bearer ", 7);
    if (!stop || !token)
        return 0;
    char *line = strchr(token, '\r'), *name = memrchr(token, ':', (size_t)(line - token));
    client->channel = find_channel(name + 1, (size_t)(line - name - 1));
    client->greeted = 1;
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                 "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n";
    queue(client, answer, sizeof answer - 1);
    return (size_t)(stop + 4 - request);
}

static void leave(struct client *client)
{
    struct channel *channel = &channels[client->channel];
    for (int i = 0; i < channel->members; i++)
        if (channel->who[i] == client->fd)
            channel->who[i--] = channel->who[--channel->members];
    close(client->fd);
    let_go(&client->in);
    let_go(&client->out);
    client->fd = 0;
}

static void read_in(struct client *client)
{
    struct frame frame;
    size_t held = client->in.length;
    memcpy(buffer, client->in.bytes, held);
    ssize_t got = recv(client->fd, buffer + held, sizeof buffer - held - 1, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            leave(client);
        return;
    }
    held += (size_t)got;
    uint8_t *at = buffer;
    if (!client->greeted) {
        size_t taken = answer_handshake(client, (char *)at, held);
        at += taken;
        held -= taken;
    }
    while (client->greeted && find_frame(at, held, &frame)) {
        if (frame.mask)
            apply_mask(frame.payload, frame.length, frame.mask);
        if (frame.opcode == TEXT && frame.length > 14)
            hear(client, (char *)frame.payload, frame.length);
        at += frame.whole;
        held -= frame.whole;
    }
    client->in.length = 0;
    hold(&client->in, at, held);
}

static void write_out(struct client *client)
{
    ssize_t sent = send(client->fd, client->out.bytes, client->out.length, MSG_NOSIGNAL);
    sent = sent < 0 ? 0 : sent;
    client->out.length -= (size_t)sent;
    memmove(client->out.bytes, client->out.bytes + sent, client->out.length);
    if (!client->out.length != !client->writing)
        return;
    client->writing = client->out.length > 0;
    struct epoll_event event = {.events = EPOLLIN | (client->writing ? EPOLLOUT : 0), .data.fd = client->fd};
    epoll_ctl(epoll, EPOLL_CTL_MOD, client->fd, &event);
}

static void turn(int listener)
{
    struct epoll_event events[TURN];
    int ready = epoll_wait(epoll, events, TURN, -1), yes = 1;
    for (int i = 0; i < ready; i++) {
        int fd = events[i].data.fd;
        if (fd == 0)
            exit(0);
        if (fd == listener) {
            fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            if (fd < 0 || fd >= SOCKETS)
                die("accept: %s", strerror(errno));
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            memset(&clients[fd], 0, sizeof clients[fd]);
            clients[fd].fd = fd;
            struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
            epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
            continue;
        }
        if (events[i].events & EPOLLOUT)
            write_out(&clients[fd]);
        if (clients[fd].fd && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
            read_in(&clients[fd]);
    }
    for (int i = 0; i < dirty_count; i++) {
        struct client *client = &clients[dirty[i]];
        client->dirty = 0;
        if (client->fd && !client->writing)
            write_out(client);
    }
    dirty_count = 0;
}

int main(int argc, char **argv)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    own.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&own, sizeof own) || listen(listener, 2048))
        die("cannot listen: %s", strerror(errno));
    epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, input = {.events = EPOLLIN, .data.fd = 0};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &input);
    for (;;)
        turn(listener);
}
