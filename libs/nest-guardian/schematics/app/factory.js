import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const files = join(import.meta.dirname, 'files');
const manifest = 'package.json';

/** Writes the sample application into the current folder. Replaces nothing; a manifest that is there grows. */
export const app = () => (tree, context) => {
  for (const entry of readdirSync(files, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const path = relative(files, source);
    const content = readFileSync(source);
    if (path === manifest && tree.exists(path)) tree.overwrite(path, merged(tree.readText(path), content));
    else tree.create(path, content);
  }
  context.logger.info('Next: npm install, then npm start.');
  return tree;
};

/** What is needed to build and start is added; names and versions that are there stay. */
function merged(present, wanted) {
  const [ours, theirs] = [JSON.parse(present), JSON.parse(wanted)];
  const isNeeded = ([name]) => name in theirs.dependencies || name in (ours.dependencies ?? {});
  const versions = Object.entries({
    ...theirs.dependencies,
    ...theirs.devDependencies,
    ...ours.devDependencies,
    ...ours.dependencies,
  });
  const all = {
    ...theirs,
    ...ours,
    type: theirs.type,
    scripts: { ...ours.scripts, ...theirs.scripts },
    dependencies: Object.fromEntries(versions.filter(isNeeded)),
    devDependencies: Object.fromEntries(versions.filter((entry) => !isNeeded(entry))),
  };
  return `${JSON.stringify(all, null, 2)}\n`;
}
