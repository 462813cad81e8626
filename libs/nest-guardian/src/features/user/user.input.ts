import { IsObject, IsOptional, IsString } from 'class-validator';
import type { UpdateUserInput } from './user.contract.js';

export class UpdateUserBody implements UpdateUserInput {
  @IsOptional() @IsString() email?: string;
  @IsOptional() @IsString() phone?: string;
  @IsOptional() @IsString() password?: string;
  @IsOptional() @IsString() current_password?: string;
  @IsOptional() @IsString() nonce?: string;
  @IsOptional() @IsObject() data?: Record<string, unknown>;
  @IsOptional() @IsObject() app_metadata?: Record<string, unknown>;
  @IsOptional() @IsString() channel?: string;
  @IsOptional() @IsString() code_challenge?: string;
  @IsOptional() @IsString() code_challenge_method?: string;
}
