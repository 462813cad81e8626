import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { definePermissions, isPermitted, mistakeInWanted } from './permissions.js';

const rights = definePermissions({ notes: ['read', 'write'], 'user.files': ['list'] });
const wide = definePermissions({ all: Array.from({ length: 200 }, (_, index) => `p${index}`) });

describe('permissions', () => {
  it('are named by set and name', () => {
    expect(rights.names).toEqual(['notes:read', 'notes:write', 'user.files:list']);
    expect(rights.has('notes:read')).toBe(true);
    for (const name of ['notes:delete', 'notes', 'constructor', '__proto__', '', null, 1]) {
      expect(rights.has(name)).toBe(false);
    }
  });

  it.each(['bits', 'text'] as const)(
    'come back from %s as they went in, two hundred in a set too',
    (form) => {
      fc.assert(
        fc.property(fc.subarray([...wide.names]), (held) => {
          expect(wide.decode(JSON.parse(JSON.stringify(wide.encode(held, form))))).toEqual(held);
        }),
      );
    },
  );

  it('keep their places when new names are put to the end', () => {
    const before = definePermissions({ notes: ['read'] }).encode(['notes:read'], 'bits');
    expect(rights.decode(before)).toEqual(['notes:read']);
    expect(rights.encode(['notes:read', 'notes:write'], 'bits')).toEqual({ notes: 'Aw' });
    expect(rights.encode(['notes:write'], 'text')).toEqual({ notes: ['write'] });
  });

  it('that are not known any more are left out', () => {
    expect(rights.decode({ notes: ['read', 'burn'], gone: ['all'] })).toEqual(['notes:read']);
    expect(rights.decode({ notes: '_w', gone: 'Aw' })).toEqual(['notes:read', 'notes:write']);
    expect(rights.decode({ constructor: ['name'], toString: 'Aw' })).toEqual([]);
  });

  it.each([null, 'Aw', 3, ['notes:read'], { notes: 3 }, { notes: 'A=' }, { notes: null }, { notes: {} }])(
    'are not read from %j',
    (claim) => expect(rights.decode(claim)).toBeNull(),
  );

  it.each([
    { __proto__: null, constructor: ['read'] },
    JSON.parse('{ "__proto__": ["read"] }'),
    { notes: ['__proto__'] },
    { notes: ['hasOwnProperty'] },
    { notes: [] },
    { notes: ['read', 'read'] },
    { 'no:tes': ['read'] },
    { notes: ['re ad'] },
    { notes: 'read' },
  ])('CVE-2026-54894, CVE-2026-55733, CVE-2026-55734 cannot be named %j', (given) => {
    expect(() => definePermissions(given as never)).toThrow(TypeError);
  });

  it('are asked for all together, or any of them, or both', () => {
    const held = ['notes:read', 'user.files:list'];
    expect(isPermitted(held, { all: ['notes:read', 'user.files:list'] })).toBe(true);
    expect(isPermitted(held, { all: ['notes:read', 'notes:write'] })).toBe(false);
    expect(isPermitted(held, { any: ['notes:write', 'notes:read'] })).toBe(true);
    expect(isPermitted(held, { any: ['notes:write'] })).toBe(false);
    expect(isPermitted(held, { all: ['notes:read'], any: ['notes:write'] })).toBe(false);
    expect(isPermitted(held, {})).toBe(false);
  });

  it('that are misspelt, and questions that ask for nothing, are told', () => {
    expect(mistakeInWanted({ all: ['notes:raed'] }, rights)).toMatch(/notes:raed/);
    expect(mistakeInWanted({ any: ['nots:read'] }, rights)).toMatch(/nots:read/);
    for (const wanted of [{}, { all: [] }, { any: [] }, { all: ['notes:read'], any: [] }, null]) {
      expect(mistakeInWanted(wanted as never, rights)).toMatch(/nothing/);
    }
    expect(mistakeInWanted({ all: ['notes:read'] }, rights)).toBeNull();
  });
});
