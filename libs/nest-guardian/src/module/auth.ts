import { Injectable } from '@nestjs/common';
import { AuthProvider } from '../core/auth-provider.js';
import { type Caller, systemCaller } from '../core/caller.js';
import type { Operation } from '../core/operation.js';
import { listAuditEntries } from '../features/admin-audit/admin-audit.contract.js';
import {
  deleteUserFactor,
  listUserFactors,
  updateUserFactor,
} from '../features/admin-factors/admin-factors.contract.js';
import { generateLink } from '../features/admin-links/admin-links.contract.js';
import {
  endUserSession,
  endUserSessions,
  listUserSessions,
} from '../features/admin-sessions/admin-sessions.contract.js';
import {
  createUser,
  deleteUser,
  getUserById,
  listUsers,
  updateUserById,
} from '../features/admin-users/admin-users.contract.js';
import { signInAnonymously } from '../features/anonymous/anonymous.contract.js';
import { linkIdentity, unlinkIdentity } from '../features/identities/identities.contract.js';
import { invite } from '../features/invite/invite.contract.js';
import { challengeFactor, enrollFactor, unenrollFactor, verifyFactor } from '../features/mfa/mfa.contract.js';
import {
  countRecoveryCodes,
  makeRecoveryCodes,
  verifyRecoveryCode,
} from '../features/mfa/recovery-codes.contract.js';
import { exchangeCode, signInWithIdToken } from '../features/oauth/oauth.contract.js';
import { reauthenticate, sendMagicLink, sendOtp } from '../features/otp/otp.contract.js';
import { signInWithPassword, signUp } from '../features/password/password.contract.js';
import { recover } from '../features/recovery/recovery.contract.js';
import { endOtherSessions, endSession, listSessions } from '../features/session/own-sessions.contract.js';
import { refreshSession, signOut } from '../features/session/session.contract.js';
import { getSettings } from '../features/settings/settings.contract.js';
import { getUser, updateUser } from '../features/user/user.contract.js';
import { resend, verify } from '../features/verify/verify.contract.js';

type Call<I, O> = (input: I, caller?: Partial<Caller>) => Promise<O>;

/**
 * Every operation as a method, whichever provider answers. Calls as the application itself unless told who is
 * asking: what needs a person needs `{ bearer }`. A refusal is thrown as `AuthError`.
 */
@Injectable()
export class Auth {
  readonly settings = this.#call(getSettings);
  readonly signUp = this.#call(signUp);
  readonly signIn = this.#call(signInWithPassword);
  readonly signInAnonymously = this.#call(signInAnonymously);
  readonly signInWithIdToken = this.#call(signInWithIdToken);
  readonly exchangeCode = this.#call(exchangeCode);
  readonly linkIdentity = this.#call(linkIdentity);
  readonly unlinkIdentity = this.#call(unlinkIdentity);
  readonly refresh = this.#call(refreshSession);
  readonly signOut = this.#call(signOut);
  readonly listSessions = this.#call(listSessions);
  readonly endSession = this.#call(endSession);
  readonly endOtherSessions = this.#call(endOtherSessions);
  readonly getUser = this.#call(getUser);
  readonly updateUser = this.#call(updateUser);
  readonly sendOtp = this.#call(sendOtp);
  readonly sendMagicLink = this.#call(sendMagicLink);
  readonly verify = this.#call(verify);
  readonly resend = this.#call(resend);
  readonly recover = this.#call(recover);
  readonly reauthenticate = this.#call(reauthenticate);
  readonly invite = this.#call(invite);
  readonly generateLink = this.#call(generateLink);
  readonly listUsers = this.#call(listUsers);
  readonly getUserById = this.#call(getUserById);
  readonly createUser = this.#call(createUser);
  readonly updateUserById = this.#call(updateUserById);
  readonly deleteUser = this.#call(deleteUser);
  readonly listUserFactors = this.#call(listUserFactors);
  readonly updateUserFactor = this.#call(updateUserFactor);
  readonly deleteUserFactor = this.#call(deleteUserFactor);
  readonly listUserSessions = this.#call(listUserSessions);
  readonly endUserSession = this.#call(endUserSession);
  readonly endUserSessions = this.#call(endUserSessions);
  readonly listAuditEntries = this.#call(listAuditEntries);
  readonly enrollFactor = this.#call(enrollFactor);
  readonly challengeFactor = this.#call(challengeFactor);
  readonly verifyFactor = this.#call(verifyFactor);
  readonly unenrollFactor = this.#call(unenrollFactor);
  readonly makeRecoveryCodes = this.#call(makeRecoveryCodes);
  readonly countRecoveryCodes = this.#call(countRecoveryCodes);
  readonly verifyRecoveryCode = this.#call(verifyRecoveryCode);

  constructor(private readonly provider: AuthProvider) {}

  #call<I, O>(operation: Operation<I, O>): Call<I, O> {
    return (input, caller) =>
      this.provider.execute(operation, input, caller === undefined ? systemCaller : asCaller(caller));
  }
}

/** Whoever is named is no longer the application itself. */
const asCaller = (caller: Partial<Caller>): Caller => ({ ...systemCaller, isSystem: false, ...caller });
