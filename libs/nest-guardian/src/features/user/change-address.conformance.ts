import assert from 'node:assert/strict';
import {
  type Answer,
  type Api,
  goodPassword,
  landingOf,
  newAddress,
  type Person,
  refuses,
  sessionOf,
} from '../../testing/api.js';
import { aMoment, enters, given, linkTo, newMember, tokenOf, turnsAway } from '../../testing/by-mail.js';
import type { Bench, Conformance } from '../../testing/conformance.js';
import { claimsOf } from '../../testing/tokens.js';

/** A change of address that was asked for. */
interface Change {
  readonly from: string;
  readonly to: string;
  readonly person: Person;
}

async function ask(api: Api, person: Person, to = newAddress()): Promise<Change> {
  const { status, body, text } = await api.update(person.session.access_token, { email: to });
  assert.equal(status, 200, text);
  assert.deepEqual([body.email, body.new_email], [person.email, to]);
  assert.ok(body.email_change_sent_at);
  return { from: person.email, to, person };
}

const askAsMember = async (api: Api, bench: Bench): Promise<Change> => ask(api, await newMember(api, bench));

async function requireUnchanged(api: Api, { from, to, person }: Change): Promise<void> {
  assert.equal((await api.user(person.session.access_token)).body.email, from);
  sessionOf(await api.signIn(from, goodPassword));
  refuses(await api.signIn(to, goodPassword), '400 invalid_credentials');
}

async function requireChanged(api: Api, { from, to, person }: Change): Promise<void> {
  const { user } = sessionOf(await api.signIn(to, goodPassword));
  assert.equal(user.id, person.session.user.id);
  assert.deepEqual([user.email, user.new_email], [to, undefined]);
  const [{ identity_data }] = user.identities as unknown as [{ identity_data: Record<string, unknown> }];
  assert.deepEqual([identity_data.email, identity_data.email_verified], [to, true]);
  refuses(await api.signIn(from, goodPassword), '400 invalid_credentials');
}

const words = 'Confirmation link accepted. Please proceed to confirm link sent to the other email';

function isHalfWay(answer: Answer): void {
  const { target, fragment } = landingOf(answer);
  assert.ok(target);
  assert.equal(fragment.get('message'), words);
  assert.deepEqual([fragment.get('access_token'), fragment.get('error')], [null, null]);
}

