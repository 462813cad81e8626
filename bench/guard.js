/**
 * A guarded route against the same route in an application without the module: the guard alone (`fallback: false`),
 * and the whole module, whose fallback is an interceptor.
 */
import { compare, print } from './support/compare.js';
import { createDatabase } from './support/database.js';
import { request } from './support/load.js';
import { startServer, stayOffServerCore } from './support/program.js';

stayOffServerCore();
const { url, drop } = await createDatabase();
for (const adapter of ['express', 'fastify']) {
  const open = await startServer('application', { adapter, isGuarded: false });
  const guarded = await startServer('application', {
    adapter,
    isGuarded: true,
    url,
    shape: { fallback: false },
  });
  const whole = await startServer('application', { adapter, isGuarded: true, url });
  const { access_token } = await signUp(whole.port, adapter);
  const question = request('GET', '/hello', { bearer: access_token });
  const callers = Array.from({ length: 16 }, () => ({ request: () => question }));
  const theirs = { server: open, callers };
  await compare(`the guard alone, ${adapter}`, { server: guarded, callers }, theirs);
  await compare(`the whole module, ${adapter}`, { server: whole, callers }, theirs);
  await Promise.all([open, guarded, whole].map((server) => server.stop()));
}
await drop();
print('The bar: 0.9');

async function signUp(port, name) {
  const response = await fetch(`http://127.0.0.1:${port}/auth/v1/signup`, {
    method: 'POST',
    body: JSON.stringify({ email: `${name}@example.com`, password: 'correct horse 9 battery' }),
  });
  return response.json();
}
