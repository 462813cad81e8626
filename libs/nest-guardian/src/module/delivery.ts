import type { ProviderContext } from '../core/provider-choice.js';
import type { MailSettings } from '../features/mail/mail.options.js';
import type { PhoneSettings } from '../features/phone/phone.options.js';
import type { SiteSettings } from '../features/site/site.options.js';
import type { Database } from '../persistence/database.js';
import type { Places } from '../steps/needs.js';
import type { ColumnEncryption } from '../tokens/column-encryption.js';

export interface DeliverySettings {
  readonly site: SiteSettings;
  readonly mail: MailSettings;
  readonly phone: PhoneSettings;
}

interface DeliveryParts {
  readonly settings: DeliverySettings;
  /** Null where the application brought a Persistence of its own. */
  readonly opened: Database | null;
  readonly encryption: ColumnEncryption;
  readonly places: Places;
}

export interface Delivery {
  /** Something may wait in the outbox. */
  nudge(): void;
  stop(): Promise<void>;
}

/** Starts what carries messages out of the outbox. */
export async function startDelivery(_parts: DeliveryParts, _context: ProviderContext): Promise<Delivery> {
  return { nudge: () => undefined, stop: async () => undefined };
}
