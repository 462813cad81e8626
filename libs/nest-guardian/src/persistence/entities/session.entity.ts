import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'auth', name: 'sessions', synchronize: false })
export class SessionEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'uuid', name: 'user_id' })
  userId!: string;

  @Column({ type: 'timestamptz', name: 'created_at', nullable: true })
  createdAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'updated_at', nullable: true })
  updatedAt!: Date | null;

  @Column({ type: 'uuid', name: 'factor_id', nullable: true })
  factorId!: string | null;

  @Column({ type: 'text', nullable: true })
  aal!: string | null;

  @Column({ type: 'timestamptz', name: 'not_after', nullable: true })
  notAfter!: Date | null;

  @Column({ type: 'text', name: 'user_agent', nullable: true })
  userAgent!: string | null;

  @Column({ type: 'inet', nullable: true })
  ip!: string | null;

  @Column({ type: 'text', nullable: true })
  tag!: string | null;

  @Column({ type: 'uuid', name: 'oauth_client_id', nullable: true })
  oauthClientId!: string | null;

  @Column({ type: 'text', name: 'refresh_token_hmac_key', nullable: true, select: false })
  refreshTokenHmacKey!: string | null;

  @Column({ type: 'bigint', name: 'refresh_token_counter', nullable: true })
  refreshTokenCounter!: string | null;

  @Column({ type: 'text', nullable: true })
  scopes!: string | null;
}
