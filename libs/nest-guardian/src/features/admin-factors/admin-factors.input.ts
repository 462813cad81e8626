import { IsOptional, IsString } from 'class-validator';
import type { UpdateUserFactorInput } from './admin-factors.contract.js';

export class UpdateUserFactorBody implements Omit<UpdateUserFactorInput, 'user_id' | 'factor_id'> {
  @IsOptional() @IsString() friendly_name?: string;
  @IsOptional() @IsString() phone?: string;
}
