import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'auth', name: 'users', synchronize: false })
export class UserEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'varchar', length: 255, name: 'aud', nullable: true })
  audience!: string | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  role!: string | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  email!: string | null;

  @Column({ type: 'varchar', length: 255, name: 'encrypted_password', nullable: true, select: false })
  passwordHash!: string | null;

  @Column({ type: 'timestamptz', name: 'email_confirmed_at', nullable: true })
  emailConfirmedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'invited_at', nullable: true })
  invitedAt!: Date | null;

  @Column({ type: 'varchar', length: 255, name: 'confirmation_token', nullable: true, select: false })
  confirmationToken!: string | null;

  @Column({ type: 'timestamptz', name: 'confirmation_sent_at', nullable: true })
  confirmationSentAt!: Date | null;

  @Column({ type: 'varchar', length: 255, name: 'recovery_token', nullable: true, select: false })
  recoveryToken!: string | null;

  @Column({ type: 'timestamptz', name: 'recovery_sent_at', nullable: true })
  recoverySentAt!: Date | null;

  @Column({ type: 'varchar', length: 255, name: 'email_change_token_new', nullable: true, select: false })
  emailChangeTokenNew!: string | null;

  @Column({ type: 'varchar', length: 255, name: 'email_change', nullable: true })
  newEmail!: string | null;

  @Column({ type: 'timestamptz', name: 'email_change_sent_at', nullable: true })
  emailChangeSentAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'last_sign_in_at', nullable: true })
  lastSignInAt!: Date | null;

  @Column({ type: 'jsonb', name: 'raw_app_meta_data', nullable: true })
  appMetadata!: Record<string, unknown> | null;

  @Column({ type: 'jsonb', name: 'raw_user_meta_data', nullable: true })
  userMetadata!: Record<string, unknown> | null;

  @Column({ type: 'timestamptz', name: 'created_at', nullable: true })
  createdAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'updated_at', nullable: true })
  updatedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  phone!: string | null;

  @Column({ type: 'timestamptz', name: 'phone_confirmed_at', nullable: true })
  phoneConfirmedAt!: Date | null;

  @Column({ type: 'text', name: 'phone_change', nullable: true })
  newPhone!: string | null;

  @Column({ type: 'varchar', length: 255, name: 'phone_change_token', nullable: true, select: false })
  phoneChangeToken!: string | null;

  @Column({ type: 'timestamptz', name: 'phone_change_sent_at', nullable: true })
  phoneChangeSentAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'confirmed_at', nullable: true, insert: false, update: false })
  confirmedAt!: Date | null;

  @Column({ type: 'varchar', length: 255, name: 'email_change_token_current', nullable: true, select: false })
  emailChangeTokenCurrent!: string | null;

  @Column({ type: 'smallint', name: 'email_change_confirm_status', nullable: true })
  emailChangeConfirmStatus!: number | null;

  @Column({ type: 'timestamptz', name: 'banned_until', nullable: true })
  bannedUntil!: Date | null;

  @Column({ type: 'varchar', length: 255, name: 'reauthentication_token', nullable: true, select: false })
  reauthenticationToken!: string | null;

  @Column({ type: 'timestamptz', name: 'reauthentication_sent_at', nullable: true })
  reauthenticationSentAt!: Date | null;

  @Column({ type: 'boolean', name: 'is_sso_user' })
  isSsoUser!: boolean;

  @Column({ type: 'timestamptz', name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;

  @Column({ type: 'boolean', name: 'is_anonymous' })
  isAnonymous!: boolean;
}
