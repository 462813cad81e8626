import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';

// node count-tests.js REPORT EXIT_CODE NAMES: counts what Jest reported, writes the names of what was not passed
// to NAMES and prints `passed failed`. Skipped and postponed tests count as failed.

const [reportPath, exitCode, namesPath] = process.argv.slice(2);
const { testResults } = JSON.parse(readFileSync(reportPath, 'utf8'));

const words = {
  pending: 'skipped',
  skipped: 'skipped',
  disabled: 'skipped',
  todo: 'postponed',
  failed: 'failed',
};

const notPassed = testResults.flatMap(({ name, status, assertionResults }) => {
  const file = relative(process.cwd(), name);
  const tests = assertionResults
    .filter((one) => one.status !== 'passed')
    .map((one) => `${words[one.status] ?? one.status}: ${file}: ${one.fullName}`);
  const didRun = status !== 'failed' || tests.some((test) => test.startsWith('failed'));
  return didRun ? tests : [...tests, `failed: ${file} did not run to its end`];
});
const passed = testResults
  .flatMap(({ assertionResults }) => assertionResults)
  .filter((one) => one.status === 'passed').length;

if (testResults.length === 0) notPassed.push('failed: there was no test');
if (notPassed.length === 0 && exitCode !== '0') notPassed.push(`failed: Jest ended with ${exitCode}`);

writeFileSync(namesPath, notPassed.map((line) => `${line}\n`).join(''));
console.log(`${passed} ${notPassed.length}`);
