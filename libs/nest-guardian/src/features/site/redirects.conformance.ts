import assert from 'node:assert/strict';
import { type Answer, type Api, goodPassword, landingOf, newAddress, refuses } from '../../testing/api.js';
import { aMoment, given, linkTo, newMember, redirectOf, serviceKey } from '../../testing/by-mail.js';
import type { Bench, Conformance, Law } from '../../testing/conformance.js';

const allowed = ['https://pr-7.preview.example.com/a/b', 'myapp://callback'] as const;
const foreign = ['https://evil.test/cb', 'https://preview.example.com.evil.test/a'] as const;

/** Asks for a mail with this query, of somebody new each time. Gives the address that the mail goes to. */
type Asking = (query: string, api: Api, bench: Bench) => Promise<{ answer: Answer; email: string }>;

const byPath =
  (path: string, member: boolean): Asking =>
  async (query, api, bench) => {
    const { email } = member ? await newMember(api, bench) : { email: newAddress() };
    return { email, answer: await api.post(`${path}?${query}`, { email, password: goodPassword }) };
  };

const places: Readonly<Record<string, Asking>> = {
  'a sign-up': byPath('/signup', false),
  'a sign-in link to somebody new': byPath('/otp', false),
  'a sign-in link': byPath('/otp', true),
  'a sign-in link by its older route': byPath('/magiclink', true),
  'a new password': byPath('/recover', true),
  'a sign-up mail sent again': async (query, api, bench) => {
    const email = newAddress();
    await api.signUp({ email, password: goodPassword });
    await bench.mailTo(email);
    bench.advance(aMoment);
    return { email, answer: await api.post(`/resend?${query}`, { type: 'signup', email }) };
  },
  'an invitation': async (query, api, bench) => {
    const email = newAddress();
    return { email, answer: await api.post(`/invite?${query}`, { email }, serviceKey(bench)) };
  },
  'a change of address': async (query, api, bench) => {
    const { session } = await newMember(api, bench);
    const email = newAddress();
    const bearer = session.access_token;
    return { email, answer: await api.ask('PUT', `/user?${query}`, { bearer, body: { email } }) };
  },
};

const queryOf = (target: string): string => `redirect_to=${encodeURIComponent(target)}`;

const mailLaws = given(
  { under: 'confirm', needs: ['read mail', 'move the clock', 'sign tokens'] },
  Object.entries(places).flatMap(([what, ask]): readonly Law[] => [
    {
      name: `the mail for ${what} leads to where the application asks, if that is allowed`,
      async holds(api, bench) {
        for (const target of allowed) {
          const { email, answer } = await ask(queryOf(target), api, bench);
          assert.equal(answer.status, 200, answer.text);
          const link = await linkTo(bench, email);
          assert.equal(redirectOf(link), target);
          assert.equal(landingOf(await api.follow(link)).target, target);
        }
      },
    },
    {
      name: `the mail for ${what} leads to the site otherwise`,
      async holds(api, bench) {
        for (const target of [...foreign, '']) {
          const { email, answer } = await ask(queryOf(target), api, bench);
          assert.equal(answer.status, 200, answer.text);
          assert.equal(redirectOf(await linkTo(bench, email)), bench.site);
        }
      },
    },
    {
      name: `U-44 nothing is mailed for ${what} that names two places`,
      async holds(api, bench) {
        for (const query of [`${queryOf(allowed[0])}&${queryOf(foreign[0])}`, 'redirect_to[]=x']) {
          refuses((await ask(query, api, bench)).answer, '400 validation_failed');
        }
      },
    },
  ]),
);

/** Hostile targets (security bar 3.2): every one leads to the site. */
const hostile: readonly string[] = [
  'https://app.example.com.evil.test/cb',
  'https://app.example.comevil.test/cb',
  'https://evil.test/https://app.example.com/cb',
  'https://evil.test/?x=https://app.example.com/',
  'https://evil.test#https://app.example.com/',
  'https://app.example.com@evil.test/',
  'https://app.example.com:443@evil.test/',
  'https://user:pw@app.example.com/cb',
  'https://evil.test\\@app.example.com/',
  'https://evil.test\\.app.example.com/',
  'https:/evil.test/',
  '//evil.test/',
  '/\\evil.test',
  '/\t/evil.test',
  'ht\ntps://evil.test/',
  'https://evil。test/',
  'https://app.example.com／evil.test/',
  'https://evil.test%2f.app.example.com/',
  'https://app.example.com./cb',
  'https://app.example.com:8443/cb',
  'http://app.example.com/cb',
  'javascript:alert(1)//https://app.example.com/',
  'javascript://app.example.com/%0aalert(1)',
  'data:text/html,x',
  'blob:https://app.example.com/uuid',
  'https://2130706433/',
  'http://127.0.0.1.evil.test/',
  'http://localhost@evil.test/',
  'https://a.b.preview.example.com.evil.test/',
  'https://a.b.preview.example.com/',
  'myapp://callback.evil',
  'myapp-evil://callback',
  'myapp://evil@callback',
  'null',
  'undefined',
  `https://pr-7.preview.example.com/${'x'.repeat(9_000)}`,
];

const linkPath = '/verify?type=signup&token=nothing&';

const linkLaws = given({ needs: ['read mail'] }, [
  {
    name: 'a link that opens nothing leads to where it says, if that is allowed',
    async holds(api) {
      for (const target of [...allowed, 'https://app.example.com/cb', 'https://app.example.com/any/page']) {
        const landing = landingOf(await api.ask('GET', linkPath + queryOf(target)));
        assert.equal(landing.target, target);
        assert.equal(landing.fragment.get('error_code'), 'otp_expired');
      }
    },
  },
  {
    name: 'G3 a link that names a hostile place leads to the site',
    async holds(api, { site }) {
      for (const target of hostile) {
        const answer = await api.ask('GET', linkPath + queryOf(target));
        assert.equal(landingOf(answer).target, site, target);
      }
    },
  },
  {
    name: 'U-44 a link that names two places is refused where it stands',
    async holds(api) {
      for (const query of [`${queryOf(allowed[0])}&${queryOf(foreign[0])}`, 'redirect_to[]=x']) {
        refuses(await api.ask('GET', linkPath + query), '400 validation_failed');
      }
    },
  },
  {
    name: 'a generated link leads to where its body asks before its query, if that is allowed',
    under: 'confirm',
    needs: ['sign tokens'],
    async holds(api, bench) {
      const { email } = await newMember(api, bench);
      const generate = async (query: string, redirect_to?: string): Promise<unknown> => {
        const body = { type: 'magiclink', email, redirect_to };
        const answer = await api.post(`/admin/generate_link?${query}`, body, serviceKey(bench));
        assert.equal(redirectOf(String(answer.body.action_link)), answer.body.redirect_to, answer.text);
        return answer.body.redirect_to;
      };
      assert.equal(await generate('', allowed[0]), allowed[0]);
      assert.equal(await generate(queryOf(allowed[1]), allowed[0]), allowed[0]);
      assert.equal(await generate(queryOf(allowed[1])), allowed[1]);
      assert.equal(await generate(queryOf(allowed[1]), foreign[0]), allowed[1]);
      assert.equal(await generate('', foreign[0]), bench.site);
    },
  },
]);

export const redirectsConformance: Conformance = { feature: 'redirects', laws: [...mailLaws, ...linkLaws] };
