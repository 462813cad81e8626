/** How late the event loop is while twenty people a second sign in with a password. */
import { setTimeout as wait } from 'node:timers/promises';
import { print } from './support/compare.js';
import { createDatabase } from './support/database.js';
import { startServer } from './support/program.js';

const seconds = Number(process.env.SECONDS ?? 20);
const perSecond = 20;
const body = JSON.stringify({ email: 'bench@example.com', password: 'correct horse 9 battery' });

const { url, drop } = await createDatabase();
const server = await startServer('application', { adapter: 'fastify', isGuarded: true, url });
await ask('/signup');
await signIn(3);
await server.delay();
await wait(3000);
const idle = await server.delay();
const answered = await signIn(seconds);
const busy = await server.delay();
print([
  `${(answered / seconds).toFixed(1)} sign-ins a second`,
  `99th percentile of the delay ${busy.toFixed(1)} ms`,
  `without load ${idle.toFixed(1)} ms`,
]);
print('The bar: 20 ms');
await server.stop();
await drop();

/** At a steady pace, whether or not those before have been answered. */
async function signIn(duration) {
  const underway = [];
  const begin = performance.now();
  for (let count = 0; count < duration * perSecond; count++) {
    await wait(Math.max(0, begin + (count * 1000) / perSecond - performance.now()));
    underway.push(ask('/token?grant_type=password'));
  }
  await Promise.all(underway);
  return underway.length;
}

async function ask(path) {
  const answer = await fetch(`http://127.0.0.1:${server.port}/auth/v1${path}`, { method: 'POST', body });
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.arrayBuffer();
}
