import { IsObject, IsOptional, IsString } from 'class-validator';
import type { SignInInput, SignUpInput } from './password.contract.js';

export class SignUpBody implements SignUpInput {
  @IsOptional() @IsString() email?: string;
  @IsOptional() @IsString() phone?: string;
  @IsOptional() @IsString() password?: string;
  @IsOptional() @IsObject() data?: Record<string, unknown>;
  @IsOptional() @IsString() channel?: string;
  @IsOptional() @IsString() code_challenge?: string;
  @IsOptional() @IsString() code_challenge_method?: string;
  @IsOptional() @IsObject() gotrue_meta_security?: { captcha_token?: string };
}

export class SignInBody implements SignInInput {
  @IsOptional() @IsString() email?: string;
  @IsOptional() @IsString() phone?: string;
  @IsOptional() @IsString() password?: string;
  @IsOptional() @IsObject() gotrue_meta_security?: { captcha_token?: string };
}
