import { IsBoolean, IsObject, IsOptional, IsString } from 'class-validator';
import type { ExchangeCodeInput, SignInWithIdTokenInput } from './oauth.contract.js';

export class SignInWithIdTokenBody implements SignInWithIdTokenInput {
  @IsOptional() @IsString() id_token?: string;
  @IsOptional() @IsString() provider?: string;
  @IsOptional() @IsString() access_token?: string;
  @IsOptional() @IsString() nonce?: string;
  @IsOptional() @IsString() client_id?: string;
  @IsOptional() @IsString() issuer?: string;
  @IsOptional() @IsBoolean() link_identity?: boolean;
  @IsOptional() @IsObject() gotrue_meta_security?: { captcha_token?: string };
}

export class ExchangeCodeBody implements ExchangeCodeInput {
  @IsOptional() @IsString() auth_code?: string;
  @IsOptional() @IsString() code_verifier?: string;
}

/** What an identity provider posts back (`form_post`, e.g. Apple's), or our own page. */
export class CallbackForm {
  @IsOptional() @IsString() state?: string;
  @IsOptional() @IsString() code?: string;
  @IsOptional() @IsString() iss?: string;
  @IsOptional() @IsString() id_token?: string;
  @IsOptional() @IsString() user?: string;
  @IsOptional() @IsString() error?: string;
  @IsOptional() @IsString() error_description?: string;
  @IsOptional() @IsString() confirmed?: string;
}
