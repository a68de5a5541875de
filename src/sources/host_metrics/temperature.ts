// What the sensors of the hardware say.
//
// Bound: at most SENSORS_MAX sensors; of each the highest temperature so far is remembered.

import { readdir } from 'node:fs/promises';
import { isMissing, readTextIfThere } from './read_file.ts';
import type { Collect, Roots } from './round.ts';

const SENSORS_MAX = 1_000;

const MILLIDEGREES = 1000;

/** `temperature_celsius`, `temperature_max_celsius`, `temperature_critical_celsius`. */
export function temperatureCollector({ sys }: Roots): Collect {
  const highest = new Map<string, number>();
  return async (round) => {
    const root = `${sys}/class/hwmon`;
    for (const chip of await namesIn(root)) {
      const folder = `${root}/${chip}`;
      const chipName = (await textIn(`${folder}/name`)) ?? chip;
      for (const input of await namesIn(folder)) {
        const sensor = /^(temp\d+)_input$/.exec(input)?.[1];
        const celsius = sensor && (await degreesIn(`${folder}/${input}`));
        if (celsius === undefined || celsius === '') continue;
        const path = `${folder}/${sensor}`;
        if (!highest.has(path) && highest.size >= SENSORS_MAX) continue;
        const most = Math.max(highest.get(path) ?? celsius, celsius, (await degreesIn(`${path}_highest`)) ?? celsius);
        highest.set(path, most);
        const tags = { component: `${chipName} ${(await textIn(`${path}_label`)) ?? sensor}` };
        round.gauge('temperature_celsius', celsius, tags);
        round.gauge('temperature_max_celsius', most, tags);
        round.gauge('temperature_critical_celsius', (await degreesIn(`${path}_crit`)) ?? Number.NaN, tags);
      }
    }
  };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function textIn(path: string): Promise<string | undefined> {
  return (await readTextIfThere(path))?.trim();
}

async function degreesIn(path: string): Promise<number | undefined> {
  const text = await textIn(path);
  return text === undefined || text === '' ? undefined : Number(text) / MILLIDEGREES;
}
