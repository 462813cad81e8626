import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const hasTaskset = process.platform === 'linux' && spawnSync('taskset', ['--version']).status === 0;
const serverCore = '0';
const loadCore = '1';

/** Leaves the first core to the servers. Call it once, in the program that makes the load. */
export function stayOffServerCore() {
  if (hasTaskset) spawnSync('taskset', ['-a', '-c', '-p', loadCore, String(process.pid)]);
}

/** Starts a server of `bench/servers` in a process of its own, on the core of the servers. */
export async function startServer(name, settings = {}) {
  const file = fileURLToPath(new URL(`../servers/${name}.js`, import.meta.url));
  const node = [...(process.env.BENCH_NODE_OPTIONS?.split(' ') ?? []), file, JSON.stringify(settings)];
  const [command, args] = hasTaskset
    ? ['taskset', ['-c', serverCore, process.execPath, ...node]]
    : [process.execPath, node];
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let isWanted = true;
  child.once('exit', (code) => {
    if (isWanted) throw new Error(`${name} ended with ${code}`);
  });
  const ask = (question) =>
    new Promise((resolve) => {
      child.once('message', resolve);
      if (question) child.send(question);
    });
  const { port } = await ask();
  return {
    port,
    /** Microseconds of processor time that it has used. */
    cpu: () => ask('cpu'),
    /** Milliseconds that the event loop was late at the 99th percentile, since it was last asked. */
    delay: () => ask('delay'),
    stop: () =>
      new Promise((resolve) => {
        isWanted = false;
        child.once('exit', resolve);
        child.send('stop');
      }),
  };
}
