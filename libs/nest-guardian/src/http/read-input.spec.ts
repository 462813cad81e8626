import { describe, expect, it } from '@jest/globals';
import { offer } from '../features/feature.js';
import { callbackByForm } from '../features/oauth/callback.contract.js';
import { CallbackForm } from '../features/oauth/oauth.input.js';
import { signUp } from '../features/password/password.contract.js';
import { SignUpBody } from '../features/password/password.input.js';
import { readInput } from './read-input.js';

const read = (query: string, body: Record<string, unknown> = {}) =>
  readInput(offer(signUp, null, SignUpBody), { params: {}, query: new URLSearchParams(query), body });

describe('U-44: where a person is to be sent', () => {
  it('is named once', () =>
    expect(read('redirect_to=https%3A%2F%2Fa.test')).toEqual({ redirect_to: 'https://a.test' }));

  it.each([
    'redirect_to=https://a.test&redirect_to=https://b.test',
    'redirect_to=&redirect_to=https://b.test',
    'redirect_to[]=https://a.test',
    'redirect_to%5B%5D=https://a.test',
  ])('is refused as %s, and nothing is chosen', (query) =>
    expect(() => read(query)).toThrow('redirect_to must be given once'),
  );

  it.each([[['https://a.test']], [{ url: 'https://a.test' }]])('is no %j of a body', (redirect_to) =>
    expect(read('', { redirect_to })).toEqual({}),
  );
});

it('a form of very many members is read at once', () => {
  const members = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`member${at}`, '']));
  const parts = { params: {}, query: new URLSearchParams(), body: members };
  const start = performance.now();
  expect(readInput(offer(callbackByForm, null, CallbackForm), parts)).toEqual({});
  expect(performance.now() - start).toBeLessThan(3_000);
});

it('O-14: of what comes back from an identity provider nothing comes twice, in the query or beside it', () => {
  const twice = (query: string, body: Record<string, string>) => () =>
    readInput(offer(callbackByForm, null, CallbackForm), {
      params: {},
      query: new URLSearchParams(query),
      body,
    });
  expect(twice('state=a', { code: 'c' })()).toEqual({ state: 'a', code: 'c' });
  expect(twice('state=a&state=b', {})).toThrow('given once');
  expect(twice('state=a', { state: 'a' })).toThrow('given once');
});
