/** Text as it may stand in HTML, between tags and in quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(
    /[&<>"']/g,
    (character) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[character] ?? '#39'};`,
  );

export interface ButtonPage {
  readonly title: string;
  readonly method: 'get' | 'post';
  /** Paragraphs of HTML. */
  readonly says: readonly string[];
  /** What the form sends, as plain text. */
  readonly members: Readonly<Record<string, string | undefined>>;
  /** HTML. */
  readonly button: string;
}

/**
 * A page that asks for the press of a button, and needs neither a script nor anything from elsewhere. Its form comes back
 * to where it is, whatever proxy and prefix are in front.
 */
export const pageWithButton = ({
  title,
  method,
  says,
  members,
  button,
}: ButtonPage): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>
:root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 90vh; margin: 1rem; text-align: center; }
button { font: inherit; padding: 0.6rem 2rem; cursor: pointer; }
</style>
</head>
<body>
<form method="${method}">
${says.map((paragraph) => `<p>${paragraph}</p>`).join('\n')}
${hidden(members)}
<button>${button}</button>
</form>
</body>
</html>
`;

const hidden = (members: ButtonPage['members']): string =>
  Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(String(value))}">`)
    .join('\n');
