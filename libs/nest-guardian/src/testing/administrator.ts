import assert from 'node:assert/strict';
import type { UserBody } from '../wire/user.js';
import type { Answer, Api, Person } from './api.js';
import { serviceKey } from './by-mail.js';
import type { Bench } from './conformance.js';

/** An id that is well formed and nobody's. */
export const nobody = '00000000-0000-4000-8000-000000000009';

/** Whoever has the service-role key; `path` begins behind `/admin/users`. */
export interface Administrator {
  ask(method: string, path: string, body?: object): Promise<Answer>;
}

export const administrator = (api: Api, bench: Bench): Administrator => ({
  ask: (method, path, body) =>
    api.ask(method, `/admin/users${path}`, { bearer: serviceKey(bench), ...(body && { body }) }),
});

/** The user that was answered; anything else breaks the law. */
export function userOf({ status, body, text }: Answer): UserBody {
  assert.equal(status, 200, text);
  return body as unknown as UserBody;
}

/** Breaks the law unless neither token of the person's session is good any more. */
export async function isShutOut(api: Api, { session }: Person): Promise<void> {
  assert.equal((await api.user(session.access_token)).status, 403);
  assert.equal((await api.refresh(session.refresh_token)).status, 400);
}
