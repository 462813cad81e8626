import { it } from '@jest/globals';
import { hold } from './hold.js';
import { localOnPostgres } from './subjects.js';

if (process.env.TEST_POSTGRES_URL) hold(localOnPostgres);
else it.skip('local on PostgreSQL (no TEST_POSTGRES_URL)', () => undefined);
