import { randomUUID } from 'node:crypto';
import type { INestApplication, Type } from '@nestjs/common';
import { AuthModule, Clock, Mailer } from 'nest-guardian';
import { local, type LocalOptions } from 'nest-guardian/local';
import { MemoryMailer, MovableClock } from 'nest-guardian/testing';
import type { SecretKind, SecretSlot } from '../../libs/nest-guardian/src/core/ports/one-time-secrets.js';
import type { NewUser, UserChange } from '../../libs/nest-guardian/src/core/ports/stores.js';
import type { User } from '../../libs/nest-guardian/src/core/records.js';
import type { Database } from '../../libs/nest-guardian/src/persistence/database.js';
import { AccessTokens } from '../../libs/nest-guardian/src/tokens/access-tokens.js';
import {
  gotrueForm,
  type MadeSecret,
  makeCode,
  type SecretForm,
  strongForm,
} from '../../libs/nest-guardian/src/tokens/one-time-secret.js';
import { ask, type Answer } from './ask.js';
import { inUnit } from './in-unit.js';
import { newUser } from './people.js';
import { startApp } from './start-app.js';

const secret = 'this secret is long enough for the specs of links';

export const slotOf: Readonly<Record<SecretKind, SecretSlot>> = {
  signup: 'confirmation',
  invite: 'confirmation',
  sms: 'confirmation',
  recovery: 'recovery',
  magiclink: 'recovery',
  email_change_new: 'email_change_new',
  email_change_current: 'email_change_current',
  phone_change: 'phone_change',
  reauthentication: 'reauthentication',
};

let numbers = 15_550_000_000;

/** A number that nobody has yet. */
export const newNumber = (): string => String(++numbers);

export interface Sent extends MadeSecret {
  readonly kind: SecretKind;
  readonly address: string;
}

export interface Sending {
  readonly address?: string;
  readonly isPkce?: boolean;
}

const addressFor = (kind: SecretKind, { email, newEmail, phone, newPhone }: User): string | null => {
  if (kind === 'sms') return phone;
  if (kind === 'phone_change') return newPhone;
  return kind === 'email_change_new' ? newEmail : email;
};

interface Parts {
  readonly base: string;
  readonly clock: MovableClock;
  readonly database: Database;
  readonly form: SecretForm;
  readonly keepsGotrueSecrets: boolean;
  readonly app: INestApplication;
  readonly close: () => Promise<void>;
}

/**
 * An application over HTTP, and people in its database to whom something has been sent, without the requests that
 * send it: what comes back from a mail is tested by itself.
 */
export class RedeemBench {
  private constructor(private readonly parts: Parts) {}

  get clock(): MovableClock {
    return this.parts.clock;
  }

  get database(): Database {
    return this.parts.database;
  }

  /** What the application injects. */
  get<T>(type: Type<T>): T {
    return this.parts.app.get(type);
  }

  get base(): string {
    return this.parts.base;
  }

  close(): Promise<void> {
    return this.parts.close();
  }

  static async open(
    database: Database,
    options: LocalOptions = {},
    mailer = new MemoryMailer(),
  ): Promise<RedeemBench> {
    const clock = new MovableClock();
    const provider = local({
      tokens: { secret },
      database: database.dataSource,
      migrations: 'off',
      ...options,
      // How long an answer takes is not what these tests are about.
      links: { uniformAnswerTime: '0s', ...options.links },
      site: { url: 'https://app.example', ...options.site },
    });
    const { app, url, close } = await startApp(AuthModule.forRoot({ provider }), 'express', (builder) =>
      builder.overrideProvider(Clock).useValue(clock).overrideProvider(Mailer).useValue(mailer),
    );
    const tokens = AccessTokens.from({ secret }, [], clock);
    const keepsGotrueSecrets = options.compatibility === 'gotrue';
    const form = keepsGotrueSecrets ? gotrueForm : strongForm(() => tokens.deriveKey('secrets'));
    return new RedeemBench({ base: `${url}/auth/v1`, clock, database, form, keepsGotrueSecrets, app, close });
  }

