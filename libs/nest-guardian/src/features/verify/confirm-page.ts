import type { Page } from '../../core/operation.js';
import { escapeHtml } from '../../wire/html.js';
import type { VerifyByLinkInput } from './verify.contract.js';

/**
 * Asks for a press of a button before a link is redeemed: programs that read mail follow links, but send no forms.
 * The form comes back to where it is, whatever proxy and prefix are in front.
 */
export const confirmPage = ({ token, type, redirect_to }: VerifyByLinkInput): Page => ({
  html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Continue</title>
<style>
:root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 90vh; margin: 1rem; text-align: center; }
button { font: inherit; padding: 0.6rem 2rem; cursor: pointer; }
</style>
</head>
<body>
<form method="get">
<p>You have followed a link from a mail. One more step and you are there.</p>
${hidden({ token, type, redirect_to, confirm: 'yes' })}
<button autofocus>Continue</button>
</form>
</body>
</html>
`,
});

const hidden = (members: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(String(value))}">`)
    .join('\n');
