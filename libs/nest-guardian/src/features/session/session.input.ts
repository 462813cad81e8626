import { IsOptional, IsString } from 'class-validator';
import type { RefreshInput } from './session.contract.js';

export class RefreshBody implements RefreshInput {
  @IsOptional() @IsString() refresh_token?: string;
}
