import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'auth', name: 'mfa_factors', synchronize: false })
export class FactorEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'uuid', name: 'user_id' })
  userId!: string;

  @Column({ type: 'text', name: 'friendly_name', nullable: true })
  friendlyName!: string | null;

  @Column({ type: 'text', name: 'factor_type' })
  factorType!: string;

  @Column({ type: 'text' })
  status!: string;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt!: Date;

  @Column({ type: 'text', nullable: true, select: false })
  secret!: string | null;

  @Column({ type: 'text', nullable: true })
  phone!: string | null;

  @Column({ type: 'timestamptz', name: 'last_challenged_at', nullable: true })
  lastChallengedAt!: Date | null;

  @Column({ type: 'jsonb', name: 'web_authn_credential', nullable: true, select: false })
  webAuthnCredential!: Record<string, unknown> | null;

  @Column({ type: 'uuid', name: 'web_authn_aaguid', nullable: true })
  webAuthnAaguid!: string | null;

  @Column({ type: 'jsonb', name: 'last_webauthn_challenge_data', nullable: true, select: false })
  lastWebauthnChallengeData!: Record<string, unknown> | null;
}
