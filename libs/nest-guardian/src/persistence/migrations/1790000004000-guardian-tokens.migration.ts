import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens of an application's own: which can be taken back, and which are good once. Ours; GoTrue does not look. */
export class GuardianTokens1790000004000 implements MigrationInterface {
  /** No reference to `auth.sessions`: a token that lost its session is refused, and kept until it expires. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE auth.guardian_tokens (
        jti uuid PRIMARY KEY,
        profile text NOT NULL,
        family_id uuid NOT NULL,
        parent_id uuid,
        session_id uuid,
        subject text NOT NULL,
        type text NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        revoked_at timestamptz
      );
      CREATE INDEX guardian_tokens_subject_idx ON auth.guardian_tokens (profile, subject);
      CREATE INDEX guardian_tokens_family_id_idx ON auth.guardian_tokens (family_id);
      CREATE INDEX guardian_tokens_expires_at_idx ON auth.guardian_tokens (expires_at);

      CREATE TABLE auth.guardian_one_time_tokens (
        token_hash text PRIMARY KEY,
        profile text NOT NULL,
        purpose text NOT NULL,
        subject text NOT NULL,
        data jsonb,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX guardian_one_time_tokens_subject_idx ON auth.guardian_one_time_tokens (profile, subject);
      CREATE INDEX guardian_one_time_tokens_expires_at_idx ON auth.guardian_one_time_tokens (expires_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE auth.guardian_one_time_tokens, auth.guardian_tokens');
  }
}
