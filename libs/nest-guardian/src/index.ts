export { Announcements } from './core/announcements.js';
export { AuthError, deny, isAuthError } from './core/auth-error.js';
export { AuthProvider } from './core/auth-provider.js';
export { type Caller, systemCaller } from './core/caller.js';
export { type Condition, conditions } from './core/condition.js';
export { common as commonConditions } from './core/conditions.js';
export { assuranceChanged, type Event, sessionsEnded } from './core/event.js';
export { type Operation, operation } from './core/operation.js';
export { type OptionMistake, OptionsError } from './core/option.js';
export { AccountWork } from './core/ports/account-work.js';
export { type AuditLine, AuditSink } from './core/ports/audit-sink.js';
export { Clock } from './core/ports/clock.js';
export { CustomClaims } from './core/ports/custom-claims.js';
export type { IdpTokens } from './core/ports/idps.js';
export { type Mail, Mailer, MessageRefused } from './core/ports/mailer.js';
export { PasswordHasher } from './core/ports/password-hasher.js';
export { Persistence } from './core/ports/persistence.js';
export { SmsSender, type TextMessage } from './core/ports/sms-sender.js';
export { TokenTracking } from './core/ports/token-tracking.js';
export type { AssuranceLevel, Principal } from './core/principal.js';
export type { ProviderChoice, ProviderContext } from './core/provider-choice.js';
export type { Factor, Identity, Session, User } from './core/records.js';
export { AccessGuard } from './contexts/access.guard.js';
export { AuthGateway, type AuthGatewayOptions } from './contexts/auth-gateway.js';
export { AuthMessages } from './contexts/auth-messages.js';
export {
  CurrentResource,
  CurrentSession,
  CurrentToken,
  CurrentUser,
  principalOf,
} from './contexts/current.js';
export { FallbackFilter } from './contexts/fallback.filter.js';
export { FallbackInterceptor } from './contexts/fallback.interceptor.js';
export { NullAs } from './contexts/returned.js';
export {
  AllowAal1,
  AllowAnonymous,
  FreshAuth,
  LiveSession,
  OptionalAuth,
  Permissions,
  permissionsOf,
  Public,
  RequireAal,
  Roles,
  UseProfile,
} from './http/requirements.js';
export { messageFailed } from './contexts/rpc.js';
export { SessionWatch, type Watched } from './contexts/session-watch.js';
export { BearerSerializer, withBearer } from './contexts/with-bearer.js';
export { Auth } from './module/auth.js';
export { AuthModule } from './module/auth.module.js';
export { KeptIdpTokens } from './module/kept-idp-tokens.js';
export type { AuthModuleOptions, AuthModuleShape } from './module/options.js';
export { InjectTokens, type TokensOf } from './module/token-profiles.js';
export {
  type ClauseMatcher,
  type ClauseResult,
  Fallback,
  type FallbackAnswer,
  When,
} from './http/fallback/clauses.js';
export { defineFailures, fail, type Failure, type FailureCode, isFailure } from './http/fallback/failure.js';
export type { FallbackOptions } from './http/fallback/fallback-options.js';
export { validationFailure } from './http/fallback/validation-failure.js';
export { gotrue } from './providers/gotrue/gotrue.js';
export type { GoTrueOptions } from './providers/gotrue/gotrue.options.js';
export {
  definePermissions,
  type PermissionSet,
  type PermissionsWanted,
} from './tokens/profile/permissions.js';
export {
  defineTokenProfile,
  type Find,
  type ProfileDefinition,
} from './tokens/profile/profile-definition.js';
export type { OwnClaims, VerifiedClaims } from './tokens/profile/token-claims.js';
export { tokenRefusals } from './tokens/profile/token-conditions.js';
export { impersonationStarted, tokenReuseDetected } from './tokens/profile/token-events.js';
export { type IssuedToken, type MakingToken, TokenHooks } from './tokens/profile/token-hooks.js';
export type { TokenPrincipal } from './tokens/profile/token-principal.js';
export { TokenProfile, type UnverifiedToken } from './tokens/profile/token-profile.js';
