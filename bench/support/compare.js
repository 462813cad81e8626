import { load } from './load.js';

// Many short rounds: what else the machine does comes and goes within seconds, and strikes both of a round alike.
const rounds = Number(process.env.ROUNDS ?? 25);
const seconds = Number(process.env.SECONDS ?? 0.4);
const secondsToWarmUp = 2;

/**
 * Asks ours and theirs in turn, each round anew, and prints the medians: answers a second, processor time for an
 * answer, and the ratios. The second ratio is the steadier one on a machine that has other things to do.
 */
export const compare = (name, ours, theirs) =>
  compareBy(({ server, callers }, duration) => load(server.port, callers, duration), name, [ours, theirs]);

/** The same, asking in another way: `ask(side, seconds)` returns how many were answered. */
export async function compareBy(ask, name, sides) {
  const measure = (side, duration) => measureBy(ask, side, duration);
  for (const side of sides) await measure(side, secondsToWarmUp);
  const measured = sides.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
      measured[index].push(await measure(sides[index], seconds));
    }
  }
  const ratio = (read) => median(measured[0].map((one, round) => read(one) / read(measured[1][round])));
  const [mine, other] = measured.map((all) => ({
    rate: median(all.map(({ rate }) => rate)),
    cpu: median(all.map(({ cpu }) => cpu)),
  }));
  print([
    name.padEnd(34),
    `${mine.rate.toFixed(0).padStart(7)}/s against ${other.rate.toFixed(0).padStart(6)}/s`,
    `ratio ${ratio(({ rate }) => rate).toFixed(2)}`,
    `processor ${mine.cpu.toFixed(0).padStart(6)} µs against ${other.cpu.toFixed(0).padStart(6)} µs`,
    `ratio ${ratio(({ cpu }) => 1 / cpu).toFixed(2)}`,
  ]);
}

async function measureBy(ask, side, duration) {
  const { server } = side;
  const before = await server.cpu();
  const from = performance.now();
  const count = await ask(side, duration);
  const elapsed = (performance.now() - from) / 1000;
  return { rate: count / elapsed, cpu: ((await server.cpu()) - before) / count };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

export const print = (words) => void process.stdout.write(`${[words].flat().join('   ')}\n`);
