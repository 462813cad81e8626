import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ask, type Answer } from '../../../../../test/support/ask.js';
import { fragmentOf, RedeemBench, typeOf } from '../../../../../test/support/redeem-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import type { SecretKind } from '../../core/ports/one-time-secrets.js';
import { UnitTransaction } from '../../persistence/unit-transaction.js';

const linked: readonly SecretKind[] = [
  'signup',
  'invite',
  'recovery',
  'magiclink',
  'email_change_new',
  'email_change_current',
];
const site = 'https://app.example';
const target = `${site}/welcome?tab=1`;
const wrongLink = { error: 'access_denied', error_code: 'otp_expired' };
const wrongWords = 'error_description=Email+link+is+invalid+or+has+expired';
const locationOf = ({ headers }: Answer) => headers.get('location') ?? '';

onBothDatabases('GET /verify', (open) => {
  let bench: RedeemBench;
  let button: RedeemBench;
  beforeAll(async () => {
    const mail = { secureEmailChange: false };
    bench = await RedeemBench.open(open(), { mail });
    button = await RedeemBench.open(open(), { mail, links: { confirmByButton: true } });
  });
  afterAll(() => Promise.all([bench.close(), button.close()]));

  it.each(linked)('a link of %s brings the session to the application, once', async (kind) => {
    const { user, sent } = await bench.sendNew(kind);
    const follow = () => bench.follow(sent.linkToken, typeOf(kind), { redirect_to: target });
    const answer = await follow();
    expect(answer.status).toBe(303);
    const seconds = '\\d+';
    expect(locationOf(answer)).toMatch(
      new RegExp(
        `^https://app\\.example/welcome\\?tab=1#access_token=[\\w.-]+&expires_at=${seconds}&expires_in=900` +
          `&refresh_token=[\\w-]+&sb=&token_type=bearer&type=${typeOf(kind)}$`,
      ),
    );
    const { access_token: bearer } = fragmentOf(answer);
    expect((await ask(`${bench.base}/user`, { bearer })).body.id).toBe(user.id);
    expect(locationOf(await follow())).toBe(
      `${target}#error=access_denied&error_code=otp_expired&${wrongWords}&sb=`,
    );
  });

  it('the type `email` comes back as what was sent', async () => {
    const signup = (await bench.sendNew('signup')).sent;
    const magic = (await bench.sendNew('magiclink')).sent;
    expect(fragmentOf(await bench.follow(signup.linkToken, 'email')).type).toBe('signup');
    expect(fragmentOf(await bench.follow(magic.linkToken, 'email')).type).toBe('magiclink');
  });

  it('where nothing else is allowed, the person comes to the site', async () => {
    const { sent } = await bench.sendNew('magiclink');
    const answer = await bench.follow(sent.linkToken, 'magiclink', { redirect_to: 'https://evil.example' });
    expect(locationOf(answer)).toMatch(/^https:\/\/app\.example#access_token=/);
  });

  it('A-30 of 50 who follow one link at once, one gets in', async () => {
    const { sent } = await bench.sendNew('recovery');
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => bench.follow(sent.linkToken, 'recovery')),
    );
    const opened = answers.filter((answer) => 'access_token' in fragmentOf(answer));
    expect(opened).toHaveLength(1);
  });

  it('A-30 who is banned is sent on without a session, and the link is used up', async () => {
    const { user, sent } = await bench.sendNew('magiclink');
    await bench.query(`UPDATE auth.users SET banned_until = '2999-01-01' WHERE id = $1`, [user.id]);
    const follow = async () => fragmentOf(await bench.follow(sent.linkToken, 'magiclink'));
    expect(await follow()).toMatchObject({ error: 'access_denied', error_code: 'user_banned' });
    await bench.query('UPDATE auth.users SET banned_until = NULL WHERE id = $1', [user.id]);
    expect(await follow()).toMatchObject(wrongLink);
  });

  it.each(
    linked.flatMap((kind) => linked.filter((as) => typeOf(as) !== typeOf(kind)).map((as) => [kind, as])),
  )('A-31 a link of %s is no good as %s', async (kind, as) => {
    const { sent } = await bench.sendNew(kind as SecretKind);
    expect(fragmentOf(await bench.follow(sent.linkToken, typeOf(as as SecretKind)))).toMatchObject(wrongLink);
    const own = fragmentOf(await bench.follow(sent.linkToken, typeOf(kind as SecretKind)));
    expect(own).toHaveProperty('access_token');
  });

  it.each(['', '?type=signup', '?type=signup&token=', '?token=x', '?type=&token=x'])(
    'A-37 a link that ends in %j is refused where it is, before anything is asked of the database',
    async (query) => {
      // The outbox worker of the application reads now and then; redeeming begins with a write.
      const asked = jest.spyOn(UnitTransaction.prototype, 'write');
      try {
        const answer = await ask(`${bench.base}/verify${query}`);
        expect([answer.status, answer.body.error_code]).toEqual([400, 'validation_failed']);
        expect(asked).not.toHaveBeenCalled();
      } finally {
        asked.mockRestore();
      }
    },
  );

  it.each(['banana', 'sms', 'phone_change', '__proto__'])('a link of type %s is no link', async (type) => {
    expect(fragmentOf(await bench.follow('x', type))).toEqual({
      error: 'invalid_request',
      error_code: 'validation_failed',
      error_description: 'Invalid email verification type',
      sb: '',
    });
  });

  it('A-33 what holds the session is kept nowhere and told to no other page', async () => {
    const { sent } = await bench.sendNew('magiclink');
    for (const { headers } of [
      await bench.follow(sent.linkToken, 'magiclink'),
      await bench.follow('x', 'signup'),
    ]) {
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it('A-32 HEAD and OPTIONS use nothing up', async () => {
    const { sent } = await bench.sendNew('signup');
    const url = `${bench.base}/verify?token=${sent.linkToken}&type=signup`;
    expect((await ask(url, { method: 'HEAD' })).status).toBe(405);
    await ask(url, { method: 'OPTIONS' });
    expect(fragmentOf(await ask(url))).toHaveProperty('access_token');
  });

  describe('with a button', () => {
    it('A-32 a link shows a page as often as one likes, and its form redeems it', async () => {
      const { sent } = await button.sendNew('signup');
      const query = { redirect_to: target };
      for (let i = 0; i < 3; i++) {
        const { status, headers, body } = await button.follow(sent.linkToken, 'signup', query);
        expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
        expect(body).toContain('<form method="get">');
        expect(body).toContain(`name="token" value="${sent.linkToken}"`);
        expect(body).toContain(`name="redirect_to" value="${target}"`);
      }
      const pressed = await button.follow(sent.linkToken, 'signup', { ...query, confirm: 'yes' });
      expect(locationOf(pressed)).toMatch(/^https:\/\/app\.example\/welcome\?tab=1#access_token=/);
    });

    it('A-33 the page holds nothing but what the link said, escaped, and loads nothing', async () => {
      const token = `"><script>alert(1)</script>`;
      const { body, headers } = await button.follow(token, `'&<`, { redirect_to: token, confirm: token });
      expect(body).not.toMatch(/<script|src=|href=/);
      expect(body).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
      expect(body).toContain('value="&#39;&amp;&lt;"');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
    });

    it('a link without a token has no page either', async () => {
      expect((await button.follow('', 'signup')).status).toBe(400);
    });
  });

  it('without the implicit flow a link confirms, and carries no session', async () => {
    const explicit = await RedeemBench.open(open(), { links: { implicitFlow: false } });
    const { user, sent } = await explicit.sendNew('signup');
    await explicit.query('UPDATE auth.users SET email_confirmed_at = NULL WHERE id = $1', [user.id]);
    expect(fragmentOf(await explicit.follow(sent.linkToken, 'signup'))).toEqual({
      message: 'Confirmed. Please sign in',
      sb: '',
    });
    expect((await explicit.find(user)).emailConfirmedAt).not.toBeNull();
    expect(await explicit.query('SELECT FROM auth.sessions WHERE user_id = $1', [user.id])).toHaveLength(0);
    await explicit.close();
  });

  it('a database that is away is told to the application, and uses nothing up', async () => {
    const { sent } = await bench.sendNew('magiclink');
    const { dataSource } = open();
    const make = dataSource.createQueryRunner.bind(dataSource);
    const away = jest.spyOn(dataSource, 'createQueryRunner').mockImplementation((mode) => {
      const runner = make(mode);
      runner.connect = () => Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' }));
      return runner;
    });
    try {
      const answer = await bench.follow(sent.linkToken, 'magiclink');
      expect(answer.status).toBe(303);
      expect(fragmentOf(answer)).toMatchObject({
        error: 'temporarily_unavailable',
        error_code: 'database_unavailable',
      });
      expect((await bench.post({ type: 'magiclink', token_hash: sent.linkToken })).status).toBe(503);
    } finally {
      away.mockRestore();
    }
    expect(fragmentOf(await bench.follow(sent.linkToken, 'magiclink'))).toHaveProperty('access_token');
  });
});
