/**
 * What this runtime can reach at best: `node:http` and `pg`, the least that each answer needs. One named statement
 * (two around a password), one signature, no checks but the token's and the password's. Not an example to follow.
 */
import { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { verify as verifyPassword } from '@node-rs/argon2';
import pg from 'pg';
import { report } from '../support/report.js';
import {
  anonymousSignUp,
  readUser,
  readUserByEmail,
  refresh,
  signIn,
  updateUser,
} from './bare-statements.js';

const { url } = JSON.parse(process.argv[2]);
const secret = 'nobody guesses these bytes, for the benchmark';
const pool = new pg.Pool({ connectionString: url, max: 10 });
const ask = async (statement, values) => (await pool.query({ ...statement, values })).rows[0];

const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');
const macOf = (text) => createHmac('sha256', secret).update(text).digest();

function sign(claims) {
  const text = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${text}.${macOf(text).toString('base64url')}`;
}

function claimsOf(authorization) {
  const token = authorization.slice('Bearer '.length);
  const at = token.lastIndexOf('.');
  const mac = Buffer.from(token.slice(at + 1), 'base64url');
  if (!timingSafeEqual(macOf(token.slice(0, at)), mac)) throw new Error('Not our token');
  const claims = JSON.parse(Buffer.from(token.slice(token.indexOf('.') + 1, at), 'base64url').toString());
  if (claims.exp * 1000 < Date.now()) throw new Error('Too late');
  return claims;
}

function refreshTokenOf(session, counter, key) {
  const id = Buffer.from(session.replaceAll('-', ''), 'hex');
  const place = [];
  let rest = counter;
  for (; rest > 127; rest = Math.floor(rest / 128)) place.push((rest % 128) | 128);
  const signed = Buffer.concat([Buffer.from([0]), id, Buffer.from([...place, rest])]);
  const mac = createHmac('sha256', Buffer.from(key, 'base64url')).update(signed).digest().subarray(0, 16);
  const checked = Buffer.concat([signed, mac]);
  const checksum = createHash('sha256').update(checked).digest().subarray(0, 4);
  return Buffer.concat([checked, checksum]).toString('base64url');
}

function readRefreshToken(text) {
  const bytes = Buffer.from(text, 'base64url');
  const hex = bytes.toString('hex', 1, 17);
  const counter = bytes.subarray(17, -20).reduceRight((sum, byte) => sum * 128 + (byte & 127), 0);
  const session = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return { session, counter };
}

function sessionBody(user, { session, counter, key, method }) {
  const now = Math.floor(Date.now() / 1000);
  const access_token = sign({
    sub: user.id,
    aud: user.aud,
    email: user.email,
    phone: user.phone,
    app_metadata: user.app_metadata,
    user_metadata: user.user_metadata,
    role: user.role,
    aal: 'aal1',
    amr: [{ method, timestamp: now }],
    session_id: session,
    is_anonymous: user.is_anonymous,
    exp: now + 900,
    iat: now,
  });
  const refresh_token = refreshTokenOf(session, counter, key);
  return { access_token, token_type: 'bearer', expires_in: 900, expires_at: now + 900, refresh_token, user };
}

const answers = {
  'GET /user': async ({ headers }) => {
    const { sub, session_id } = claimsOf(headers.authorization);
    return (await ask(readUser, [sub, session_id])).user;
  },
  'PUT /user': async ({ headers }, { data }) => {
    const { sub, session_id } = claimsOf(headers.authorization);
    return (await ask(updateUser, [sub, session_id, JSON.stringify(data)])).user;
  },
  'POST /token?grant_type=refresh_token': async (_, { refresh_token }) => {
    const { session, counter } = readRefreshToken(refresh_token);
    const { user, key } = await ask(refresh, [session, counter]);
    if (refreshTokenOf(session, counter, key) !== refresh_token) throw new Error('Not our token');
    return sessionBody(user, { session, counter: counter + 1, key, method: 'password' });
  },
  'POST /signup': async () => {
    const opened = newSession('anonymous');
    const { user } = await ask(anonymousSignUp, [randomUUID(), opened.session, opened.key]);
    return sessionBody(user, opened);
  },
  'POST /token?grant_type=password': async (_, { email, password }) => {
    const found = await ask(readUserByEmail, [email]);
    if (!(await verifyPassword(found.hash, password))) throw new Error('Not the password');
    const opened = newSession('password');
    await ask(signIn, [found.user.id, opened.session, opened.key]);
    return sessionBody(found.user, opened);
  },
};

const newSession = (method) => ({
  session: randomUUID(),
  counter: 0,
  key: randomBytes(32).toString('base64url'),
  method,
});

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const body = chunks.length === 0 ? null : JSON.parse(Buffer.concat(chunks).toString());
    const answer = answers[`${request.method} ${request.url.slice('/auth/v1'.length)}`];
    const text = JSON.stringify(await answer(request, body));
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
      .end(text);
  });
});
server.listen(0, '127.0.0.1', () => {
  report(server.address().port, async () => {
    server.close();
    await pool.end();
  });
});
