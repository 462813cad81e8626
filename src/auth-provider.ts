import { gotrue } from 'nest-guardian';
import { idpsFromEnvironment, local } from 'nest-guardian/local';
import { DataSource } from 'typeorm';

/** Whether accounts are in this application's own database, not with a GoTrue server. */
export const keepsAccounts = process.env.GUARDIAN_PROVIDER !== 'gotrue';

/** Who answers when somebody signs in. Guards, routes and errors are the same with either. */
export const authProvider = keepsAccounts
  ? local({
      database: DataSource,
      password: { autoconfirm: true },
      identities: { manualLinking: true },
      // One for each GOTRUE_EXTERNAL_<PROVIDER>_ENABLED.
      oauth: { idps: idpsFromEnvironment() },
    })
  : gotrue({
      url: process.env.GUARDIAN_GOTRUE_URL ?? 'http://localhost:9999',
      apiKey: process.env.GUARDIAN_GOTRUE_KEY,
    });
