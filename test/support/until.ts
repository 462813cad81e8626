/** Waits until it is so, two seconds at least: for what comes over a real wire, whose time no clock of ours moves. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries > 1000) throw new Error('It never was so');
    await new Promise((resolve) => void setTimeout(resolve, 4));
  }
}
