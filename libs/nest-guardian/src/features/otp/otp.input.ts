import { IsBoolean, IsObject, IsOptional, IsString } from 'class-validator';
import type { SendMagicLinkInput, SendOtpInput } from './otp.contract.js';

export class SendMagicLinkBody implements SendMagicLinkInput {
  @IsOptional() @IsString() email?: string;
  @IsOptional() @IsObject() data?: Record<string, unknown>;
  @IsOptional() @IsString() code_challenge?: string;
  @IsOptional() @IsString() code_challenge_method?: string;
  @IsOptional() @IsObject() gotrue_meta_security?: { captcha_token?: string };
}

export class SendOtpBody extends SendMagicLinkBody implements SendOtpInput {
  @IsOptional() @IsString() phone?: string;
  @IsOptional() @IsBoolean() create_user?: boolean;
  @IsOptional() @IsString() channel?: string;
}
