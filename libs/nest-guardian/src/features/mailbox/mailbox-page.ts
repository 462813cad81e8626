import type { KeptMessage } from '../../core/ports/mailbox.js';
import { escapeHtml } from '../../wire/html.js';

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark }
body { max-width: 760px; margin: 0 auto; padding: 24px 16px; font: 16px/1.5 system-ui, sans-serif }
li { margin: 0 0 12px; overflow-wrap: anywhere }
small { opacity: .7 }
pre { white-space: pre-wrap; overflow-wrap: anywhere }
iframe { width: 100%; height: 640px; border: 1px solid #8884; border-radius: 8px; background: #fff }
</style>
</head>
<body>
${body}
</body>
</html>
`;

/** The addresses are relative, so that they are right wherever the API is mounted. */
export const listPage = (messages: readonly KeptMessage[]): string =>
  page(
    'Mailbox',
    `<h1>Mailbox</h1>
<p>Nothing is sent in development unless an SMTP server is configured: mails and texts stay here until the process ends.</p>
${messages.length === 0 ? '<p>It is empty.</p>' : `<ol>\n${messages.map(itemOf).join('\n')}\n</ol>`}`,
  );

const itemOf = (message: KeptMessage): string =>
  `<li><a href="mailbox/${message.id}">${escapeHtml(nameOf(message))}</a><br>
<small>to ${escapeHtml(message.to)}, ${message.at.toISOString()}</small></li>`;

const nameOf = ({ subject, text }: KeptMessage): string => subject ?? text;

/**
 * The HTML of a mail stands in a frame that runs nothing and loads nothing from anywhere; its links lead out of the
 * frame when a person follows them.
 */
export const messagePage = (message: KeptMessage): string =>
  page(
    nameOf(message),
    `<p><a href="../mailbox">Mailbox</a></p>
<h1>${escapeHtml(nameOf(message))}</h1>
<p><small>to ${escapeHtml(message.to)}, ${message.at.toISOString()}</small></p>
${message.html === null ? '' : frameOf(message.html)}
<h2>As text</h2>
<pre>${linked(message.text)}</pre>`,
  );

const frameOf = (html: string): string =>
  `<iframe title="The mail" sandbox="allow-top-navigation-by-user-activation" srcdoc="${escapeHtml(
    `<base target="_top">${html}`,
  )}"></iframe>`;

const linked = (text: string): string =>
  text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, index) =>
      index % 2 === 1 ? `<a href="${escapeHtml(part)}">${escapeHtml(part)}</a>` : escapeHtml(part),
    )
    .join('');
