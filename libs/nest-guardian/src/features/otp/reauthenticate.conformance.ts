import assert from 'node:assert/strict';
import { type Answer, type Api, goodPassword, refuses, sessionOf } from '../../testing/api.js';
import { aMoment, given, otherThan } from '../../testing/by-mail.js';
import type { Bench, Conformance } from '../../testing/conformance.js';

const [second, third] = ['another horse 7 staple', 'a third horse 5 battery'] as const;

interface Old {
  readonly email: string;
  readonly bearer: string;
}

/** Somebody whose session is older than a day, with an access token of now. */
async function oldSession(api: Api, bench: Bench): Promise<Old> {
  const { email, session } = await api.newPerson();
  bench.advance('25h');
  const { access_token } = sessionOf(await api.refresh(session.refresh_token));
  return { email, bearer: access_token };
}

const asks = (api: Api, bearer: string): Promise<Answer> => api.ask('GET', '/reauthenticate', { bearer });

async function nonceOf(api: Api, bench: Bench, { bearer, email }: Old): Promise<string> {
  const { status, text } = await asks(api, bearer);
  assert.deepEqual([status, text.trim()], [200, '{}'], text);
  return (await bench.mailTo(email)).code;
}

const nonceLaws = given({ needs: ['read mail', 'move the clock'] }, [
  {
    name: 'A-26 a new password in a session of yesterday takes a nonce from the mailbox, once',
    async holds(api, bench) {
      const old = await oldSession(api, bench);
      refuses(await api.update(old.bearer, { password: second }), '400 reauthentication_needed');
      const nonce = await nonceOf(api, bench, old);
      const updated = await api.update(old.bearer, { password: second, nonce });
      assert.equal(updated.status, 200, updated.text);
      const again = await api.update(old.bearer, { password: third, nonce });
      refuses(again, '422 reauthentication_not_valid');
      sessionOf(await api.signIn(old.email, second));
      refuses(await api.signIn(old.email, goodPassword), '400 invalid_credentials');
    },
  },
  {
    name: 'A-26 a wrong nonce changes nothing and uses nothing up',
    async holds(api, bench) {
      const old = await oldSession(api, bench);
      const nonce = await nonceOf(api, bench, old);
      for (const wrong of [otherThan(nonce), nonce.slice(1), `${nonce}0`]) {
        const answer = await api.update(old.bearer, { password: second, nonce: wrong });
        refuses(answer, '422 reauthentication_not_valid');
      }
      sessionOf(await api.signIn(old.email, goodPassword));
      assert.equal((await api.update(old.bearer, { password: second, nonce })).status, 200);
    },
  },
  {
    name: 'A-31 a nonce is good for the one it was sent to, and for no session',
    async holds(api, bench) {
      const [mine, theirs] = [await oldSession(api, bench), await oldSession(api, bench)];
      const bearer = sessionOf(await api.signIn(mine.email, goodPassword)).access_token;
      const nonce = await nonceOf(api, bench, { email: mine.email, bearer });
      const answer = await api.update(theirs.bearer, { password: second, nonce });
      refuses(answer, '422 reauthentication_not_valid');
      for (const type of ['email', 'recovery', 'magiclink', 'signup']) {
        refuses(await api.verify({ type, email: mine.email, token: nonce }), '403 otp_expired');
      }
    },
  },
  {
    name: 'a nonce of yesterday is of no use',
    async holds(api, bench) {
      const { email, session } = await api.newPerson();
      const nonce = await nonceOf(api, bench, { email, bearer: session.access_token });
      bench.advance('25h');
      const { access_token } = sessionOf(await api.refresh(session.refresh_token));
      const answer = await api.update(access_token, { password: second, nonce });
      refuses(answer, '422 reauthentication_not_valid');
    },
  },
  {
    name: 'the next nonce waits a minute',
    async holds(api, bench) {
      const { email, session } = await api.newPerson();
      await nonceOf(api, bench, { email, bearer: session.access_token });
      refuses(await asks(api, session.access_token), '429 over_email_send_rate_limit');
      bench.advance(aMoment);
      await nonceOf(api, bench, { email, bearer: session.access_token });
    },
  },
]);

export const reauthenticateConformance: Conformance = {
  feature: 'proving oneself again',
  laws: [
    ...nonceLaws,
    {
      name: 'a new password in a fresh session takes no nonce',
      async holds(api) {
        const { session } = await api.newPerson();
        assert.equal((await api.update(session.access_token, { password: second })).status, 200);
      },
    },
    {
      name: 'nobody is sent a nonce without a bearer token',
      async holds(api) {
        refuses(await api.ask('GET', '/reauthenticate'), '401 no_authorization');
      },
    },
    {
      name: 'who has no address is sent no nonce',
      needs: ['sign in anonymously'],
      async holds(api) {
        const { access_token } = sessionOf(await api.signUp({ data: {} }));
        const words = 'Reauthentication requires the user to have an email or a phone number';
        refuses(await asks(api, access_token), '400 validation_failed', words);
      },
    },
  ],
};
