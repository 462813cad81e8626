import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';

// Looks over the tracked files for what must never be committed.

const root = process.cwd();
const tracked = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').filter(Boolean);
const isText = (path) => !/\.(png|jpe?g|ico|woff2?|gz|tgz|wasm)$/.test(path);

// A folder of one segment, such as `/tmp`, names no machine.
const machinePaths = [root, dirname(root), homedir()].filter((path) => path.split('/').length > 2);
const home = new RegExp(`(^|[\\s"'\`(=:])/(${['home', 'Users', 'root'].join('|')})/[\\w.-]+`);

const faults = [];
for (const path of tracked.filter(isText)) {
  const lines = readFileSync(path, 'utf8').split('\n');
  lines.forEach((line, at) => {
    const named = machinePaths.find((one) => line.includes(`${one}/`)) ?? home.exec(line)?.[0].trim();
    if (named !== undefined) faults.push(`${path}:${at + 1} names a path of a machine: ${named}`);
  });
}

if (/"resolved": "https?:/.test(readFileSync('package-lock.json', 'utf8'))) {
  faults.push(`package-lock.json names download hosts (npm config omit-lockfile-registry-resolved)`);
}

const emitted = /^(libs\/[^/]+\/src|src|test|bench)\/(?!.*\/files\/).*\.(d\.ts|js|js\.map)$/;
for (const path of tracked) {
  if (emitted.test(path) && tracked.includes(path.replace(/\.(d\.ts|js|js\.map)$/, '.ts'))) {
    faults.push(`${path} is compiled from its neighbour`);
  }
  if (/(^|\/)(dist|node_modules|coverage)\//.test(path)) faults.push(`${path} is made, not written`);
}

for (const path of tracked.filter((one) => one === '.ci/run' || /^libs\/[^/]+\/bin\//.test(one))) {
  if ((statSync(path).mode & 0o111) === 0) faults.push(`${path} is not executable`);
}

for (const fault of faults) console.error(fault);
console.log(`${tracked.length} files, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
