import { IsBoolean, IsObject, IsOptional, IsString } from 'class-validator';
import type { AdminUserInput, CreateUserInput } from './admin-users.contract.js';

class AdminUserBody implements AdminUserInput {
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
