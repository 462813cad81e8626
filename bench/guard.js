/** A guarded route against the same route in an application without the module. */
import { compare, print } from './support/compare.js';
import { createDatabase } from './support/database.js';
import { request } from './support/load.js';
import { startServer, stayOffServerCore } from './support/program.js';

stayOffServerCore();
const { url, drop } = await createDatabase();
for (const adapter of ['express', 'fastify']) {
  const guarded = await startServer('application', { adapter, isGuarded: true, url });
  const open = await startServer('application', { adapter, isGuarded: false });
  const { access_token } = await signUp(guarded.port, adapter);
  const question = request('GET', '/hello', { bearer: access_token });
  const callers = Array.from({ length: 16 }, () => ({ request: () => question }));
  await compare(`guarded / unguarded, ${adapter}`, { server: guarded, callers }, { server: open, callers });
  await Promise.all([guarded.stop(), open.stop()]);
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
