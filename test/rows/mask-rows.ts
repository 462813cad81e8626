export type Row = Readonly<Record<string, unknown>>;
export type Rows = Readonly<Record<string, readonly Row[] | undefined>>;

/** What differs from run to run, as a row holds it and as a recording writes it; what is numbered keeps its identity. */
const kinds: readonly { readonly name: string; readonly form: RegExp; readonly isNumbered?: true }[] = [
  {
    name: 'uuid',
    form: /^(\{\{(uuid|state)#\d+\}\}|(?!0{8}-)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
    isNumbered: true,
  },
  { name: 'refresh', form: /^(\{\{refresh#\d+\}\}|[a-z0-9]{12})$/, isNumbered: true },
  { name: 'link', form: /^(\{\{hash#\d+\}\}|[0-9a-f]{56})$/, isNumbered: true },
  { name: 'pkce link', form: /^pkce_(\{\{hash#\d+\}\}|[0-9a-f]{56})$/, isNumbered: true },
  { name: 'other address', form: /^(\{\{email:\w+\}\}|[^@]+@example\.com)$/, isNumbered: true },
  { name: 'provider token', form: /^(\{\{provider_token#\d+\}\}|token-[0-9a-f]{32})$/ },
  { name: 'provider renewal', form: /^(\{\{provider_refresh_token#\d+\}\}|renewal-[0-9a-f]{32})$/ },
  { name: 'secret', form: /^(\{\{secret#\d+\}\}|[A-Z2-7]{32})$/ },
  { name: 'key', form: /^(\{\{base64 of 32 bytes\}\}|[\w-]{43})$/ },
  { name: 'time', form: /^(\{\{time\.fraction\+00:00\}\}|\d{4}-\d\d-\d\dT[\d:.]+\+00:00)$/ },
  { name: 'time without zone', form: /^(\{\{time\.fraction no zone\}\}|\d{4}-\d\d-\d\dT[\d:.]+)$/ },
];

/** Rows without what differs from run to run, so that a recording's and a test's can be equal. */
export function maskRows(rows: Rows, email: string): Rows {
  const numbered = new Map<string, string>();
  const numberOf = (kind: string, text: string): string => {
    const known = numbered.get(text);
    if (known !== undefined) return known;
    const count = [...numbered.values()].filter((name) => name.startsWith(kind)).length;
    const made = `${kind} ${count + 1}`;
    numbered.set(text, made);
    return made;
  };
  const mask = (value: unknown, column = ''): unknown => {
    if (Array.isArray(value)) return value.map((item) => mask(item));
    // GoTrue: null or empty, as it happens; neither is ever compared with a password.
    if (column === 'encrypted_password') return value ? 'hash' : 'none';
    if (typeof value === 'object' && value !== null) return maskMembers(value as Row);
    if (typeof value !== 'string') return value;
    if (email !== '' && value === email) return 'email';
    if (column.startsWith('phone') && /^[\w-]{15}$/.test(value)) return 'hashed number';
    const kind = kinds.find(({ form }) => form.test(value));
    if (kind === undefined) return value;
    return kind.isNumbered ? numberOf(kind.name, value) : kind.name;
  };
  // Ids that count up depend on what else was written.
  const maskMembers = (row: Row): Row =>
    Object.fromEntries(
      Object.keys(row)
        .toSorted()
        .map((key) => [key, typeof row[key] === 'number' && key === 'id' ? 'count' : mask(row[key], key)]),
    );
  return Object.fromEntries(
    Object.keys(rows).map((table) => [table, rows[table]?.map((row) => maskMembers(row))]),
  );
}
