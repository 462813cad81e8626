/**
 * Whether this may name a profile, a type, a purpose, a claim or a permission. What every object has already
 * (`constructor`, `__proto__`) may not: one day somebody looks it up in one.
 */
export const isSafeName = (name: unknown): name is string =>
  typeof name === 'string' && /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(name) && !(name in Object.prototype);
