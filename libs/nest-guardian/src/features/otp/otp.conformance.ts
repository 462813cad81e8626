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
import { aMoment, enters, given, linkTo, newMember } from '../../testing/by-mail.js';
import type { Bench, Configuration, Conformance, Law } from '../../testing/conformance.js';

const email = 'nobody@example.com';
const phone = '15551234567';

/** What is asked for, and what is said to it (contract 2.5). */
const refusals: readonly (readonly [what: string, body: object, words?: string])[] = [
  ['no address', {}, 'One of email or phone must be set'],
  ['two addresses', { email, phone }, 'Only an email address or phone number should be provided'],
  [
    'a channel beside an address',
    { email, channel: 'sms' },
    'Channel should only be specified with Phone OTP',
  ],
  ['an address that is none', { email: 'x' }, 'Unable to validate email address: invalid format'],
  ['a list of addresses', { email: `${email},other@example.com` }],
  ['a number that is none', { phone: 'x' }, 'Invalid phone number format (E.164 required)'],
];

const refusalLaws: readonly Law[] = refusals.map(([what, body, words]) => ({
  name: `a link or a code is not sent for ${what}`,
  under: 'confirm',
  needs: ['read texts'],
  async holds(api) {
    refuses(await api.post('/otp', body), '400 validation_failed', words);
  },
}));

const isAnswered = ({ status, text }: Answer): void => {
  assert.equal(status, 200, text);
  assert.equal(text.trim(), '{}');
};

/** Somebody known to the server, where addresses are confirmed at once and where they are not. */
const someone = (api: Api, bench: Bench, configuration: Configuration) =>
  configuration === 'open' ? api.newPerson() : newMember(api, bench);

const eitherWay = (['open', 'confirm'] as const).flatMap((under): readonly Law[] => {
  const where = under === 'open' ? 'at once' : 'by mail';
  return [
    {
      name: `somebody new is mailed a link that signs them in, where addresses are confirmed ${where}`,
      under,
      async holds(api, bench) {
        const address = newAddress();
        isAnswered(await api.post('/otp', { email: address, data: { name: 'Ann' } }));
        const bearer = await enters(api, await api.follow(await linkTo(bench, address)));
        const { body } = await api.user(bearer);
        assert.equal(body.email, address);
        assert.ok(body.email_confirmed_at);
        assert.equal((body.user_metadata as Record<string, unknown>).name, 'Ann');
      },
    },
    {
      name: `somebody known is mailed a link and a code that sign them in, where addresses are confirmed ${where}`,
      under,
      needs: ['move the clock'],
      async holds(api, bench) {
        const person = await someone(api, bench, under);
        isAnswered(await api.post('/otp', { email: person.email.toUpperCase(), data: { name: 'Eve' } }));
        const answer = await api.follow(await linkTo(bench, person.email));
        assert.equal(landingOf(answer).fragment.get('type'), 'magiclink');
        await enters(api, answer);
        bench.advance(aMoment);
        isAnswered(await api.post('/magiclink', { email: person.email }));
        const { code } = await bench.mailTo(person.email);
        const { user } = sessionOf(await api.verify({ type: 'email', email: person.email, token: code }));
        assert.deepEqual([user.id, user.user_metadata.name], [person.session.user.id, undefined]);
      },
    },
  ];
});

const mailLaws: readonly Law[] = [
  ...eitherWay,
  {
    name: 'nobody new is made where that is not asked for',
    async holds(api) {
      const address = newAddress();
      await api.post('/otp', { email: address, create_user: false });
      sessionOf(await api.signUp({ email: address, password: goodPassword }));
    },
  },
  {
    name: 'who signs in by mail alone has no password, not even an empty one',
    under: 'confirm',
    async holds(api, bench) {
      const address = newAddress();
      isAnswered(await api.post('/otp', { email: address }));
      await enters(api, await api.follow(await linkTo(bench, address)));
      for (const password of ['', goodPassword, 'null', 'undefined']) {
        refuses(await api.signIn(address, password), '400 invalid_credentials');
      }
    },
  },
  {
    name: 'P-01 a password that was set before the address was proved opens nothing once a sign-in link proved it',
    under: 'confirm',
    needs: ['move the clock'],
    async holds(api, bench) {
      const address = newAddress();
      await api.signUp({ email: address, password: goodPassword });
      await bench.mailTo(address);
      bench.advance(aMoment);
      isAnswered(await api.post('/otp', { email: address }));
      await enters(api, await api.follow(await linkTo(bench, address)));
      refuses(await api.signIn(address, goodPassword), '400 invalid_credentials');
    },
  },
  {
    name: 'the next mail for signing in waits, and the answer says how long',
    needs: ['move the clock'],
    async holds(api, bench) {
      const { email: address } = await api.newPerson();
      isAnswered(await api.post('/otp', { email: address }));
      for (const path of ['/otp', '/magiclink', '/recover']) {
        const again = await api.post(path, { email: address });
        refuses(again, '429 over_email_send_rate_limit');
        const words = /^For security purposes, you can only request this after ([1-9]|[1-5]\d|60) seconds\.$/;
        assert.match(String(again.body.message), words);
      }
      bench.advance(aMoment);
      isAnswered(await api.post('/recover', { email: address }));
    },
  },
];

/** Asks for the same twice; whether anybody is known at the address must not be seen. */
const asks: Readonly<Record<string, (api: Api, address: string) => Promise<Answer>>> = {
  'a sign-in link': (api, address) => api.post('/otp', { email: address }),
  'a sign-in link for nobody new': (api, address) => api.post('/otp', { email: address, create_user: false }),
  'a sign-in link by its older route': (api, address) => api.post('/magiclink', { email: address }),
  'a new password': (api, address) => api.post('/recover', { email: address }),
  'the sign-up mail again': (api, address) => api.post('/resend', { type: 'signup', email: address }),
  'the mails of a change of address again': (api, address) =>
    api.post('/resend', { type: 'email_change', email: address }),
};

const visible = ({ status, headers, text }: Answer): object => ({
  status,
  text: text.replace(/\d+ seconds/, 'n seconds'),
  headers: [...headers.keys()].filter((name) => name !== 'date').toSorted(),
});

const alikeLaws = Object.entries(asks).map(([what, ask]): Law => ({
  name: `A-05 who asks for ${what} does not learn whether the address is known, nor by asking twice`,
  under: 'confirm',
  needs: ['move the clock'],
  async holds(api, bench) {
    const { email: known } = await newMember(api, bench);
    bench.advance(aMoment);
    const unknown = newAddress();
    const first = [visible(await ask(api, known)), visible(await ask(api, unknown))];
    assert.deepEqual(first[0], first[1]);
    const second = [visible(await ask(api, known)), visible(await ask(api, unknown))];
    assert.deepEqual(second[0], second[1]);
  },
}));

const laws = given({ needs: ['read mail'] }, [...mailLaws, ...alikeLaws]);

export const otpConformance: Conformance = { feature: 'signing in by mail', laws: [...refusalLaws, ...laws] };
