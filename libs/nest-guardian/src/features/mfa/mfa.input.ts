import { IsObject, IsOptional, IsString, IsUUID } from 'class-validator';
import type { EnrollFactorInput, VerifyFactorInput } from './mfa.contract.js';

export class EnrollFactorBody implements EnrollFactorInput {
  @IsOptional() @IsString() factor_type?: string;
  @IsOptional() @IsString() friendly_name?: string;
  @IsOptional() @IsString() issuer?: string;
  @IsOptional() @IsString() phone?: string;
}

export class VerifyFactorBody implements Omit<VerifyFactorInput, 'factor_id'> {
  @IsOptional() @IsUUID('loose') challenge_id?: string;
  @IsOptional() @IsString() code?: string;
  @IsOptional() @IsObject() webauthn?: Record<string, unknown>;
}

export class RecoveryCodeBody {
  @IsOptional() @IsString() code?: string;
}
