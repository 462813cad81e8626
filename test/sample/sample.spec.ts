import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { totpAt } from '../../libs/nest-guardian/src/tokens/totp.js';
import { type Answer, ask, type Ask } from '../support/ask.js';
import { type Sample, startSample } from '../support/start-sample.js';
import { createPostgresDatabase, onPostgres } from '../support/test-databases.js';

const password = 'a quiet harbour 7';

interface Person {
  readonly id: string;
  readonly email: string;
  readonly bearer: string;
}

/** A sample application, and the one that keeps its accounts: mostly itself. */
interface Subject extends Sample {
  readonly accounts?: Sample;
}

/** What is said of the sample application on any database and any HTTP adapter, whoever keeps the accounts. */
function laws(start: () => Promise<Subject>): void {
  let sample: Subject;
  beforeAll(async () => {
    sample = await start();
  });
  afterAll(() => sample.stop());

  const at = (path: string, question?: Ask): Promise<Answer> => ask(`${sample.url}${path}`, question);
  const person = async (): Promise<Person> => {
    const email = `${randomUUID()}@example.com`;
    const { body } = await at('/auth/v1/signup', { body: { email, password } });
    return { id: body.user.id, email, bearer: body.access_token };
  };
  const note = async (bearer: string, text: string): Promise<string> =>
    (await at('/notes', { bearer, body: { text } })).body.id;
  const makeAdministrator = (id: string): Promise<unknown> =>
    (sample.accounts ?? sample).database.query(
      `UPDATE auth.users SET raw_app_meta_data = raw_app_meta_data || '{"roles":["admin"]}' WHERE id = $1`,
      [id],
    );

  describe('notes', () => {
    it('are seen by the person who wrote them, the newest first, and by nobody else', async () => {
      const [ann, bob] = [await person(), await person()];
      await note(ann.bearer, 'one');
      await note(ann.bearer, 'two');
      await note(bob.bearer, 'of Bob');
      const { status, body } = await at('/notes', { bearer: ann.bearer });
      expect(status).toBe(200);
      expect(body.map(({ text }: { text: string }) => text)).toEqual(['two', 'one']);
    });

    it('are deleted by their own person only; to others they are not there', async () => {
      const [ann, bob] = [await person(), await person()];
      const path = `/notes/${await note(ann.bearer, 'stays')}`;
      const refused = await at(path, { method: 'DELETE', bearer: bob.bearer });
      expect(refused).toMatchObject({ status: 404, body: { status: 404, code: 'not_found' } });
      expect((await at('/notes', { bearer: ann.bearer })).body).toHaveLength(1);
      expect((await at(path, { method: 'DELETE', bearer: ann.bearer })).status).toBe(204);
      expect((await at('/notes', { bearer: ann.bearer })).body).toEqual([]);
      expect((await at(path, { method: 'DELETE', bearer: ann.bearer })).status).toBe(404);
    });

    it('are all deleted at once by their own person, whose proof is not older than ten minutes', async () => {
      const [ann, bob] = [await person(), await person()];
      await note(ann.bearer, 'one');
      await note(bob.bearer, 'of Bob');
      const { body } = await at('/sign-in', { body: { email: ann.email, password } });
      await (sample.accounts ?? sample).database.query(
        `UPDATE auth.mfa_amr_claims SET updated_at = updated_at - interval '11 minutes'
          WHERE session_id IN (SELECT id FROM auth.sessions WHERE user_id = $1)`,
        [ann.id],
      );
      const { refresh_token } = body;
      const path = '/auth/v1/token?grant_type=refresh_token';
      const old = (await at(path, { body: { refresh_token } })).body.access_token;
      const refused = await at('/notes', { method: 'DELETE', bearer: old });
      expect(refused).toMatchObject({ status: 403, body: { code: 'reauthentication_needed' } });
      expect((await at('/notes', { bearer: old })).body).toHaveLength(1);
      const again = await at('/sign-in', { body: { email: ann.email, password } });
      const bearer = again.body.access_token;
      expect((await at('/notes', { method: 'DELETE', bearer })).status).toBe(204);
      expect((await at('/notes', { bearer })).body).toEqual([]);
      expect((await at('/notes', { bearer: bob.bearer })).body).toHaveLength(1);
    });

    it('are kept from whoever has a second factor and has not shown it', async () => {
      const ann = await person();
      await note(ann.bearer, 'one');
      const factors = (path: string, body: object, bearer = ann.bearer) =>
        at(`/auth/v1/factors${path}`, { body, bearer });
      const { id, totp } = (await factors('', { factor_type: 'totp' })).body;
      const challenge = (await factors(`/${id}/challenge`, {})).body;
      const code = totpAt(totp.secret, new Date());
      const { access_token: high } = (await factors(`/${id}/verify`, { challenge_id: challenge.id, code }))
        .body;
      const { access_token: low } = (await at('/sign-in', { body: { email: ann.email, password } })).body;
      for (const method of ['GET', 'DELETE']) {
        const refused = await at('/notes', { method, bearer: low });
        expect(refused).toMatchObject({ status: 403, body: { code: 'insufficient_aal' } });
      }
      expect((await at('/notes', { bearer: high })).body).toHaveLength(1);
      expect((await at('/notes', { method: 'DELETE', bearer: high })).status).toBe(204);
    });

    it('are not found under what is no id', async () => {
      const { bearer } = await person();
      expect((await at('/notes/first', { method: 'DELETE', bearer })).status).toBe(404);
    });

    it.each([
      ['without a text', {}],
      ['with an empty text', { text: '' }],
      ['with a text that is none', { text: 7 }],
      ['with too long a text', { text: 'x'.repeat(501) }],
      ['with a character that no table can hold', { text: 'a\0b' }],
    ])('are refused %s, naming the field', async (_, body) => {
      const { bearer } = await person();
      const answer = await at('/notes', { bearer, body });
      expect(answer).toMatchObject({ status: 422, body: { status: 422, code: 'validation' } });
      expect(answer.headers.get('content-type')).toMatch('application/problem+json');
      expect(Object.keys(answer.body.errors)).toEqual(['text']);
      expect(answer.body.errors.text[0]).toMatch(/^text /);
    });

    it('belong to whoever asks, whatever the body says', async () => {
      const [ann, bob] = [await person(), await person()];
      await at('/notes', { bearer: ann.bearer, body: { text: 'mine', personId: bob.id } });
      expect((await at('/notes', { bearer: bob.bearer })).body).toEqual([]);
      expect((await at('/notes', { bearer: ann.bearer })).body).toHaveLength(1);
    });

    it('are for people who are signed in', async () => {
      for (const bearer of [undefined, 'not.a.token']) {
        const { status, headers } = await at('/notes', { bearer });
        expect(status).toBe(401);
        expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
    });

    it('go with a person who is deleted, where the account is in the same database', async () => {
      const ann = await person();
      await note(ann.bearer, 'gone tomorrow');
      await (sample.accounts ?? sample).database.query('DELETE FROM auth.users WHERE id = $1', [ann.id]);
      const left = await sample.database.query('SELECT id FROM notes WHERE person_id = $1', [ann.id]);
      expect(left).toHaveLength(sample.accounts === undefined ? 0 : 1);
    });

    it('are counted by administrators only', async () => {
      const ann = await person();
      await note(ann.bearer, 'one');
      await note(ann.bearer, 'two');
      const refused = await at('/notes/counts', { bearer: ann.bearer });
      expect(refused).toMatchObject({ status: 403, body: { code: 'insufficient_role' } });
      expect((await at('/notes/counts')).status).toBe(401);
      await makeAdministrator(ann.id);
      const { body } = await at('/sign-in', { body: { email: ann.email, password } });
      const counted = await at('/notes/counts', { bearer: body.access_token });
      expect(counted.status).toBe(200);
      expect(counted.body).toContainEqual({ personId: ann.id, count: 2 });
    });
  });

  describe('the profile', () => {
    it('is what the token says, through our guard and through that of Passport', async () => {
      const ann = await person();
      for (const path of ['/profile', '/profile/passport']) {
        const { status, body } = await at(path, { bearer: ann.bearer });
        expect(status).toBe(200);
        expect(body).toMatchObject({ id: ann.id, email: ann.email, role: 'authenticated' });
        expect((await at(path)).status).toBe(401);
        expect((await at(path, { bearer: 'not.a.token' })).status).toBe(401);
      }
    });

    it('is greeted by name, a stranger without one, and a bad token not at all', async () => {
      const ann = await person();
      expect((await at('/greeting')).body).toEqual({ greeting: 'Hello, stranger!' });
      expect((await at('/greeting', { bearer: ann.bearer })).body.greeting).toBe(`Hello, ${ann.email}!`);
      expect((await at('/greeting', { bearer: 'not.a.token' })).status).toBe(401);
    });
  });

  describe('signing in by a route of the application', () => {
    it('answers with a session that opens the other routes', async () => {
      const ann = await person();
      const { status, body } = await at('/sign-in', { body: { email: ann.email, password } });
      expect(status).toBe(200);
      expect((await at('/notes', { bearer: body.access_token })).status).toBe(200);
    });

    it('refuses an unknown address and a wrong password with the same 401', async () => {
      const ann = await person();
      const wrong = await at('/sign-in', { body: { email: ann.email, password: 'another harbour 8' } });
      const unknown = await at('/sign-in', { body: { email: `x${ann.email}`, password } });
      expect(wrong).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
      expect(wrong.headers.get('www-authenticate')).toBe('Bearer');
      expect(unknown.status).toBe(401);
      expect(unknown.body).toEqual(wrong.body);
    });

    it('is a 400 in GoTrue’s words below the prefix', async () => {
      const { email } = await person();
      const path = '/auth/v1/token?grant_type=password';
      const { status, body } = await at(path, { body: { email, password: 'another harbour 8' } });
      expect({ status, body }).toMatchObject({ status: 400, body: { error_code: 'invalid_credentials' } });
    });

    it('says which fields are missing', async () => {
      const { status, body } = await at('/sign-in', { body: {} });
      expect(status).toBe(422);
      expect(Object.keys(body.errors)).toEqual(['email', 'password']);
    });
  });

  describe('the page', () => {
    it('comes with a script and a style that its own security policy allows', async () => {
      const page = await at('/');
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      const policy = page.headers.get('content-security-policy');
      expect(policy).toContain(`script-src 'self';`);
      expect(policy).toContain(`style-src 'self'`);
      expect(page.body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
      const types = { js: 'text/javascript', css: 'text/css' };
      for (const [kind, type] of Object.entries(types)) {
        const [path] = page.body.match(new RegExp(`/page\\.${kind}`));
        const file = await at(path);
        expect(file.status).toBe(200);
        expect(file.headers.get('content-type')).toMatch(type);
      }
    });

    it('has every element that its script looks for', async () => {
      const [{ body: html }, { body: script }] = [await at('/'), await at('/page.js')];
      const wanted = [...script.matchAll(/(?:find|onSubmit)\('([\w-]+)'/g)].map(([, id]) => id);
      expect(wanted.length).toBeGreaterThan(5);
      for (const id of wanted) expect(html).toContain(`id="${id}"`);
    });
  });

  it('says of an unknown path, in its own words, that nothing is there', async () => {
    expect(await at('/nothing')).toMatchObject({ status: 404, body: { status: 404, code: 'not_found' } });
  });

  it('has nothing to change in the tables when it starts again', async () => {
    const plan = await sample.database.driver.createSchemaBuilder().log();
    expect(plan.upQueries).toEqual([]);
  });
}

describe('the sample application on the embedded database and Express', () => {
  laws(() => startSample());
});

onPostgres('the sample application on PostgreSQL and Fastify', () => {
  laws(async () => {
    const { url, drop } = await createPostgresDatabase();
    const sample = await startSample({ DATABASE_URL: url, GUARDIAN_HTTP: 'fastify' });
    return {
      ...sample,
      stop: async () => {
        await sample.stop();
        await drop();
      },
    };
  });
});

describe('the sample application that delegates to another', () => {
  let behind: Sample;
  let front: Sample;
  laws(async () => {
    behind = await startSample();
    const GUARDIAN_GOTRUE_URL = `${behind.url}/auth/v1`;
    front = await startSample({ GUARDIAN_PROVIDER: 'gotrue', GUARDIAN_GOTRUE_URL });
    const stop = async (): Promise<void> => {
      await front.stop();
      await behind.stop();
    };
    return { ...front, accounts: behind, stop };
  });

  it('has no table of accounts', async () => {
    expect(await front.database.query(`SELECT to_regnamespace('auth') AS schema`)).toEqual([
      { schema: null },
    ]);
    expect(await front.database.query(`SELECT to_regclass('notes') AS notes`)).toEqual([{ notes: 'notes' }]);
  });
});
