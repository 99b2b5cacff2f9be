// npm's `ws` as a client of Maru: does what a client may do, and prints what came of it. Usage: ws_client.mjs URL TOKEN
// LONGEST, where LONGEST is how many bytes a message may have.
import { once } from 'node:events';
import WebSocket from 'ws';

const [url, token, longest] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}` };
const FRAME = (word) => `{"type":"${word}","id":1}`;

// Resolves with the next frame of a type.
function frameOf(socket, type) {
  return new Promise((resolve) => {
    socket.on('message', function look(content) {
      const frame = JSON.parse(content.toString());
      if (frame.type !== type) return;
      socket.off('message', look);
      resolve(frame);
    });
  });
}

async function welcomed(options) {
  const socket = new WebSocket(url, { headers, ...options });
  await once(socket, 'open');
  const welcome = frameOf(socket, 'welcome');
  socket.send('{"type":"hello"}');
  await welcome;
  return socket;
}

async function answered(socket, say) {
  const error = frameOf(socket, 'error');
  say();
  return (await error).fields.type;
}

async function closing(socket, act) {
  const closed = once(socket, 'close');
  act();
  const [code, reason] = await closed;
  return [code, reason.toString()];
}

async function ponged(socket, payload) {
  const pong = once(socket, 'pong');
  socket.ping(payload);
  return (await pong)[0].toString();
}

function inFragments(socket, text) {
  const octets = Buffer.from(text);
  octets.forEach((_, at) => socket.send(octets.subarray(at, at + 1), { binary: false, fin: at === octets.length - 1 }));
}

const offering = await welcomed({ perMessageDeflate: true });
const plain = await welcomed({ perMessageDeflate: false });
const long = 'x'.repeat(Number(longest) - FRAME('').length);
console.log(
  JSON.stringify({
    'extensions when compression is offered': offering.extensions,
    'extensions when it is not': plain.extensions,
    'a text when compression is offered': await answered(offering, () => offering.send(FRAME('안녕'))),
    'a text in many fragments': await answered(plain, () => inFragments(plain, FRAME('조각조각'))),
    'a pong': await ponged(plain, '여기요'),
    'an empty pong': await ponged(plain, ''),
    'how much of the longest message': (await answered(plain, () => plain.send(FRAME(long)))).length - 16,
    'closed with a code and a reason': await closing(offering, () => offering.close(4000, '끝')),
    'closed for a binary message': await closing(plain, () => plain.send(Buffer.from([0]))),
  }),
);
