import { IsBoolean, IsObject, IsOptional, IsString } from 'class-validator';
import type { AdminUserInput, CreateUserInput, DeleteUserInput } from './admin-users.contract.js';

/** Also what an update may say: nothing else gets through. */
export class AdminUserBody implements AdminUserInput {
  @IsOptional() @IsString() email?: string;
  @IsOptional() @IsString() phone?: string;
  @IsOptional() @IsString() password?: string;
  @IsOptional() @IsString() role?: string;
  @IsOptional() @IsBoolean() email_confirm?: boolean;
  @IsOptional() @IsBoolean() phone_confirm?: boolean;
  @IsOptional() @IsObject() user_metadata?: Record<string, unknown>;
  @IsOptional() @IsObject() app_metadata?: Record<string, unknown>;
  @IsOptional() @IsString() ban_duration?: string;
}

export class CreateUserBody extends AdminUserBody implements CreateUserInput {
  @IsOptional() @IsString() id?: string;
  @IsOptional() @IsString() aud?: string;
  @IsOptional() @IsString() password_hash?: string;
}

export class DeleteUserBody implements Omit<DeleteUserInput, 'user_id'> {
  @IsOptional() @IsBoolean() should_soft_delete?: boolean;
}
