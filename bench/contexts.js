/**
 * A GraphQL query and a TCP message that are guarded against the same without the module. Both get the
 * same bytes: what a token costs on its way is not what the guard costs. Sockets: `bench/sockets.js`.
 */
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { BearerSerializer, withBearer } from 'nest-guardian';
import { lastValueFrom } from 'rxjs';
import { compare, compareBy, print } from './support/compare.js';
import { createDatabase } from './support/database.js';
import { request } from './support/load.js';
import { startServer, stayOffServerCore } from './support/program.js';

const callers = 16;
const messagesPorts = { open: 4801, guarded: 4802 };

stayOffServerCore();
const { url, drop } = await createDatabase();
const open = await startServer('contexts', { isGuarded: false, messagesPort: messagesPorts.open });
const guarded = await startServer('contexts', { isGuarded: true, url, messagesPort: messagesPorts.guarded });
const { access_token } = await signUp();

for (const [name, query] of [
  ['a GraphQL query', '{ hello }'],
  ['a GraphQL query, five fields', '{ a: hello b: hello c: hello d: hello e: hello }'],
]) {
  const text = request('POST', '/graphql', { bearer: access_token, body: { query } });
  const asked = Array.from({ length: callers }, () => ({ request: () => text, hear: requireData }));
  await compare(name, { server: guarded, callers: asked }, { server: open, callers: asked });
}

const data = () => withBearer(access_token, {});
const ours = side(guarded, messagesPorts.guarded, data);
const theirs = side(open, messagesPorts.open, data);
await compareBy(talk, 'a TCP message', [ours, theirs]);
await Promise.all([...ours.clients, ...theirs.clients].map((client) => client.close()));
await Promise.all([open, guarded].map((server) => server.stop()));
await drop();
print('The bar: 0.9');

function requireData({ body }) {
  if (body.includes('errors')) throw new Error(body);
}

function side(server, port, data) {
  const options = { port, host: '127.0.0.1', serializer: new BearerSerializer() };
  const open = () => ClientProxyFactory.create({ transport: Transport.TCP, options });
  return { server, data, clients: Array.from({ length: callers }, open) };
}

/** Every client asks as soon as it has its answer. Returns how many were answered. */
async function talk({ clients, data }, seconds) {
  const until = performance.now() + seconds * 1000;
  const counts = await Promise.all(
    clients.map(async (client) => {
      let count = 0;
      for (; performance.now() < until; count++) await lastValueFrom(client.send('hello', data()));
      return count;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function signUp() {
  const response = await fetch(`http://127.0.0.1:${guarded.port}/auth/v1/signup`, {
    method: 'POST',
    body: JSON.stringify({ email: 'ann@example.com', password: 'correct horse 9 battery' }),
  });
  return response.json();
}
