import { describe, expect, it } from '@jest/globals';
import { junctions } from './junctions.js';

const keyOf = (body: Record<string, unknown>) => junctions['POST /signup']?.key(new URLSearchParams(), body);

describe('a sign-up', () => {
  it.each([[{}], [{ email: '' }], [{ email: null, phone: null }]])(
    'of nobody in particular is anonymous: %j',
    (body) => {
      expect(keyOf(body)).toBe('anonymous');
    },
  );

  it.each([[{ email: 'a@example.com' }], [{ phone: '1' }], [{ email: 3 }], [{ phone: { a: 1 } }]])(
    'that names somebody, if only in the wrong type, is not: %j',
    (body) => {
      expect(keyOf(body)).toBe('login');
    },
  );
});
