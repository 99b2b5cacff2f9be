// A chat on Socket.IO as its documentation has it: a token checked in a middleware, a room a channel, an
// acknowledgement to the sender, and the Redis adapter, so that several servers could share the rooms.
// Nothing is stored. Usage: node socketio.mjs PORT REDIS_SOCKET SECRET
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";
import { channelOf } from "./token.mjs";

const [port, redis, secret] = process.argv.slice(2);
const publisher = new Redis(redis);
const http = createServer();
const io = new Server(http, {
  adapter: createAdapter(publisher, publisher.duplicate()),
  transports: ["websocket"],
  serveClient: false,
});

io.use((socket, next) => {
  const channel = channelOf(socket.handshake.auth.token, secret);
  if (channel === undefined) return next(new Error("unauthenticated"));
  socket.data.channel = channel;
  return next();
});
io.on("connection", async (socket) => {
  await socket.join(socket.data.channel);
  socket.on("message", (message, acknowledge) => {
    if (!socket.rooms.has(message.channel)) return;
    io.to(message.channel).emit("message", message);
    acknowledge();
  });
  socket.emit("live");
});
http.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
