import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AuditSink, AuthModule, Clock, type Mail, Mailer } from 'nest-guardian';
import { authEntities, embeddedDataSourceOptions, local } from 'nest-guardian/local';
import { codeIn, linkIn, MemoryMailer, MovableClock } from 'nest-guardian/testing';
import { DataSource, type Logger } from 'typeorm';
import { MessageRefused } from '../../libs/nest-guardian/src/core/ports/mailer.js';
import { allFeatures } from '../../libs/nest-guardian/src/module/features.js';
import { forge } from '../../libs/nest-guardian/src/testing/tokens.js';
import { totpAt } from '../../libs/nest-guardian/src/tokens/totp.js';
import { type Answer, ask, type Ask } from '../support/ask.js';
import { Canaries } from '../support/canaries.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const canaries = new Canaries();
const secret = canaries.make('signing secret of the server');

class SeenSink extends AuditSink {
  write(lines: unknown): void {
    canaries.see('audit sink', lines);
  }
}

/** Refuses some mails in the words of a server that quotes them. */
class QuotingMailer extends MemoryMailer {
  override async send(mail: Mail): Promise<void> {
    if (mail.to.startsWith('refused')) throw new MessageRefused(`550 ${mail.to}: ${mail.text}`);
    if (mail.to.startsWith('later')) throw new Error(`450 ${mail.to}: ${mail.html}`);
    await super.send(mail);
  }
}

/** As an application sees its database that logs everything. */
const seen = (...told: unknown[]): void => canaries.see('statements', told.slice(0, -1));
const ormLogger: Logger = {
  logQuery: seen,
  logQueryError: seen,
  logQuerySlow: seen,
  logSchemaBuild: seen,
  logMigration: seen,
  log: seen,
};

const newAddress = (kind = 'ann'): string => `${kind}-${randomUUID()}@example.com`;

