// As little as Node can do: bare `ws`, a token checked before the upgrade, and what one says is written to everybody
// in the room, then acknowledged. Nothing is stored, parsed or ordered beyond that. Usage: node ws.mjs PORT SECRET
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { channelOf } from "./token.mjs";

const [port, secret] = process.argv.slice(2);
const rooms = new Map();
const http = createServer();
const wss = new WebSocketServer({ noServer: true });

http.on("upgrade", (request, socket, head) => {
  const channel = channelOf((request.headers.authorization ?? "").slice("Bearer ".length), secret);
  if (channel === undefined) return socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
  return wss.handleUpgrade(request, socket, head, (ws) => welcome(ws, channel));
});

function welcome(ws, channel) {
  const room = rooms.get(channel) ?? new Set();
  rooms.set(channel, room.add(ws));
  ws.on("message", (bytes) => {
    for (const other of room) other.send(bytes, { binary: false });
    ws.send(`ok${bytes.toString("latin1", 1, bytes.indexOf(" "))}`); // m17 …
  });
  ws.on("close", () => room.delete(ws));
  ws.send("live");
}
http.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
