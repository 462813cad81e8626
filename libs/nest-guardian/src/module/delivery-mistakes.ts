import type { OptionMistake } from '../core/option.js';
import { isThisMachine } from '../core/redirect-url.js';
import { isOneAddress } from '../delivery/one-address.js';
import { readSources, readText } from '../delivery/template-sources.js';
import { isProduction } from './boot-refusals.js';
import type { DeliverySettings } from './delivery.js';

/** What would keep mail and texts from leaving, or from being of use. */
export function mistakesOfDelivery(settings: Omit<DeliverySettings, 'audit'>): OptionMistake[] {
  const mistakes: OptionMistake[] = [];
  readSources(settings.mail, mistakes);
  readText(settings.phone.template, { path: 'phone.template', mistakes });
  return [...mistakes, ...mistakesOfMail(settings), ...mistakesOfWebhook(settings)];
}

function mistakesOfMail({ site, mail }: Pick<DeliverySettings, 'site' | 'mail'>): OptionMistake[] {
  const mistakes: OptionMistake[] = [];
  if (mail.smtpHost !== '' && !isOneAddress(mail.from)) {
    const reason = mail.from === '' ? 'is missing, and mail.smtpHost is set' : 'is not one bare address';
    mistakes.push({ path: 'mail.from', reason, remedy: 'Give the address that mails come from' });
  }
  const sender = mail.mailer === null ? 'smtpHost' : 'mailer';
  const isSent = mail.mailer !== null || mail.smtpHost !== '';
  if (site.url === '' && isSent && isProduction()) {
    const remedy = 'Give the address of the application, which links in mails lead to';
    mistakes.push({ path: 'site.url', reason: `is missing, and mail.${sender} is set`, remedy });
  }
  return mistakes;
}

function mistakesOfWebhook({
  phone: { webhookUrl, webhookSecret },
}: Pick<DeliverySettings, 'phone'>): OptionMistake[] {
  const mistakes: OptionMistake[] = [];
  if (webhookUrl !== '' && !isWebhook(webhookUrl)) {
    const remedy =
      'Give an https address without a user and a password; http does for this machine, and in development';
    mistakes.push({ path: 'phone.webhookUrl', reason: 'is no address to post codes to', remedy });
  }
  if (webhookSecret !== '' && !/^(whsec_)?[A-Za-z0-9+/]{32,}={0,2}$/.test(webhookSecret)) {
    const remedy = 'Give 24 random bytes or more in base64, after `whsec_`';
    mistakes.push({ path: 'phone.webhookSecret', reason: 'is not a secret of Standard Webhooks', remedy });
  }
  return mistakes;
}

function isWebhook(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  // `fetch` takes none with a password, and would say the password.
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && (isThisMachine(hostname) || !isProduction()));
}
