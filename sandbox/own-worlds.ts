import { join } from 'node:path';

/** The files of the worlds that come with logseal, by name. In the package, too, `worlds/` is beside the file with this code. */
export const OWN_WORLDS: ReadonlyMap<string, string> = new Map(
  ['demo', 'accounts', 'logstores', 'writers'].map((name) => [
    name,
    join(import.meta.dirname, 'worlds', `${name}.yaml`),
  ]),
);
