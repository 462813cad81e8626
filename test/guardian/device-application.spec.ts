import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Clock } from 'nest-guardian';
import { MovableClock } from 'nest-guardian/testing';
import { type Answer, ask } from '../support/ask.js';
import { adapters, type RunningApp, startApp } from '../support/start-app.js';
import { DeviceApplication } from './device-application.js';

interface Registered {
  readonly id: string;
  readonly access_token: string;
  readonly refresh_token: string;
}

const challenge = ({ status, headers }: Answer) => ({
  status,
  error: /^Bearer .*error="(\w+)"/.exec(headers.get('www-authenticate') ?? '')?.[1],
});
const invalidToken = { status: 401, error: 'invalid_token' };

describe.each(adapters)('devices beside people, on %s', (adapter) => {
  const clock = new MovableClock();
  let app: RunningApp;
  let ann: string;
  let bob: string;
  let device: Registered;

  const signUp = async (email: string): Promise<string> => {
    const body = { email, password: 'correct horse 9 battery' };
    return (await ask(`${app.url}/auth/v1/signup`, { body })).body.access_token;
  };
  const register = async (bearer: string, body: object = { name: 'thermostat' }): Promise<Registered> => {
    const answer = await ask(`${app.url}/devices`, { bearer, body });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const read = (bearer?: string) => ask(`${app.url}/notes`, { bearer });
  const write = (bearer: string, text: unknown) => ask(`${app.url}/notes`, { bearer, body: { text } });
  const refresh = (refresh_token: unknown) => ask(`${app.url}/device/refresh`, { body: { refresh_token } });

  beforeAll(async () => {
    app = await startApp(DeviceApplication, adapter, (builder) =>
      builder.overrideProvider(Clock).useValue(clock),
    );
  });
  afterAll(() => app.close());
  let count = 0;
  beforeEach(async () => {
    count += 1;
    [ann, bob] = [await signUp(`ann${count}@example.com`), await signUp(`bob${count}@example.com`)];
    device = await register(ann);
  });

  it('a device that a person has registered writes and reads that person’s notes', async () => {
    expect(await write(device.access_token, 'warm')).toMatchObject({
      status: 201,
      body: { text: 'warm', by: device.id },
    });
    expect((await read(device.access_token)).body).toEqual({ notes: ['warm'] });
    expect((await read((await register(bob)).access_token)).body).toEqual({ notes: [] });
  });

  it('nobody registers a device but a person', async () => {
    const body = { name: 'thermostat' };
    expect((await ask(`${app.url}/devices`, { body })).status).toBe(401);
    expect(challenge(await ask(`${app.url}/devices`, { bearer: device.access_token, body }))).toEqual(
      invalidToken,
    );
  });

  it('without a token 401 and a challenge without a reason', async () => {
    const { status, headers } = await read();
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="devices"']);
  });

  it('a person’s token opens no route of devices, and a device’s none of people', async () => {
    expect(challenge(await read(ann))).toEqual(invalidToken);
    expect(challenge(await refresh(ann))).toEqual(invalidToken);
    for (const bearer of [device.access_token, device.refresh_token])
      expect(challenge(await ask(`${app.url}/devices/${device.id}`, { method: 'DELETE', bearer }))).toEqual(
        invalidToken,
      );
  });

  it('a refresh token reads no notes, and an access token refreshes nothing', async () => {
    expect(challenge(await read(device.refresh_token))).toEqual(invalidToken);
    expect(await refresh(device.access_token)).toMatchObject({
      status: 403,
      body: { code: 'token_not_refreshable' },
    });
    for (const shown of ['nonsense', undefined, 7])
      expect(challenge(await refresh(shown))).toEqual(invalidToken);
  });

  it('without the permission 403 and insufficient_scope', async () => {
    const reader = await register(ann, { name: 'display', isReadOnly: true });
    expect((await read(reader.access_token)).status).toBe(200);
    expect(challenge(await write(reader.access_token, 'cold'))).toEqual({
      status: 403,
      error: 'insufficient_scope',
    });
  });

  it('a permitted request that says nothing is 422 with the field', async () =>
    expect(await write(device.access_token, '')).toMatchObject({
      status: 422,
      body: { errors: { text: ['is missing'] } },
    }));

  it('activity does not extend an access token; refreshing gives another', async () => {
    clock.advance('14m');
    expect((await read(device.access_token)).status).toBe(200);
    clock.advance('1m');
    expect(challenge(await read(device.access_token))).toEqual(invalidToken);
    const renewed = await refresh(device.refresh_token);
    expect(renewed.status).toBe(200);
    expect((await read(renewed.body.access_token)).status).toBe(200);
  });

  it('a refresh token that is shown twice ends its line, and what came of it', async () => {
    const { body: renewed } = await refresh(device.refresh_token);
    expect(challenge(await refresh(device.refresh_token))).toEqual(invalidToken);
    expect(challenge(await refresh(renewed.refresh_token))).toEqual(invalidToken);
    expect(challenge(await read(renewed.access_token))).toEqual(invalidToken);
  });

  it('its owner revokes a device, at once, and nobody else does', async () => {
    const other = await register(ann);
    const revoke = (bearer: string) => ask(`${app.url}/devices/${device.id}`, { method: 'DELETE', bearer });
    expect((await revoke(bob)).status).toBe(404);
    expect((await read(device.access_token)).status).toBe(200);
    expect(await revoke(ann)).toMatchObject({ status: 200, body: { revoked: 2 } });
    expect(challenge(await read(device.access_token))).toEqual(invalidToken);
    expect(challenge(await refresh(device.refresh_token))).toEqual(invalidToken);
    expect((await read(other.access_token)).status).toBe(200);
  });

  it('a device signs out by itself, as often as it likes', async () => {
    const signOut = () =>
      ask(`${app.url}/device/sign-out`, { body: { refresh_token: device.refresh_token } });
    for (const answer of [await signOut(), await signOut()]) expect(answer.status).toBe(200);
    expect(challenge(await read(device.access_token))).toEqual(invalidToken);
  });
});
