import { expect, it } from '@jest/globals';
import { apiOver } from '../../../../../test/support/api-over.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import type { SessionBody } from '../../wire/session.js';
import { refuses, sessionOf } from '../../testing/api.js';

onBothDatabases('a new password', (open) => {
  const api = apiOver(open);

  it('leaves nobody in who proved the old one a moment ago, and whose session was not open yet', async () => {
    const { email, password, session } = await api().newPerson();
    const opened: SessionBody[] = [];
    const signInWhileItFits = async (): Promise<void> => {
      const answer = await api().signIn(email, password);
      if (answer.status !== 200) return refuses(answer, '400 invalid_credentials');
      opened.push(sessionOf(answer));
      await signInWhileItFits();
    };
    const others = Array.from({ length: 6 }, signInWhileItFits);
    const change = { password: 'a harbour of another town 8' };
    expect((await api().update(session.access_token, change)).status).toBe(200);
    await Promise.all(others);
    expect(opened.length).toBeGreaterThan(0);
    const statuses = await Promise.all(
      opened.map(async ({ refresh_token }) => (await api().refresh(refresh_token)).status),
    );
    expect(statuses.filter((status) => status === 200)).toEqual([]);
  });
});
