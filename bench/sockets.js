/**
 * A message on a guarded socket against the same without the module, and against a gateway whose guard and interceptor
 * do nothing, since Nest's own calling of them is most of what it costs; and a thousand sockets of one person, closed.
 */
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { compareBy, print } from './support/compare.js';
import { createDatabase } from './support/database.js';
import { startServer, stayOffServerCore } from './support/program.js';

const crowd = 1000;
const openers = { ws: openWs, 'socket.io': openIo };

stayOffServerCore();
const { url, drop } = await createDatabase();
for (const kind of ['ws', 'socket.io']) {
  const open = await startServer('sockets', { kind, guard: 'none' });
  const least = await startServer('sockets', { kind, guard: 'least' });
  const guarded = await startServer('sockets', { kind, guard: 'ours', url });
  const ours = await side(kind, guarded, (await signUp(guarded.port, kind)).access_token);
  const bare = await side(kind, open);
  const idle = await side(kind, least);
  await compareBy(talk, `a message, ${kind}, unguarded`, [ours, bare]);
  await compareBy(talk, `a message, ${kind}, least guard`, [ours, idle]);
  for (const socket of [ours, bare, idle].flatMap(({ sockets }) => sockets)) socket.close();
  await closeCrowd(kind, guarded.port);
  await Promise.all([open, least, guarded].map((server) => server.stop()));
}
await drop();
print('The bar: 0.9, and a second');

async function side(kind, server, bearer) {
  const open = () => openers[kind](server.port, bearer);
  return { server, sockets: await Promise.all(Array.from({ length: 16 }, open)) };
}

/** Every socket asks as soon as it has its answer. Returns how many were answered. */
async function talk({ sockets }, seconds) {
  const until = performance.now() + seconds * 1000;
  const counts = await Promise.all(
    sockets.map(async (socket) => {
      let count = 0;
      for (; performance.now() < until; count++) await socket.ask();
      return count;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function closeCrowd(kind, port) {
  const { access_token } = await signUp(port, `crowd-${kind}`);
  const sockets = [];
  for (let n = 0; n < crowd; n += 100) {
    const some = Array.from({ length: 100 }, () => openers[kind](port, access_token));
    sockets.push(...(await Promise.all(some)));
  }
  await Promise.all(sockets.map((socket) => socket.ask()));
  const from = performance.now();
  const headers = { authorization: `Bearer ${access_token}` };
  await fetch(`http://127.0.0.1:${port}/auth/v1/logout?scope=global`, { method: 'POST', headers });
  await Promise.all(sockets.map(({ closed }) => closed));
  print(`${crowd} sockets of ${kind} closed after ${(performance.now() - from).toFixed(0)} ms`);
}

async function openWs(port, bearer) {
  const headers = bearer ? { authorization: `Bearer ${bearer}` } : {};
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const text = JSON.stringify({ event: 'hello', data: { n: 1 } });
  const ask = () =>
    new Promise((resolve, reject) => {
      socket.once('message', (heard) =>
        String(heard).includes('world') ? resolve() : reject(String(heard)),
      );
      socket.send(text);
    });
  return { ask, closed, close: () => socket.close() };
}

async function openIo(port, token) {
  const socket = io(`http://127.0.0.1:${port}`, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    auth: { token },
  });
  const closed = new Promise((resolve) => socket.once('disconnect', resolve));
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  const ask = () =>
    new Promise((resolve) => {
      socket.once('hello', resolve);
      socket.emit('hello', { n: 1 });
    });
  return { ask, closed, close: () => socket.close() };
}

async function signUp(port, name) {
  const response = await fetch(`http://127.0.0.1:${port}/auth/v1/signup`, {
    method: 'POST',
    body: JSON.stringify({
      email: `${name.replace('.', '')}@example.com`,
      password: 'correct horse 9 battery',
    }),
  });
  return response.json();
}
