import { monitorEventLoopDelay } from 'node:perf_hooks';

/** In a server: says where it listens, and answers what the benchmark asks. */
export function report(port, stop) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('message', (question) => {
    if (question === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send(user + system);
    } else if (question === 'delay') {
      process.send(delay.percentile(99) / 1e6);
      delay.reset();
    } else if (question === 'stop') void stop().then(() => process.disconnect());
  });
  process.send({ port });
}
