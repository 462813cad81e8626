import { IsObject, IsOptional } from 'class-validator';
import type { SignInAnonymouslyInput } from './anonymous.contract.js';

export class SignInAnonymouslyBody implements SignInAnonymouslyInput {
  @IsOptional() @IsObject() data?: Record<string, unknown>;
  @IsOptional() @IsObject() gotrue_meta_security?: { captcha_token?: string };
}