  /** A person with an e-mail identity, whose address is confirmed unless said otherwise. */
  async person(is: Partial<NewUser> = {}, change: UserChange = {}): Promise<User> {
    const at = this.clock.now();
    const user = newUser({ emailConfirmedAt: at, at, ...is });
    const identityData = { sub: user.id, email: user.email, email_verified: false, phone_verified: false };
    return inUnit(this.database, async ({ users }) => {
      await users.insert(user);
      if (user.email !== null) {
        await users.insertIdentity({
          userId: user.id,
          provider: 'email',
          providerId: user.id,
          identityData,
          at,
        });
      }
      return (await users.update(user.id, change, at)) as User;
    });
  }

  /** What a message of this kind would have held. */
  async send(user: User, kind: SecretKind, { address, isPkce = false }: Sending = {}): Promise<Sent> {
    const to = address ?? addressFor(kind, user) ?? '';
    const made = this.parts.form.make({ code: makeCode(6), address: to, isPkce });
    const { linkHash, codeHash } = made;
    const [userId, slot, at] = [user.id, slotOf[kind], this.clock.now()];
    await inUnit(this.database, ({ secrets, gotrueSecrets }) =>
      (this.parts.keepsGotrueSecrets ? gotrueSecrets : secrets).put({
        userId,
        slot,
        kind,
        address: to,
        linkHash,
        codeHash,
        at,
      }),
    );
    return { ...made, kind, address: to };
  }

  /** A person with everything pending, to whom one message of this kind has been sent. */
  async sendNew(kind: SecretKind, sending: Sending = {}): Promise<{ user: User; sent: Sent }> {
    const newPhone = newNumber();
    const isByPhone = kind === 'sms';
    const user = await this.person(
      isByPhone ? { email: null, phone: newPhone } : {},
      isByPhone ? {} : { newPhone, newEmail: `${randomUUID()}@new.example` },
    );
    return { user, sent: await this.send(user, kind, sending) };
  }

  post(body: unknown, query = ''): Promise<Answer> {
    return ask(`${this.base}/verify${query}`, {
      body,
      headers: { 'x-supabase-api-version': '2024-01-01' },
    });
  }

  /** Shows the code where it was sent, as `type`. */
  code({ code, address }: Pick<Sent, 'code' | 'address'>, type: string): Promise<Answer> {
    const where = address.includes('@') ? { email: address } : { phone: `+${address}` };
    return this.post({ type, token: code, ...where });
  }

  follow(token: string, type: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return ask(`${this.base}/verify?${new URLSearchParams({ token, type, ...query })}`);
  }

  exchange(auth_code: string, code_verifier: string): Promise<Answer> {
    return ask(`${this.base}/token?grant_type=pkce`, {
      body: { auth_code, code_verifier },
      headers: { 'x-supabase-api-version': '2024-01-01' },
    });
  }

  async find({ id }: Pick<User, 'id'>): Promise<User> {
    return (await this.database.persistence.begin().users.findById(id)) as User;
  }

  query(sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.database.dataSource.query(sql, [...values]);
  }

  /** `action` and provider of each line of the audit about the person, the oldest first. */
  async audit({ id }: Pick<User, 'id'>): Promise<string[]> {
    const rows = await this.query(
      `SELECT payload FROM auth.audit_log_entries WHERE payload->>'actor_id' = $1 ORDER BY created_at, id`,
      [id],
    );
    return rows.map(({ payload }) => {
      const { action, traits } = payload as { action: string; traits?: Record<string, string> };
      return [action, ...Object.values(traits ?? {})].join(' ');
    });
  }
}

/** The type under which a message of this kind is redeemed. */
export const typeOf = (kind: SecretKind): string => kind.replace(/^email_change_.*/, 'email_change');

/** Status and code of an answer, e.g. `403 otp_expired`; `200` for a good one. */
export const said = ({ status, body }: Answer): string =>
  [status, body?.code ?? body?.error_code].filter(Boolean).join(' ');

/** The members in the fragment of where a browser is sent. */
export const fragmentOf = ({ headers }: Answer): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(headers.get('location')?.split('#')[1] ?? ''));
