import { IsObject, IsOptional, IsString } from 'class-validator';
import type { InviteInput } from './invite.contract.js';

export class InviteBody implements InviteInput {
  @IsOptional() @IsString() email?: string;
  @IsOptional() @IsObject() data?: Record<string, unknown>;
}
