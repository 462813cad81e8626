import { describe, expect, it } from '@jest/globals';
import { TemplateFault, type Variables } from './go-expression.js';
import { fill, parseHtml, parsePlain } from './go-template.js';

const html = (source: string, variables: Variables = {}) => fill(parseHtml(source), variables);
const text = (source: string, variables: Variables = {}) => fill(parsePlain(source), variables);

function faultOf(source: string): string {
  try {
    parseHtml(source);
    return 'it was read';
  } catch (error) {
    const { line, message } = error as TemplateFault;
    return `${line}: ${message}`;
  }
}

describe('a template', () => {
  it.each([
    ['{{ .Email }}', 'a@b.example'],
    ['{{.Email}}', 'a@b.example'],
    ['{{ .Data.name }} {{ .Data.deep.er }}', 'Ann 7'],
    ['a {{- .Email -}} b', 'aa@b.exampleb'],
    ['a{{/* nothing */}}b', 'ab'],
    ['{{ if .Data.name }}yes{{ else }}no{{ end }}', 'yes'],
    ['{{ if .Data.none }}yes{{ else }}no{{ end }}', 'no'],
    ['{{ if .Data.empty }}yes{{ end }}', ''],
    ['{{ if eq .Data.lang "de" }}Hallo{{ else if eq .Data.lang "es" }}Hola{{ else }}Hi{{ end }}', 'Hola'],
    ['{{ if and .Email (not (eq .Data.lang "es")) }}1{{ else }}2{{ end }}', '2'],
    ['{{ if or (eq .Data.lang "fr" "es") .None }}1{{ end }}', '1'],
    ['{{ if ne .Data.lang "es" }}1{{ else }}2{{ end }}', '2'],
    ['{{ index .Data "full name" }}', 'Ann Lee'],
    ['{{ .Nothing }}{{ .Data.no.thing }}', ''],
    ['{{ .Data.constructor }}{{ .Data.__proto__ }}{{ .toString }}', ''],
    ['{{ `raw` }}{{ "quo\\"ted" }}', 'rawquo"ted'],
  ])('%s', (source, filled) => {
    const Data = { name: 'Ann', lang: 'es', deep: { er: 7 }, 'full name': 'Ann Lee', empty: {} };
    expect(text(source, { Email: 'a@b.example', Data })).toBe(filled);
  });

  it.each([
    ['a\n{{ .Email', '2: {{ is not closed'],
    ['{{ if .A }}\nx', '1: {{ if }} without {{ end }}'],
    ['\n\n{{ end }}', '3: {{ end }} without {{ if }}'],
    ['{{ range .Data }}{{ end }}', '1: {{ range .Data }} cannot be read'],
    ['{{ .Token | printf "%s" }}', '1: {{ .Token | printf "%s" }} cannot be read'],
    ['{{ }}', '1: {{  }} cannot be read'],
    ['{{ if eq (.A "x" }}{{ end }}', '1: {{ eq (.A "x" }} cannot be read'],
    ['<a {{ .A }}>x</a>', '1: A value within a tag stands in quotes, as href="{{ }}"'],
    ['<a href={{ .A }}>x</a>', '1: A value within a tag stands in quotes, as href="{{ }}"'],
    ['<{{ .A }}>', '1: A value within a tag stands in quotes, as href="{{ }}"'],
    ['<p>\n<script>var a = "{{ .A }}"</script>', '2: A value cannot stand within <script>'],
    ['<style>p { color: {{ .A }} }</style>', '1: A value cannot stand within <style>'],
    ['<p onclick="f({{ .A }})">', '1: A value cannot stand within the attribute onclick'],
    ['<p style="color: {{ .A }}">', '1: A value cannot stand within the attribute style'],
    [
      '{{ if .A }}<a href="{{ else }}<b title="{{ end }}">',
      '1: {{ if }} ends at different places of the HTML',
    ],
    ['<a href="x', '1: The HTML ends within a tag or a comment'],
  ])('%j is refused with its line', (source, fault) => expect(faultOf(source)).toBe(fault));
});

describe('a value', () => {
  const evil = `"><img src=x onerror='alert(1)'>&`;

  it('is text between tags and within attributes', () => {
    const escaped = '&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;';
    expect(html('<p>{{ .V }}</p>', { V: evil })).toBe(`<p>${escaped}</p>`);
    expect(html('<p title="{{ .V }}">', { V: evil })).toBe(`<p title="${escaped}">`);
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java\tscript:alert(1)',
    '\u0001javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
  ])('that is the address %j leads nowhere', (V) => {
    expect(html('<a href="{{ .V }}">', { V })).toBe('<a href="#">');
    expect(html('<a href="{{ .ConfirmationURL }}">', { ConfirmationURL: V })).toBe('<a href="#">');
    expect(html(`<a href='{{ .None }}{{ .V }}'>`, { V })).toBe(`<a href='#'>`);
  });

  it('that is an address of ours may lead into an application, one of a person may not', () => {
    const V = 'myapp://callback?a=1&b=2';
    expect(html('<a href="{{ .RedirectTo }}">', { RedirectTo: V })).toContain('myapp://callback?a=1&amp;b=2');
    expect(html('<a href="{{ .Data.site }}">', { Data: { site: V } })).toBe('<a href="#">');
  });

  it('behind the question mark of an address is one parameter', () => {
    const source = '<a href="{{ .SiteURL }}/confirm?hash={{ .TokenHash }}&next={{ .RedirectTo }}">';
    const variables = {
      SiteURL: 'https://a.example',
      TokenHash: 'x&y',
      RedirectTo: 'https://b.example/?q=1',
    };
    expect(html(source, variables)).toBe(
      '<a href="https://a.example/confirm?hash=x%26y&next=https%3A%2F%2Fb.example%2F%3Fq%3D1">',
    );
  });

  it('leaves a whole address as it is, however it is written', () => {
    const url = 'https://a.example/verify?token=1&type=signup&redirect_to=https%3A%2F%2Fb.example';
    expect(html('<a href="{{ .ConfirmationURL }}">', { ConfirmationURL: url })).toBe(
      `<a href="${url.replaceAll('&', '&amp;')}">`,
    );
  });

  it.each(['{{7*7}}', '{{ .Token }}', '${7*7}', '<%= 7*7 %>', '#{7*7}', '{{constructor.constructor}}'])(
    'Z-17: %s stays the text that it is',
    (V) => {
      const escaped = V.replace(/</g, '&lt;').replace(/>/g, '&gt;');
      expect(html('<p>{{ .V }}</p>', { V, Token: 'secret' })).toBe(`<p>${escaped}</p>`);
      expect(text('{{ .V }}', { V, Token: 'secret' })).toBe(V);
    },
  );

  it('Z-16: ends no line of a subject', () => {
    expect(text('Hi {{ .V }}', { V: 'a\r\nBcc: x@y.example\u0000' })).toBe('Hi a Bcc: x@y.example ');
  });

  it('is not written into a comment, and comments do not leave', () => {
    expect(html('a<!-- {{ .V }} -->b<!--[if mso]><p><![endif]-->', { V: '-->' })).toBe('ab');
  });
});
