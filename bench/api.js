/** The library on Fastify against the least that `node:http` and `pg` need for the same answer. */
import { compare, print } from './support/compare.js';
import { createDatabase } from './support/database.js';
import { request } from './support/load.js';
import { startServer, stayOffServerCore } from './support/program.js';

const password = 'correct horse 9 battery';
const only = process.argv[2];
const at = (path) => `/auth/v1${path}`;

stayOffServerCore();
const { url, drop } = await createDatabase();
const library = await startServer('application', {
  adapter: process.env.ADAPTER ?? 'fastify',
  isGuarded: true,
  url,
});
const bare = await startServer('bare', { url });
const people = await Promise.all(Array.from({ length: 16 }, (_, index) => signUp(`p${index}@example.com`)));

let change = 0;
const kinds = {
  'GET /user': ({ access_token }) => constant(request('GET', at('/user'), { bearer: access_token })),
  refresh: (person) => ({
    request: () =>
      request('POST', at('/token?grant_type=refresh_token'), {
        body: { refresh_token: person.refresh_token },
      }),
    hear: ({ body }) => Object.assign(person, JSON.parse(body)),
  }),
  'PUT /user': ({ access_token }) => ({
    request: () =>
      request('PUT', at('/user'), { bearer: access_token, body: { data: { change: (change += 1) } } }),
  }),
  'anonymous sign-up': () => constant(request('POST', at('/signup'), { body: {} })),
  'password sign-in': ({ user: { email } }) =>
    constant(request('POST', at('/token?grant_type=password'), { body: { email, password } })),
};

for (const [name, kind] of Object.entries(kinds).filter(([key]) => only === undefined || key === only)) {
  const callers = people.map(kind);
  await compare(name, { server: library, callers }, { server: bare, callers });
}
await Promise.all([library.stop(), bare.stop()]);
await drop();
print('The bar: 0.7');

function constant(text) {
  return { request: () => text };
}

async function signUp(email) {
  const response = await fetch(`http://127.0.0.1:${library.port}${at('/signup')}`, {
    method: 'POST',
    body: JSON.stringify({ email, password, data: { name: 'Ann' } }),
  });
  return response.json();
}
