/** Tables of schema `auth` that GoTrue does not have. */
export const ownTables = [
  'guardian_migrations',
  'guardian_signing_keys',
  'guardian_one_time_secrets',
  'guardian_limits',
  'guardian_outbox',
  'guardian_recovery_codes',
  'guardian_factor_steps',
  'guardian_tokens',
  'guardian_one_time_tokens',
  'guardian_idp_tokens',
] as const;
