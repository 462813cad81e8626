type Ask = (sql: string) => Promise<Record<string, unknown>[]>;

interface Named {
  readonly name: string;
}

export interface AuthSchema {
  readonly tables: Readonly<Record<string, unknown>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly functions: readonly string[];
}

const columns = `SELECT t.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
    a.attnotnull AS not_null, a.attgenerated <> '' AS is_generated, pg_get_expr(d.adbin, d.adrelid) AS expression
  FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE t.relnamespace = 'auth'::regnamespace AND t.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attnum`;
/** PostgreSQL 18 lists NOT NULL as constraints (type n), 15 does not. */
const constraints = `SELECT t.relname AS "table", c.conname AS name, pg_get_constraintdef(c.oid) AS definition
  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
  WHERE t.relnamespace = 'auth'::regnamespace AND c.contype <> 'n'`;
/** A GoTrue server makes this one where it is asked to, and so its own list is without it; ours is always there. */
const optional = 'idx_users_created_at_desc';
const indexes = `SELECT tablename AS "table", indexname AS name, replace(indexdef, ' ON auth.', ' ON ') AS definition
  FROM pg_indexes WHERE schemaname = 'auth' AND indexname <> '${optional}'`;
const triggers = `SELECT t.relname AS "table", g.tgname AS name FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
  WHERE t.relnamespace = 'auth'::regnamespace AND NOT g.tgisinternal`;
const enums = `SELECT t.typname AS name, array_to_json(array_agg(e.enumlabel ORDER BY e.enumsortorder)) AS values
  FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid WHERE t.typnamespace = 'auth'::regnamespace GROUP BY 1`;
const functions = `SELECT p.oid::regprocedure || ' returns ' || pg_get_function_result(p.oid) AS name
  FROM pg_proc p WHERE p.pronamespace = 'auth'::regnamespace`;

const byName = (left: Named, right: Named): number => (left.name < right.name ? -1 : 1);

/** What stands in schema `auth`, in the form of `gotrue-schema.json`; the search path must be empty. */
export async function readAuthSchema(ask: Ask): Promise<AuthSchema> {
  const found = {
    columns: await ask(columns),
    constraints: await ask(constraints),
    indexes: await ask(indexes),
    triggers: await ask(triggers),
  };
  const names = [...new Set(found.columns.map(({ table }) => String(table)))].sort();
  const of = (kind: keyof typeof found, table: string) => found[kind].filter((row) => row.table === table);
  const plain = (rows: Record<string, unknown>[]) =>
    rows
      .map(
        (row) =>
          Object.fromEntries(Object.entries(row).filter(([key]) => key !== 'table')) as unknown as Named,
      )
      .sort(byName);
  const tables = names.map((table) => [
    table,
    {
      columns: of('columns', table).map(readColumn),
      constraints: plain(of('constraints', table)),
      indexes: plain(of('indexes', table)),
      triggers: of('triggers', table).length === 0 ? null : plain(of('triggers', table)),
    },
  ]);
  return {
    tables: Object.fromEntries(tables),
    enums: Object.fromEntries((await ask(enums)).map(({ name, values }) => [name, values])),
    functions: (await ask(functions)).map(({ name }) => String(name).replace('auth.', '')).sort(),
  };
}

/** The contract's own lists, in the order in which `readAuthSchema` gives them. */
export function sorted(schema: AuthSchema): AuthSchema {
  const tables = Object.entries(schema.tables as Record<string, Record<string, Named[] | null>>).map(
    ([name, { columns: inOrder, ...lists }]) => [
      name,
      {
        columns: inOrder,
        ...Object.fromEntries(
          Object.entries(lists).map(([kind, list]) => [kind, list && [...list].sort(byName)]),
        ),
      },
    ],
  );
  return { ...schema, tables: Object.fromEntries(tables), functions: [...schema.functions].sort() };
}

function readColumn({ name, type, not_null, is_generated, expression }: Record<string, unknown>): unknown {
  return {
    name,
    type,
    ...(not_null ? { not_null: true } : {}),
    ...(expression === null ? {} : { [is_generated ? 'generated' : 'default']: expression }),
  };
}
