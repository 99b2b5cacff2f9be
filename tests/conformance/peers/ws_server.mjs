// An echo server on npm's `ws`, as it comes but for the size of messages. Prints its port; ends when stdin does.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: Number(process.argv[2]) });

server.on('listening', () => console.log(server.address().port));
server.on('connection', (socket) => {
  socket.on('error', () => {}); // it has closed the connection with the code that is looked at
  socket.on('message', (content, isBinary) => socket.send(content, { binary: isBinary }));
});

process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
