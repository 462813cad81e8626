import { expect, it } from '@jest/globals';
import { importPackage } from './import-package.js';

it('a package that is not installed is named, with how to install it', async () => {
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  const imported = importPackage('@electric-sql/pglite', () => Promise.reject(missing));
  await expect(imported).rejects.toThrow('npm install @electric-sql/pglite');
});

it('a package that is there but broken tells its own error', async () => {
  await expect(importPackage('pg', () => Promise.reject(new Error('wasm')))).rejects.toThrow('wasm');
});
