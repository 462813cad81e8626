import { IsObject, IsOptional, IsString } from 'class-validator';
import type { ResendInput, VerifyInput } from './verify.contract.js';

export class VerifyBody implements VerifyInput {
  @IsOptional() @IsString() type?: string;
  @IsOptional() @IsString() token?: string;
  @IsOptional() @IsString() token_hash?: string;
  @IsOptional() @IsString() email?: string;
  @IsOptional() @IsString() phone?: string;
  @IsOptional() @IsString() redirect_to?: string;
  @IsOptional() @IsObject() gotrue_meta_security?: { captcha_token?: string };
}

export class ResendBody implements ResendInput {
  @IsOptional() @IsString() type?: string;
  @IsOptional() @IsString() email?: string;
  @IsOptional() @IsString() phone?: string;
  @IsOptional() @IsString() code_challenge?: string;
  @IsOptional() @IsString() code_challenge_method?: string;
  @IsOptional() @IsObject() gotrue_meta_security?: { captcha_token?: string };
}
