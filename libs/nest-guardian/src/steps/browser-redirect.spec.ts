import { describe, expect, it } from '@jest/globals';
import { AuthError } from '../core/auth-error.js';
import { conditions } from '../core/condition.js';
import type { SessionBody } from '../wire/session.js';
import { refusalAt, withCode, withMessage, withSession } from './browser-redirect.js';

const { odd, teapot } = conditions({
  odd: { code: 'odd', status: 400, message: 'A & B = "C"' },
  teapot: { code: 'teapot', status: 418, message: 'short' },
});
const session = {
  access_token: 'a.b.c',
  token_type: 'bearer',
  expires_in: 60,
  expires_at: 1,
  refresh_token: 'r',
} as SessionBody;
const fragment =
  'access_token=a.b.c&expires_at=1&expires_in=60&refresh_token=r&sb=&token_type=bearer&type=signup';
const implicit = (url: string) => ({ url, isPkce: false });
const pkce = (url: string) => ({ url, isPkce: true });

describe('where a browser is sent', () => {
  it.each([
    ['https://a.example', `https://a.example#${fragment}`],
    ['https://a.example/?b=c%20d#e', `https://a.example/?b=c%20d#${fragment}`],
    ['app://callback', `app://callback#${fragment}`],
    ['https://a.example/ü \r\n', `https://a.example/%C3%BC%20%0D%0A#${fragment}`],
    ['https://a.example/\ud800', `https://a.example/%EF%BF%BD#${fragment}`],
  ])('%j keeps what it is and gets the session in its fragment', (url, location) => {
    expect(withSession(implicit(url), session, 'signup')).toBe(location);
  });

  it('a code stands in the query, beside what is there', () => {
    expect(withCode(pkce('https://a.example'), 'x')).toBe('https://a.example?code=x');
    expect(withCode(pkce('https://a.example/p?z=1&code=old#here'), 'x')).toBe(
      'https://a.example/p?code=x&z=1#here',
    );
    expect(withCode(pkce('https://a.example/p?tag=b&code=1&tag=a&code=2'), 'x')).toBe(
      'https://a.example/p?code=x&tag=b&tag=a',
    );
  });

  it('a message stands in the fragment, and with PKCE in the query too', () => {
    expect(withMessage(implicit('https://a.example?b=c'), 'a b')).toBe(
      'https://a.example?b=c#message=a+b&sb=',
    );
    expect(withMessage(pkce('https://a.example?b=c'), 'a b')).toBe(
      'https://a.example?b=c&message=a+b#message=a+b&sb=',
    );
  });

  it('a reason stands where a message does, and cannot be taken for anything else', () => {
    const reason = 'error=invalid_request&error_code=odd&error_description=A+%26+B+%3D+%22C%22';
    expect(refusalAt(implicit('https://a.example'), new AuthError(odd)).sentOn?.location).toBe(
      `https://a.example#${reason}&sb=`,
    );
    expect(refusalAt(pkce('https://a.example?error=mine'), new AuthError(odd)).sentOn?.location).toBe(
      `https://a.example?${reason}#${reason}&sb=`,
    );
  });

  it('GoTrue: a status without a name in OAuth has none here', () => {
    const { sentOn } = refusalAt(implicit('https://a.example'), new AuthError(teapot));
    expect(sentOn?.location).toBe('https://a.example#error_code=teapot&error_description=short&sb=');
  });

  it('what is kept and undone, and what the log is told, stays as it was', () => {
    const cause = new Error('secret detail');
    const kept = refusalAt(implicit('https://a.example'), new AuthError(odd, { keep: true, cause }));
    expect([kept.keep, kept.cause, kept.condition.name]).toEqual([true, cause, 'odd']);
    const unexpected = refusalAt(implicit('https://a.example'), cause);
    expect([unexpected.keep, unexpected.status, unexpected.cause]).toEqual([false, 500, cause]);
    expect(unexpected.sentOn?.location).toContain('error=server_error');
    expect(unexpected.sentOn?.location).not.toContain('detail');
  });
});
