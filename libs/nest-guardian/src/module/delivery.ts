import { Logger } from '@nestjs/common';
import type { Clock } from '../core/ports/clock.js';
import type { Mailbox } from '../core/ports/mailbox.js';
import { Mailer } from '../core/ports/mailer.js';
import type { QueuedMessage } from '../core/ports/outbox.js';
import { SmsSender } from '../core/ports/sms-sender.js';
import type { ProviderContext } from '../core/provider-choice.js';
import { fill } from '../delivery/go-template.js';
import { MailboxMailer, MailboxSmsSender, MemoryMailbox } from '../delivery/memory-mailbox.js';
import { OutboxWorker } from '../delivery/outbox-worker.js';
import { readSources, readText } from '../delivery/template-sources.js';
import { Templates } from '../delivery/templates.js';
import { WebhookSmsSender } from '../delivery/webhook-sms-sender.js';
import type { AuditSettings } from '../features/audit/audit.options.js';
import type { MailSettings } from '../features/mail/mail.options.js';
import type { PhoneSettings } from '../features/phone/phone.options.js';
import type { SiteSettings } from '../features/site/site.options.js';
import type { Database } from '../persistence/database.js';
import { importPackage } from '../persistence/import-package.js';
import { sweep } from '../persistence/sweep.js';
import { TypeormMessageQueue } from '../persistence/typeorm-message-queue.js';
import type { ColumnEncryption } from '../tokens/column-encryption.js';
import { isProduction } from './boot-refusals.js';

export interface DeliverySettings {
  readonly audit: AuditSettings;
  readonly site: SiteSettings;
  readonly mail: MailSettings;
  readonly phone: PhoneSettings;
}

interface DeliveryParts {
  readonly settings: DeliverySettings;
  /** Null where the application brought a Persistence of its own. */
  readonly opened: Database | null;
  readonly encryption: ColumnEncryption;
}

export interface Delivery {
  /** Where messages stay in development; null where they leave. */
  readonly mailbox: Mailbox | null;
  /** Whether anybody takes texts. */
  readonly canText: boolean;
  /** Something may wait in the outbox. */
  nudge(): void;
  stop(): Promise<void>;
}

/** Who takes messages. Null where nobody does: they are dropped. */
interface Carriers {
  readonly mailer: Mailer | null;
  readonly smsSender: SmsSender | null;
  readonly mailbox: Mailbox | null;
  readonly close: () => void;
}

/** Starts what carries messages out of the outbox. */
export async function startDelivery(parts: DeliveryParts, context: ProviderContext): Promise<Delivery> {
  const { settings, opened, encryption } = parts;
  const log = new Logger('Auth');
  if (opened === null) {
    log.log('Persistence is the application’s own: what is put into its outbox is its own to send');
    return { mailbox: null, canText: true, nudge: () => undefined, stop: async () => undefined };
  }
  const carriers = await findCarriers(settings, context, log);
  const { clock } = context;
  const { dataSource } = opened;
  const worker = new OutboxWorker({
    queue: new TypeormMessageQueue(dataSource, encryption),
    clock,
    deliver: deliveryBy(carriers, settings, { clock, log }),
    sweep: (at) => sweep(dataSource, at, settings.audit.retention),
    log,
  }).start();
  const stop = async () => {
    await worker.stop();
    carriers.close();
  };
  const canText = carriers.smsSender !== null;
  return { mailbox: carriers.mailbox, canText, nudge: () => worker.nudge(), stop };
}

interface Surroundings {
  readonly clock: Clock;
  readonly log: Logger;
}

function deliveryBy(
  { mailer, smsSender }: Carriers,
  { mail, phone }: DeliverySettings,
  { clock, log }: Surroundings,
): (message: QueuedMessage) => Promise<void> {
  const templates = new Templates({
    sources: readSources(mail, []),
    maxAge: mail.templateMaxAge,
    clock,
    log,
  });
  const textTemplate = readText(phone.template, { path: 'phone.template', mistakes: [] }) ?? [];
  return async (message) => {
    const { channel, kind, recipient, variables } = message;
    if (channel === 'mail') await mailer?.send(await templates.mailOf(message));
    else {
      const text = fill(textTemplate, variables);
      await smsSender?.send({ to: recipient, text, channel: kind === 'whatsapp' ? 'whatsapp' : 'sms' });
    }
  };
}

async function findCarriers(
  { mail, phone }: DeliverySettings,
  { clock, find }: ProviderContext,
  log: Logger,
): Promise<Carriers> {
  const box = isProduction() ? null : new MemoryMailbox(clock, log);
  const given = find<Mailer>(Mailer) ?? mail.mailer;
  const smtp = given === null && mail.smtpHost !== '' ? await smtpMailer(mail) : null;
  const mailer = given ?? smtp;
  const { webhookUrl: url, webhookSecret: secret } = phone;
  const webhook = url === '' ? null : new WebhookSmsSender({ url, secret }, clock);
  const smsSender = find<SmsSender>(SmsSender) ?? phone.sender ?? webhook;
  if (box === null && mailer === null) log.warn(nobodyMails);
  if (box === null && smsSender === null && phone.enabled) log.warn(nobodyTexts);
  const isBoxUsed = mailer === null || (smsSender === null && phone.enabled);
  return {
    mailer: mailer ?? (box && new MailboxMailer(box)),
    smsSender: smsSender ?? (box && new MailboxSmsSender(box)),
    mailbox: isBoxUsed ? box : null,
    close: () => smtp?.close(),
  };
}

const nobodyMails =
  'mail.smtpHost (GOTRUE_SMTP_HOST) is not set: no mail is sent, and those that would be are dropped. Set it, or give mail.mailer';
const nobodyTexts =
  'phone.webhookUrl (GUARDIAN_PHONE_WEBHOOK_URL) is not set: no text is sent, and those that would be are dropped. Set it, or give phone.sender';

async function smtpMailer(mail: MailSettings) {
  const { SmtpMailer } = await importPackage('nodemailer', () => import('../delivery/smtp-mailer.js'));
  const { smtpHost, smtpPort, smtpUser, smtpPassword, smtpTls, from, fromName } = mail;
  return new SmtpMailer({
    host: smtpHost,
    port: smtpPort,
    user: smtpUser,
    password: smtpPassword,
    tls: smtpTls,
    from,
    fromName,
  });
}
