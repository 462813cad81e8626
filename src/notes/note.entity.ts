import { UserEntity } from 'nest-guardian/local';
import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { keepsAccounts } from '../auth-provider.js';

/** Notes go with their person, where the person is in this database. */
const RefersToPerson = (): PropertyDecorator =>
  keepsAccounts ? ForeignKey(() => UserEntity, { onDelete: 'CASCADE' }) : () => undefined;

@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Index()
  @RefersToPerson()
  @Column({ type: 'uuid', name: 'person_id' })
  personId!: string;

  @Column({ type: 'text' })
  text!: string;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
