import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, ask } from '../support/ask.js';
import { RedeemBench } from '../support/redeem-bench.js';
import { onBothDatabases } from '../support/test-databases.js';

const password = 'a quiet harbour 7';

/** Everything that writes secrets of one person, at the same moment, time and again. */
onBothDatabases('links and codes of one person, all at once', (open) => {
  describe.each(['strict', 'gotrue'] as const)('%s', (mode) => {
    let bench: RedeemBench;
    beforeAll(async () => {
      const compatibility = mode === 'gotrue' ? 'gotrue' : undefined;
      bench = await RedeemBench.open(open(), { ...(compatibility && { compatibility }) });
    });
    afterAll(() => bench.close());

    it('nobody waits for anybody for ever, and no answer is a fault', async () => {
      const { user, sent } = await bench.sendNew('magiclink');
      const bearer = (await bench.code(sent, 'magiclink')).body.access_token as string;
      const email = user.email as string;
      const post = (path: string, body: unknown) => ask(`${bench.base}${path}`, { body });
      const put = (body: unknown) => ask(`${bench.base}/user`, { method: 'PUT', body, bearer });
      const ways: ((index: number) => Promise<Answer>)[] = [
        () => post('/recover', { email }),
        () => post('/otp', { email }),
        () => post('/resend', { type: 'email_change', email }),
        () => bench.code({ code: '000000', address: email }, 'email'),
        async () => bench.code(await bench.send(user, 'signup'), 'signup'),
        async () => bench.follow((await bench.send(user, 'magiclink')).linkToken, 'magiclink'),
        async () => bench.follow((await bench.send(user, 'email_change_current')).linkToken, 'email_change'),
        (index) => put({ email: `${index}-${mode}-${email}` }),
        (index) => put({ password: `${password}${index}` }),
        () => ask(`${bench.base}/reauthenticate`, { bearer }),
        () => post('/signup', { email, password }),
      ];
      const answers = await Promise.all(
        Array.from({ length: 110 }, async (_, index) => {
          if (index % 10 === 0) bench.clock.advance('61s');
          return (ways[index % ways.length] as (index: number) => Promise<Answer>)(index);
        }),
      );
      const faults = answers.filter(({ status }) => status >= 500);
      expect(faults.map(({ status, body }) => [status, body])).toEqual([]);
    }, 60_000);
  });
});
