import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { entryPoints } from '../architecture/house.js';
import { publicApi } from './print.js';
const committed = fileURLToPath(new URL('public-api.json', import.meta.url));
describe('the public surface', () => {
    const api = publicApi();
    if (process.env.PRINT)
        writeFileSync(committed, `${JSON.stringify(api, null, 2)}\n`);
    it('equals the committed snapshot (`npm run print` writes it anew)', () => {
        expect(api).toEqual(JSON.parse(readFileSync(committed, 'utf8')));
    });
    it('has something at every entry point of the package, and no default export', () => {
        expect(Object.keys(api)).toHaveLength(entryPoints.length);
        for (const names of Object.values(api)) {
            expect(Object.keys(names)).not.toEqual([]);
            expect(Object.keys(names)).not.toContain('default');
        }
    });
});
