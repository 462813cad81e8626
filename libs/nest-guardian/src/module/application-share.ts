import { Logger } from '@nestjs/common';
import { ApplicationParts } from '../core/ports/application-parts.js';
import type { ProviderContext } from '../core/provider-choice.js';
import type { AuditSettings } from '../features/audit/audit.options.js';
import { AuditShipping } from '../providers/local/audit-shipping.js';
import type { LocalParts } from '../providers/local/request-needs.js';
import type { AccessTokens } from '../tokens/access-tokens.js';

/** What the application itself does in requests: its claims go into the tokens, the rest to the local provider. */
export function applicationShare(
  { audit, tokens }: { readonly audit: AuditSettings; readonly tokens: AccessTokens },
  { find }: Pick<ProviderContext, 'find'>,
): Pick<LocalParts, 'accountWork' | 'shipping' | 'keepsAudit'> {
  const parts = find<ApplicationParts>(ApplicationParts);
  const { accountWork = null, customClaims = null, auditSink = null } = parts ?? {};
  if (customClaims !== null) tokens.addClaims(customClaims);
  const logger = new Logger('Auth');
  const onFailure = (error: unknown): void => logger.error('AuditSink has failed', error);
  return {
    accountWork,
    shipping: auditSink && new AuditShipping(auditSink, onFailure),
    keepsAudit: audit.write,
  };
}
