import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { LocalOptions } from 'nest-guardian/local';
import { SendingBench } from '../../../../../test/support/sending-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import type { SessionBody } from '../../wire/session.js';
import { signInAnonymously } from '../anonymous/anonymous.contract.js';
import { reauthenticate } from '../otp/otp.contract.js';
import { signInWithPassword, signUp } from '../password/password.contract.js';
import { recover } from '../recovery/recovery.contract.js';
import { refreshSession } from '../session/session.contract.js';
import { verify } from '../verify/verify.contract.js';
import { getUser, updateUser, type UpdateUserInput } from './user.contract.js';

const [first, second, third] = ['correct horse 9 battery', 'another horse 7 staple', 'a third horse 5 cart'];
const newAddress = (): string => `${randomUUID()}@example.com`;
const newNumber = (): string => `1555${String(Math.random()).slice(2, 12).padEnd(10, '7')}`;
const autoconfirm = { password: { autoconfirm: true } } as const;
const gotrue = { ...autoconfirm, compatibility: 'gotrue' } as const;

/** What two accounts may differ in. */
const masked = (answer: unknown, ...addresses: string[]): string =>
  addresses
    .reduce((text, address) => text.replaceAll(address, '{address}'), JSON.stringify(answer))
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '{id}')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '{time}');

/** Somebody who is signed in. */
class Member {
  constructor(
    private readonly bench: SendingBench,
    private session: SessionBody,
  ) {}

  get email(): string {
    return this.session.user.email;
  }

  get id(): string {
    return this.session.user.id;
  }