const bothLaws = given({ under: 'confirm', needs: ['read mail'] }, [
  ...(['old', 'new'] as const).flatMap((first) => [
    {
      name: `A-39 a change of address takes the links to both, the ${first} one’s first`,
      async holds(api: Api, bench: Bench) {
        const change = await askAsMember(api, bench);
        const links = [await linkTo(bench, change.from), await linkTo(bench, change.to)];
        if (first === 'new') links.reverse();
        isHalfWay(await api.follow(links[0] as string));
        turnsAway(await api.follow(links[0] as string));
        await requireUnchanged(api, change);
        await enters(api, await api.follow(links[1] as string));
        await requireChanged(api, change);
      },
    },
    {
      name: `A-39 a change of address takes the codes to both, the ${first} one’s first`,
      async holds(api: Api, bench: Bench) {
        const change = await askAsMember(api, bench);
        const addresses = first === 'old' ? [change.from, change.to] : [change.to, change.from];
        const redeem = async (email: string) => {
          const { code } = await bench.mailTo(email);
          return api.verify({ type: 'email_change', email, token: code });
        };
        const half = await redeem(addresses[0] as string);
        assert.deepEqual([half.status, { ...half.body }], [200, { msg: words, code: '200' }]);
        await requireUnchanged(api, change);
        sessionOf(await redeem(addresses[1] as string));
        await requireChanged(api, change);
      },
    },
  ]),
  {
    name: 'A-38 the links of a change that was asked for before open nothing',
    needs: ['move the clock'],
    async holds(api, bench) {
      const first = await askAsMember(api, bench);
      const older = [await linkTo(bench, first.from), await linkTo(bench, first.to)];
      isHalfWay(await api.follow(older[0] as string));
      bench.advance(aMoment);
      const second = await ask(api, first.person);
      turnsAway(await api.follow(older[1] as string));
      await requireUnchanged(api, second);
      isHalfWay(await api.follow(await linkTo(bench, second.to)));
      await requireUnchanged(api, second);
      await enters(api, await api.follow(await linkTo(bench, second.from)));
      await requireChanged(api, second);
    },
  },
  {
    name: 'a change of address waits a minute for the next one',
    async holds(api, bench) {
      const { person } = await askAsMember(api, bench);
      const again = await api.update(person.session.access_token, { email: newAddress() });
      refuses(again, '429 over_email_send_rate_limit');
    },
  },
  {
    name: 'A-06 nobody gets an address that is in use, and its owner keeps the account',
    async holds(api, bench) {
      const owner = await newMember(api, bench);
      const other = await newMember(api, bench);
      await api.update(other.session.access_token, { email: owner.email.toUpperCase() });
      const { user } = sessionOf(await api.signIn(owner.email, goodPassword));
      assert.equal(user.id, owner.session.user.id);
      assert.equal((await api.user(other.session.access_token)).body.email, other.email);
    },
  },
  {
    name: 'A-06 who asks for an address does not learn whether it is in use, nor by asking twice or looking again',
    async holds(api, bench) {
      const owner = await newMember(api, bench);
      const seen: object[] = [];
      for (const email of [newAddress(), owner.email]) {
        const { session } = await newMember(api, bench);
        const asked = await api.update(session.access_token, { email });
        const looked = await api.user(session.access_token);
        const again = await api.update(session.access_token, { email });
        seen.push([asked, looked, again].map(({ status, body }) => [status, Object.keys(body).toSorted()]));
      }
      assert.deepEqual(seen[1], seen[0]);
    },
  },
  {
    name: 'an address that was free when it was asked for goes to whoever proves it first',
    async holds(api, bench) {
      const change = await askAsMember(api, bench);
      await bench.mailTo(change.to).then(async ({ link }) => isHalfWay(await api.follow(link ?? '')));
      const last = await linkTo(bench, change.from);
      await api.signUp({ email: change.to, password: goodPassword });
      const { code } = await bench.mailTo(change.to);
      sessionOf(await api.verify({ type: 'signup', email: change.to, token: code }));
      turnsAway(await api.follow(last), 'email_exists');
      assert.equal((await api.user(change.person.session.access_token)).body.email, change.from);
    },
  },
]);

const oneLaws = (['open', 'confirm by the new address'] as const).flatMap((under) =>
  given({ under, needs: ['read mail'] }, [
    {
      name: `the link to the new address is enough, where the server is set up as ${under}`,
      async holds(api, bench) {
        const person = under === 'open' ? await api.newPerson() : await newMember(api, bench);
        const change = await ask(api, person);
        const link = await linkTo(bench, change.to);
        await requireUnchanged(api, change);
        await enters(api, await api.follow(link));
        await requireChanged(api, change);
        turnsAway(await api.follow(link));
      },
    },
  ]),
);

const anonymousLaws = given({ needs: ['read mail', 'sign in anonymously'] }, [
  {
    name: 'somebody without an address becomes somebody once the one they name is proved',
    under: 'confirm',
    async holds(api, bench) {
      const { access_token, user } = sessionOf(await api.signUp({ data: {} }));
      const email = newAddress();
      const { body } = await api.update(access_token, { email });
      assert.deepEqual([body.new_email, body.is_anonymous], [email, true]);
      const token_hash = tokenOf(await linkTo(bench, email));
      const session = sessionOf(await api.verify({ type: 'email_change', token_hash }));
      assert.deepEqual([session.user.id, session.user.email], [user.id, email]);
      assert.deepEqual(
        [session.user.is_anonymous, claimsOf(session.access_token).is_anonymous],
        [false, false],
      );
    },
  },
  {
    name: 'P-12 somebody without an address gets nobody else’s',
    async holds(api) {
      const owner = await api.newPerson();
      const { access_token } = sessionOf(await api.signUp({ data: {} }));
      await api.update(access_token, { email: owner.email });
      assert.notEqual((await api.user(access_token)).body.email, owner.email);
      const { user } = sessionOf(await api.signIn(owner.email, goodPassword));
      assert.equal(user.id, owner.session.user.id);
    },
  },
]);

export const changeAddressConformance: Conformance = {
  feature: 'a change of address',
  laws: [...bothLaws, ...oneLaws, ...anonymousLaws],
};
