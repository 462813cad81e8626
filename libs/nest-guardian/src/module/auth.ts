import { Injectable } from '@nestjs/common';
import { AuthProvider } from '../core/auth-provider.js';
import { type Caller, systemCaller } from '../core/caller.js';
import type { InputOf, OutputOf } from '../core/operation.js';
import { signInAnonymously } from '../features/anonymous/anonymous.contract.js';
import { invite } from '../features/invite/invite.contract.js';
import { exchangeCode, signInWithIdToken } from '../features/oauth/oauth.contract.js';
import { reauthenticate, sendMagicLink, sendOtp } from '../features/otp/otp.contract.js';
import { signInWithPassword, signUp } from '../features/password/password.contract.js';
import { recover } from '../features/recovery/recovery.contract.js';
import { refreshSession, signOut } from '../features/session/session.contract.js';
import { getSettings } from '../features/settings/settings.contract.js';
import { getUser, updateUser } from '../features/user/user.contract.js';
import { resend, verify } from '../features/verify/verify.contract.js';

const calls = {
  signUp,
  signIn: signInWithPassword,
  refresh: refreshSession,
  signOut,
  getUser,
  updateUser,
  settings: getSettings,
  signInAnonymously,
  signInWithIdToken,
  exchangeCode,
  sendOtp,
  sendMagicLink,
  verify,
  resend,
  recover,
  reauthenticate,
  invite,
} as const;

type Calls = {
  readonly [K in keyof typeof calls]: (
    input: InputOf<(typeof calls)[K]>,
    caller?: Partial<Caller>,
  ) => Promise<OutputOf<(typeof calls)[K]>>;
};

/**
 * Every operation as a method, whichever provider answers. Calls as the application itself unless told who is
 * asking: what needs a person needs `{ bearer }`. A refusal is thrown as `AuthError`.
 */
@Injectable()
export class Auth {
  constructor(provider: AuthProvider) {
    const methods = Object.entries(calls).map(([name, operation]) => [
      name,
      (input: never, caller?: Partial<Caller>) =>
        provider.execute(operation as never, input, caller === undefined ? systemCaller : asCaller(caller)),
    ]);
    Object.assign(this, Object.fromEntries(methods));
  }
}

export interface Auth extends Calls {}

/** Whoever is named is no longer the application itself. */
const asCaller = (caller: Partial<Caller>): Caller => ({ ...systemCaller, isSystem: false, ...caller });
