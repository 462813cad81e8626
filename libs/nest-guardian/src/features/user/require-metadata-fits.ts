import { deny } from '../../core/auth-error.js';
import type { Metadata } from '../../core/records.js';
import { userConditions } from './user.contract.js';
import type { UserSettings } from './user.options.js';

/** @throws metadataTooLarge */
export function requireMetadataFits(metadata: Metadata, { maxMetadataBytes }: UserSettings): void {
  const size = Buffer.byteLength(JSON.stringify(metadata));
  if (size > maxMetadataBytes) deny(userConditions.metadataTooLarge, { value: String(maxMetadataBytes) });
}
