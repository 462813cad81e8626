import { IsObject, IsOptional, IsString } from 'class-validator';
import type { GenerateLinkInput } from './admin-links.contract.js';

export class GenerateLinkBody implements GenerateLinkInput {
  @IsOptional() @IsString() type?: string;
  @IsOptional() @IsString() email?: string;
  @IsOptional() @IsString() password?: string;
  @IsOptional() @IsObject() data?: Record<string, unknown>;
  @IsOptional() @IsString() new_email?: string;
  @IsOptional() @IsString() redirect_to?: string;
}
