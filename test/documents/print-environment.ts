import * as lists from '../../libs/nest-guardian/src/module/environment-variables.js';
import { idpMembers, idpVariables } from '../../libs/nest-guardian/src/module/environment-idps.js';
import { presets } from '../../libs/nest-guardian/src/idps/presets.js';
import type { Variable } from '../../libs/nest-guardian/src/module/variable.js';
import type { Declarations } from './declarations.js';
import { code, defaultOf, mustBe, page, section, table } from './markdown.js';

const intro = `\`optionsFromEnvironment()\` makes the module's options from the environment, and \`nest-guardian serve\` is the
module as a server of its own, configured by it and nothing else. The names are GoTrue's, so the file that
configures a GoTrue server configures this; names of our own begin \`GUARDIAN_\`.

\`\`\`ts
import { AuthModule } from 'nest-guardian';
import { optionsFromEnvironment } from 'nest-guardian/local';

AuthModule.forRoot(optionsFromEnvironment());
\`\`\`

\`\`\`sh
npx nest-guardian serve     # on the embedded database
DATABASE_URL=postgres://localhost/app GOTRUE_JWT_SECRET=... npx nest-guardian serve
npx nest-guardian migrate   # production only checks the tables when it starts
\`\`\`

With GoTrue's variables, its database and \`GUARDIAN_PREFIX=/\`, \`serve\` stands where a GoTrue server stood: the same
port, the same paths, the same tables. It is strict where GoTrue is not; \`GUARDIAN_COMPATIBILITY=gotrue\` makes it as
lenient ([differences](differences.md)).

- An empty variable is as good as none.
- A variable that cannot be read, and a \`GUARDIAN_\` name that is not in this list, stop the start. All mistakes are
  told at once, by name; what was said is never repeated.
- GoTrue's variables that are not in this list have no effect; one warning at the start names those that are set.
- Switches are \`true\`, \`false\`, \`1\`, \`0\`, \`t\`, \`f\`. Spans of time are as Go writes them (\`24h0m0s\`, \`1.5h\`), or a
  number of seconds, or with days (\`30d\`). Lists have commas between their items. \`PORT\`, \`DATABASE_URL\` and
  \`DB_NAMESPACE\` are read where the longer name beside them is not set.
- Encryption is off unless \`GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPT\` is true, as on a GoTrue server.
- \`serve\` writes its log as JSON. On SIGTERM or SIGINT it takes no new connections, answers what was asked (for ten
  seconds at most), closes the database and ends with 0; a second signal ends it at once. A start that fails says
  why on the standard error and ends with 1.`;

/** The variables, as the code that reads them lists them. */
export const environment = (declared: Declarations): string => {
  const rows = (variables: readonly Variable[]): string =>
    table(
      ['Variable', 'Sets', 'Default', 'Must be', 'What it says'],
      variables.map((one) => rowOf(one, declared)),
    );
  const special = new Set([...lists.databaseVariables, ...lists.keyVariables, ...idpVariables]);
  const options = lists.localVariables.filter((one) => !special.has(one));
  return page(
    'The environment',
    intro,
    section('The module', rows(lists.moduleVariables)),
    section('The server of its own', rows(lists.serverVariables)),
    section('The database', rows(lists.databaseVariables)),
    section('Keys', 'How keys are made and changed is told in [keys](keys.md).', rows(lists.keyVariables)),
    section('Options of the local provider', rows(options)),
    section('Identity providers', idpIntro, rows(idpFamily)),
    section('A GoTrue server behind', 'Under `GUARDIAN_PROVIDER=gotrue`.', rows(lists.gotrueVariables)),
  );
};

const idpIntro = `\`<PROVIDER>\` stands for ${Object.keys(presets)
  .map((name) => code(name.toUpperCase()))
  .join(', ')}. See [identity providers](identity-providers.md).`;

const idpFamily: readonly Variable[] = Object.entries(idpMembers).map(
  ([member, { suffix, ...variable }]) => ({
    name: `GOTRUE_EXTERNAL_<PROVIDER>_${suffix}`,
    path: `oauth.idps.<provider>${member === 'enabled' ? '' : `.${member}`}`,
    ...variable,
  }),
);

function rowOf({ name, also = [], path = '', option, says }: Variable, declared: Declarations): string[] {
  const isOpposite = option?.isOpposite === true;
  return [
    [name, ...also].map(code).join(', '),
    isOpposite ? `the opposite of ${code(path)}` : code(path),
    option === undefined ? '' : code(isOpposite ? String(option.default !== true) : defaultOf(option)),
    option === undefined ? '' : mustBe(option),
    says ?? docstringOf(path, option, declared),
  ];
}

function docstringOf(
  path: string,
  option: Variable['option'],
  { options, interfaces }: Declarations,
): string {
  const shaped = options.flatMap(({ value }) => value).find((one) => one.option === option);
  if (shaped !== undefined) return shaped.says;
  const members = interfaces.find(({ name }) => name === 'GoTrueOptions')?.value ?? [];
  return members.find(({ name }) => `provider.${name}` === path)?.says ?? '';
}
