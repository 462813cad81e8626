import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { OptionMistake } from '../core/option.js';
import { type MailKind, mailKinds, type MailTemplate } from '../features/mail/mail.options.js';
import { builtInMail } from './built-in-mails.js';
import { TemplateFault } from './go-expression.js';
import { parseHtml, parsePlain, type Template } from './go-template.js';

/** What is read of the settings of mail. */
export interface TemplateSettings {
  readonly templates: Readonly<Partial<Record<MailKind, MailTemplate>>>;
  readonly subjects: Readonly<Partial<Record<MailKind, string>>>;
}

/** Where the body of a mail comes from. */
type Body =
  | { readonly kind: 'here'; readonly html: Template }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'function'; readonly render: Exclude<MailTemplate, string> };

export interface MailSource {
  readonly subject: Template;
  readonly body: Body;
  /** What is sent where the body fails. */
  readonly builtIn: { readonly subject: Template; readonly html: Template };
}

export type MailSources = ReadonlyMap<string, MailSource>;

/** Reads every template that is a file or a text; each mistake is noted with file and line, none is thrown. */
export function readSources(
  { templates, subjects }: TemplateSettings,
  mistakes: OptionMistake[],
): MailSources {
  const sourceOf = (kind: MailKind): readonly [string, MailSource] => {
    const { subject, html } = builtInMail(kind);
    const builtIn = { subject: parsePlain(subject), html: parseHtml(html) };
    const path = `mail.subjects.${kind}`;
    const body = bodyOf(templates[kind], { path: `mail.templates.${kind}`, mistakes });
    return [
      kind,
      {
        subject: readText(subjects[kind] ?? subject, { path, mistakes }) ?? builtIn.subject,
        body: body ?? { kind: 'here', html: builtIn.html },
        builtIn,
      },
    ];
  };
  return new Map(mailKinds.map(sourceOf));
}

interface At {
  readonly path: string;
  readonly mistakes: OptionMistake[];
}

function bodyOf(given: MailTemplate | undefined, at: At): Body | null {
  if (given === undefined) return null;
  if (typeof given === 'function') return { kind: 'function', render: given };
  if (/^https?:\/\//i.test(given)) return urlOf(given, at);
  const file = resolve(given);
  const html = noting(() => parseHtml(readFileSync(file, 'utf8')), { ...at, file });
  return html === null ? null : { kind: 'here', html };
}

function urlOf(given: string, { path, mistakes }: At): Body | null {
  // `fetch` takes none with a password, and would say the password.
  if (URL.canParse(given) && new URL(given).username === '' && new URL(given).password === '') {
    return { kind: 'url', url: given };
  }
  const remedy = 'Give one that can be fetched as it is, without a user and a password';
  mistakes.push({ path, reason: 'is not the URL of a template', remedy });
  return null;
}

/** A subject or a text message with `{{ }}`; null, and a mistake, where it cannot be read. */
export const readText = (source: string, at: At): Template | null => noting(() => parsePlain(source), at);

function noting(
  read: () => Template,
  { path, mistakes, file }: At & { readonly file?: string },
): Template | null {
  try {
    return read();
  } catch (error) {
    const isFault = error instanceof TemplateFault;
    const place = isFault ? [file, error.line].filter((part) => part !== undefined).join(':') : file;
    const reason = `cannot be used (${isFault && file === undefined ? 'line ' : ''}${place}): ${(error as Error).message}`;
    const remedy = isFault
      ? 'Correct it; docs/mail.md says what is understood'
      : 'Give the path of a file, a URL or a function';
    mistakes.push({ path, reason, remedy });
    return null;
  }
}
