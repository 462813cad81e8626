import { AuditLogEntryEntity } from './entities/audit-log-entry.entity.js';
import { FactorEntity } from './entities/factor.entity.js';
import { IdentityEntity } from './entities/identity.entity.js';
import { MethodClaimEntity } from './entities/method-claim.entity.js';
import { RefreshTokenEntity } from './entities/refresh-token.entity.js';
import { SessionEntity } from './entities/session.entity.js';
import { UserEntity } from './entities/user.entity.js';

/**
 * The tables of schema `auth`, so that an application's entities can refer to them:
 * `@ManyToOne(() => UserEntity)`. Synchronizing and generating migrations pass them by. Columns that hold
 * secrets are read only when asked for by name.
 */
export const authEntities = [
  UserEntity,
  IdentityEntity,
  SessionEntity,
  RefreshTokenEntity,
  MethodClaimEntity,
  FactorEntity,
  AuditLogEntryEntity,
];
