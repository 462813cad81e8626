import assert from 'node:assert/strict';
import {
  type Answer,
  type Api,
  goodPassword,
  landingOf,
  newAddress,
  refuses,
  sessionOf,
} from '../../testing/api.js';
import {
  enters,
  given,
  newMember,
  redirectOf,
  serviceKey,
  tokenOf,
  turnsAway,
} from '../../testing/by-mail.js';
import type { Bench, Conformance, Law } from '../../testing/conformance.js';

const path = '/admin/generate_link';

interface Generated {
  readonly action_link: string;
  readonly email_otp: string;
  readonly hashed_token: string;
  readonly verification_type: string;
  readonly redirect_to: string;
  readonly id: string;
}

const ask = (api: Api, bench: Bench, body: object): Promise<Answer> =>
  api.post(path, body, serviceKey(bench));

async function generate(api: Api, bench: Bench, body: object): Promise<Generated> {
  const answer = await ask(api, bench, body);
  assert.equal(answer.status, 200, answer.text);
  const made = answer.body as unknown as Generated;
  assert.match(made.email_otp, /^\d{6}$/);
  assert.equal(tokenOf(made.action_link), made.hashed_token);
  const type = made.verification_type.replace(/^(email_change)_.*/, '$1');
  assert.equal(new URL(made.action_link).searchParams.get('type'), type);
  assert.deepEqual([made.redirect_to, redirectOf(made.action_link)], [bench.site, bench.site]);
  return made;
}

/** For each type: what is asked for somebody who can be asked for. */
const orders: Readonly<Record<string, (api: Api, bench: Bench) => Promise<{ readonly email: string }>>> = {
  signup: async () => ({ email: newAddress(), password: goodPassword }),
  invite: async () => ({ email: newAddress() }),
  magiclink: newMember,
  recovery: newMember,
};

const typeLaws = given(
  { under: 'confirm', needs: ['read mail', 'sign tokens'] },
  Object.entries(orders).map(([type, order]): Law => ({
    name: `a generated link of type ${type} signs in by link, by what it carries or by code, and nothing is mailed`,
    async holds(api, bench) {
      const { email, ...rest } = await order(api, bench);
      const password = 'password' in rest ? rest.password : undefined;
      const next = () => generate(api, bench, { type, email, password });
      const first = await next();
      assert.equal(first.verification_type, type);
      const answer = await api.follow(first.action_link);
      assert.equal(landingOf(answer).fragment.get('type'), type);
      const bearer = await enters(api, answer);
      assert.equal((await api.user(bearer)).body.id, first.id);
      turnsAway(await api.follow(first.action_link));
      const other = type === 'magiclink' || type === 'recovery' ? email : newAddress();
      const again = () => generate(api, bench, { type, email: other, password });
      const { email_otp } = await again();
      sessionOf(await api.verify({ type, email: other, token: email_otp }));
      const third = type === 'magiclink' || type === 'recovery' ? email : newAddress();
      const { hashed_token } = await generate(api, bench, { type, email: third, password });
      sessionOf(await api.verify({ type, token_hash: hashed_token }));
      await requireNoMail(api, bench, email);
    },
  })),
);

/** The next mail to this address is one that is asked for now. */
async function requireNoMail(api: Api, bench: Bench, email: string): Promise<void> {
  bench.advance('61s');
  await api.post('/recover', { email });
  const { link } = await bench.mailTo(email);
  assert.equal(redirectOf(link ?? ''), bench.site);
  sessionOf(await api.verify({ type: 'recovery', token_hash: tokenOf(link ?? '') }));
}

const changeLaws = given({ under: 'confirm', needs: ['read mail', 'sign tokens'] }, [
  {
    name: 'generated links change an address, one for the current and one for the new',
    async holds(api, bench) {
      const person = await newMember(api, bench);
      const new_email = newAddress();
      const order = { email: person.email, new_email };
      const current = await generate(api, bench, { type: 'email_change_current', ...order });
      const next = await generate(api, bench, { type: 'email_change_new', ...order });
      const types = [current.verification_type, next.verification_type];
      assert.deepEqual(types, ['email_change_current', 'email_change_new']);
      landingOf(await api.follow(current.action_link));
      refuses(await api.signIn(new_email, goodPassword), '400 invalid_credentials');
      sessionOf(await api.verify({ type: 'email_change', token_hash: next.hashed_token }));
      sessionOf(await api.signIn(new_email, goodPassword));
    },
  },
  {
    name: 'a generated sign-in link makes somebody of an unknown address, by type signup',
    async holds(api, bench) {
      const email = newAddress();
      const made = await generate(api, bench, { type: 'magiclink', email });
      assert.equal(made.verification_type, 'signup');
      const bearer = await enters(api, await api.follow(made.action_link));
      assert.equal((await api.user(bearer)).body.email, email);
    },
  },
  {
    name: 'no link is generated to sign up or invite who is confirmed, nor for an address in use',
    async holds(api, bench) {
      const [{ email }, other] = [await newMember(api, bench), await newMember(api, bench)];
      const words = 'A user with this email address has already been registered';
      const password = goodPassword;
      for (const type of ['signup', 'invite']) {
        refuses(await ask(api, bench, { type, email, password }), '422 email_exists', words);
      }
      for (const type of ['email_change_current', 'email_change_new']) {
        refuses(await ask(api, bench, { type, email, new_email: other.email }), '422 email_exists', words);
      }
    },
  },
]);

const refusals: readonly (readonly [what: string, body: object, refusal: string, words?: string])[] = [
  [
    'a type that is none',
    { type: 'banana' },
    '400 validation_failed',
    'Invalid email action link type requested: banana',
  ],
  ['no type', { type: undefined }, '400 validation_failed'],
  [
    'a sign-up without a password',
    { type: 'signup' },
    '400 validation_failed',
    'Signup requires a valid password',
  ],
  ['a weak password', { type: 'signup', password: 'abc' }, '422 weak_password'],
  ['an address that is none', { type: 'magiclink', email: 'x' }, '400 validation_failed'],
  ['a new password of nobody', { type: 'recovery' }, '404 user_not_found', 'User with this email not found'],
  [
    'a change of nobody’s address',
    { type: 'email_change_new', new_email: 'x@example.com' },
    '404 user_not_found',
  ],
];

const refusalLaws = refusals.map(([what, body, refusal, words]): Law => ({
  name: `no link is generated for ${what}`,
  under: 'confirm',
  needs: ['sign tokens', 'read mail'],
  async holds(api, bench) {
    refuses(await ask(api, bench, { email: newAddress(), ...body }), refusal, words);
  },
}));

const onlyAdministrators: Law = {
  name: 'only an administrator generates links',
  async holds(api) {
    const { email, session } = await api.newPerson();
    const body = { type: 'magiclink', email };
    refuses(await api.post(path, body), '401 no_authorization');
    refuses(await api.post(path, body, session.access_token), '403 not_admin');
  },
};

export const adminLinksConformance: Conformance = {
  feature: 'generated links',
  laws: [...typeLaws, ...changeLaws, ...refusalLaws, onlyAdministrators],
};