  get #caller() {
    return { ...this.bench.caller, bearer: this.session.access_token };
  }

  update = (input: UpdateUserInput) => this.bench.answerOf(updateUser, input, this.#caller);
  reauthenticate = () => this.bench.answerOf(reauthenticate, {}, this.#caller);
  user = () => this.bench.answerOf(getUser, {}, this.#caller);

  /** The same session, later. */
  async later(span: string): Promise<void> {
    this.bench.clock.advance(span);
    this.session = await this.bench.ask(refreshSession, { refresh_token: this.session.refresh_token });
  }
}

onBothDatabases('a change of oneself', (open) => {
  const benchWith = (options: LocalOptions = autoconfirm) =>
    SendingBench.open(open(), { anonymous: { enabled: true }, ...options });
  const join = async (bench: SendingBench, email = newAddress()): Promise<Member> =>
    new Member(bench, (await bench.ask(signUp, { email, password: first })) as SessionBody);
  const signsIn = async (bench: SendingBench, email: string, password = first): Promise<boolean> =>
    typeof (await bench.answerOf(signInWithPassword, { email, password })) === 'object';
  const nonceFor = async (bench: SendingBench, member: Member): Promise<string> => {
    expect(await member.reauthenticate()).toEqual({});
    return String(bench.lastTo(member.email).variables.Token);
  };
  const rowOf = async (bench: SendingBench, { id }: Member) =>
    (await bench.query('SELECT * FROM auth.users WHERE id = $1', [id]))[0] ?? {};
  const auditOf = async (bench: SendingBench, { id }: Member) =>
    (
      await bench.query(
        `SELECT payload->>'action' AS action FROM auth.audit_log_entries WHERE payload->>'actor_id' = $1 ORDER BY ctid`,
        [id],
      )
    ).map(({ action }) => action);

  const notValid = '422 reauthentication_not_valid: Nonce has expired or is invalid';
  const needed = '400 reauthentication_needed: Password update requires reauthentication';
  const wrongCurrent = '400 current_password_invalid: Current password required when setting new password.';

  it('A-26 a new password in a session older than a day takes a nonce or the current password', async () => {
    const bench = await benchWith();
    const member = await join(bench);
    await member.later('25h');
    expect(await member.update({ password: second })).toBe(needed);
    expect(await member.update({ password: second, current_password: third })).toBe(wrongCurrent);
    expect(await member.update({ password: second, current_password: first })).toMatchObject({
      id: member.id,
    });
    expect(await signsIn(bench, member.email, second)).toBe(true);
    const nonce = await nonceFor(bench, member);
    expect(await member.update({ password: third, nonce })).toMatchObject({ id: member.id });
    expect(await signsIn(bench, member.email, third)).toBe(true);
  });

  it('A-26 five wrong nonces burn the one that was sent', async () => {
    const bench = await benchWith();
    const member = await join(bench);
    await member.later('25h');
    const nonce = await nonceFor(bench, member);
    const wrong = nonce === '000000' ? '000001' : '000000';
    for (let count = 0; count < 5; count += 1) {
      expect(await member.update({ password: second, nonce: wrong })).toBe(notValid);
    }
    expect(await member.update({ password: second, nonce })).toBe(notValid);
    expect(await signsIn(bench, member.email)).toBe(true);
  });

  it('A-26 whoever has no nonce does not learn the password by asking for it as the new one', async () => {
    const bench = await benchWith({ password: { autoconfirm: true, requireCurrentPassword: true } });
    const member = await join(bench);
    await member.later('25h');
    await nonceFor(bench, member);
    expect(await member.update({ password: first, nonce: 'x', current_password: first })).toBe(notValid);
    expect(await member.update({ password: second, nonce: 'x', current_password: third })).toBe(notValid);
  });

  it('A-26 a nonce stays good for whoever is refused for the password they chose, and is then used up', async () => {
    const bench = await benchWith();
    const member = await join(bench);
    await member.later('25h');
    const nonce = await nonceFor(bench, member);
    expect(await member.update({ password: first, nonce })).toMatch(/^422 same_password/);
    expect(await member.update({ password: second, nonce })).toMatchObject({ id: member.id });
    expect(await member.update({ password: third, nonce })).toBe(notValid);
  });

  it('A-26 of ten new passwords at once with one nonce, one is set', async () => {
    const bench = await benchWith();
    const member = await join(bench);
    await member.later('25h');
    const nonce = await nonceFor(bench, member);
    const passwords = Array.from({ length: 10 }, (_, index) => `horse number ${index} of ten`);
    const answers = await Promise.all(passwords.map((password) => member.update({ password, nonce })));
    expect(answers.filter((answer) => typeof answer === 'object')).toHaveLength(1);
    expect(answers.filter((answer) => answer === notValid)).toHaveLength(9);
  });

  it('A-26 where the options say so, no session is fresh', async () => {
    const bench = await benchWith({ password: { autoconfirm: true, freshFor: '0s' } });
    const member = await join(bench);
    bench.clock.advance('1s');
    expect(await member.update({ password: second })).toBe(needed);
  });

  it('A-26 the current password can be asked for in any session but those of who comes back by mail', async () => {
    const bench = await benchWith({ password: { autoconfirm: true, requireCurrentPassword: true } });
    const member = await join(bench);
    expect(await member.update({ password: second })).toBe(
      '400 current_password_required: Current password required when setting new password.',
    );
    expect(await member.update({ password: second, current_password: second })).toBe(wrongCurrent);
    expect(await member.update({ password: second, current_password: first })).toMatchObject({
      id: member.id,
    });
    await bench.ask(recover, { email: member.email });
    const token_hash = String(bench.lastTo(member.email).variables.TokenHash);
    const session = (await bench.ask(verify, { type: 'recovery', token_hash })) as SessionBody;
    const back = new Member(bench, session);
    expect(await back.update({ password: third })).toMatchObject({ id: member.id });
  });

  it('A-26 A-34 a new password ends every other session, kills whatever was sent before, and is told by mail', async () => {
    const bench = await benchWith();
    const member = await join(bench);
    const { email } = member;
    const other = (await bench.ask(signInWithPassword, { email, password: first })) as SessionBody;
    await bench.ask(recover, { email });
    const recovery = String(bench.lastTo(email).variables.TokenHash);
    const newEmail = newAddress();
    await member.update({ email: newEmail });
    const changes = [email, newEmail].map((to) => String(bench.lastTo(to).variables.TokenHash));
    await nonceFor(bench, member);
    expect(await member.update({ password: second })).not.toHaveProperty('recovery_sent_at');
    expect(bench.lastTo(email).kind).toBe('password_changed_notification');
    for (const token_hash of changes) {
      expect(await bench.answerOf(verify, { type: 'email_change', token_hash })).toMatch(/^403 otp_expired/);
    }
    expect(await bench.answerOf(verify, { type: 'recovery', token_hash: recovery })).toMatch(
      /^403 otp_expired/,
    );
    expect(
      await bench.query('SELECT 1 FROM auth.guardian_one_time_secrets WHERE user_id = $1', [member.id]),
    ).toEqual([]);
    const bearer = other.access_token;
    expect(await bench.answerOf(getUser, {}, { ...bench.caller, bearer })).toMatch(/^403 session_not_found/);
    expect(await member.user()).toMatchObject({ email });
    expect(await auditOf(bench, member)).toEqual(
      expect.arrayContaining(['user_reauthenticate_requested', 'user_updated_password', 'user_modified']),
    );
  });

  it('needs no proof for a new password where everything is as with GoTrue, and mails nothing', async () => {
    const bench = await benchWith(gotrue);
    const member = await join(bench);
    await member.later('25h');
    expect(await member.update({ password: second })).toMatchObject({ id: member.id });
    expect(bench.sentTo(member.email)).toEqual([]);
  });

  it('A-34 another change of address kills the links of the one before', async () => {
    const bench = await benchWith();
    const member = await join(bench);
    const [older, newer] = [newAddress(), newAddress()];
    await member.update({ email: older });
    bench.clock.advance('61s');
    await member.update({ email: newer });
    const links = bench.sentTo(member.email).map(({ variables }) => String(variables.TokenHash));
    for (const token_hash of [String(bench.lastTo(older).variables.TokenHash), links[0]]) {
      expect(await bench.answerOf(verify, { type: 'email_change', token_hash })).toMatch(/^403 otp_expired/);
    }
  });

  it('A-06 an address in use is asked for as one that is free: same answer, same account, same mail, twice', async () => {
    const bench = await benchWith();
    const owner = await join(bench);
    const free = newAddress();
    const ask = async (email: string) => {
      const member = await join(bench);
      const seen = [await member.update({ email }), await member.user(), await member.update({ email })];
      const { kind } = bench.lastTo(member.email);
      return { seen: masked([seen, kind], member.email, email), mails: bench.sentTo(email) };
    };
    const [taken, unknown] = [await ask(owner.email), await ask(free)];
    expect(taken.seen).toBe(unknown.seen);
    expect(taken.seen).toContain('over_email_send_rate_limit');
    expect(unknown.mails.map(({ kind }) => kind)).toEqual(['email_change']);
    expect(taken.mails.map(({ kind }) => kind)).toEqual(['already_registered']);
    expect(JSON.stringify(taken.mails)).not.toContain('token');
    expect(await signsIn(bench, owner.email)).toBe(true);
  });

  it('A-06 one address hears of many who ask for it once a minute', async () => {
    const bench = await benchWith();
    const email = newAddress();
    const members = [await join(bench), await join(bench)];
    expect(await members[0]?.update({ email })).toMatchObject({ new_email: email });
    expect(await members[1]?.update({ email })).toMatch(/^429 over_email_send_rate_limit/);
    expect(bench.sentTo(email)).toHaveLength(1);
  });

  it('P-12 somebody without an address who names one that is in use gets neither it nor the account', async () => {
    const bench = await benchWith({});
    const [owner, other] = [newAddress(), newAddress()];
    for (const email of [owner, other]) {
      await bench.ask(signUp, { email, password: first });
      await bench.query('UPDATE auth.users SET email_confirmed_at = now() WHERE email = $1', [email]);
    }
    const stranger = new Member(bench, await bench.ask(signInAnonymously, {}));
    expect(await stranger.update({ email: owner, password: second })).toMatchObject({ is_anonymous: true });
    expect(await signsIn(bench, owner, second)).toBe(false);
    expect(await signsIn(bench, owner)).toBe(true);
    expect(await stranger.user()).toMatchObject({ id: stranger.id, email: '', identities: [] });
    const sure = await benchWith();
    const another = new Member(sure, await sure.ask(signInAnonymously, {}));
    expect(await another.update({ email: other })).toMatch(/^422 email_exists/);
  });

  it('tells who has an address or number where everything is as with GoTrue, and then sends nothing', async () => {
    const bench = await benchWith(gotrue);
    const [owner, member] = [await join(bench), await join(bench)];
    const phone = newNumber();
    await bench.query('UPDATE auth.users SET phone = $2 WHERE id = $1', [owner.id, phone]);
    const words = 'has already been registered';
    expect(await member.update({ email: owner.email })).toBe(
      `422 email_exists: A user with this email address ${words}`,
    );
    expect(await member.update({ phone: `+${phone}` })).toBe(
      `422 phone_exists: A user with this phone number ${words}`,
    );
    expect([...bench.sentTo(owner.email), ...bench.sentTo(phone)]).toEqual([]);
    const second = newAddress();
    expect(await member.update({ email: second })).toMatchObject({ email: member.email, new_email: second });
    expect(await member.update({ email: newAddress() })).toMatch(/^429 over_email_send_rate_limit/);
  });

  it('A-38 a change of address for a verifier is remembered until its link is followed', async () => {
    const bench = await benchWith();
    const member = await join(bench);
    const email = newAddress();
    const code_challenge = 'a'.repeat(43);
    await member.update({ email, code_challenge, code_challenge_method: 'S256' });
    expect(
      await bench.query(
        `SELECT authentication_method, provider_type, code_challenge_method::text AS method
         FROM auth.flow_state WHERE user_id = $1`,
        [member.id],
      ),
    ).toEqual([{ authentication_method: 'email_change', provider_type: 'email_change', method: 's256' }]);
    for (const to of [email, member.email]) {
      expect(bench.lastTo(to).variables.TokenHash).toMatch(/^pkce_/);
    }
  });

  it('sends a code to another number, and nothing changes until it is redeemed', async () => {
    const bench = await benchWith();
    const member = await join(bench);
    const phone = newNumber();
    expect(await member.update({ phone: `+${phone}` })).toMatchObject({ phone: '', new_phone: phone });
    expect(await member.update({ phone })).toMatch(/^429 over_sms_send_rate_limit/);
    const token = String(bench.lastTo(phone).variables.Code);
    expect(await bench.ask(verify, { type: 'phone_change', phone, token })).toMatchObject({
      user: { id: member.id, phone },
    });
    expect(await member.update({ phone })).toMatchObject({ phone });
  });

  it('A-06 a number in use is asked for as one that is free, and its owner is not disturbed', async () => {
    const bench = await benchWith();
    const owner = await join(bench);
    const [taken, free] = [newNumber(), newNumber()];
    await bench.query('UPDATE auth.users SET phone = $2 WHERE id = $1', [owner.id, taken]);
    const ask = async (phone: string) => {
      const member = await join(bench);
      return masked([await member.update({ phone }), await member.user()], member.email, phone);
    };
    expect(await ask(taken)).toBe(await ask(free));
    expect(bench.sentTo(taken)).toEqual([]);
    expect(bench.sentTo(free)).toHaveLength(1);
  });

  it('changes the number at once where numbers count as confirmed, and tells the mailbox of the old one', async () => {
    const bench = await benchWith({ ...autoconfirm, phone: { enabled: true, autoconfirm: true } });
    const member = await join(bench);
    const [phone, next] = [newNumber(), newNumber()];
    bench.clock.advance('1s');
    expect(await member.update({ phone })).toMatchObject({
      phone,
      identities: [
        { provider: 'email' },
        { provider: 'phone', identity_data: { phone, phone_verified: true } },
      ],
    });
    expect(bench.sentTo(member.email)).toEqual([]);
    await member.update({ phone: next });
    expect(bench.lastTo(member.email)).toMatchObject({
      kind: 'phone_changed_notification',
      variables: { Phone: next, OldPhone: phone },
    });
    const other = await join(bench);
    expect(await other.update({ phone: next })).toMatch(/^422 phone_exists/);
    expect((await rowOf(bench, member)).phone_confirmed_at).not.toBeNull();
  });

  it('refuses a number and a channel that are none', async () => {
    const bench = await benchWith();
    const member = await join(bench);
    expect(await member.update({ phone: 'banana' })).toMatch(/^400 validation_failed/);
    expect(await member.update({ phone: newNumber(), channel: 'pigeon' })).toMatch(/^400 validation_failed/);
    expect(await member.update({ email: newAddress(), code_challenge: 'short' })).toMatch(
      /^400 validation_failed/,
    );
  });

  it('mails no nonce to an address that is not confirmed', async () => {
    const bench = await benchWith();
    const member = await join(bench);
    await bench.query('UPDATE auth.users SET email_confirmed_at = NULL WHERE id = $1', [member.id]);
    expect(await member.reauthenticate()).toBe('422 email_not_confirmed: Please verify your email first.');
  });

  it('texts the nonce to whoever has a number only', async () => {
    const bench = await benchWith();
    const member = await join(bench);
    const phone = newNumber();
    await bench.query('UPDATE auth.users SET email = NULL, phone = $2 WHERE id = $1', [member.id, phone]);
    expect(await member.reauthenticate()).toBe('422 phone_not_confirmed: Please verify your phone first.');
    await bench.query('UPDATE auth.users SET phone_confirmed_at = now() WHERE id = $1', [member.id]);
    await member.later('25h');
    expect(await member.reauthenticate()).toEqual({});
    const nonce = String(bench.lastTo(phone).variables.Code);
    expect(await member.update({ password: second, nonce })).toMatchObject({ phone });
  });
});