describe('G8 LG-01 secrets', () => {
  const clock = new MovableClock();
  const mailer = new QuotingMailer();
  let database: DataSource;
  let running: RunningApp;
  let api: (path: string, question?: Ask) => Promise<Answer>;

  beforeAll(async () => {
    for (const method of ['log', 'warn', 'error', 'info', 'debug'] as const) {
      jest.spyOn(console, method).mockImplementation((...told) => canaries.see('console', told));
    }
    for (const stream of [process.stdout, process.stderr]) {
      const write = stream.write.bind(stream) as (...all: unknown[]) => boolean;
      jest.spyOn(stream, 'write').mockImplementation(((...all: unknown[]) => {
        canaries.see('output', String(all[0]));
        return write(...all);
      }) as never);
    }
    const embedded = embeddedDataSourceOptions({ directory: ':memory:' });
    database = new DataSource({ ...embedded, entities: authEntities, logger: ormLogger, logging: true });
    await database.initialize();
    const provider = local({
      database,
      tokens: { secret },
      encryption: {
        keyId: 'k',
        keys: { k: canaries.keep('encryption key', randomBytes(32).toString('base64url')) },
      },
      anonymous: { enabled: true },
      identities: { manualLinking: true },
      site: { url: 'https://app.example.com' },
      password: { autoconfirm: false },
    });
    running = await startApp(AuthModule.forRoot({ provider, auditSink: SeenSink }), 'fastify', (builder) =>
      builder.overrideProvider(Clock).useValue(clock).overrideProvider(Mailer).useValue(mailer),
    );
    canaries.listenToLogs();
    api = async (path, question) => {
      const answer = await ask(`${running.url}/auth/v1${path}`, question);
      if (answer.status >= 400) canaries.see('refusals', [answer.body, ...answer.headers]);
      return answer;
    };
  });
  afterAll(async () => {
    await running.close();
    await database.destroy();
    jest.restoreAllMocks();
  });

  const keepSession = ({ body }: Answer): { readonly bearer: string; readonly refresh: string } => {
    const bearer = canaries.keep('access token', String(body.access_token));
    // Whoever has the signature has the token.
    canaries.keep('signature', bearer.split('.')[2] as string);
    return { bearer, refresh: canaries.keep('refresh token', String(body.refresh_token)) };
  };
  const keepMail = async (to: string): Promise<{ readonly code: string; readonly token: string }> => {
    let mail = await mailer.next(to);
    // Notices carry nothing.
    while (/changed/.test(mail.subject)) mail = await mailer.next(to);
    const code = canaries.keep('mailed code', codeIn(mail));
    if (!mail.text.includes('token=')) return { code, token: '' };
    const token = new URL(linkIn(mail)).searchParams.get('token') ?? '';
    return { code, token: canaries.keep('link token', token) };
  };
  const member = async (email = newAddress()) => {
    const password = canaries.make('password');
    await api('/signup', { body: { email, password } });
    const { code, token } = await keepMail(email);
    await api('/verify', { body: { type: 'signup', email, token: '000000' } });
    await api('/verify', { body: { type: 'email', token_hash: `${token}x` } });
    const session = keepSession(await api('/verify', { body: { type: 'signup', email, token: code } }));
    return { email, password, ...session };
  };

  it('of passwords and sessions are used well and badly', async () => {
    const { email, password, bearer, refresh } = await member();
    keepSession(await api('/token?grant_type=password', { body: { email, password } }));
    const wrong = canaries.make('wrong password');
    await api('/token?grant_type=password', { body: { email, password: wrong } });
    await api('/token?grant_type=password', { body: { email, password: [wrong] } });
    await api('/token?grant_type=password', { body: `{"email":"${email}","password":"${wrong}` });
    await api('/token?grant_type=password', { body: `{"password":"${wrong}","password":"${wrong}"}` });
    await api('/signup', { body: { email, password: wrong, data: { __proto__: null, x: 'y' } } });
    await api('/signup', { body: { email: `${wrong}`, password: 'short' } });
    keepSession(await api('/token?grant_type=refresh_token', { body: { refresh_token: refresh } }));
    clock.advance('1h');
    await api('/token?grant_type=refresh_token', { body: { refresh_token: refresh } });
    await api('/token?grant_type=refresh_token', { body: { refresh_token: `${refresh}x` } });
    await api('/user', { bearer });
    await api('/user', { bearer: `${bearer}x` });
    const again = keepSession(await api('/token?grant_type=password', { body: { email, password } }));
    await api('/user', { method: 'PUT', bearer: again.bearer, body: { password: 'x' } });
    await api('/user', {
      method: 'PUT',
      bearer: again.bearer,
      body: { password: canaries.make('new password') },
    });
    await api('/user/sessions', { bearer: again.bearer });
    await api('/logout', { method: 'POST', bearer: again.bearer });
  });

  it('of mails are used well and badly', async () => {
    const { email, bearer } = await member();
    for (const [path, body] of [
      ['/otp', { email }],
      ['/magiclink', { email }],
      ['/recover', { email }],
    ] as const) {
      clock.advance('2m');
      await api(path, { body });
      const { code, token } = await keepMail(email);
      await api('/verify', { body: { type: 'email', email, token: [code] } });
      await api(`/verify?type=magiclink&token=${token}x`);
      const landing = await api(
        `/verify?type=${path === '/recover' ? 'recovery' : 'magiclink'}&token=${token}`,
      );
      canaries.see(
        'pages',
        landing.status === 200 ? '' : (landing.headers.get('location')?.split('#')[0] ?? ''),
      );
    }
    clock.advance('2m');
    await api('/reauthenticate', { bearer });
    const nonce = canaries.keep('nonce', codeIn(await mailer.next(email)));
    await api('/user', {
      method: 'PUT',
      bearer,
      body: { password: canaries.make('password'), nonce: `${nonce}1` },
    });
    await api('/user', { method: 'PUT', bearer, body: { password: canaries.make('password'), nonce } });
    const verifier = canaries.keep('code verifier', randomBytes(32).toString('base64url'));
    const code_challenge = createHash('sha256').update(verifier).digest('base64url');
    clock.advance('2m');
    await api('/otp', { body: { email, code_challenge, code_challenge_method: 's256' } });
    await keepMail(email);
    await api('/token?grant_type=pkce', { body: { auth_code: randomUUID(), code_verifier: verifier } });
  });

  it('of mails that nobody takes are used', async () => {
    for (const kind of ['refused', 'later']) {
      await api('/signup', { body: { email: newAddress(kind), password: canaries.make('password') } });
    }
    const waiting = () =>
      database.query('SELECT 1 FROM auth.guardian_outbox WHERE died_at IS NULL AND attempts = 0');
    while ((await waiting()).length > 0) await after(10);
    const dead: { readonly last_error: string }[] = await database.query(
      'SELECT * FROM auth.guardian_outbox WHERE died_at IS NOT NULL',
    );
    expect(dead).toHaveLength(1);
    canaries.see('dead letters', dead);
  });

  it('of second factors are used well and badly', async () => {
    const { bearer } = await member();
    const { body: factor } = await api('/factors', {
      bearer,
      body: { factor_type: 'totp', friendly_name: 'phone' },
    });
    const seed = canaries.keep('TOTP seed', String(factor.totp.secret));
    const { body: challenge } = await api(`/factors/${factor.id}/challenge`, {
      method: 'POST',
      bearer,
      body: {},
    });
    const code = canaries.keep('TOTP code', totpAt(seed, clock.now()));
    const path = `/factors/${factor.id}/verify`;
    await api(path, { bearer, body: { challenge_id: challenge.id, code: [code] } });
    const raised = keepSession(await api(path, { bearer, body: { challenge_id: challenge.id, code } }));
    await api(path, { bearer: raised.bearer, body: { challenge_id: challenge.id, code } });
    const { body } = await api('/factors/recovery-codes', {
      method: 'POST',
      bearer: raised.bearer,
      body: {},
    });
    for (const one of body.codes as string[]) canaries.keep('recovery code', one);
    const [first = ''] = body.codes as string[];
    await api('/factors/recovery-codes/verify', { bearer: raised.bearer, body: { code: `${first}x` } });
    await api('/factors/recovery-codes/verify', { bearer: raised.bearer, body: { code: first } });
    await api('/factors/recovery-codes/verify', { bearer: raised.bearer, body: { code: first } });
  });

  it('are sent to every operation there is, in every wrong way', async () => {
    const { bearer } = await member();
    const service = canaries.keep('service key', forge({ role: 'service_role' }, secret));
    const names =
      'password current_password token token_hash refresh_token code nonce code_verifier auth_code id_token access_token secret client_secret email_otp hashed_token'.split(
        ' ',
      );
    for (const { operation } of allFeatures.flatMap(({ offers }) => offers)) {
      const secrets = Object.fromEntries(names.map((name) => [name, canaries.make(`${name} as sent`)]));
      const fixed = new URLSearchParams(operation.fixed);
      const path = operation.path.replace(/:\w+/g, () => randomUUID());
      const query = new URLSearchParams({ ...operation.fixed, ...secrets });
      const { method } = operation;
      const hasBody = method !== 'GET';
      const bodies = [
        secrets,
        { ...secrets, email: newAddress(), type: 'signup', provider: 'github' },
        Object.fromEntries(names.map((name) => [name, { deep: [secrets[name]] }])),
        JSON.stringify(secrets).slice(0, -3),
        `{"type": ${secrets.token}}`,
      ];
      const asked: Ask[] = hasBody ? bodies.map((body) => ({ body })) : [{}];
      const questions = [
        ...asked.map((one) => [`${path}?${fixed}`, one] as const),
        [`${path}?${query}`, hasBody ? { body: {} } : {}] as const,
      ];
      const bearers = [bearer, service, `${canaries.make('bearer')}.x.y`, undefined];
      for (const [where, question] of questions.flatMap((one) => bearers.map(() => one))) {
        bearers.push(bearers.shift());
        await api(where, { method, bearer: bearers[0], ...question });
      }
    }
  }, 120_000);

  it('are used while statements fail', async () => {
    const { email, password, bearer, refresh } = await member();
    await database.query('ALTER TABLE auth.users ADD CONSTRAINT nobody CHECK (id IS NULL) NOT VALID');
    await api('/signup', { body: { email: newAddress(), password: canaries.make('password') } });
    await api('/user', {
      method: 'PUT',
      bearer,
      body: { password: canaries.make('password'), data: { a: 1 } },
    });
    await database.query('ALTER TABLE auth.users DROP CONSTRAINT nobody');
    await database.query('ALTER TABLE auth.sessions RENAME TO sessions_away');
    await api('/token?grant_type=password', { body: { email, password } });
    await api('/token?grant_type=refresh_token', { body: { refresh_token: refresh } });
    await api('/user', { bearer });
    await api('/recover', { body: { email } });
    await database.query('ALTER TABLE auth.sessions_away RENAME TO sessions');
  });

  it('would be found if they could be read', () => {
    const trial = new Canaries();
    const password = trial.make('password');
    trial.keep('code', '123456');
    trial.see('logs', { parameters: [password], at: '2026-01-01T10:00:00.123456Z' });
    expect(trial.found()).toEqual([expect.stringContaining('password in logs')]);
    trial.see('logs', 'the code 123456 was wrong');
    expect(trial.found()).toHaveLength(2);
  });

  it('are read nowhere afterwards', async () => {
    for (const table of [
      'audit_log_entries',
      'guardian_outbox',
      'guardian_limits',
      'guardian_one_time_secrets',
    ]) {
      canaries.see(`table ${table}`, await database.query(`SELECT t::text FROM auth.${table} t`));
    }
    for (const table of ['users', 'sessions', 'mfa_factors', 'guardian_recovery_codes', 'one_time_tokens']) {
      canaries.see(`table ${table}`, await database.query(`SELECT t::text FROM auth.${table} t`));
    }
    expect(canaries.kinds).toEqual(
      expect.arrayContaining([
        'password',
        'access token',
        'refresh token',
        'mailed code',
        'link token',
        'nonce',
        'TOTP seed',
        'TOTP code',
        'recovery code',
      ]),
    );
    expect(canaries.seen).toMatchObject({
      refusals: expect.any(Number),
      'logs (error)': expect.any(Number),
      statements: expect.any(Number),
      'audit sink': expect.any(Number),
      'dead letters': 1,
    });
    // GoTrue: the code of a redirect is what its row is found by, so it is a parameter of that statement.
    const isCodeOfRedirect = (one: string): boolean => one.startsWith('auth_code as sent in statements');
    expect(canaries.found().filter((one) => !isCodeOfRedirect(one))).toEqual([]);
  });
});
