import { IsObject, IsOptional, IsString } from 'class-validator';
import type { RecoverInput } from './recovery.contract.js';

export class RecoverBody implements RecoverInput {
  @IsOptional() @IsString() email?: string;
  @IsOptional() @IsString() code_challenge?: string;
  @IsOptional() @IsString() code_challenge_method?: string;
  @IsOptional() @IsObject() gotrue_meta_security?: { captcha_token?: string };
}
